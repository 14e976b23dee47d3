//! Versions in texts, and sets of them.

use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use caveat_runtime::value::{TextInterval, TextVersions, VersionText};
use serde::{Deserialize, Serialize};

use super::{Malformed, serde_as_text};
use crate::expr::Comparison;

/// A version in a text, as programs write theirs in the registry: any number of parts from 0 to
/// 2147483647. Missing parts are 0.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextVersion(
    /// The parts, up to the last that is not 0: so the order is that of the lists.
    Vec<u32>,
);

impl TextVersion {
    /// The version of these parts.
    #[must_use]
    pub fn new(mut parts: Vec<u32>) -> Self {
        let end = parts.iter().rposition(|part| *part > 0).map_or(0, |last| last + 1);
        parts.truncate(end);
        Self(parts)
    }

    /// The parts, up to the last that is not 0.
    #[must_use]
    pub fn parts(&self) -> &[u32] {
        &self.0
    }
}

impl fmt::Display for TextVersion {
    /// With two parts at least, so that nobody takes it for a number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = Bound::Included(self.parts());
        TextInterval { low: end, high: end }.fmt(f)
    }
}

impl FromStr for TextVersion {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let version = VersionText::read(text).map(|version| Self::new(version.parts().collect()));
        version.ok_or_else(|| malformed(text))
    }
}

fn malformed(text: &str) -> Malformed {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let wrong = text.split('.').find(|part| VersionText::read(part).is_none());
    match wrong.filter(|_| text.split('.').all(is_number)) {
        Some(part) => Malformed::new(format!("`{part}` in the version `{text}` is too large"))
            .help(format!("each part of a version in a text is at most {}", VersionText::MAX_PART)),
        None => Malformed::new(format!("`{text}` is not a version"))
            .help("write numbers between dots, such as `12.3.0.22234872`"),
    }
}

serde_as_text!(
    TextVersion,
    "Numbers from 0 to 2147483647 between dots, any number of them. Missing ones are 0.",
    r"^[0-9]+(\.[0-9]+)*$",
    ["12.3.0.22234872"]
);

/// A place in the order of versions: right before one, or right after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Cut {
    version: TextVersion,
    after: bool,
}

/// The versions in texts between two places.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Ends"))]
#[serde(try_from = "Ends", into = "Ends")]
pub struct TextRange {
    low: Cut,
    /// None when it is open upwards.
    high: Option<Cut>,
}

impl TextRange {
    /// The versions between two ends.
    #[must_use]
    pub fn new(low: Bound<TextVersion>, high: Bound<TextVersion>) -> Self {
        let before = |version| Cut { version, after: false };
        let after = |version| Cut { version, after: true };
        let low = match low {
            Bound::Included(low) => before(low),
            Bound::Excluded(low) => after(low),
            Bound::Unbounded => before(TextVersion::new(Vec::new())),
        };
        let high = match high {
            Bound::Included(high) => Some(after(high)),
            Bound::Excluded(high) => Some(before(high)),
            Bound::Unbounded => None,
        };
        Self { low, high }
    }

    /// Where it begins; unbounded when with the lowest version.
    #[must_use]
    pub fn low(&self) -> Bound<&TextVersion> {
        match &self.low {
            Cut { version, after: true } => Bound::Excluded(version),
            Cut { version, .. } if version.0.is_empty() => Bound::Unbounded,
            Cut { version, .. } => Bound::Included(version),
        }
    }

    /// Where it ends.
    #[must_use]
    pub fn high(&self) -> Bound<&TextVersion> {
        match &self.high {
            None => Bound::Unbounded,
            Some(Cut { version, after: true }) => Bound::Included(version),
            Some(Cut { version, .. }) => Bound::Excluded(version),
        }
    }

    /// The versions where it begins and ends.
    pub fn ends(&self) -> impl Iterator<Item = &TextVersion> {
        std::iter::once(&self.low.version).chain(self.high.iter().map(|high| &high.version))
    }

    /// The only version in it, if there is only one.
    #[must_use]
    pub fn single(&self) -> Option<&TextVersion> {
        match &self.high {
            Some(Cut { version, after: true }) if !self.low.after && self.low.version == *version => {
                Some(version)
            }
            _ => None,
        }
    }

    /// The range as hosts are asked for it.
    fn interval(&self) -> TextInterval<'_> {
        TextInterval { low: parts(self.low()), high: parts(self.high()) }
    }

    fn is_empty(&self) -> bool {
        self.high.as_ref().is_some_and(|high| *high <= self.low)
    }
}

impl fmt::Display for TextRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.interval().fmt(f)
    }
}

/// A range in JSON: its ends by the signs of comparisons, each of which may be left out.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Ends {
    /// Versions from this one on.
    #[serde(rename = ">=", default, skip_serializing_if = "Option::is_none")]
    at_least: Option<TextVersion>,
    /// Versions above this one.
    #[serde(rename = ">", default, skip_serializing_if = "Option::is_none")]
    above: Option<TextVersion>,
    /// Versions up to this one.
    #[serde(rename = "<=", default, skip_serializing_if = "Option::is_none")]
    at_most: Option<TextVersion>,
    /// Versions below this one.
    #[serde(rename = "<", default, skip_serializing_if = "Option::is_none")]
    below: Option<TextVersion>,
}

impl From<TextRange> for Ends {
    fn from(range: TextRange) -> Self {
        let mut ends = Self::default();
        match range.low() {
            Bound::Included(low) => ends.at_least = Some(low.clone()),
            Bound::Excluded(low) => ends.above = Some(low.clone()),
            Bound::Unbounded => {}
        }
        match range.high() {
            Bound::Included(high) => ends.at_most = Some(high.clone()),
            Bound::Excluded(high) => ends.below = Some(high.clone()),
            Bound::Unbounded => {}
        }
        ends
    }
}

impl TryFrom<Ends> for TextRange {
    type Error = Malformed;

    fn try_from(ends: Ends) -> Result<Self, Malformed> {
        let end = |included, excluded| match (included, excluded) {
            (Some(end), None) => Ok(Bound::Included(end)),
            (None, Some(end)) => Ok(Bound::Excluded(end)),
            (None, None) => Ok(Bound::Unbounded),
            (Some(_), Some(_)) => Err(Malformed::new("a range has two ends on the same side")),
        };
        Ok(Self::new(end(ends.at_least, ends.above)?, end(ends.at_most, ends.below)?))
    }
}

/// A set of versions in texts: sorted ranges that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(from = "Vec<TextRange>", into = "Vec<TextRange>")]
pub struct TextVersionSet(Vec<TextRange>);

impl TextVersionSet {
    /// The versions between two ends.
    #[must_use]
    pub fn between(low: Bound<TextVersion>, high: Bound<TextVersion>) -> Self {
        vec![TextRange::new(low, high)].into()
    }

    /// The versions that compare so.
    #[must_use]
    pub fn compared(comparison: Comparison, version: TextVersion) -> Self {
        use Bound::{Excluded, Included, Unbounded};
        match comparison {
            Comparison::Less => Self::between(Unbounded, Excluded(version)),
            Comparison::LessOrEqual => Self::between(Unbounded, Included(version)),
            Comparison::Greater => Self::between(Excluded(version), Unbounded),
            Comparison::GreaterOrEqual => Self::between(Included(version), Unbounded),
            Comparison::Equal => Self::between(Included(version.clone()), Included(version)),
            Comparison::NotEqual => Self::compared(Comparison::Equal, version).complement(),
        }
    }

    /// All other versions.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut begin = Some(Cut { version: TextVersion::new(Vec::new()), after: false });
        let mut gaps = Vec::new();
        for range in &self.0 {
            gaps.extend(begin.take().map(|low| TextRange { low, high: Some(range.low.clone()) }));
            begin.clone_from(&range.high);
        }
        gaps.extend(begin.map(|low| TextRange { low, high: None }));
        gaps.into()
    }

    /// The ranges, in order.
    #[must_use]
    pub fn ranges(&self) -> &[TextRange] {
        &self.0
    }

    /// The ranges as hosts are asked for them.
    #[must_use]
    pub fn intervals(&self) -> Vec<TextInterval<'_>> {
        self.0.iter().map(TextRange::interval).collect()
    }

    /// Whether no version is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn parts(end: Bound<&TextVersion>) -> Bound<&[u32]> {
    end.map(TextVersion::parts)
}

impl From<Vec<TextRange>> for TextVersionSet {
    fn from(mut ranges: Vec<TextRange>) -> Self {
        ranges.retain(|range| !range.is_empty());
        ranges.sort_unstable();
        let mut merged: Vec<TextRange> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if last.high.as_ref().is_none_or(|high| range.low <= *high) => {
                    last.high = last.high.take().zip(range.high).map(|(one, other)| one.max(other));
                }
                _ => merged.push(range),
            }
        }
        Self(merged)
    }
}

impl From<TextVersionSet> for Vec<TextRange> {
    fn from(set: TextVersionSet) -> Self {
        set.0
    }
}

impl fmt::Display for TextVersionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TextVersions(&self.intervals()).fmt(f)
    }
}
