//! Formulas over the facts of a host, by OVAL's tables.
//!
//! Nothing here knows of bulletins: see [`crate::verdict`]. When a test of a fact holds is not
//! decided here either: `caveat_runtime` does, for generated code as well.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use caveat_ir::rule::{RuleSet, SelectorId};
use caveat_ir::{Expr, Test, Truth};
use caveat_runtime::{HostFacts, Pattern, Platforms, Witness};

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

/// The evaluation of one host, which remembers the platforms it is of.
#[derive(Debug)]
pub struct Session<'e, H> {
    pub(crate) shared: &'e Shared<'e>,
    pub(crate) host: &'e H,
    pub(crate) platforms: Platforms<Vec<Cell<Option<Truth>>>>,
}

impl<'e, H: HostFacts> Session<'e, H> {
    pub(crate) fn new(shared: &'e Shared<'e>, host: &'e H) -> Self {
        let platforms = Platforms::new(vec![Cell::new(None); shared.inventory.len()]);
        Self { shared, host, platforms }
    }

    /// What the formula says of the host.
    #[must_use]
    pub fn truth(&self, expr: &Expr) -> Truth {
        match expr {
            Expr::All(parts) => self.all(parts),
            Expr::Any(parts) => self.any(parts),
            Expr::Not(part) => !self.truth(part),
            Expr::Platform(id) => self.platform(*id),
            Expr::Test(leaf) => self.test(&leaf.test, &mut ()),
        }
    }

    /// Whether all parts hold.
    pub(crate) fn all<'x>(&self, parts: impl IntoIterator<Item = &'x Expr>) -> Truth {
        Truth::every(parts.into_iter().map(|part| self.truth(part)))
    }

    /// Whether one of the parts holds.
    pub(crate) fn any<'x>(&self, parts: impl IntoIterator<Item = &'x Expr>) -> Truth {
        Truth::some(parts.into_iter().map(|part| self.truth(part)))
    }

    /// Whether the host is of the platform.
    #[must_use]
    pub fn platform(&self, id: SelectorId) -> Truth {
        self.platforms.truth(id.0 as usize, || self.shared.inventory(id).map(|formula| self.truth(formula)))
    }

    /// Whether a test holds; the witness sees the fact that decides.
    pub(crate) fn test(&self, test: &Test, witness: &mut impl Witness) -> Truth {
        test.asked(|text| self.shared.pattern(text), |asked| asked.truth(self.host, witness))
    }
}
