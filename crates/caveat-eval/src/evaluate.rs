//! Formulas over the facts of a host, by OVAL's tables.
//!
//! Nothing here knows of bulletins: see [`crate::verdict`]. When a test of a fact holds is not
//! decided here either: `caveat_runtime` does, for generated code as well.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use caveat_ir::rule::{RuleSet, SelectorId};
use caveat_ir::{Expr, Leaf, Truth};
use caveat_runtime::{Finding, HostFacts, Pattern, Rules, Shape};

/// What a formula says of a host.
#[must_use]
pub fn evaluate(rules: &RuleSet, expr: &Expr, host: &impl HostFacts) -> Truth {
    Session::new(&Shared::new(rules), host).truth(expr)
}

/// What does not depend on the host, made when first needed.
#[derive(Debug)]
pub(crate) struct Shared<'a> {
    pub(crate) rules: &'a RuleSet,
    /// The formulas of the platforms, by selector.
    inventory: Vec<OnceLock<Option<Expr>>>,
    /// The regular expressions by their text.
    patterns: RwLock<HashMap<String, Arc<Pattern>>>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(rules: &'a RuleSet) -> Self {
        let inventory = rules.selectors.iter().map(|_| OnceLock::new()).collect();
        Self { rules, inventory, patterns: RwLock::default() }
    }

    /// The formula of a platform.
    pub(crate) fn inventory(&self, id: SelectorId) -> Option<&Expr> {
        let slot = self.inventory.get(id.0 as usize)?;
        slot.get_or_init(|| self.rules.inventory(id).map(|claim| claim.formula)).as_ref()
    }

    fn pattern(&self, text: &str) -> Arc<Pattern> {
        let known = self.patterns.read().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        known.unwrap_or_else(|| {
            let pattern = Arc::new(Pattern::from(text.to_owned()));
            let mut patterns = self.patterns.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(patterns.entry(text.to_owned()).or_insert(pattern))
        })
    }
}

impl Rules for Shared<'_> {
    type Formula = Expr;
    type Test = Leaf;

    fn shape<'f>(&'f self, formula: &'f Expr) -> Shape<'f, Expr, Leaf> {
        match formula {
            Expr::All(parts) => Shape::All(parts),
            Expr::Any(parts) => Shape::Any(parts),
            Expr::Not(part) => Shape::Not(part),
            Expr::Platform(id) => Shape::Platform(id.0 as usize, self.inventory(*id)),
            Expr::Test(leaf) => Shape::Test(leaf),
        }
    }

    fn ask<T>(&self, leaf: &Leaf, ask: impl FnOnce(caveat_runtime::Test<'_>) -> T) -> T {
        leaf.test.asked(|text| self.pattern(text), ask)
    }
}

/// The evaluation of one host, which remembers the platforms it is of.
#[derive(Debug)]
pub struct Session<'e, H> {
    pub(crate) shared: &'e Shared<'e>,
    pub(crate) host: &'e H,
    pub(crate) asked: Asked<'e, H>,
}

/// The evaluation as the runtime has it.
pub(crate) type Asked<'e, H> = caveat_runtime::Session<&'e Shared<'e>, &'e H, Vec<Cell<Option<Truth>>>>;

impl<'e, H: HostFacts> Session<'e, H> {
    pub(crate) fn new(shared: &'e Shared<'e>, host: &'e H) -> Self {
        let slots = vec![Cell::new(None); shared.inventory.len()];
        Self { shared, host, asked: Asked::begin(shared, host, slots) }
    }

    /// What the formula says of the host.
    #[must_use]
    pub fn truth(&self, expr: &Expr) -> Truth {
        self.asked.truth(expr)
    }

    /// Whether all parts hold.
    pub(crate) fn all<'x>(&self, parts: impl IntoIterator<Item = &'x Expr>) -> Truth {
        Truth::every(parts.into_iter().map(|part| self.truth(part)))
    }

    /// Whether the host is of the platform.
    #[must_use]
    pub fn platform(&self, id: SelectorId) -> Truth {
        self.asked.platform(id.0 as usize, self.shared.inventory(id))
    }

    /// What the host says to a test, as `tell` tells it.
    pub(crate) fn finding<T>(&self, leaf: &Leaf, tell: impl FnOnce(Finding<'_>) -> T) -> T {
        self.shared.ask(leaf, |test| tell(Finding::new(test, self.host)))
    }
}
