//! What was found of a fact that a test asked for, and why a verdict is what it is.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use crate::value::FileVersion;
use crate::witness::Witness;
use crate::{Fact, HostFacts, Test, Truth};

/// A test, and what the host said.
///
/// As text, it is what [`Test::statement`] says with what was found behind it, or, where the test is open, the
/// fact that is missing: `the version of C:\a.dll is less than 5.0 [is 4.9]`, `service WINS`.
#[derive(Debug, Clone)]
pub struct Finding<'t> {
    /// The test.
    pub test: Test<'t>,
    /// What it came to.
    pub truth: Truth,
    /// The fact that it asked for, as text. An error is a malformed fact, or one that the test cannot read.
    pub found: Fact<String>,
    /// The variable, without percent signs, that the path of the file begins with, where that is what is not
    /// known, or malformed.
    pub variable: Option<&'t str>,
    unread: bool,
}

impl<'t> Finding<'t> {
    /// Asks the host.
    #[must_use]
    pub fn new(test: Test<'t>, host: &(impl HostFacts + ?Sized)) -> Self {
        let mut seen = Seen { found: Fact::Unknown, unread: false };
        let truth = test.truth(host, &mut seen);
        let Seen { found, unread } = seen;
        match open_variable(&test, host) {
            Some((variable, found)) => Self { test, truth, found, variable: Some(variable), unread },
            None => Self { test, truth, found, variable: None, unread },
        }
    }

    /// The first version that would not have passed: of a file that is too old, its floor. None where the test
    /// is not of a file's version, does not hold, or holds of all higher versions.
    #[must_use]
    pub fn floor(&self) -> Option<FileVersion> {
        let (Test::FileVersion(_, intervals), Fact::Present(found)) = (self.test, &self.found) else {
            return None;
        };
        let found: FileVersion = found.parse().ok()?;
        intervals.iter().find(|interval| interval.contains(found)).and_then(|interval| interval.end())
    }

    /// What was found, in words: `is 4.9.0.0`, `not there`, `%Acme% is not known`.
    #[must_use]
    pub fn answer(&self) -> String {
        match (&self.found, self.variable) {
            (Fact::Error(reason), _) => format!("malformed: {reason}"),
            (_, Some(variable)) => format!("%{variable}% is not known"),
            (Fact::Present(value), None) => format!("is {value}"),
            (Fact::Absent, None) => "not there".to_owned(),
            (Fact::Unknown, None) => "not known".to_owned(),
        }
    }

    /// The fact that was asked for, in words: of a file, it may be the variable that its path begins with.
    #[must_use]
    pub fn subject(&self) -> String {
        self.variable.map_or_else(|| self.test.subject(), |variable| format!("%{variable}%"))
    }
}

impl Display for Finding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.truth, &self.found) {
            (Truth::True | Truth::False, _) => {
                write!(f, "{} [{}]", self.test.statement(self.truth == Truth::True), self.answer())
            }
            (Truth::Error, Fact::Error(reason)) if self.unread => write!(f, "{}: {reason}", self.subject()),
            _ => f.write_str(&self.subject()),
        }
    }
}

/// The variable without a value that leaves a test of a file open.
fn open_variable<'t>(test: &Test<'t>, host: &(impl HostFacts + ?Sized)) -> Option<(&'t str, Fact<String>)> {
    let path = test.path()?;
    let variable = path.variable()?;
    let fact = host.variable(variable);
    let open =
        matches!(fact, Fact::Unknown | Fact::Error(_)) && !matches!(host.file(path), Fact::Present(()));
    open.then(|| (variable, fact.map(|()| String::new())))
}

/// The fact that decided a test.
struct Seen {
    found: Fact<String>,
    unread: bool,
}

impl Witness for Seen {
    fn saw(&mut self, fact: &Fact<impl Display>) {
        self.found = fact.as_ref().map(ToString::to_string);
    }

    fn saw_malformed(&mut self, reason: &impl Display) {
        *self = Self { found: Fact::error(reason.to_string()), unread: true };
    }
}

/// Why a verdict is what it is: findings, or words for them, each once, in the order of the rules.
#[derive(Debug, Clone)]
pub struct Reasons<T = Finding<'static>> {
    /// The tests that decided it: which file is old, which service is disabled.
    pub evidence: Vec<T>,
    /// Those that leave a verdict open because a fact is not known.
    pub missing: Vec<T>,
    /// Those that leave a verdict open because a fact is malformed.
    pub malformed: Vec<T>,
    seen: BTreeSet<(Truth, String)>,
}

impl<T> Default for Reasons<T> {
    fn default() -> Self {
        Self { evidence: Vec::new(), missing: Vec::new(), malformed: Vec::new(), seen: BTreeSet::new() }
    }
}

impl<T> Reasons<T> {
    /// Adds a finding, kept as `keep` makes of it and its words; nothing where the same was said before.
    pub fn add<'t>(&mut self, finding: Finding<'t>, keep: impl FnOnce(Finding<'t>, String) -> T) {
        let words = finding.to_string();
        if !self.seen.insert((finding.truth, words.clone())) {
            return;
        }
        let list = match finding.truth {
            Truth::True | Truth::False => &mut self.evidence,
            Truth::Error => &mut self.malformed,
            Truth::Unknown | Truth::NotEvaluated | Truth::NotApplicable => &mut self.missing,
        };
        list.push(keep(finding, words));
    }
}
