//! What the tests share.
#![allow(dead_code, reason = "no test file uses everything")]

use caveat_diag::{Diagnostic, FileId, Span};
use caveat_syntax::{Parsed, ast};

pub(crate) const FILE: FileId = FileId::new(0);

pub(crate) const SAMPLES: [&str; 3] = [
    include_str!("../samples/everything.caveat"),
    include_str!("../samples/ms04-006.caveat"),
    include_str!("../samples/ms04-011.caveat"),
];

pub(crate) fn parse(text: &str) -> Parsed {
    caveat_syntax::parse(FILE, text)
}

/// The tree of a text that must have no errors.
pub(crate) fn tree(text: &str) -> ast::File {
    let parsed = parse(text);
    assert!(parsed.diagnostics.is_empty(), "{text}\n{}", render(text, &parsed.diagnostics));
    parsed.file
}

/// The tree without its spans.
pub(crate) fn shape(text: &str) -> serde_json::Value {
    serde_json::to_value(tree(text)).unwrap()
}

pub(crate) fn codes(text: &str) -> Vec<&'static str> {
    parse(text).diagnostics.iter().map(|diagnostic| diagnostic.code.id).collect()
}

/// The text under a span.
pub(crate) fn under(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// Code, message and underlined text of every diagnostic.
pub(crate) fn reports(text: &str) -> Vec<(&'static str, String, String)> {
    let one = |d: &Diagnostic| (d.code.id, d.message.clone(), under(text, d.span().unwrap()).to_owned());
    parse(text).diagnostics.iter().map(one).collect()
}

/// The only diagnostic of a text.
pub(crate) fn only(text: &str) -> Diagnostic {
    let parsed = parse(text);
    assert_eq!(parsed.diagnostics.len(), 1, "{text}\n{}", render(text, &parsed.diagnostics));
    parsed.diagnostics.into_iter().next().unwrap()
}

fn render(text: &str, diagnostics: &[Diagnostic]) -> String {
    let lines = diagnostics.iter().map(|d| format!("{} {} at `{}`", d.code.id, d.message, label(text, d)));
    lines.collect::<Vec<_>>().join("\n")
}

fn label<'t>(text: &'t str, diagnostic: &Diagnostic) -> &'t str {
    diagnostic.span().map_or("", |span| under(text, span))
}
