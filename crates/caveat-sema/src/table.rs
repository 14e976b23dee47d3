//! The platforms of some modules, lowered together: files that see the same ones share them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caveat_diag::{Diagnostic, FileId, Span};
use caveat_ir::rule::{PlatformId, SelectorId};
use caveat_ir::{Checked, Places, Written};
use caveat_syntax::ast::PlatformDef;

use crate::builder::Builder;
use crate::entries::Entries;
use crate::lower::Lowering;
use crate::record::Used;
use crate::references::Reference;
use crate::scope::Scope;

/// The platforms of some modules.
#[derive(Debug)]
pub struct Table {
    /// They as rules, without those that are broken.
    checked: Checked,
    entries: Arc<Entries>,
    own: BTreeMap<FileId, Own>,
}

/// What came of the platforms of one module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Own {
    pub(crate) platforms: Vec<PlatformId>,
    /// The selectors that their conditions need, in the order of the first use.
    pub(crate) selectors: Vec<SelectorId>,
    pub(crate) written: Vec<Written>,
    pub(crate) said: Said,
}

/// What is wrong with the platforms of one module, and what they refer to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) strangers: Vec<(Span, String)>,
    pub(crate) used: Used,
    pub(crate) references: BTreeSet<Reference>,
}

/// The names of platforms that something is wrong with, where they are defined.
pub(crate) type Broken = BTreeSet<Span>;

impl Table {
    /// Lowers the platforms of all modules of a scope. What is wrong with some keeps no others back, but
    /// those that refer to them.
    #[must_use]
    pub fn new(scope: &Scope) -> Self {
        let (mut table, mut found) = lower(scope, &Broken::new());
        found.extend(uncertain(scope));
        let mut broken = Broken::new();
        // What is wrong is said by the first pass, which leaves nothing out.
        let said: BTreeMap<FileId, Said> =
            table.own.iter().map(|(file, own)| (*file, own.said.clone())).collect();
        while !found.is_subset(&broken) {
            broken.extend(found);
            (table, found) = lower(scope, &broken);
        }
        for (own, said) in table.own.values_mut().zip(said.into_values()) {
            own.said = said;
        }
        table
    }

    /// What the rules of files that see these platforms begin with.
    pub(crate) fn checked(&self) -> &Checked {
        &self.checked
    }

    pub(crate) fn entries(&self) -> &Arc<Entries> {
        &self.entries
    }

    /// The platforms of one of the modules, in the order of their names.
    #[must_use]
    pub fn platforms(&self, file: FileId) -> &[PlatformId] {
        self.own.get(&file).map_or(&[], |own| &own.platforms)
    }

    /// The modules that it was made of.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.own.keys().copied()
    }

    pub(crate) fn of(&self, file: FileId) -> Option<&Own> {
        self.own.get(&file)
    }
}

/// The platforms that may not be all that was meant by them.
fn uncertain(scope: &Scope) -> Broken {
    let all = scope.in_order().flat_map(|module| {
        let platforms = module.definitions.platforms(module.tree());
        platforms.filter(|one| !module.is_certain(one.span, one.name.span)).map(|one| one.name.span)
    });
    all.collect()
}

/// Lowers all platforms but those that are known to be broken, and tells which others are.
fn lower(scope: &Scope, known: &Broken) -> (Table, Broken) {
    let mut lowering = Lowering::new(scope, Arc::default(), Builder::default());
    let mut broken = Broken::new();
    let mut own = BTreeMap::new();
    for module in scope.in_order() {
        lowering.module = module.file();
        let platforms = lowering.platforms(known, &mut broken);
        own.insert(module.file(), Own { platforms, ..Own::default() });
    }
    // Their conditions may refer to platforms that come later.
    for module in scope.in_order() {
        lowering.module = module.file();
        lowering.platform_conditions(known, &mut broken);
        if let Some(own) = own.get_mut(&module.file()) {
            own.selectors = lowering.builder.take_needed();
            own.written = std::mem::take(&mut lowering.record.written);
            own.said.used = std::mem::take(&mut lowering.record.used);
            own.said.references = std::mem::take(&mut lowering.record.references);
            own.said.strangers = lowering.reporter.take_strangers();
        }
    }
    let diagnostics = lowering.reporter.take();
    let places = Places::new(Arc::clone(scope.sources()));
    let entries = Arc::clone(&lowering.platforms);
    let (checked, problems) = match caveat_ir::check(lowering.builder.rules, places) {
        Ok(checked) => (checked, Vec::new()),
        Err(rejected) => (Checked::default(), rejected.problems),
    };
    broken.extend(problems.iter().flat_map(|problem| concerned(scope, problem)));
    for problem in diagnostics.into_iter().chain(problems) {
        if let Some(own) = problem.span().and_then(|span| own.get_mut(&span.file)) {
            own.said.diagnostics.push(problem);
        }
    }
    (Table { checked, entries, own }, broken)
}

/// The platforms that a problem is about: all, when it does not say where it is.
fn concerned(scope: &Scope, problem: &Diagnostic) -> Broken {
    let all = scope.in_order().flat_map(|module| module.definitions.platforms(module.tree()));
    let is = |one: &&PlatformDef| problem.span().is_none_or(|place| is_in(place, one.span));
    all.filter(is).map(|one| one.name.span).collect()
}

/// Whether one place is a part of another.
pub(crate) fn is_in(place: Span, around: Span) -> bool {
    place.file == around.file && around.start <= place.start && place.end <= around.end
}
