//! The state of lowering, and the order in which things are lowered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caveat_diag::{Diagnostic, SourceMap, Span};
use caveat_ir::rule::{PlatformId, Selector, SelectorId};
use caveat_ir::value::{Architecture, Language, NumberSet};
use caveat_ir::{Origin, Places, RuleSet};
use caveat_syntax::ast;

use crate::Module;
use crate::conditions::Expansion;
use crate::modules::Visibility;
use crate::names::{Definitions, Names};
use crate::written::Written;

/// A platform in the rule set, and its editions.
pub(crate) struct PlatformEntry {
    pub(crate) base: PlatformId,
    pub(crate) editions: BTreeMap<String, PlatformId>,
}

/// What makes a selector one of its own.
pub(crate) type SelectorKey =
    (PlatformId, Option<NumberSet>, Option<BTreeSet<Architecture>>, Option<Language>);

/// Which definitions were needed: for lints.
#[derive(Default)]
pub(crate) struct Used {
    /// Pairs of module and used module.
    pub(crate) modules: BTreeSet<(usize, usize)>,
    /// The names of conditions that were referred to, by where they are defined.
    pub(crate) conditions: BTreeSet<Span>,
}

/// What came of a lowering.
pub(crate) struct Lowered {
    pub(crate) rules: RuleSet,
    pub(crate) places: Places,
    pub(crate) used: Used,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) incomplete: BTreeSet<Span>,
    pub(crate) written: Vec<Written>,
}

/// All state of a lowering.
pub(crate) struct Lowering<'a> {
    pub(crate) modules: &'a [Module<'a>],
    pub(crate) visibility: &'a Visibility<'a>,
    pub(crate) names: &'a Names<'a>,
    pub(crate) rules: RuleSet,
    pub(crate) platforms: BTreeMap<(usize, &'a str), PlatformEntry>,
    selectors: BTreeMap<SelectorKey, SelectorId>,
    pub(crate) used: Used,
    places: Places,
    diagnostics: Vec<Diagnostic>,
    /// Bulletins and packages of which a part was left out because of a problem: nothing can be
    /// said to be missing there.
    pub(crate) incomplete: BTreeSet<Span>,
    /// The conditions of the given files, as written.
    pub(crate) written: Vec<Written>,
    /// The parts so far of the conditions that are open, outermost first.
    pub(crate) drafts: Vec<Vec<Written>>,
    /// The module that is being lowered.
    pub(crate) module: usize,
    /// The conditions of the bulletin that is being lowered.
    pub(crate) local: Definitions<'a>,
    /// The named conditions that are being expanded.
    pub(crate) expansion: Expansion,
}

impl<'a> Lowering<'a> {
    pub(crate) fn new(
        modules: &'a [Module<'a>],
        visibility: &'a Visibility<'a>,
        names: &'a Names<'a>,
        sources: &Arc<SourceMap>,
    ) -> Self {
        Self {
            modules,
            visibility,
            names,
            rules: RuleSet::default(),
            platforms: BTreeMap::new(),
            selectors: BTreeMap::new(),
            used: Used::default(),
            places: Places::new(Arc::clone(sources)),
            diagnostics: Vec::new(),
            incomplete: BTreeSet::new(),
            written: Vec::new(),
            drafts: Vec::new(),
            module: 0,
            local: Definitions::default(),
            expansion: Expansion::default(),
        }
    }

    /// Lowers everything: platforms of all modules first, as everything refers to them.
    pub(crate) fn run(&mut self) {
        for module in 0..self.modules.len() {
            self.module = module;
            self.platforms();
        }
        for module in 0..self.modules.len() {
            self.module = module;
            self.platform_conditions();
            self.check_conditions();
            if self.modules.get(module).is_some_and(|module| module.primary) {
                self.bulletins();
            }
        }
        self.rules.bulletins.sort_by(|a, b| a.id.cmp(&b.id));
        self.rules.summaries.sort_by(|a, b| a.id.cmp(&b.id));
    }

    fn bulletins(&mut self) {
        let Some(module) = self.modules.get(self.module) else { return };
        for item in &module.ast.items {
            match item {
                ast::Item::Bulletin(bulletin) => self.bulletin(bulletin),
                ast::Item::Summary(summary) => self.summary(summary),
                ast::Item::Platform(_) | ast::Item::Condition(_) => {}
            }
        }
    }

    pub(crate) fn finish(self) -> Lowered {
        let Self { rules, places, used, diagnostics, incomplete, written, .. } = self;
        Lowered { rules, places, used, diagnostics, incomplete, written }
    }

    /// How many problems were found so far.
    pub(crate) fn problems(&self) -> usize {
        self.diagnostics.len()
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(crate) fn origin(&mut self, span: Span) -> Origin {
        self.places.add(span)
    }

    /// The selector for a platform and its narrowing, made on first use together with its base.
    pub(crate) fn selector(&mut self, key: SelectorKey) -> SelectorId {
        if let Some(id) = self.selectors.get(&key) {
            return *id;
        }
        let (platform, service_packs, architectures, language) = key.clone();
        let narrowed = service_packs.is_some() || architectures.is_some() || language.is_some();
        let base = narrowed.then(|| self.selector((platform, None, None, None)));
        let id = SelectorId(u32::try_from(self.rules.selectors.len()).unwrap_or(u32::MAX));
        self.rules.selectors.push(Selector { platform, base, service_packs, architectures, language });
        self.selectors.insert(key, id);
        id
    }

    /// The modules whose names the current module sees: itself, then those it uses.
    pub(crate) fn visible(&self) -> Vec<usize> {
        let used = self.visibility.uses.get(self.module).into_iter().flatten().map(|(module, _)| *module);
        let mut visible: Vec<usize> = std::iter::once(self.module).chain(used).collect();
        let mut seen = BTreeSet::new();
        visible.retain(|module| seen.insert(*module));
        visible
    }
}
