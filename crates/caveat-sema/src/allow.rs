//! `// caveat:allow(CAV0805) reason`: silences the findings of a code at one place, on the same line or
//! the next, and says why.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic, FileId, SourceFile, Span};
use caveat_syntax::lex;

const MARK: &str = "caveat:allow";

/// A comment that allows something.
#[derive(Debug)]
struct Allowance {
    comment: Span,
    /// The first line it speaks of, and the last.
    lines: (u32, u32),
    code: String,
    reason: bool,
}

/// The comments of a file that allow something.
#[derive(Debug, Default)]
pub struct Allowances(Vec<Allowance>);

/// What is left of the findings in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Silenced {
    /// What no comment allows, and comments that cannot allow anything.
    pub kept: Vec<Diagnostic>,
    /// Comments that allow nothing, if all rules were looked at in full: rules with errors are not.
    pub idle: Vec<Diagnostic>,
}

impl Allowances {
    /// The comments of a file.
    #[must_use]
    pub fn of(id: FileId, file: &SourceFile) -> Self {
        Self(allowances(id, file))
    }

    /// Takes out what the comments of a file allow of what was `found` there, and reports those that allow
    /// nothing, but for those of codes that come up in `some_runs` only.
    #[must_use]
    pub fn silence(&self, found: Vec<Diagnostic>, file: &SourceFile, some_runs: &[&Code]) -> Silenced {
        let mut used = BTreeSet::new();
        let mut silenced = Silenced::default();
        for diagnostic in found {
            let line = diagnostic.span().map(|span| file.line(span.start));
            let fits = |one: &&Allowance| {
                let here = line.is_some_and(|line| (one.lines.0..=one.lines.1).contains(&line));
                here && one.reason && one.code.eq_ignore_ascii_case(diagnostic.code.id)
            };
            match self.0.iter().find(fits).filter(|_| is_lint(&diagnostic)) {
                Some(allowance) => {
                    used.insert(allowance.comment);
                }
                None => silenced.kept.push(diagnostic),
            }
        }
        for one in self.0.iter().filter(|one| !used.contains(&one.comment)) {
            let known = one.reason && caveat_diag::code(&one.code).is_some();
            let sometimes = some_runs.iter().any(|code| one.reason && one.code.eq_ignore_ascii_case(code.id));
            match (sometimes, known) {
                (true, _) => {}
                (false, true) => silenced.idle.push(idle(one, file)),
                (false, false) => silenced.kept.push(idle(one, file)),
            }
        }
        silenced
    }
}

/// Only what is probably wrong can be allowed, not what cannot be compiled.
fn is_lint(diagnostic: &Diagnostic) -> bool {
    matches!(diagnostic.code.id.get(..5), Some("CAV04" | "CAV08"))
}

fn allowances(id: FileId, file: &SourceFile) -> Vec<Allowance> {
    let text = file.text();
    if !text.contains(MARK) {
        return Vec::new();
    }
    let comments = lex(id, text).tokens.into_iter().filter(|token| token.kind.is_comment());
    comments
        .filter_map(|token| {
            let written = text.get(token.span.start as usize..token.span.end as usize)?;
            let body = written.trim_start_matches(['/', '*']).trim_end_matches(['*', '/']).trim();
            let (code, reason) = body.strip_prefix(MARK)?.trim_start().strip_prefix('(')?.split_once(')')?;
            let line = file.line(token.span.start);
            let before = text.get(..token.span.start as usize)?;
            let alone = before.rsplit('\n').next().is_none_or(|start| start.trim().is_empty());
            Some(Allowance {
                comment: token.span,
                lines: if alone { (line + 1, line + 1) } else { (line, line) },
                code: code.trim().to_owned(),
                reason: !reason.trim().is_empty(),
            })
        })
        .collect()
}

fn idle(allowance: &Allowance, file: &SourceFile) -> Diagnostic {
    let report = |message: String, help: &str| {
        Diagnostic::new(Code::IDLE_ALLOW, message).at(allowance.comment, "").help(help)
    };
    if caveat_diag::code(&allowance.code).is_none() {
        return report(format!("there is no code `{}` to allow", allowance.code), "correct the code");
    }
    if !allowance.reason {
        let message = "this allows a finding without saying why".to_owned();
        return report(message, "write the reason after the code");
    }
    let help = "remove the comment; it speaks of its own line, or of the next when it stands alone";
    let problem = report(format!("nothing here raises `{}`", allowance.code), help);
    problem.safe_fix("remove the comment", removed(allowance, file), "")
}

/// The comment with its line, or with the space before it.
fn removed(allowance: &Allowance, file: &SourceFile) -> Span {
    let comment = allowance.comment;
    let line = file.line(comment.start);
    if allowance.lines.0 > line {
        return file.whole_lines(comment);
    }
    let before = file.text().get(..comment.start as usize).unwrap_or_default().trim_end_matches([' ', '\t']);
    Span { start: u32::try_from(before.len()).unwrap_or(comment.start), ..comment }
}
