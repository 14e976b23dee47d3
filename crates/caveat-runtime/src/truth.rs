//! OVAL's six result values and their tables (OVAL 5.11 specification, section 5.3;
//! oval-results `ResultEnumeration` and the tables of oval-common `OperatorEnumeration`).

use std::fmt;

/// The outcome of a test, a formula or a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// A fact is malformed, or collecting it failed.
    Error,
    /// A fact is missing.
    Unknown,
    /// It was not looked at.
    NotEvaluated,
    /// It makes no sense on this host.
    NotApplicable,
}

impl Truth {
    /// All six values.
    pub const ALL: [Self; 6] =
        [Self::True, Self::False, Self::Error, Self::Unknown, Self::NotEvaluated, Self::NotApplicable];

    /// Conjunction: the first of false, error, unknown, not evaluated, true that occurs;
    /// not applicable is neutral.
    #[must_use]
    pub fn all(values: impl IntoIterator<Item = Self>) -> Self {
        strongest(values, &[Self::False, Self::Error, Self::Unknown, Self::NotEvaluated, Self::True])
    }

    /// Disjunction: the first of true, error, unknown, not evaluated, false that occurs;
    /// not applicable is neutral.
    #[must_use]
    pub fn any(values: impl IntoIterator<Item = Self>) -> Self {
        strongest(values, &[Self::True, Self::Error, Self::Unknown, Self::NotEvaluated, Self::False])
    }

    /// Both hold; `next` is asked only where it can change the result.
    #[must_use]
    pub fn and(self, next: impl FnOnce() -> Self) -> Self {
        if self == Self::False { self } else { Self::all([self, next()]) }
    }

    /// One of them holds; `next` is asked only where it can change the result.
    #[must_use]
    pub fn or(self, next: impl FnOnce() -> Self) -> Self {
        if self == Self::True { self } else { Self::any([self, next()]) }
    }

    /// [`Truth::all`] of as many values as it takes to know it.
    #[must_use]
    pub fn every(values: impl IntoIterator<Item = Self>) -> Self {
        until(values, Self::False, |a, b| Self::all([a, b]))
    }

    /// [`Truth::any`] of as many values as it takes to know it.
    #[must_use]
    pub fn some(values: impl IntoIterator<Item = Self>) -> Self {
        until(values, Self::True, |a, b| Self::any([a, b]))
    }

    /// Whether it is neither so nor not so.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Error | Self::Unknown | Self::NotEvaluated)
    }

    /// OVAL's name of the value.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Error => "error",
            Self::Unknown => "unknown",
            Self::NotEvaluated => "not evaluated",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// The first of `order` among `values`; not applicable when none of them is.
fn strongest(values: impl IntoIterator<Item = Truth>, order: &[Truth]) -> Truth {
    let rank = |value: Truth| order.iter().position(|other| *other == value).unwrap_or(order.len());
    let best = values.into_iter().map(rank).min().unwrap_or(order.len());
    order.get(best).copied().unwrap_or(Truth::NotApplicable)
}

/// Combines values two at a time, which OVAL's tables allow, until one dominates.
fn until(
    values: impl IntoIterator<Item = Truth>,
    dominant: Truth,
    combine: impl Fn(Truth, Truth) -> Truth,
) -> Truth {
    let mut result = Truth::NotApplicable;
    for value in values {
        result = combine(result, value);
        if result == dominant {
            break;
        }
    }
    result
}

impl std::ops::Not for Truth {
    type Output = Self;

    /// Negation swaps true and false and leaves the others.
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            other => other,
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl fmt::Display for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_cuts_change_no_result() {
        for a in Truth::ALL {
            for b in Truth::ALL {
                assert_eq!(a.and(|| b), Truth::all([a, b]), "{a} and {b}");
                assert_eq!(a.or(|| b), Truth::any([a, b]), "{a} or {b}");
                assert_eq!(Truth::every([a, b]), Truth::all([a, b]), "all of {a}, {b}");
                assert_eq!(Truth::some([a, b]), Truth::any([a, b]), "one of {a}, {b}");
            }
        }
    }

    #[test]
    fn what_cannot_matter_is_not_asked() {
        let asked = || unreachable!("nothing can change the result");
        assert_eq!(Truth::False.and(asked), Truth::False);
        assert_eq!(Truth::True.or(asked), Truth::True);
    }
}
