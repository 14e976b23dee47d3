//! Verdicts: how the truth of its cases decides what a vulnerability is on a host.
//!
//! `docs/language.md`, section "Verdicts", is the specification of this module.

use crate::Truth;
use crate::value::Rating;

/// What a rule says of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Verdict {
    /// It is applicable, outdated and exposed.
    Vulnerable,
    /// A fact that decides is malformed.
    Error,
    /// A fact that decides is missing.
    Unknown,
    /// It is applicable and outdated, but not exposed.
    Mitigated,
    /// It is applicable and not outdated.
    Fixed,
    /// It is not concerned.
    NotApplicable,
}

impl Verdict {
    /// All, in the order in which a bulletin takes them from its vulnerabilities.
    pub const ALL: [Self; 6] =
        [Self::Vulnerable, Self::Error, Self::Unknown, Self::Mitigated, Self::Fixed, Self::NotApplicable];

    /// The verdict that a word stands for.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// Whether a fact is missing, or malformed, that decides.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::Error)
    }

    /// Whether it matters on such a host who is exposed.
    #[must_use]
    pub const fn concerns_exposure(self) -> bool {
        match self {
            Self::Vulnerable | Self::Error | Self::Unknown | Self::Mitigated => true,
            Self::Fixed | Self::NotApplicable => false,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vulnerable => "vulnerable",
            Self::Error => "error",
            Self::Unknown => "unknown",
            Self::Mitigated => "mitigated",
            Self::Fixed => "fixed",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A part of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The host is of a platform that the package is for and the vulnerability exists on.
    Platform,
    /// What the package requires holds.
    Requires,
    /// A file that the package replaces is there.
    Present,
    /// The package is not installed.
    Outdated,
    /// The host is exposed.
    Exposed,
}

impl Part {
    /// All, in the order in which cases keep them.
    pub const ALL: [Self; PARTS] =
        [Self::Platform, Self::Requires, Self::Present, Self::Outdated, Self::Exposed];
}

/// The number of parts of a case.
pub(crate) const PARTS: usize = 5;

/// The parts of a case that are asked for, and the verdict when all of them hold.
const STAGES: [(&[Part], Verdict); 3] = [
    (&[Part::Platform, Part::Requires, Part::Outdated, Part::Exposed], Verdict::Vulnerable),
    (&[Part::Platform, Part::Requires, Part::Outdated], Verdict::Mitigated),
    (&[Part::Platform, Part::Requires, Part::Present], Verdict::Fixed),
];

/// What decides the verdict of a vulnerability.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'c, C> {
    /// The verdict.
    pub verdict: Verdict,
    /// The parts of the cases that decided it.
    pub parts: &'static [Part],
    /// The first case that decides it.
    pub case: Option<&'c C>,
}

/// The first verdict that holds, or that cannot be ruled out. `truth` says whether a part of a case
/// holds.
pub fn decide<'c, C>(cases: &'c [C], truth: impl Fn(&'c C, Part) -> Truth) -> Decision<'c, C> {
    let all = |case: &'c C, parts: &[Part]| Truth::every(parts.iter().map(|part| truth(case, *part)));
    for (parts, verdict) in STAGES {
        let whole = Truth::any(cases.iter().map(|case| all(case, parts)));
        let verdict = match whole {
            Truth::False | Truth::NotApplicable => continue,
            Truth::True => verdict,
            Truth::Error => Verdict::Error,
            Truth::Unknown | Truth::NotEvaluated => Verdict::Unknown,
        };
        let case = cases.iter().find(|case| all(case, parts) == whole);
        return Decision { verdict, parts, case };
    }
    Decision { verdict: Verdict::NotApplicable, parts: &[], case: None }
}

/// The first rating that fits the host: one without platforms, or on one that the host is of.
pub fn severity<'r, P: 'r>(
    ratings: impl IntoIterator<Item = (Rating, &'r [P])>,
    is_of: impl Fn(&P) -> Truth,
) -> Option<Rating> {
    let fits = |on: &[P]| on.is_empty() || on.iter().any(|platform| is_of(platform) == Truth::True);
    ratings.into_iter().find(|(_, on)| fits(on)).map(|(rating, _)| rating)
}

/// The first of a bulletin's vulnerabilities with the verdict that the bulletin takes from them.
pub fn foremost<T>(vulnerabilities: &[T], verdict: impl Fn(&T) -> Verdict) -> Option<&T> {
    vulnerabilities.iter().min_by_key(|one| verdict(one))
}
