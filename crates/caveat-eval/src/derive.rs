//! How a verdict came about: the formulas of a bulletin's cases as trees of tests in words,
//! each with what it came to and the fact that decided it.
//!
//! Truth values come from the same primitives that give verdicts.

use std::fmt::{self, Display};

use caveat_ir::meaning::Case;
use caveat_ir::rule::SelectorId;
use caveat_ir::value::BulletinId;
use caveat_ir::{Expr, Leaf, Truth, describe};
use caveat_runtime::{HostFacts, Part};

use crate::evaluate::Session;
use crate::verdict::Evaluator;

/// A statement about a host, and why it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// The statement.
    pub text: String,
    /// What it comes to.
    pub truth: Truth,
    /// The fact that decides it: `is 5.0.2195.6601`, `not there`.
    pub evidence: Option<String>,
    /// The statements that it follows from.
    pub children: Vec<Derivation>,
}

impl Evaluator<'_> {
    /// How the verdict of a bulletin comes about: one tree for every vulnerability and package.
    #[must_use]
    pub fn derivations(&self, bulletin: &BulletinId, host: &impl HostFacts) -> Vec<Derivation> {
        let session = self.on(host);
        let plan = self.plan(bulletin);
        let cases =
            plan.into_iter().flat_map(|plan| plan.vulnerabilities.iter()).flat_map(|(_, cases)| cases);
        cases.map(|case| session.derive_case(case)).collect()
    }
}

impl<H: HostFacts> Session<'_, H> {
    /// The derivation of a formula.
    #[must_use]
    pub fn derive(&self, expr: &Expr) -> Derivation {
        let (text, children) = match expr {
            Expr::Test(leaf) => return self.derive_test(leaf, false),
            Expr::Platform(id) => return self.derive_platform(*id),
            Expr::Not(part) => match part.as_ref() {
                Expr::Test(leaf) => return self.derive_test(leaf, true),
                other => ("not", vec![self.derive(other)]),
            },
            Expr::All(parts) => ("all of these", self.derive_each(parts)),
            Expr::Any(parts) => ("at least one of these", self.derive_each(parts)),
        };
        Derivation { text: text.to_owned(), truth: self.truth(expr), evidence: None, children }
    }

    fn derive_each(&self, parts: &[Expr]) -> Vec<Derivation> {
        parts.iter().map(|part| self.derive(part)).collect()
    }

    fn derive_test(&self, leaf: &Leaf, negated: bool) -> Derivation {
        self.finding(leaf, |finding| Derivation {
            text: finding.test.statement(!negated),
            truth: if negated { !finding.truth } else { finding.truth },
            evidence: Some(finding.answer()),
            children: vec![],
        })
    }

    fn derive_platform(&self, id: SelectorId) -> Derivation {
        let formula = self.shared.inventory(id);
        let inner = formula.and_then(|formula| self.asked.nested(|| self.derive(formula)));
        let children = match inner {
            Some(all) if matches!(formula, Some(Expr::All(_))) => all.children,
            other => other.into_iter().collect(),
        };
        let text = format!("the host is {}", describe::platform(self.shared.rules, id));
        Derivation { text, truth: self.platform(id), evidence: None, children }
    }

    /// The parts of a case; those after a platform that the host is not of say nothing about it.
    fn derive_case(&self, case: &Case<'_>) -> Derivation {
        let truth = self.all([&case.platform, &case.requires, &case.outdated, &case.exposed]);
        let elsewhere = self.truth(&case.platform) == Truth::False;
        // Whether a file is there is worth a word where it decides: an outdated one says so as well.
        let (present, outdated) = (self.truth(&case.present), self.truth(&case.outdated));
        let decides = present == Truth::False || present != Truth::True && outdated == Truth::False;
        let shown = |part: Part| match part {
            Part::Platform => true,
            Part::Present => !elsewhere && decides,
            Part::Requires | Part::Outdated | Part::Exposed => !elsewhere,
        };
        let parts = case.parts().filter(|(part, formula)| shown(*part) && !is_empty(formula));
        let children = parts.map(|(part, formula)| self.derive_part(&called(part, case), formula)).collect();
        let text = format!("vulnerable to {}, package \"{}\"", case.vulnerability.id, case.package.name);
        Derivation { text, truth, evidence: None, children }
    }

    fn derive_part(&self, name: &str, part: &Expr) -> Derivation {
        let inner = self.derive(part);
        let truth = inner.truth;
        let (text, children) = match part {
            Expr::All(_) => (format!("{name}, all of these"), inner.children),
            Expr::Any(_) => (format!("{name}, at least one of these"), inner.children),
            _ => (name.to_owned(), vec![inner]),
        };
        Derivation { text, truth, evidence: None, children }
    }
}

/// What a part of a case is called; how the rule says who is exposed comes with it.
fn called(part: Part, case: &Case<'_>) -> String {
    match part {
        Part::Exposed if !case.exposure.is_empty() => format!("exposed ({})", case.exposure.join("; ")),
        part => named(part).to_owned(),
    }
}

/// What a part is called.
fn named(part: Part) -> &'static str {
    match part {
        Part::Platform => "applicable: the platform",
        Part::Requires => "applicable: what the package requires",
        Part::Present => "applicable: a file of the package",
        Part::Outdated => "outdated",
        Part::Exposed => "exposed",
    }
}

fn is_empty(expr: &Expr) -> bool {
    matches!(expr, Expr::All(parts) | Expr::Any(parts) if parts.is_empty())
}

impl Derivation {
    /// What decides the statement: the children that came to the same, or all when none did.
    fn deciding(&self) -> impl Iterator<Item = &Self> {
        let some = self.children.iter().any(|child| child.truth == self.truth);
        self.children.iter().filter(move |child| !some || child.truth == self.truth)
    }

    fn line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.truth, printable(&self.text))?;
        match &self.evidence {
            Some(evidence) => writeln!(f, " [{}]", printable(evidence)),
            None => writeln!(f),
        }
    }

    fn below(&self, f: &mut fmt::Formatter<'_>, indent: &str, all: bool) -> fmt::Result {
        let shown: Vec<&Self> = if all { self.children.iter().collect() } else { self.deciding().collect() };
        let last = shown.len().saturating_sub(1);
        for (index, child) in shown.into_iter().enumerate() {
            let (branch, trunk) = if index == last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            write!(f, "{indent}{branch}")?;
            child.line(f)?;
            child.below(f, &format!("{indent}{trunk}"), false)?;
        }
        Ok(())
    }
}

/// The tree in lines: all parts of the statement, and below them what decides them.
impl Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line(f)?;
        self.below(f, "", true)
    }
}

/// The text without characters that a terminal would obey.
fn printable(text: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}
