//! What a target cannot say of a formula, and why: told to the user, in artifacts and on the terminal.

use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::{Expr, Feature, Leaf, Origin, Test, describe};

use crate::{Backend, Support, Text};

/// The tests of formulas that a target cannot make as they are, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    tests: BTreeMap<Test, Loss>,
}

/// Why a test cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Where the test was first written.
    pub origin: Origin,
    /// What the target lacks.
    pub feature: Feature,
    /// Why it lacks it.
    pub why: Text,
    /// Whether the test is made all the same, of a part of what it means.
    pub kept: bool,
}

impl Loss {
    /// That the target lacks this, so that it does not make the test.
    #[must_use]
    pub fn unseen(leaf: &Leaf, feature: Feature, why: impl Into<Text>) -> Self {
        Self { origin: leaf.origin, feature, why: why.into(), kept: false }
    }
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
        let lost = leaf.test.features().into_iter().filter_map(|feature| match backend.support(feature) {
            Support::Exact => None,
            Support::Narrow { why } => Some(Loss { origin: leaf.origin, feature, why, kept: true }),
            Support::Approximate { why, .. } | Support::No { why } => {
                Some(Loss { origin: leaf.origin, feature, why, kept: false })
            }
        });
        // What is not seen at all says more than what is seen in part.
        if let Some(loss) = lost.min_by_key(|loss| loss.kept) {
            self.insert(leaf, loss);
        }
    }

    /// Adds a test that cannot be made for a reason of its own.
    pub fn insert(&mut self, leaf: &Leaf, loss: Loss) {
        self.tests.entry(leaf.test.clone()).or_insert(loss);
    }

    /// Adds those of another formula.
    pub fn extend(&mut self, other: Self) {
        for (test, loss) in other.tests {
            self.tests.entry(test).or_insert(loss);
        }
    }

    /// Those of some tests only.
    #[must_use]
    pub fn among(&self, wanted: impl Fn(&Test) -> bool) -> Self {
        let tests = self.tests.iter().filter(|(test, _)| wanted(test));
        Self { tests: tests.map(|(test, loss)| (test.clone(), loss.clone())).collect() }
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
        self.by_reason().into_iter().map(|(_, reason)| reason).collect()
    }

    /// What is lost in lines for people: test by test where there are no more than `few`, else by reason.
    #[must_use]
    pub fn lines(&self, few: usize) -> Vec<String> {
        let line =
            |kept: bool, what: String| format!("{}: {what}", if kept { "seen in part" } else { "not seen" });
        if self.tests.len() > few {
            return self.by_reason().into_iter().map(|(kept, reason)| line(kept, reason)).collect();
        }
        let tests = self.tests.iter();
        let words = |(test, loss): (&Test, &Loss)| {
            line(loss.kept, format!("whether {}: {}", describe::test(test, false), loss.why))
        };
        tests.map(words).collect()
    }

    /// Features and the reason why they are lost, with whether the tests are made all the same.
    fn by_reason(&self) -> Vec<(bool, String)> {
        let mut reasons: BTreeMap<(bool, &str), BTreeSet<Feature>> = BTreeMap::new();
        for loss in self.tests.values() {
            reasons.entry((loss.kept, loss.why.as_ref())).or_default().insert(loss.feature);
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|((kept, _), features)| (*kept, features.first().copied()));
        let words =
            |features: BTreeSet<Feature>| features.into_iter().map(Feature::title).collect::<Vec<_>>();
        let line = |((kept, why), features)| (kept, format!("{}: {why}", words(features).join(", ")));
        reasons.into_iter().map(line).collect()
    }

    /// Every test that is not made, in words.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let dropped = self.tests.iter().filter(|(_, loss)| !loss.kept);
        dropped.map(|(test, _)| describe::test(test, false)).collect()
    }
}
