//! Sets of file versions.

use std::fmt;

use caveat_runtime::value::Versions;
use serde::{Deserialize, Serialize};

use super::{FileVersion, VersionInterval};

/// A set of versions: sorted intervals that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "Vec<VersionInterval>", into = "Vec<VersionInterval>")]
pub struct VersionSet(Vec<VersionInterval>);

impl VersionSet {
    /// Every version.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![VersionInterval { low: FileVersion::MIN, high: FileVersion::MAX }])
    }

    /// The versions below `floor`.
    #[must_use]
    pub fn below(floor: FileVersion) -> Self {
        Self::between(FileVersion::MIN, Some(floor))
    }

    /// The versions from `low` up to, but not including, `end`; without an end, all from `low`.
    #[must_use]
    pub fn between(low: FileVersion, end: Option<FileVersion>) -> Self {
        let high = end.map_or(Some(FileVersion::MAX), FileVersion::previous);
        high.filter(|high| low <= *high)
            .map_or_else(|| Self(Vec::new()), |high| Self(vec![VersionInterval { low, high }]))
    }

    /// The intervals, in order.
    #[must_use]
    pub fn intervals(&self) -> &[VersionInterval] {
        &self.0
    }

    /// Whether no version is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `version` is in the set.
    #[must_use]
    pub fn contains(&self, version: FileVersion) -> bool {
        self.0.iter().any(|interval| interval.contains(version))
    }

    /// What is in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.iter().chain(&other.0).copied().collect::<Vec<_>>().into()
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let meet = |a: &VersionInterval, b: &VersionInterval| {
            let (low, high) = (a.low.max(b.low), a.high.min(b.high));
            (low <= high).then_some(VersionInterval { low, high })
        };
        Self(self.0.iter().flat_map(|a| other.0.iter().filter_map(move |b| meet(a, b))).collect())
    }

    /// What is not in the set.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut gaps = Vec::new();
        let mut low = Some(FileVersion::MIN);
        for interval in &self.0 {
            if let (Some(low), Some(high)) = (low, interval.low.previous())
                && low <= high
            {
                gaps.push(VersionInterval { low, high });
            }
            low = interval.high.next();
        }
        gaps.extend(low.map(|low| VersionInterval { low, high: FileVersion::MAX }));
        Self(gaps)
    }
}

impl From<Vec<VersionInterval>> for VersionSet {
    fn from(mut intervals: Vec<VersionInterval>) -> Self {
        intervals.retain(|interval| interval.low <= interval.high);
        intervals.sort_unstable();
        let mut merged: Vec<VersionInterval> = Vec::with_capacity(intervals.len());
        for interval in intervals {
            match merged.last_mut() {
                Some(last) if last.high.next().is_none_or(|next| interval.low <= next) => {
                    last.high = last.high.max(interval.high);
                }
                _ => merged.push(interval),
            }
        }
        Self(merged)
    }
}

impl From<VersionSet> for Vec<VersionInterval> {
    fn from(set: VersionSet) -> Self {
        set.0
    }
}

impl fmt::Display for VersionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Versions(&self.0).fmt(f)
    }
}
