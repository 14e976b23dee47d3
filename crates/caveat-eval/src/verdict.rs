//! Verdicts: what the cases of a bulletin come to on a host.
//!
//! `docs/language.md`, section "Verdicts", is the specification of this module.

use std::collections::BTreeSet;
use std::fmt::Display;

use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, Verdict, Vulnerability};
use caveat_ir::value::{BulletinId, CveId, Rating};
use caveat_ir::{Checked, Expr, Leaf, Test, Truth, describe};
use caveat_runtime::{Fact, HostFacts, Part, Witness, decide, foremost, severity};
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
        let mut vulnerabilities = Vec::with_capacity(plan.vulnerabilities.len());
        let mut open = OpenFacts::default();
        for (vulnerability, cases) in &plan.vulnerabilities {
            let decision = decide(cases, |case, part| self.truth(case.part(part)));
            if matches!(decision.verdict, Verdict::Unknown | Verdict::Error) {
                self.open_in(cases, decision.parts, &mut open);
            }
            vulnerabilities.push(VulnerabilityOutcome {
                id: vulnerability.id.clone(),
                verdict: decision.verdict,
                severity: self.severity(vulnerability),
                package: decision.case.map(|case| case.package.name.clone()),
            });
        }
        let first = foremost(&vulnerabilities, |one| one.verdict);
        Outcome {
            host: self.host.name().to_owned(),
            bulletin: plan.bulletin.id.clone(),
            verdict: first.map_or(Verdict::NotApplicable, |one| one.verdict),
            package: first.and_then(|one| one.package.clone()),
            missing: open.missing.facts,
            malformed: open.malformed.facts,
            inconsistencies: consistency::check(self, plan.bulletin),
            vulnerabilities,
        }
    }

    fn severity(&self, vulnerability: &Vulnerability) -> Option<Rating> {
        let ratings = vulnerability.ratings.iter().map(|rated| (rated.rating, rated.on.as_slice()));
        severity(ratings, |platform| self.platform(*platform))
    }

    /// Collects what leaves the cases open.
    fn open_in(&self, cases: &[Case<'_>], parts: &[Part], open: &mut OpenFacts) {
        let all = |case: &Case<'_>| self.all(parts.iter().map(|part| case.part(*part)));
        for case in cases.iter().filter(|case| is_open(all(case))) {
            for part in parts {
                self.open_leaves(case.part(*part), &mut |leaf| self.open_fact(leaf, open));
            }
        }
    }

    /// The fact, in words, that leaves a test open: of a file, it may be the variable that its path
    /// begins with.
    fn open_words(&self, test: &Test) -> String {
        match self.open_variable(test) {
            Some((variable, _)) => format!("%{variable}%"),
            None => describe::subject(test),
        }
    }

    /// The variable without a value that leaves a test of a file open.
    pub(crate) fn open_variable<'t>(&self, test: &'t Test) -> Option<(&'t str, Fact<()>)> {
        let path = test.path()?;
        let fact = self.host.variable(path.variable()?);
        let file = self.host.file(path.borrowed());
        let open = matches!(fact, Fact::Unknown | Fact::Error(_)) && !matches!(file, Fact::Present(()));
        open.then_some((path.variable()?, fact))
    }

    fn open_fact(&self, leaf: &Leaf, open: &mut OpenFacts) {
        let subject = self.open_words(&leaf.test);
        let mut unread = Unread(None);
        match (self.test(&leaf.test, &mut unread), unread.0) {
            (Truth::Error, Some(reason)) => open.malformed.add(format!("{subject}: {reason}")),
            (Truth::Error, None) => open.malformed.add(subject),
            _ => open.missing.add(subject),
        }
    }

    /// Visits the tests that leave the formula open, if it is.
    fn open_leaves(&self, expr: &Expr, visit: &mut impl FnMut(&Leaf)) {
        if !is_open(self.truth(expr)) {
            return;
        }
        match expr {
            Expr::All(parts) | Expr::Any(parts) => {
                for part in parts {
                    self.open_leaves(part, visit);
                }
            }
            Expr::Not(part) => self.open_leaves(part, visit),
            Expr::Test(leaf) => visit(leaf),
            Expr::Platform(id) => {
                if let Some(formula) = self.shared.inventory(*id) {
                    self.platforms.nested(|| self.open_leaves(formula, visit));
                }
            }
        }
    }
}

fn is_open(truth: Truth) -> bool {
    matches!(truth, Truth::Error | Truth::Unknown | Truth::NotEvaluated)
}

/// Why a test cannot read a fact that is no error in itself.
struct Unread(Option<String>);

impl Witness for Unread {
    fn saw(&mut self, _: &Fact<impl Display>) {}

    fn saw_malformed(&mut self, reason: &impl Display) {
        self.0 = Some(reason.to_string());
    }
}

/// The facts that leave a verdict open.
#[derive(Default)]
struct OpenFacts {
    missing: Facts,
    malformed: Facts,
}

/// Facts in words, each once, in the order they were found.
#[derive(Default)]
struct Facts {
    seen: BTreeSet<String>,
    facts: Vec<String>,
}

impl Facts {
    fn add(&mut self, fact: String) {
        if self.seen.insert(fact.clone()) {
            self.facts.push(fact);
        }
    }
}
