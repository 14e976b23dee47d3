//! Verdicts: what the cases of a bulletin come to on a host.
//!
//! `docs/language.md`, section "Verdicts", is the specification of this module.

use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, Verdict, Vulnerability};
use caveat_ir::value::{BulletinId, CveId, Rating};
use caveat_ir::{Checked, Expr, Leaf, Truth};
use caveat_runtime::{Decision, HostFacts, Reasons, foremost, severity};
use serde::Serialize;

use crate::consistency;
use crate::evaluate::{Session, Shared};

/// What a bulletin says of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The host's name.
    pub host: String,
    /// The bulletin.
    pub bulletin: BulletinId,
    /// The first verdict of [`Verdict::ALL`] that one of the vulnerabilities has.
    pub verdict: Verdict,
    /// The package that decides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The vulnerabilities, in the order written.
    pub vulnerabilities: Vec<VulnerabilityOutcome>,
    /// The facts, in words, that leave a verdict open because they are unknown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// The facts, in words, that leave a verdict open because they are malformed; with the reason
    /// where a rule cannot read what is no error in itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub malformed: Vec<String>,
    /// Facts that contradict each other, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inconsistencies: Vec<String>,
}

impl Outcome {
    /// What one of the bulletin's vulnerabilities comes to.
    #[must_use]
    pub fn vulnerability(&self, id: &CveId) -> Option<&VulnerabilityOutcome> {
        self.vulnerabilities.iter().find(|one| one.id == *id)
    }
}

/// What a vulnerability comes to on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VulnerabilityOutcome {
    /// Its id.
    pub id: CveId,
    /// The verdict.
    pub verdict: Verdict,
    /// The first rating that fits the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Rating>,
    /// Which hosts are exposed, as the rule says it in words; nothing of a host that is fixed or not concerned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exposure: Vec<String>,
    /// The package that decides the verdict.
    #[serde(skip)]
    pub package: Option<String>,
}

/// The rules, prepared for any number of hosts; threads may share it.
#[derive(Debug)]
pub struct Evaluator<'a> {
    pub(crate) shared: Shared<'a>,
    pub(crate) plans: Vec<Plan<'a>>,
}

/// A bulletin and its cases.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) bulletin: &'a Bulletin,
    pub(crate) vulnerabilities: Vec<(&'a Vulnerability, Vec<Case<'a>>)>,
}

impl<'a> Evaluator<'a> {
    /// Prepares the rules.
    #[must_use]
    pub fn new(checked: &'a Checked) -> Self {
        let rules = checked.rules();
        let plan = |bulletin: &'a Bulletin| {
            let mut cases = rules.cases(bulletin).peekable();
            let mut of = |vulnerability: &Vulnerability| {
                std::iter::from_fn(|| cases.next_if(|case| case.vulnerability.id == vulnerability.id))
                    .collect()
            };
            let vulnerabilities = bulletin.vulnerabilities.iter().map(|one| (one, of(one))).collect();
            Plan { bulletin, vulnerabilities }
        };
        Self { shared: Shared::new(rules), plans: rules.bulletins.iter().map(plan).collect() }
    }

    /// Begins with a host.
    #[must_use]
    pub fn on<'e, H: HostFacts>(&'e self, host: &'e H) -> Session<'e, H> {
        Session::new(&self.shared, host)
    }

    /// What every bulletin says of the host, in the order of the rules.
    #[must_use]
    pub fn outcomes(&self, host: &impl HostFacts) -> Vec<Outcome> {
        let session = self.on(host);
        self.plans.iter().map(|plan| session.outcome(plan)).collect()
    }

    /// What one bulletin says of the host; none when it is not among the rules.
    #[must_use]
    pub fn outcome(&self, bulletin: &BulletinId, host: &impl HostFacts) -> Option<Outcome> {
        self.plan(bulletin).map(|plan| self.on(host).outcome(plan))
    }

    /// Why a bulletin says what it says of the host, in words: the tests that decided the vulnerabilities that have
    /// the bulletin's verdict, and the facts that leave any of them open; none when it is not among the rules.
    #[must_use]
    pub fn reasons(&self, bulletin: &BulletinId, host: &impl HostFacts) -> Option<Reasons<String>> {
        self.plan(bulletin).map(|plan| self.on(host).reasons(plan))
    }

    /// What a formula says of the host, such as that of a [`caveat_ir::Claim`].
    #[must_use]
    pub fn claim(&self, formula: &Expr, host: &impl HostFacts) -> Truth {
        self.on(host).truth(formula)
    }

    pub(crate) fn plan(&self, bulletin: &BulletinId) -> Option<&Plan<'a>> {
        self.plans.iter().find(|plan| plan.bulletin.id == *bulletin)
    }
}

impl<H: HostFacts> Session<'_, H> {
    pub(crate) fn outcome(&self, plan: &Plan<'_>) -> Outcome {
        let decisions = self.decisions(plan);
        let decided = plan.vulnerabilities.iter().zip(&decisions);
        let vulnerabilities = decided.map(|((vulnerability, _), (_, decision))| VulnerabilityOutcome {
            id: vulnerability.id.clone(),
            verdict: decision.verdict,
            severity: self.severity(vulnerability),
            exposure: decision
                .case
                .filter(|_| decision.verdict.concerns_exposure())
                .map_or_else(Vec::new, |case| case.exposure.iter().map(|text| (*text).to_owned()).collect()),
            package: decision.case.map(|case| case.package.name.clone()),
        });
        let vulnerabilities: Vec<_> = vulnerabilities.collect();
        let first = foremost(&vulnerabilities, |one| one.verdict);
        let mut open = Reasons::default();
        self.open(&decisions, &mut open);
        Outcome {
            host: self.host.name().to_owned(),
            bulletin: plan.bulletin.id.clone(),
            verdict: first.map_or(Verdict::NotApplicable, |one| one.verdict),
            package: first.and_then(|one| one.package.clone()),
            missing: open.missing,
            malformed: open.malformed,
            inconsistencies: consistency::check(self, plan.bulletin),
            vulnerabilities,
        }
    }

    fn decisions<'c, 'r>(&self, plan: &'c Plan<'r>) -> Vec<Decided<'c, 'r>> {
        let cases = plan.vulnerabilities.iter().map(|(_, cases)| cases.as_slice());
        cases.map(|cases| (cases, self.asked.decide(cases, Case::part))).collect()
    }

    fn severity(&self, vulnerability: &Vulnerability) -> Option<Rating> {
        let ratings = vulnerability.ratings.iter().map(|rated| (rated.rating, rated.on.as_slice()));
        severity(ratings, |platform| self.platform(*platform))
    }

    fn reasons(&self, plan: &Plan<'_>) -> Reasons<String> {
        let decisions = self.decisions(plan);
        let verdict = foremost(&decisions, |(_, decision)| decision.verdict).map(|(_, one)| one.verdict);
        let mut reasons = Reasons::default();
        for (_, decision) in decisions.iter().filter(|(_, decision)| Some(decision.verdict) == verdict) {
            if let Some(case) = decision.case {
                self.asked.evidence(|part| case.part(part), &mut |leaf| self.tell(leaf, &mut reasons));
            }
        }
        self.open(&decisions, &mut reasons);
        reasons
    }

    /// Collects what leaves vulnerabilities open.
    fn open(&self, decisions: &[Decided<'_, '_>], reasons: &mut Reasons<String>) {
        for (cases, decision) in decisions.iter().filter(|(_, decision)| decision.verdict.is_open()) {
            self.asked.open(cases, decision.parts, Case::part, &mut |leaf| self.tell(leaf, reasons));
        }
    }

    fn tell(&self, leaf: &Leaf, reasons: &mut Reasons<String>) {
        self.finding(leaf, |finding| reasons.add(finding, |_, words| words));
    }
}

/// The cases of a vulnerability, and what decides it.
type Decided<'c, 'r> = (&'c [Case<'r>], Decision<'c, Case<'r>>);
