//! Texts as PowerShell literals and comments that stay what they are, whatever they hold.
//!
//! Scripts are ASCII: Windows PowerShell reads a file without a byte-order mark in the code page
//! of the machine, and it takes typographic quotes for quotes. So what is not printable ASCII is
//! written as `^` and the four hexadecimal digits of a UTF-16 unit, which the runtime reads back.

use std::fmt::Write;

/// A single-quoted literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("'");
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\'') => out.push_str("''"),
            Ok(byte @ 0x20..=0x7e) if byte != b'^' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "^{unit:04x}");
            }
        }
    }
    out.push('\'');
    out
}

/// An array of literals.
pub(crate) fn array(items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    if items.is_empty() { "@()".to_owned() } else { format!("@({})", items.join(", ")) }
}

/// A hashtable of fields with plain names.
pub(crate) fn table<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("@{{{}}}", fields.join("; "))
}

/// A text for a comment: one line of ASCII that cannot end the comment.
pub(crate) fn comment(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '#' => out.push('+'),
            ' '..='~' => out.push(c),
            '\t' | '\n' | '\r' => out.push(' '),
            other => {
                let _ = write!(out, "\\u{{{:04X}}}", u32::from(other));
            }
        }
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{comment, quoted};

    #[test]
    fn literals_are_printable_ascii_in_single_quotes() {
        assert_eq!(quoted("it's"), "'it''s'");
        assert_eq!(quoted("a\u{2019}\u{85}\n^\u{1F600}"), "'a^2019^0085^000a^005e^d83d^de00'");
        assert_eq!(quoted("$(x) `n %y% \"z\" \\"), "'$(x) `n %y% \"z\" \\'");
    }

    #[test]
    fn comments_cannot_be_closed() {
        assert_eq!(comment("a #> b <# \n.NOTES \u{202E}"), "a +> b <+  .NOTES \\u{202E}");
    }
}
