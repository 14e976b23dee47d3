//! `// caveat:allow(CAV0805) reason`: silences the findings of a code at one place, on the same line or
//! the next, and says why.

use caveat_diag::{Code, Diagnostic, FileId, SourceFile, SourceMap, Span};
use caveat_syntax::tokens::lex;

const MARK: &str = "caveat:allow";

/// A comment that allows something.
struct Allowance {
    comment: Span,
    /// The first line it speaks of, and the last.
    lines: (u32, u32),
    code: String,
    reason: bool,
    used: bool,
}

/// Takes out what comments of the given files allow, and reports comments that allow nothing, but for
/// those of codes that come up in `some_runs` only.
#[must_use]
pub fn silence(
    found: Vec<Diagnostic>,
    files: &[FileId],
    sources: &SourceMap,
    some_runs: &[&Code],
) -> Vec<Diagnostic> {
    let texts = files.iter().filter_map(|id| Some((*id, sources.get(*id)?)));
    let mut allowances: Vec<Allowance> = texts.flat_map(|(id, file)| allowances(id, file)).collect();
    let mut kept = Vec::with_capacity(found.len());
    for diagnostic in found {
        let line = diagnostic.span().and_then(|span| {
            let (line, _) = sources.get(span.file)?.line_column(span.start);
            Some((span.file, line))
        });
        let fits = |one: &&mut Allowance| {
            let here = line.is_some_and(|(file, line)| {
                one.comment.file == file && (one.lines.0..=one.lines.1).contains(&line)
            });
            here && one.reason && one.code.eq_ignore_ascii_case(diagnostic.code.id)
        };
        match allowances.iter_mut().find(fits).filter(|_| is_lint(&diagnostic)) {
            Some(allowance) => allowance.used = true,
            None => kept.push(diagnostic),
        }
    }
    let always =
        |one: &Allowance| !some_runs.iter().any(|code| one.reason && one.code.eq_ignore_ascii_case(code.id));
    // Rules with errors are not looked at in full, so nothing can be said to raise nothing.
    let complete = !kept.iter().any(Diagnostic::is_error);
    let certain = |one: &Allowance| complete || !one.reason || caveat_diag::code(&one.code).is_none();
    let unused = allowances.iter().filter(|one| !one.used && always(one) && certain(one));
    let idle: Vec<Diagnostic> = unused.map(|one| idle(one, sources)).collect();
    kept.extend(idle);
    kept
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
            let (line, _) = file.line_column(token.span.start);
            let before = text.get(..token.span.start as usize)?;
            let alone = before.rsplit('\n').next().is_none_or(|start| start.trim().is_empty());
            Some(Allowance {
                comment: token.span,
                lines: if alone { (line + 1, line + 1) } else { (line, line) },
                code: code.trim().to_owned(),
                reason: !reason.trim().is_empty(),
                used: false,
            })
        })
        .collect()
}

fn idle(allowance: &Allowance, sources: &SourceMap) -> Diagnostic {
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
    match sources.get(allowance.comment.file).map(|file| removed(allowance, file)) {
        Some(place) => problem.safe_fix("remove the comment", place, ""),
        None => problem,
    }
}

/// The comment with its line, or with the space before it.
fn removed(allowance: &Allowance, file: &SourceFile) -> Span {
    let comment = allowance.comment;
    let (line, _) = file.line_column(comment.start);
    if allowance.lines.0 > line {
        return file.whole_lines(comment);
    }
    let before = file.text().get(..comment.start as usize).unwrap_or_default().trim_end_matches([' ', '\t']);
    Span { start: u32::try_from(before.len()).unwrap_or(comment.start), ..comment }
}
