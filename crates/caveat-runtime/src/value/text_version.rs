//! Versions in texts, as programs write theirs in the registry: any number of parts.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Bound;

/// A text that is a version: one or more numbers from 0 to 2147483647 between dots, leading zeros
/// and all. Versions compare part by part; parts that are missing are 0.
#[derive(Debug, Clone, Copy)]
pub struct VersionText<'a>(&'a str);

impl<'a> VersionText<'a> {
    /// The highest part that a version in a text may have.
    pub const MAX_PART: u32 = 0x7fff_ffff;

    /// The text as a version; none when it is no version.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        text.split('.').all(|number| part(number).is_some()).then_some(Self(text))
    }

    /// The parts, as written.
    pub fn parts(self) -> impl Iterator<Item = u32> + use<'a> {
        self.0.split('.').filter_map(part)
    }

    /// How it compares with the version of these parts.
    fn compare(self, other: &[u32]) -> Ordering {
        let mut parts = self.parts();
        for part in other {
            match parts.next().unwrap_or(0).cmp(part) {
                Ordering::Equal => {}
                different => return different,
            }
        }
        parts.any(|part| part > 0).cmp(&false)
    }
}

fn part(number: &str) -> Option<u32> {
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|part| digits && *part <= VersionText::MAX_PART)
}

/// The versions between two others, each by its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextInterval<'a> {
    /// Where it begins.
    pub low: Bound<&'a [u32]>,
    /// Where it ends.
    pub high: Bound<&'a [u32]>,
}

impl TextInterval<'_> {
    /// Whether a version lies in the interval.
    #[must_use]
    pub fn contains(self, version: VersionText<'_>) -> bool {
        let above = match self.low {
            Bound::Included(low) => version.compare(low).is_ge(),
            Bound::Excluded(low) => version.compare(low).is_gt(),
            Bound::Unbounded => true,
        };
        above
            && match self.high {
                Bound::Included(high) => version.compare(high).is_le(),
                Bound::Excluded(high) => version.compare(high).is_lt(),
                Bound::Unbounded => true,
            }
    }
}

impl fmt::Display for TextInterval<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.low, self.high) {
            (Bound::Included(low), Bound::Included(high)) if low == high => return version(f, low),
            (Bound::Unbounded, Bound::Included(high)) if high.iter().all(|part| *part == 0) => {
                return version(f, high);
            }
            (Bound::Unbounded, Bound::Unbounded) => return f.write_str("any version"),
            _ => {}
        }
        let low = match self.low {
            Bound::Included(low) => Some(("at least ", low)),
            Bound::Excluded(low) => Some(("greater than ", low)),
            Bound::Unbounded => None,
        };
        let high = match self.high {
            Bound::Included(high) => Some(("at most ", high)),
            Bound::Excluded(high) => Some(("less than ", high)),
            Bound::Unbounded => None,
        };
        for (index, (words, end)) in low.into_iter().chain(high).enumerate() {
            f.write_str(if index == 0 { "" } else { " and " })?;
            f.write_str(words)?;
            version(f, end)?;
        }
        Ok(())
    }
}

/// A version with two parts at least, so that nobody takes it for a number.
fn version(f: &mut fmt::Formatter<'_>, parts: &[u32]) -> fmt::Result {
    for index in 0..parts.len().max(2) {
        let part = parts.get(index).copied().unwrap_or(0);
        write!(f, "{}{part}", if index == 0 { "" } else { "." })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(text: &str, parts: &[u32]) -> Option<Ordering> {
        VersionText::read(text).map(|version| version.compare(parts))
    }

    #[test]
    fn any_number_of_parts_compares() {
        for (text, parts, order) in [
            ("6", &[6, 0, 0, 0][..], Ordering::Equal),
            ("6.0.0.0.0.1", &[6], Ordering::Greater),
            ("6.0.0.0.0.0", &[6], Ordering::Equal),
            ("05.01", &[5, 1], Ordering::Equal),
            ("5.9", &[5, 10], Ordering::Less),
            ("5", &[5, 0, 0, 1], Ordering::Less),
            ("12.3.0.22234872", &[12, 3, 0, 22_234_871], Ordering::Greater),
            ("0000000000000000000002147483647", &[2_147_483_647], Ordering::Equal),
            ("0", &[], Ordering::Equal),
        ] {
            assert_eq!(compare(text, parts), Some(order), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_versions() {
        for text in [
            "",
            ".",
            "6.",
            ".6",
            "6..0",
            "6.0 ",
            " 6",
            "+6",
            "-6",
            "6,0",
            "v6",
            "6.0 (Build 9)",
            "6.x",
            "2147483648",
            "99999999999999999999",
            "6\n",
            "６",
        ] {
            assert_eq!(compare(text, &[6]), None, "{text}");
        }
    }

    #[test]
    fn intervals_have_ends_of_every_kind() {
        let holds = |low, high, text: &str| {
            VersionText::read(text).map(|version| TextInterval { low, high }.contains(version))
        };
        let five: &[u32] = &[5];
        for (low, high, expected) in [
            (Bound::Unbounded, Bound::Unbounded, [true, true, true]),
            (Bound::Included(five), Bound::Unbounded, [false, true, true]),
            (Bound::Excluded(five), Bound::Unbounded, [false, false, true]),
            (Bound::Unbounded, Bound::Included(five), [true, true, false]),
            (Bound::Unbounded, Bound::Excluded(five), [true, false, false]),
            (Bound::Included(five), Bound::Included(five), [false, true, false]),
        ] {
            assert_eq!(["4.9", "5.0", "5.0.0.0.1"].map(|text| holds(low, high, text)), expected.map(Some));
        }
    }
}
