//! What generated code says of rules, fixed when it was generated, and of a host.

use std::cell::Cell;

use crate::formula::{Compiled, Formula, Platform};
use crate::value::{Impact, Kb, Rating, Restart};
use crate::verdict::PARTS;
use crate::{Finding, HostFacts, Part, Reasons, Session, Truth, Verdict, foremost, severity};

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

/// A vulnerability. It is equal to itself only.
#[derive(Debug)]
pub struct Vulnerability {
    /// Its CVE id.
    pub id: &'static str,
    /// Its title.
    pub title: Option<&'static str>,
    /// Where to read more.
    pub references: &'static [&'static str],
    /// Its ratings, the first that fits a host first. One without platforms fits every host.
    pub ratings: &'static [(Rating, &'static [&'static Platform])],
    /// What decides it: a case for every package that concerns it.
    pub cases: &'static [Case],
}

impl PartialEq for Vulnerability {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Vulnerability {}

/// A vulnerability as far as one package goes.
#[derive(Debug)]
pub struct Case {
    /// The package.
    pub package: &'static Package,
    /// Its formulas, in the order of [`Part::ALL`].
    pub parts: [Formula; PARTS],
    /// Which hosts are exposed, as the rule says it in words.
    pub exposure: &'static [&'static str],
}

impl Case {
    const fn part(&self, part: Part) -> &Formula {
        let [platform, requires, present, outdated, exposed] = &self.parts;
        match part {
            Part::Platform => platform,
            Part::Requires => requires,
            Part::Present => present,
            Part::Outdated => outdated,
            Part::Exposed => exposed,
        }
    }
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

/// The evaluation of one host by generated code that knows so many platforms. It lives on the stack and
/// allocates nothing.
pub type Scan<H, const PLATFORMS: usize> = Session<Compiled, H, [Cell<Option<Truth>>; PLATFORMS]>;

impl<H: HostFacts, const PLATFORMS: usize> Scan<H, PLATFORMS> {
    /// Begins with a host.
    #[must_use]
    pub const fn new(host: H) -> Self {
        Self::begin(Compiled, host, [const { Cell::new(None) }; PLATFORMS])
    }

    /// What the bulletin says of the host, given all of its vulnerabilities.
    #[must_use]
    pub fn outcome<const N: usize>(
        &self,
        bulletin: &'static Bulletin,
        vulnerabilities: &'static [Vulnerability; N],
    ) -> Outcome<[VulnerabilityOutcome; N]> {
        let vulnerabilities = vulnerabilities.each_ref().map(|one| self.vulnerability(one));
        let first = foremost(&vulnerabilities, |one| one.verdict);
        let verdict = first.map_or(Verdict::NotApplicable, |one| one.verdict);
        let package = first.and_then(|one| one.package);
        Outcome { bulletin, verdict, package, vulnerabilities }
    }

    fn vulnerability(&self, vulnerability: &'static Vulnerability) -> VulnerabilityOutcome {
        let decision = self.decide(vulnerability.cases, Case::part);
        let ratings = vulnerability.ratings.iter().copied();
        VulnerabilityOutcome {
            vulnerability,
            verdict: decision.verdict,
            severity: severity(ratings, |platform| self.platform(platform.slot, Some(&platform.formula))),
            exposure: decision
                .case
                .filter(|_| decision.verdict.concerns_exposure())
                .map_or(&[], |case| case.exposure),
            package: decision.case.map(|case| case.package),
        }
    }
}

impl Outcome {
    /// Why: what decided the vulnerabilities that have the bulletin's verdict, and what leaves any of them open.
    /// It asks the host again, which has to be the one that was evaluated.
    #[must_use]
    pub fn reasons(&self, host: &(impl HostFacts + ?Sized)) -> Reasons {
        let mut reasons = Reasons::default();
        for one in &self.vulnerabilities {
            one.explain(host, one.verdict == self.verdict, &mut reasons);
        }
        reasons
    }
}

impl<const N: usize> Outcome<[VulnerabilityOutcome; N]> {
    /// Why: see [`Outcome::reasons`].
    #[must_use]
    pub fn reasons(&self, host: &(impl HostFacts + ?Sized)) -> Reasons {
        let any: &Outcome = self;
        any.reasons(host)
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
    /// Which hosts are exposed, as the rule says it in words; nothing of a host that is fixed or not concerned.
    pub exposure: &'static [&'static str],
    /// The package that decides the verdict.
    pub package: Option<&'static Package>,
}

impl VulnerabilityOutcome {
    /// Why: what decided the verdict, or leaves it open. It asks the host again, which has to be the one that was
    /// evaluated.
    #[must_use]
    pub fn reasons(&self, host: &(impl HostFacts + ?Sized)) -> Reasons {
        let mut reasons = Reasons::default();
        self.explain(host, true, &mut reasons);
        reasons
    }

    fn explain(&self, host: &(impl HostFacts + ?Sized), evidence: bool, reasons: &mut Reasons) {
        let session = Scan::<_, 0>::new(host);
        let cases = self.vulnerability.cases;
        let decision = session.decide(cases, Case::part);
        let mut add = |test: &_| reasons.add(Finding::new(*test, host), |finding, _| finding);
        if let Some(case) = decision.case.filter(|_| evidence) {
            session.evidence(|part| case.part(part), &mut add);
        }
        if self.verdict.is_open() {
            session.open(cases, decision.parts, Case::part, &mut add);
        }
    }
}
