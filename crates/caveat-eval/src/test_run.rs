//! The tests inside rules.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Expectation, Expected, RuleTest};
use caveat_ir::value::BulletinId;
use caveat_ir::{Origin, Places};

use crate::host::Host;
use crate::verdict::{Evaluator, Outcome, Plan};

/// How a test went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// The bulletin that the test is of.
    pub bulletin: BulletinId,
    /// The test's name.
    pub name: String,
    /// Where it was written.
    pub origin: Origin,
    /// What did not hold; nothing when it passed.
    pub failures: Vec<TestFailure>,
}

/// Something a test expects that is not so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFailure {
    /// Where it was expected.
    pub origin: Origin,
    /// What was expected, in words.
    pub expected: String,
    /// What was found, in words.
    pub found: String,
    /// The facts that left the verdict open.
    pub because: Vec<String>,
}

impl TestResult {
    /// Whether everything was as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// The failures as diagnostics.
    pub fn diagnostics(&self, places: &Places) -> impl Iterator<Item = Diagnostic> {
        self.failures.iter().map(|failure| self.diagnostic(failure, places))
    }

    fn diagnostic(&self, failure: &TestFailure, places: &Places) -> Diagnostic {
        let TestFailure { expected, found, because, .. } = failure;
        let message = format!("the test `{}` of `{}` does not hold", self.name, self.bulletin);
        let text = format!("expected {expected}, found {found}");
        let diagnostic = match places.span(failure.origin).or(places.span(self.origin)) {
            Some(span) => Diagnostic::new(Code::FAILED_TEST, message).at(span, text),
            None => Diagnostic::new(Code::FAILED_TEST, message).note(text),
        };
        because.iter().fold(diagnostic, |diagnostic, fact| diagnostic.note(format!("not known: {fact}")))
    }
}

/// Runs every test of the evaluator's rules, in the order written.
#[must_use]
pub fn run_tests(evaluator: &Evaluator<'_>) -> Vec<TestResult> {
    let tests =
        evaluator.plans.iter().flat_map(|plan| plan.bulletin.tests.iter().map(move |test| (plan, test)));
    tests.map(|(plan, test)| run(evaluator, plan, test)).collect()
}

fn run(evaluator: &Evaluator<'_>, plan: &Plan<'_>, test: &RuleTest) -> TestResult {
    let (host, problems) = Host::new(&test.host, evaluator.shared.rules);
    let outcome = evaluator.on(&host).outcome(plan);
    let malformed = problems.into_iter().map(|problem| TestFailure {
        origin: test.origin,
        expected: "a host without contradictions".to_owned(),
        found: problem.to_string(),
        because: Vec::new(),
    });
    let unmet = test.expectations.iter().filter_map(|expectation| compare(expectation, &outcome));
    TestResult {
        bulletin: plan.bulletin.id.clone(),
        name: test.name.clone(),
        origin: test.origin,
        failures: malformed.chain(unmet).collect(),
    }
}

/// What is not as expected.
fn compare(expectation: &Expectation, outcome: &Outcome) -> Option<TestFailure> {
    let of = match &expectation.vulnerability {
        Some(id) => format!(" for {id}"),
        None => String::new(),
    };
    let failure = |expected: &str, found: &str| TestFailure {
        origin: expectation.origin,
        expected: format!("{expected}{of}"),
        found: found.to_owned(),
        because: outcome.missing.iter().chain(&outcome.malformed).cloned().collect(),
    };
    match expectation.expected {
        Expected::Inconsistent if outcome.inconsistencies.is_empty() => {
            Some(failure("inconsistent facts", "none that contradict each other"))
        }
        Expected::Inconsistent => None,
        Expected::Verdict(expected) => {
            let found = match &expectation.vulnerability {
                None => Some(outcome.verdict),
                Some(id) => outcome.vulnerability(id).map(|one| one.verdict),
            };
            let shown = found.map_or("no such vulnerability", |verdict| verdict.as_str());
            (found != Some(expected)).then(|| failure(expected.as_str(), shown))
        }
    }
}
