//! What a target cannot say of a formula, and why: told to the user, in artifacts and on the terminal.

use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::{Expr, Feature, Leaf, Origin, Test, describe};

use crate::{Backend, Support};

/// The tests of formulas that a target cannot make as they are, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    tests: BTreeMap<Test, Loss>,
}

/// Why a test cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Where the test was first written.
    pub origin: Origin,
    /// What the target lacks.
    pub feature: Feature,
    /// Why it lacks it.
    pub why: &'static str,
}

impl Losses {
    /// The tests of a formula that `backend` does not support exactly. Platforms are not looked
    /// into: spell them out first, where they may be unseen.
    #[must_use]
    pub fn of(backend: &dyn Backend, formula: &Expr) -> Self {
        let mut losses = Self::default();
        formula.leaves(&mut |leaf| losses.add(backend, leaf));
        losses
    }

    fn add(&mut self, backend: &dyn Backend, leaf: &Leaf) {
        let lost = leaf.test.features().into_iter().find_map(|feature| match backend.support(feature) {
            Support::Exact => None,
            Support::Approximate { why, .. } | Support::No { why } => Some((feature, why)),
        });
        if let Some((feature, why)) = lost {
            self.insert(leaf, feature, why);
        }
    }

    /// Adds a test that cannot be made for a reason of its own.
    pub fn insert(&mut self, leaf: &Leaf, feature: Feature, why: &'static str) {
        self.tests.entry(leaf.test.clone()).or_insert(Loss { origin: leaf.origin, feature, why });
    }

    /// Adds those of another formula.
    pub fn extend(&mut self, other: Self) {
        for (test, loss) in other.tests {
            self.tests.entry(test).or_insert(loss);
        }
    }

    /// Whether nothing is lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    /// The tests, in the order of their kinds.
    pub fn iter(&self) -> impl Iterator<Item = (&Test, &Loss)> {
        self.tests.iter()
    }

    /// What is lost, by reason: `the version of Windows, the service pack: a file does not tell`.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons: BTreeMap<&str, BTreeSet<Feature>> = BTreeMap::new();
        for loss in self.tests.values() {
            reasons.entry(loss.why).or_default().insert(loss.feature);
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(_, features)| features.first().copied());
        let words =
            |features: BTreeSet<Feature>| features.into_iter().map(Feature::title).collect::<Vec<_>>();
        reasons.into_iter().map(|(why, features)| format!("{}: {why}", words(features).join(", "))).collect()
    }

    /// Every test in words.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.tests.keys().map(|test| describe::test(test, false)).collect()
    }
}
