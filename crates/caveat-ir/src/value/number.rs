//! Sets of small numbers: service packs and builds.

use std::fmt;

use caveat_runtime::value::Numbers;
use serde::{Deserialize, Serialize};

/// A set of numbers: sorted `(low, high)` pairs, both included, that neither overlap
/// nor touch. An open upper end is `u32::MAX`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "Vec<(u32, u32)>", into = "Vec<(u32, u32)>")]
pub struct NumberSet(Vec<(u32, u32)>);

impl NumberSet {
    /// The numbers from `low` to `high`; empty when `low > high`.
    #[must_use]
    pub fn range(low: u32, high: u32) -> Self {
        vec![(low, high)].into()
    }

    /// The pairs, in order.
    #[must_use]
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Whether `number` is in the set.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&number))
    }

    /// The lowest number, if there is one.
    #[must_use]
    pub fn first(&self) -> Option<u32> {
        self.0.first().map(|(low, _)| *low)
    }

    /// Whether no number is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let meet = |a: &(u32, u32), b: &(u32, u32)| (a.0.max(b.0), a.1.min(b.1));
        self.0.iter().flat_map(|a| other.0.iter().map(move |b| meet(a, b))).collect::<Vec<_>>().into()
    }

    /// Whether every number of this set is in the other.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        &self.intersection(other) == self
    }
}

impl From<Vec<(u32, u32)>> for NumberSet {
    fn from(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.retain(|(low, high)| low <= high);
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }
}

impl From<NumberSet> for Vec<(u32, u32)> {
    fn from(set: NumberSet) -> Self {
        set.0
    }
}

impl fmt::Display for NumberSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Numbers(&self.0).fmt(f)
    }
}
