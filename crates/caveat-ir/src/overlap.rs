//! How two selectors relate: whether one implies the other, or excludes it. The facts
//! of platforms are conjunctions over small sets, so this needs no solver; a `when`
//! condition is opaque: implied only by itself, and excluded only by its negation.

use std::collections::BTreeSet;

use crate::expr::Expr;
use crate::rule::{OsFacts, RuleSet, Selector, SelectorId};
use crate::value::NumberSet;

impl RuleSet {
    /// All facts a selector asks for, those of its platform included.
    #[must_use]
    pub fn facts(&self, selector: &Selector) -> OsFacts {
        let mut facts =
            self.platform(selector.platform).map(|platform| platform.facts.clone()).unwrap_or_default();
        facts.service_packs = meet_numbers(facts.service_packs.as_ref(), selector.service_packs.as_ref());
        facts.architectures = meet(facts.architectures.as_ref(), selector.architectures.as_ref());
        if selector.language.is_some() {
            facts.language.clone_from(&selector.language);
        }
        facts
    }

    /// Whether no host is of both.
    #[must_use]
    pub fn disjoint(&self, a: SelectorId, b: SelectorId) -> bool {
        self.pair(a, b).is_some_and(|(a, b)| a.excludes(&b))
    }

    /// Whether every host of `a` is one of `b`.
    #[must_use]
    pub fn implies(&self, a: SelectorId, b: SelectorId) -> bool {
        a == b || self.pair(a, b).is_some_and(|(a, b)| a.implies(&b))
    }

    fn pair(&self, a: SelectorId, b: SelectorId) -> Option<(OsFacts, OsFacts)> {
        Some((self.facts(self.selector(a)?), self.facts(self.selector(b)?)))
    }
}

impl OsFacts {
    /// Whether these facts cannot hold on any host.
    #[must_use]
    pub fn is_impossible(&self) -> bool {
        self.builds.as_ref().is_some_and(NumberSet::is_empty)
            || self.types.as_ref().is_some_and(BTreeSet::is_empty)
            || self.architectures.as_ref().is_some_and(BTreeSet::is_empty)
            || self.service_packs.as_ref().is_some_and(NumberSet::is_empty)
            || !self.suites.is_disjoint(&self.without_suites)
    }

    fn excludes(&self, other: &Self) -> bool {
        let versions = self.version.zip(other.version).is_some_and(|(a, b)| a != b);
        let languages = self.language.as_ref().zip(other.language.as_ref());
        let families = self.family.zip(other.family).is_some_and(|(a, b)| a != b);
        versions
            || families
            || languages.is_some_and(|(a, b)| !a.covers(b) && !b.covers(a))
            || meet_numbers(self.builds.as_ref(), other.builds.as_ref()).is_some_and(|set| set.is_empty())
            || meet_numbers(self.service_packs.as_ref(), other.service_packs.as_ref())
                .is_some_and(|set| set.is_empty())
            || meet(self.types.as_ref(), other.types.as_ref()).is_some_and(|set| set.is_empty())
            || meet(self.architectures.as_ref(), other.architectures.as_ref())
                .is_some_and(|set| set.is_empty())
            || !self.suites.is_disjoint(&other.without_suites)
            || !self.without_suites.is_disjoint(&other.suites)
            || self.when.iter().any(|condition| other.when.contains(&Expr::negate(condition.clone())))
            || other.when.iter().any(|condition| self.when.contains(&Expr::negate(condition.clone())))
    }

    fn implies(&self, other: &Self) -> bool {
        let within = |mine: Option<&NumberSet>, theirs: Option<&NumberSet>| {
            theirs.is_none_or(|theirs| mine.is_some_and(|mine| mine.is_subset(theirs)))
        };
        let languages = self.language.as_ref().zip(other.language.as_ref());
        (other.family.is_none() || self.family == other.family)
            && (other.version.is_none() || self.version == other.version)
            && within(self.builds.as_ref(), other.builds.as_ref())
            && within(self.service_packs.as_ref(), other.service_packs.as_ref())
            && subset(self.types.as_ref(), other.types.as_ref())
            && subset(self.architectures.as_ref(), other.architectures.as_ref())
            && other.suites.is_subset(&self.suites)
            && other.without_suites.is_subset(&self.without_suites)
            && (other.language.is_none() || languages.is_some_and(|(mine, theirs)| theirs.covers(mine)))
            && other.when.iter().all(|condition| self.when.contains(condition))
    }
}

fn meet_numbers(a: Option<&NumberSet>, b: Option<&NumberSet>) -> Option<NumberSet> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(b)),
        (a, b) => a.or(b).cloned(),
    }
}

fn meet<T: Ord + Clone>(a: Option<&BTreeSet<T>>, b: Option<&BTreeSet<T>>) -> Option<BTreeSet<T>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(b).cloned().collect()),
        (a, b) => a.or(b).cloned(),
    }
}

fn subset<T: Ord>(mine: Option<&BTreeSet<T>>, theirs: Option<&BTreeSet<T>>) -> bool {
    theirs.is_none_or(|theirs| mine.is_some_and(|mine| mine.is_subset(theirs)))
}
