//! One line a diagnostic, for editors and `grep`.

use std::fmt::Write as _;

use super::plain;
use crate::{Diagnostic, SourceMap};

pub(super) fn render(diagnostics: &[&Diagnostic], sources: &SourceMap) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let place = diagnostic.span().and_then(|span| sources.location(span));
        let place = place.map_or_else(|| "-".to_owned(), |location| location.to_string());
        let severity = diagnostic.severity.as_str();
        let message = plain(&diagnostic.message).replace('\n', " ");
        let _ = writeln!(out, "{place}: {severity}[{}]: {}", diagnostic.code.id, message);
    }
    out
}
