//! Characters that must stand nowhere in a file, comments and strings included:
//! those that no target can carry, and those that show a reader other text than
//! the compiler reads. A pass of its own, so that no token can hide one.

use caveat_diag::{Code, Diagnostic, FileId, Span};

use super::{BYTE_ORDER_MARK, offset};

/// Whether the character must stand nowhere in a file, not even in a comment.
pub(super) const fn is_forbidden(c: char) -> bool {
    is_uncarriable(c) && !matches!(c, '\t' | '\n' | '\r') || is_reordering(c) || c == BYTE_ORDER_MARK
}

/// Whether no target can carry the character, however it is written: controls and noncharacters.
pub(super) const fn is_uncarriable(c: char) -> bool {
    matches!(c, '\0'..='\x1F' | '\x7F'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}')
}

const fn is_reordering(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{61C}')
}

/// One diagnostic for each run of forbidden characters.
pub(super) fn check(file: FileId, text: &str) -> impl Iterator<Item = Diagnostic> {
    let mut rest = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    std::iter::from_fn(move || {
        let start = text.len() - rest.len() + rest.find(is_forbidden)?;
        let from = text.get(start..)?;
        let run = from.find(|c| !is_forbidden(c)).unwrap_or(from.len());
        rest = from.get(run..)?;
        let span = Span::new(file, offset(start), offset(start + run));
        from.chars().next().map(|first| report(span, first))
    })
}

fn report(span: Span, c: char) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::FORBIDDEN_CHARACTER, format!("forbidden character {}", name(c)));
    if is_reordering(c) {
        diagnostic
            .at(span, "changes the direction of the text")
            .note("a reader would see another rule than the compiler")
            .help(format!("remove it; in a `\"…\"` string it can be written as `\\u{{{:X}}}`", u32::from(c)))
    } else {
        diagnostic.at(span, "invisible here").help("remove it")
    }
}

/// How messages call a character that cannot be shown.
pub(super) fn name(c: char) -> String {
    let known = match c {
        '\0' => " (null)",
        '\u{B}' => " (vertical tab)",
        '\u{C}' => " (form feed)",
        '\u{1B}' => " (escape)",
        '\u{7F}' => " (delete)",
        '\u{200E}' => " (left-to-right mark)",
        '\u{200F}' => " (right-to-left mark)",
        '\u{202D}' => " (left-to-right override)",
        '\u{202E}' => " (right-to-left override)",
        BYTE_ORDER_MARK => " (byte order mark)",
        _ => "",
    };
    format!("U+{:04X}{known}", u32::from(c))
}
