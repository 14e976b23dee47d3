//! Renderers, one file each. All take the diagnostics of a run and the sources
//! and return text; none prints.

mod human;
pub mod json;
pub mod sarif;
mod short;

use crate::policy::{count, in_order};
use crate::{Diagnostic, Severity, SourceMap};

/// The shapes in which diagnostics can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With source excerpts, as rustc does. `color` adds ANSI styles.
    Human {
        /// Whether to style the text.
        color: bool,
    },
    /// `path:line:column: severity[code]: message`, one line each.
    Short,
    /// One JSON object a line.
    Json,
    /// One SARIF 2.1.0 log.
    Sarif,
}

/// Renders `diagnostics`, in order, in the given format.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, format: Format) -> String {
    let ordered = in_order(diagnostics);
    match format {
        Format::Human { color } => human::render(&ordered, sources, color),
        Format::Short => short::render(&ordered, sources),
        Format::Json => json::render(&ordered, sources),
        Format::Sarif => {
            let mut log = sarif::Log::default();
            log.add(diagnostics, sources);
            log.finish()
        }
    }
}

/// The name of a file as a relative reference: what cannot stand in one is written as `%` and its bytes.
#[must_use]
pub fn uri_reference(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    name.bytes().fold(String::with_capacity(name.len()), |mut uri, byte| {
        if plain(byte) {
            uri.push(char::from(byte));
        } else {
            let digit = |half: u8| char::from_digit(half.into(), 16).map(|digit| digit.to_ascii_uppercase());
            uri.push('%');
            uri.extend([digit(byte >> 4), digit(byte & 15)].into_iter().flatten());
        }
        uri
    })
}

/// Whether a terminal may obey the character, or show text in another order because of it.
const fn is_harmful(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{8}' | '\u{B}'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{61C}' | '\u{200E}' | '\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
    )
}

/// A text in which something of the user's may be quoted, without characters that a terminal obeys.
#[must_use]
pub fn plain(text: &str) -> String {
    text.replace(is_harmful, "\u{FFFD}")
}

/// `2 errors, 1 warning`, or nothing when there is nothing to count.
#[must_use]
pub fn summary(diagnostics: &[Diagnostic]) -> Option<String> {
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let parts: Vec<String> = [
        (count(diagnostics, Severity::Error), "error"),
        (count(diagnostics, Severity::Warning), "warning"),
        (count(diagnostics, Severity::Note), "note"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, word)| plural(n, word))
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
