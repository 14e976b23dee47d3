//! What lies between files: names that others define, ids that are used twice, bulletins that replace others.
//! Files tell of themselves in short, so that a change of one of many is found quickly.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use caveat_diag::{Code, Diagnostic, FileId, SourceMap, Span};
use caveat_ir::value::BulletinId;
use caveat_lint::{Called, Outline, lower_floor, of_calls, of_library};
use caveat_sema::{Listed, Resolved, circles, unknown_bulletins, unknown_module};

use crate::files::{Files, Version};
use crate::index::Index;
use crate::merge::merge;
use crate::units::{Changes, Known, Units};

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
    index: Index,
    /// The circles among modules, for a layout of them.
    circles: Option<(Version, Vec<Diagnostic>)>,
    pairs: BTreeMap<Pair, Option<Diagnostic>>,
}

impl Library {
    /// Looks at all files again, as some of them changed.
    pub(crate) fn look(&mut self, files: &Files, units: &Units, changes: &Changes) -> Between {
        for known in &changes.old {
            self.index.forget(known);
        }
        for known in &changes.new {
            self.index.learn(known);
        }
        let mut between = Between::default();
        let index = &self.index;
        for (problem, is_lint) in foreign(&in_order(units, &index.foreign)) {
            if is_lint { between.lint(problem) } else { between.name(problem) }
        }
        self.modules(files, &mut between);
        let index = &self.index;
        twice(index, units, &mut between);
        for file in in_order(units, &index.summaries) {
            for problem in unknown_bulletins(file.module.tree(), |id| index.is_written(id)) {
                between.name(problem);
            }
        }
        strangers(index, units, &mut between);
        let found = calls(index, units).into_iter();
        for problem in found.chain(self.lints(units, &between.contested)).collect::<Vec<_>>() {
            between.lint(problem);
        }
        between
    }

    fn modules(&mut self, files: &Files, between: &mut Between) {
        let unresolved = files.unresolved().iter().filter_map(|id| files.resolved(*id));
        for problem in unresolved.flat_map(|one| unknown_modules(files, &one)) {
            between.name(problem);
        }
        if self.circles.as_ref().is_none_or(|(layout, _)| *layout != files.layout) {
            let resolved: Vec<Resolved> = files.order().iter().filter_map(|id| files.resolved(*id)).collect();
            self.circles = Some((files.layout, circles(&resolved)));
        }
        for problem in self.circles.iter().flat_map(|(_, found)| found) {
            between.name(problem.clone());
        }
    }

    /// Looks at the bulletins that have to do with others.
    fn lints(&mut self, units: &Units, contested: &BTreeSet<String>) -> Vec<Diagnostic> {
        let files = in_order(units, &self.index.related(units));
        let outlines = files.iter().flat_map(|file| file.outlines.iter().map(|outline| (outline, *file)));
        let is_one =
            |id: &BulletinId| contested.is_empty() || !contested.contains(&id.as_str().to_ascii_lowercase());
        let mut outlines: Vec<(&Outline, &Known)> = outlines.filter(|(one, _)| is_one(&one.id)).collect();
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

/// What is known of files, by the names of their modules.
fn in_order<'u>(units: &'u Units, files: &BTreeSet<FileId>) -> Vec<&'u Known> {
    let mut known: Vec<&Known> = files.iter().filter_map(|id| Some(units.get(*id)?.as_ref())).collect();
    known.sort_by_key(|file| (file.module.name(), file.module.file()));
    known
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
fn foreign(files: &[&Known]) -> Vec<(Diagnostic, bool)> {
    let of =
        |file: &&Known| file.foreign().map(|(problem, lint)| (problem.clone(), lint)).collect::<Vec<_>>();
    files.iter().flat_map(of).collect()
}

fn unknown_modules(files: &Files, resolved: &Resolved) -> Vec<Diagnostic> {
    let lines = resolved.module.tree().uses.iter().zip(&resolved.uses);
    lines.filter(|(_, found)| found.is_none()).map(|(line, _)| unknown_module(line, files.names())).collect()
}

/// Ids of several bulletins or summaries.
fn twice(index: &Index, units: &Units, between: &mut Between) {
    for (id, homes) in index.contested() {
        let files = in_order(units, &homes.iter().copied().collect());
        let listed = files.iter().flat_map(|file| &file.unit.listed);
        let mut same: Vec<(bool, BulletinId, &Listed)> = listed
            .filter(|one| one.id.eq_ignore_ascii_case(id))
            .filter_map(|one| Some((one.is_summary, one.id.parse().ok()?, one)))
            .collect();
        same.sort_by(|(a, x, _), (b, y, _)| (a, x).cmp(&(b, y)));
        for pair in same.windows(2) {
            if let [(_, _, first), (_, id, again)] = pair {
                between.name(duplicate(id, again.span, first.span));
            }
        }
    }
    between.contested = Arc::new(index.contested().map(|(id, _)| id.to_owned()).collect());
}

fn duplicate(id: &BulletinId, again: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::DUPLICATE_BULLETIN, format!("the bulletin `{id}` is defined twice"))
        .at(again, "defined again here")
        .because(first, "first defined here")
        .help("give each bulletin one definition; ids that differ in case only count as the same")
}

/// Where platforms are defined that files name and do not see.
fn strangers(index: &Index, units: &Units, between: &mut Between) {
    for (place, name) in in_order(units, &index.strangers).into_iter().flat_map(|file| &file.unit.strangers) {
        if let Some(home) = index.home_of_platform(name) {
            let said = between.said.entry(place.file).or_default();
            said.strangers.push((*place, home.to_owned()));
        }
    }
}

/// What is wrong with conditions as they are called.
fn calls(index: &Index, units: &Units) -> Vec<Diagnostic> {
    let callers = in_order(units, &index.callers);
    let called = || callers.iter().flat_map(|file| &file.found.called);
    if !called().any(Called::has_problems) {
        return Vec::new();
    }
    let concerned = in_order(units, &called().flat_map(Called::files).collect());
    of_calls(called(), concerned.iter().flat_map(|file| &file.found.conditions))
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
