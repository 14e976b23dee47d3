//! What generated code says of rules, fixed when it was generated, and of a host.

use crate::value::{Impact, Kb, Rating, Restart};
use crate::{Verdict, foremost};

/// A bulletin.
#[derive(Debug, PartialEq, Eq)]
pub struct Bulletin {
    /// Its id.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its articles.
    pub kb: &'static [Kb],
    /// When it was published, as `YYYY-MM-DD`.
    pub published: Option<&'static str>,
    /// The highest rating.
    pub severity: Option<Rating>,
    /// What an attacker gains.
    pub impacts: &'static [Impact],
    /// Where to read more.
    pub references: &'static [&'static str],
    /// Its vulnerabilities, in the order written.
    pub vulnerabilities: &'static [Vulnerability],
    /// Its updates, in the order written.
    pub packages: &'static [Package],
}

/// A vulnerability.
#[derive(Debug, PartialEq, Eq)]
pub struct Vulnerability {
    /// Its CVE id.
    pub id: &'static str,
    /// Its title.
    pub title: Option<&'static str>,
    /// Where to read more.
    pub references: &'static [&'static str],
}

/// One update for one group of platforms.
#[derive(Debug, PartialEq, Eq)]
pub struct Package {
    /// Its name, unique in the bulletin.
    pub name: &'static str,
    /// Its own articles, where they differ from the bulletin's.
    pub kb: &'static [Kb],
    /// Whether installing it restarts the host.
    pub restart: Option<Restart>,
    /// Where to read more.
    pub references: &'static [&'static str],
}

/// What a bulletin says of a host: of a known number of vulnerabilities where `V` is an array, of
/// any number behind a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome<V: ?Sized = [VulnerabilityOutcome]> {
    /// The bulletin.
    pub bulletin: &'static Bulletin,
    /// The first verdict of [`Verdict::ALL`] that one of the vulnerabilities has.
    pub verdict: Verdict,
    /// The package that decides it.
    pub package: Option<&'static Package>,
    /// The vulnerabilities, in the order written.
    pub vulnerabilities: V,
}

impl<const N: usize> Outcome<[VulnerabilityOutcome; N]> {
    /// What the bulletin comes to, given its vulnerabilities.
    #[must_use]
    pub fn new(bulletin: &'static Bulletin, vulnerabilities: [VulnerabilityOutcome; N]) -> Self {
        let first = foremost(&vulnerabilities, |one| one.verdict);
        let verdict = first.map_or(Verdict::NotApplicable, |one| one.verdict);
        Self { bulletin, verdict, package: first.and_then(|one| one.package), vulnerabilities }
    }
}

/// What a vulnerability comes to on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VulnerabilityOutcome {
    /// The vulnerability.
    pub vulnerability: &'static Vulnerability,
    /// The verdict.
    pub verdict: Verdict,
    /// The first rating that fits the host.
    pub severity: Option<Rating>,
    /// The package that decides the verdict.
    pub package: Option<&'static Package>,
}
