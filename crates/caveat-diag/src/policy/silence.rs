//! `// caveat:allow(CAV0805) reason`: a comment silences the findings of a code at one place. Whoever knows
//! comments reads them; what they do to findings is decided here.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::{Code, Diagnostic, SourceFile, Span};

/// A comment that allows something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The comment.
    pub comment: Span,
    /// What to take out in order to remove it.
    pub removed: Span,
    /// The lines it speaks of.
    pub lines: RangeInclusive<u32>,
    /// The code that it names, as written.
    pub code: String,
    /// Whether it says why.
    pub has_reason: bool,
}

/// The comments of a file that allow something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowances(pub Vec<Allowance>);

/// What is left of the findings in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Silenced {
    /// What no comment allows, and comments that cannot allow anything.
    pub kept: Vec<Diagnostic>,
    /// Comments that allow nothing, if all rules were looked at in full: rules with errors are not.
    pub idle: Vec<Diagnostic>,
}

impl Allowance {
    fn names(&self, code: &Code) -> bool {
        self.has_reason && self.code.eq_ignore_ascii_case(code.id)
    }

    /// It allows nothing.
    fn idle(&self) -> Diagnostic {
        let report = |message: String, help: &str| {
            Diagnostic::new(Code::IDLE_ALLOW, message).at(self.comment, "").help(help)
        };
        if crate::code(&self.code).is_none() {
            return report(format!("there is no code `{}` to allow", self.code), "correct the code");
        }
        if !self.has_reason {
            let message = "this allows a finding without saying why".to_owned();
            return report(message, "write the reason after the code");
        }
        let help = "remove the comment; it speaks of its own line, or of the next when it stands alone";
        let problem = report(format!("nothing here raises `{}`", self.code), help);
        problem.safe_fix("remove the comment", self.removed, "")
    }
}

impl Allowances {
    /// Takes out what the comments of a file allow of what was `found` there, and reports those that allow
    /// nothing, but for those of codes that come up in `some_runs` only.
    #[must_use]
    pub fn silence(&self, found: Vec<Diagnostic>, file: &SourceFile, some_runs: &[&Code]) -> Silenced {
        let mut used = BTreeSet::new();
        let mut silenced = Silenced::default();
        for problem in found {
            let line = problem.span().map(|span| file.line(span.start));
            let allows = |one: &&Allowance| {
                line.is_some_and(|line| one.lines.contains(&line)) && one.names(problem.code)
            };
            match self.0.iter().find(allows).filter(|_| problem.code.is_lint()) {
                Some(allowance) => {
                    used.insert(allowance.comment);
                }
                None => silenced.kept.push(problem),
            }
        }
        for one in self.0.iter().filter(|one| !used.contains(&one.comment)) {
            if some_runs.iter().any(|code| one.names(code)) {
                continue;
            }
            let may_be_used = one.has_reason && crate::code(&one.code).is_some();
            let list = if may_be_used { &mut silenced.idle } else { &mut silenced.kept };
            list.push(one.idle());
        }
        silenced
    }
}
