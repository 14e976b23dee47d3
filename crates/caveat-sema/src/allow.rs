//! The comments that allow findings, read from the text of a file: `// caveat:allow(CAV0805) reason`. What they
//! silence is `caveat_diag::policy`'s to say.

use caveat_diag::policy::{Allowance, Allowances};
use caveat_diag::{FileId, SourceFile, Span};
use caveat_syntax::lex;

const MARK: &str = "caveat:allow";

/// The comments of a file that allow something: on the same line or, where they stand alone, on the next.
#[must_use]
pub fn allowances(id: FileId, file: &SourceFile) -> Allowances {
    let text = file.text();
    if !text.contains(MARK) {
        return Allowances::default();
    }
    let comments = lex(id, text).tokens.into_iter().filter(|token| token.kind.is_comment());
    Allowances(comments.filter_map(|token| allowance(file, token.span)).collect())
}

fn allowance(file: &SourceFile, comment: Span) -> Option<Allowance> {
    let text = file.text();
    let written = text.get(comment.start as usize..comment.end as usize)?;
    let body = written.trim_start_matches(['/', '*']).trim_end_matches(['*', '/']).trim();
    let (code, reason) = body.strip_prefix(MARK)?.trim_start().strip_prefix('(')?.split_once(')')?;
    let line = file.line(comment.start);
    let before = text.get(..comment.start as usize)?;
    let alone = before.rsplit('\n').next().is_none_or(|start| start.trim().is_empty());
    Some(Allowance {
        comment,
        removed: if alone { file.whole_lines(comment) } else { with_space_before(comment, before) },
        lines: if alone { line + 1..=line + 1 } else { line..=line },
        code: code.trim().to_owned(),
        has_reason: !reason.trim().is_empty(),
    })
}

/// A comment behind something, with the space before it.
fn with_space_before(comment: Span, before: &str) -> Span {
    let kept = before.trim_end_matches([' ', '\t']);
    Span { start: u32::try_from(kept.len()).unwrap_or(comment.start), ..comment }
}
