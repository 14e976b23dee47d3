//! What the evaluator says of a host, and of the same host when less is known of it.

use std::collections::BTreeMap;
use std::fmt;

use caveat_eval::{Evaluator, Host};
use caveat_ir::host::HostFile;
use caveat_ir::rule::Verdict;
use caveat_ir::{Checked, Expr, Truth, describe};

use super::Way;

/// The rules, ready to judge hosts.
pub struct Judge<'a> {
    rules: &'a Checked,
    evaluator: Evaluator<'a>,
    /// Every claim, in words and as a formula.
    claims: Vec<(String, Expr)>,
    /// Every test of theirs, alone.
    tests: Vec<Expr>,
}

/// What the rules say of a host.
pub struct Judged {
    /// Whether the host file is free of malformed facts and contradictions.
    sound: bool,
    /// Whether some test is in error all the same: a text that is no version where one is asked for.
    errors: bool,
    /// The verdict on each bulletin and vulnerability, and the truth of each claim.
    verdicts: Vec<(String, Verdict)>,
    truths: Vec<Truth>,
}

/// What must not become of a verdict.
#[derive(Debug, Clone)]
pub struct Breach {
    /// What is wrong.
    pub kind: &'static str,
    /// Whether it is a verdict, and not the truth of a claim only.
    pub of_verdict: bool,
    /// On what the verdict is.
    pub subject: String,
    /// What was said before.
    pub before: String,
    /// What is said when less is known.
    pub after: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} was {}, is {}", self.kind, self.subject, self.before, self.after)
    }
}

/// How far something said is decided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Decided,
    Unknown,
    Error,
}

impl From<Verdict> for Said {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Unknown => Self::Unknown,
            Verdict::Error => Self::Error,
            _ => Self::Decided,
        }
    }
}

impl From<Truth> for Said {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True | Truth::False => Self::Decided,
            Truth::Error => Self::Error,
            _ => Self::Unknown,
        }
    }
}

impl<'a> Judge<'a> {
    /// Prepares the rules.
    #[must_use]
    pub fn new(rules: &'a Checked) -> Self {
        let all = rules.rules();
        let claims = all.bulletins.iter().flat_map(|bulletin| all.claims(bulletin));
        let claims: Vec<_> =
            claims.map(|claim| (describe::formula(all, &claim.formula), claim.formula)).collect();
        Self { rules, evaluator: Evaluator::new(rules), tests: tests(&claims), claims }
    }

    /// What the rules say of a host.
    #[must_use]
    pub fn judge(&self, file: &HostFile) -> Judged {
        let (host, problems) = Host::new(file, self.rules.rules());
        let mut verdicts = Vec::new();
        for outcome in self.evaluator.outcomes(&host) {
            let bulletin = outcome.bulletin.to_string();
            let ones = outcome.vulnerabilities.iter();
            verdicts.extend(ones.map(|one| (format!("{bulletin} {}", one.id), one.verdict)));
            verdicts.push((bulletin, outcome.verdict));
        }
        let truths = self.claims.iter().map(|(_, formula)| self.evaluator.claim(formula, &host)).collect();
        let mut tests = self.tests.iter();
        let errors = tests.any(|test| self.evaluator.claim(test, &host) == Truth::Error);
        Judged { sound: problems.is_empty(), errors, verdicts, truths }
    }

    /// How many verdicts there are on a host.
    #[must_use]
    pub fn verdicts(&self) -> usize {
        self.rules.rules().bulletins.iter().map(|bulletin| 1 + bulletin.vulnerabilities.len()).sum()
    }

    /// What is wrong with what is said of a host when less is known of it.
    #[must_use]
    pub fn breaches(&self, before: &Judged, way: &Way) -> Vec<Breach> {
        let after = self.judge(&way.host);
        let verdicts = before.verdicts.iter().zip(&after.verdicts);
        let verdicts = verdicts.map(|((subject, before), (_, after))| (subject, *before, *after));
        let claims = self.claims.iter().zip(before.truths.iter().zip(&after.truths));
        let claims = claims.map(|((claim, _), (before, after))| (claim, *before, *after));
        let wrong = |said| what_is_wrong(before, way.same, said);
        let of_verdicts = verdicts.filter_map(|one| breach(one, true, &wrong));
        of_verdicts.chain(claims.filter_map(|one| breach(one, false, &wrong))).collect()
    }
}

/// Each test of the formulas once, as a formula.
fn tests(claims: &[(String, Expr)]) -> Vec<Expr> {
    let mut tests = BTreeMap::new();
    for (_, formula) in claims {
        formula.leaves(&mut |leaf| drop(tests.insert(leaf.test.clone(), leaf.clone())));
    }
    tests.into_values().map(Expr::Test).collect()
}

fn breach<T: Into<Said> + Copy + PartialEq + fmt::Debug>(
    (subject, before, after): (&String, T, T),
    of_verdict: bool,
    wrong: &impl Fn((Said, Said)) -> Option<&'static str>,
) -> Option<Breach> {
    let kind = (before != after).then(|| wrong((before.into(), after.into())))??;
    let shown = |said: T| format!("{said:?}").to_lowercase();
    let subject = subject.clone();
    Some(Breach { kind, of_verdict, subject, before: shown(before), after: shown(after) })
}

/// What is wrong with saying something else than before.
fn what_is_wrong(host: &Judged, same: bool, said: (Said, Said)) -> Option<&'static str> {
    match said {
        // What contradicts itself does so no more when one of its sides is forgotten.
        (Said::Error, _) if !host.sound => None,
        _ if same => host.sound.then_some("changed, and nothing was forgotten"),
        (Said::Decided, Said::Decided) => Some("changed"),
        (Said::Unknown | Said::Error, Said::Decided) => Some("decided"),
        // What was decided without the malformed fact may need it now.
        (_, Said::Error) if host.sound && !host.errors => Some("in error, and nothing is malformed"),
        _ => None,
    }
}
