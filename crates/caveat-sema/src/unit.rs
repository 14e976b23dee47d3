//! One file, lowered and checked bulletin by bulletin: what is wrong with one does not touch the others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::rule::{PlatformId, SelectorId};
use caveat_ir::{Checked, Places, RuleSet, Written, check_on};
use caveat_syntax::ast::Item;

use crate::builder::Builder;
use crate::lints;
use crate::lower::Lowering;
use crate::module::Module;
use crate::references::{self, Kind, Reference};
use crate::scope::Scope;
use crate::table::{Said, Table, is_in};

/// A bulletin or summary of a file, and whether its rules are sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id, as written.
    pub id: String,
    /// Where the id is written.
    pub span: Span,
    /// All of it.
    pub item: Span,
    /// Whether it is a summary.
    pub is_summary: bool,
    /// Whether nothing is wrong with it, nor with anything that it refers to.
    pub is_sound: bool,
}

/// What came of a file.
#[derive(Debug)]
pub struct Unit {
    /// The bulletins and summaries that are sound, on the platforms that the file sees.
    pub checked: Checked,
    /// The platforms among them that the file defines.
    pub platforms: Vec<PlatformId>,
    /// The platforms as the file names them, in the order of the first use.
    pub selectors: Vec<SelectorId>,
    /// All bulletins and summaries, in the order of the text.
    pub listed: Vec<Listed>,
    /// What is wrong with names and values. Some may lie in other files.
    pub diagnostics: Vec<Diagnostic>,
    /// What is probably not meant as it is written, but for what stands in bulletins that are not sound.
    pub lints: Vec<Diagnostic>,
    /// The platforms that nobody knows who is seen, by where they are named.
    pub strangers: Vec<(Span, String)>,
    /// The conditions of the file, and what those of others come to when they are called here.
    pub written: Vec<Written>,
    /// The names that the file uses, in order.
    pub references: Vec<Reference>,
}

impl Unit {
    /// Whether a place lies in a bulletin or summary that is not sound.
    #[must_use]
    pub fn is_broken(&self, place: Span) -> bool {
        around(&self.listed, place).and_then(|index| self.listed.get(index)).is_some_and(|one| !one.is_sound)
    }
}

/// The bulletin or summary that a place lies in; they come in the order of the text.
fn around(listed: &[Listed], place: Span) -> Option<usize> {
    let index = listed.partition_point(|one| one.item.start <= place.start).checked_sub(1)?;
    listed.get(index).is_some_and(|one| is_in(place, one.item)).then_some(index)
}

/// Lowers and checks the file that `scope` is the scope of, on the platforms of `table`, which has those of all
/// modules that it sees.
#[must_use]
pub fn lower(scope: &Scope, table: &Table) -> Unit {
    let (own, base) = (table.of(scope.main()).cloned().unwrap_or_default(), table.checked());
    let mut lowering = Lowering::new(scope, Arc::clone(table.entries()), Builder::on(base.rules()));
    lowering.check_conditions();
    let mut listed = lowering.rules();
    let needed = lowering.builder.take_needed();
    let Lowering { builder, mut reporter, record, .. } = lowering;
    let Said { mut diagnostics, mut strangers, mut used, mut references } = own.said;
    diagnostics.extend(reporter.take());
    strangers.extend(reporter.take_strangers());
    used.extend(record.used);
    references.extend(record.references);
    diagnostics
        .extend(scope.module(scope.main()).iter().flat_map(|main| &main.definitions.diagnostics).cloned());
    let (checked, problems) = judge(builder.rules, base, scope, &mut listed);
    let missing = |problem: &Diagnostic| {
        problem.code == Code::MISSING_PART && problem.span().is_some_and(|span| reporter.is_incomplete(span))
    };
    diagnostics.extend(problems.into_iter().filter(|problem| !missing(problem)));
    diagnostics.extend(lints::unfinished(scope, &used));
    let mut unit = Unit {
        checked,
        platforms: own.platforms,
        selectors: own.selectors.into_iter().chain(needed).collect(),
        listed,
        diagnostics,
        lints: Vec::new(),
        strangers,
        written: own.written,
        references: all_references(scope, references),
    };
    let written: Vec<Written> = record.written.into_iter().filter(|one| !unit.is_broken(one.span)).collect();
    unit.written.extend(written);
    let of_text = lints::of_text(scope).into_iter();
    unit.lints = of_text.filter(|one| !one.span().is_some_and(|place| unit.is_broken(place))).collect();
    unit
}

impl<'a> Lowering<'a> {
    /// Lowers the bulletins and summaries of a file whose rules are compiled.
    fn rules(&mut self) -> Vec<Listed> {
        let Some(module) = self.current().filter(|module| self.scope.is_primary(module.file())) else {
            return Vec::new();
        };
        let listed = module.tree().items.iter().filter_map(|item| self.rule(module, item));
        let mut listed: Vec<Listed> = listed.collect();
        listed.sort_by_key(|one| one.item);
        listed
    }

    fn rule(&mut self, module: &'a Module, item: &'a Item) -> Option<Listed> {
        let before = self.reporter.harm();
        let id = match item {
            Item::Bulletin(bulletin) => {
                self.bulletin(bulletin);
                &bulletin.id
            }
            Item::Summary(summary) => {
                self.summary(summary);
                &summary.id
            }
            Item::Platform(_) | Item::Condition(_) => return None,
        };
        let is_sound = self.reporter.harm() == before && module.is_whole(item.span());
        let is_summary = matches!(item, Item::Summary(_));
        Some(Listed { id: id.text.clone(), span: id.span, item: item.span(), is_summary, is_sound })
    }
}

/// Checks the rules. Those that are not sound are told to be, and taken out.
fn judge(
    mut rules: RuleSet,
    base: &Checked,
    scope: &Scope,
    listed: &mut [Listed],
) -> (Checked, Vec<Diagnostic>) {
    rules.bulletins.sort_by(|a, b| a.id.cmp(&b.id));
    rules.summaries.sort_by(|a, b| a.id.cmp(&b.id));
    contest(listed);
    let places = Places::new(Arc::clone(scope.sources()));
    let (rules, problems) = match check_on(base, rules, places.clone()) {
        Ok(checked) if listed.iter().all(|one| one.is_sound) => return (checked, Vec::new()),
        Ok(checked) => (checked.into_rules(), Vec::new()),
        Err(rejected) => (rejected.rules, rejected.problems),
    };
    // Ids that are defined twice are found among all files.
    let problems: Vec<Diagnostic> =
        problems.into_iter().filter(|problem| problem.code != Code::DUPLICATE_BULLETIN).collect();
    for problem in &problems {
        match problem.span() {
            Some(place) => {
                if let Some(one) = around(listed, place).and_then(|index| listed.get_mut(index)) {
                    one.is_sound = false;
                }
            }
            None => unsound(listed),
        }
    }
    let sound: BTreeSet<Span> = listed.iter().filter(|one| one.is_sound).map(|one| one.span).collect();
    let is_sound = |origin| places.span(origin).is_some_and(|span| sound.contains(&span));
    let mut kept = rules;
    kept.bulletins.retain(|bulletin| is_sound(bulletin.origin));
    kept.summaries.retain(|summary| is_sound(summary.origin));
    let checked = check_on(base, kept, places).unwrap_or_else(|_| {
        unsound(listed);
        Checked::default()
    });
    (checked, problems)
}

fn unsound(listed: &mut [Listed]) {
    for one in listed {
        one.is_sound = false;
    }
}

/// Of bulletins with one id, none can be told to be the one that is meant.
fn contest(listed: &mut [Listed]) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for one in listed.iter() {
        *count.entry(one.id.to_ascii_lowercase()).or_default() += 1;
    }
    for one in listed {
        one.is_sound &= count.get(&one.id.to_ascii_lowercase()) == Some(&1);
    }
}

/// The names that the file uses, in order.
fn all_references(scope: &Scope, found: BTreeSet<Reference>) -> Vec<Reference> {
    let main = scope.main();
    let mut all: BTreeSet<Reference> = found.into_iter().filter(|one| one.span.file == main).collect();
    if let Some(resolved) = scope.resolved(main) {
        all.extend(references::named(resolved.module.tree()));
        let lines = resolved.uses.iter().zip(&resolved.module.tree().uses);
        all.extend(lines.map(|(file, line)| Reference {
            span: line.module.span,
            kind: Kind::Module,
            name: line.module.text.clone(),
            definition: file.map(references::start),
        }));
    }
    all.into_iter().collect()
}
