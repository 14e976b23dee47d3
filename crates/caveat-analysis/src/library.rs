//! What lies between files: names that others define, ids that are used twice, bulletins that replace others.
//! Files tell of themselves in short, so that a change of one of many is found quickly.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use caveat_diag::{Code, Diagnostic, FileId, SourceMap, Span};
use caveat_ir::value::BulletinId;
use caveat_lint::{Called, Outline, lower_floor, of_calls, of_library};
use caveat_sema::{Kind, Listed, Resolved, circles, unknown_bulletins, unknown_module};
use caveat_syntax::ast::Item;

use crate::files::{Files, Version};
use crate::merge::merge;
use crate::units::{Known, Units};

/// What others have to say of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// What is wrong with its names.
    pub(crate) names: Vec<Diagnostic>,
    /// What is probably not meant.
    pub(crate) lints: Vec<Diagnostic>,
    /// Where platforms are defined that it names and does not see.
    pub(crate) strangers: Vec<(Span, String)>,
}

/// What lies between files.
#[derive(Debug, Default)]
pub(crate) struct Between {
    pub(crate) said: BTreeMap<FileId, Said>,
    /// The ids of several bulletins or summaries, in small letters: none can be told to be the one that is meant.
    pub(crate) contested: Arc<BTreeSet<String>>,
}

/// What tells a pair of bulletins, of which the first replaces the second.
type Pair = (Version, BulletinId, Version, BulletinId);

/// What is kept of the last look.
#[derive(Debug, Default)]
pub(crate) struct Library {
    /// The circles among modules, for a layout of them.
    circles: Option<(Version, Vec<Diagnostic>)>,
    pairs: BTreeMap<Pair, Option<Diagnostic>>,
}

impl Library {
    /// Looks at all files, which come in the order of their modules.
    pub(crate) fn look(&mut self, files: &Files, units: &Units, order: &[FileId]) -> Between {
        let known: Vec<&Known> = order.iter().filter_map(|id| Some(units.get(*id)?.as_ref())).collect();
        let mut between = Between::default();
        for (problem, is_lint) in foreign(&known) {
            if is_lint { between.lint(problem) } else { between.name(problem) }
        }
        self.modules(files, order, &mut between);
        twice(&known, &mut between);
        missing(&known, &mut between);
        strangers(&known, &mut between);
        for problem in calls(&known) {
            between.lint(problem);
        }
        for problem in self.lints(units, &known, &between.contested.clone()) {
            between.lint(problem);
        }
        between
    }

    fn modules(&mut self, files: &Files, order: &[FileId], between: &mut Between) {
        for (id, file) in files.iter() {
            if file.has_unresolved() {
                let lines = files.resolved(id).into_iter().flat_map(|one| unresolved(files, &one));
                lines.collect::<Vec<_>>().into_iter().for_each(|problem| between.name(problem));
            }
        }
        if self.circles.as_ref().is_none_or(|(layout, _)| *layout != files.layout) {
            let resolved: Vec<Resolved> = order.iter().filter_map(|id| files.resolved(*id)).collect();
            self.circles = Some((files.layout, circles(&resolved)));
        }
        for problem in self.circles.iter().flat_map(|(_, found)| found) {
            between.name(problem.clone());
        }
    }

    fn lints(&mut self, units: &Units, known: &[&Known], contested: &BTreeSet<String>) -> Vec<Diagnostic> {
        let mut outlines: Vec<(&Outline, &Known)> =
            known.iter().flat_map(|file| file.outlines.iter().map(|outline| (outline, *file))).collect();
        if !contested.is_empty() {
            outlines.retain(|(outline, _)| !contested.contains(&outline.id.as_str().to_ascii_lowercase()));
        }
        outlines.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let homes: HashMap<&BulletinId, &Known> =
            outlines.iter().map(|(outline, file)| (&outline.id, *file)).collect();
        let before = std::mem::take(&mut self.pairs);
        let mut lower = |newer: &Outline, older: &Outline, place: Option<Span>| {
            let (one, other) = (*homes.get(&newer.id)?, *homes.get(&older.id)?);
            let pair: Pair = (one.stamp, newer.id.clone(), other.stamp, older.id.clone());
            let kept = before.get(&pair).cloned();
            let found = kept.unwrap_or_else(|| lower_floor_of(units, [one, other], newer, older, place));
            self.pairs.insert(pair, found.clone());
            found
        };
        let bulletins: Vec<&Outline> = outlines.iter().map(|(outline, _)| *outline).collect();
        of_library(&bulletins, &mut lower)
    }
}

impl Between {
    fn name(&mut self, problem: Diagnostic) {
        if let Some(span) = problem.span() {
            self.said.entry(span.file).or_default().names.push(problem);
        }
    }

    fn lint(&mut self, problem: Diagnostic) {
        if let Some(span) = problem.span() {
            self.said.entry(span.file).or_default().lints.push(problem);
        }
    }
}

/// What was found in one file by looking at another, and whether it is a lint.
fn foreign(known: &[&Known]) -> Vec<(Diagnostic, bool)> {
    let of = |file: &&Known| {
        let own = file.module.file();
        let found = file.found.bulletins.iter().chain(&file.hooked).map(|problem| (problem, true));
        let all = file.unit.diagnostics.iter().map(|problem| (problem, false)).chain(found);
        let foreign = all.filter(|(problem, _)| problem.span().is_some_and(|span| span.file != own));
        foreign.map(|(problem, is_lint)| (problem.clone(), is_lint)).collect::<Vec<_>>()
    };
    known.iter().flat_map(of).collect()
}

fn unresolved(files: &Files, resolved: &Resolved) -> Vec<Diagnostic> {
    let lines = resolved.module.tree().uses.iter().zip(&resolved.uses);
    lines.filter(|(_, found)| found.is_none()).map(|(line, _)| unknown_module(line, files.names())).collect()
}

/// Ids of several bulletins or summaries.
fn twice(known: &[&Known], between: &mut Between) {
    let all = known.iter().flat_map(|file| &file.unit.listed);
    let mut by_id: HashMap<String, Vec<&Listed>> = HashMap::new();
    let mut contested = BTreeSet::new();
    for one in all {
        let id = one.id.to_ascii_lowercase();
        let same = by_id.entry(id.clone()).or_default();
        same.push(one);
        if same.len() == 2 {
            contested.insert(id);
        }
    }
    for id in &contested {
        let mut same: Vec<(bool, BulletinId, &Listed)> = by_id
            .get(id)
            .into_iter()
            .flatten()
            .filter_map(|one| Some((one.is_summary, one.id.parse().ok()?, *one)))
            .collect();
        same.sort_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
        for pair in same.windows(2) {
            if let [(_, _, first), (_, id, again)] = pair {
                between.name(duplicate(id, again.span, first.span));
            }
        }
    }
    between.contested = Arc::new(contested);
}

fn duplicate(id: &BulletinId, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::DUPLICATE_BULLETIN, format!("the bulletin `{id}` is defined twice"))
        .at(again, "defined again here")
        .because(first, "first defined here")
        .help("give each bulletin one definition; ids that differ in case only count as the same")
}

/// Bulletins that summaries include and that nobody wrote.
fn missing(known: &[&Known], between: &mut Between) {
    let summaries =
        known.iter().filter(|file| file.given && file.unit.listed.iter().any(|one| one.is_summary));
    let summaries: Vec<&&Known> = summaries.collect();
    if summaries.is_empty() {
        return;
    }
    let written: BTreeSet<&str> = known.iter().flat_map(|file| written(file)).collect();
    for file in summaries {
        for problem in unknown_bulletins(file.module.tree(), |id| written.contains(id)) {
            between.name(problem);
        }
    }
}

/// The ids of the bulletins that were written down, sound or not.
fn written(file: &Known) -> impl Iterator<Item = &str> {
    file.module.tree().items.iter().filter_map(|item| match item {
        Item::Bulletin(bulletin) => Some(bulletin.id.text.as_str()),
        _ => None,
    })
}

/// Where platforms are defined that files name and do not see.
fn strangers(known: &[&Known], between: &mut Between) {
    let strange = known.iter().filter(|file| !file.unit.strangers.is_empty());
    let strange: Vec<&&Known> = strange.collect();
    if strange.is_empty() {
        return;
    }
    let mut homes: BTreeMap<&str, &str> = BTreeMap::new();
    for file in known {
        let platforms = file.definitions.iter().filter(|one| one.kind == Kind::Platform);
        platforms.for_each(|one| {
            homes.entry(&one.name).or_insert_with(|| file.module.name());
        });
    }
    for (place, name) in strange.into_iter().flat_map(|file| &file.unit.strangers) {
        if let Some(home) = homes.get(name.as_str()) {
            let said = between.said.entry(place.file).or_default();
            said.strangers.push((*place, (*home).to_owned()));
        }
    }
}

/// What is wrong with conditions as they are called.
fn calls(known: &[&Known]) -> Vec<Diagnostic> {
    let called = || known.iter().flat_map(|file| &file.found.called);
    if called().any(Called::has_problems) {
        of_calls(called(), known.iter().flat_map(|file| &file.found.conditions))
    } else {
        Vec::new()
    }
}

/// A floor that is lower in the first of two bulletins than in the second.
fn lower_floor_of(
    units: &Units,
    homes: [&Known; 2],
    newer: &Outline,
    older: &Outline,
    place: Option<Span>,
) -> Option<Diagnostic> {
    let modules = homes.iter().flat_map(|file| file.table.files().chain([file.module.file()]));
    let modules: BTreeSet<FileId> = modules.collect();
    let files: Vec<&Known> = modules.iter().filter_map(|id| Some(units.get(*id)?.as_ref())).collect();
    let sources: SourceMap =
        files.iter().map(|file| (file.module.file(), Arc::clone(file.module.source()))).collect();
    let keep = |id: &str| id == newer.id.as_str() || id == older.id.as_str();
    let rules = merge(&files, Arc::new(sources), keep).ok()?;
    lower_floor(&rules, &newer.id, &older.id, place)
}
