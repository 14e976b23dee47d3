//! Characters of names that look like others or like nothing: a path with a Cyrillic letter, or with a
//! space at its end, is found on no host.

use caveat_diag::{Code, Diagnostic, FileId, Span};
use caveat_syntax::lex;
use caveat_syntax::tokens::TokenKind;

/// Words before a string that is compared with what a host has.
const NAMING: [&str; 8] = ["file", "registry", "service", "suite", "value", "in", "32", "64"];

/// Characters that look like one of ASCII, next to it.
const LOOKALIKES: &[(char, char)] = &[
    ('а', 'a'),
    ('с', 'c'),
    ('е', 'e'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ј', 'j'),
    ('о', 'o'),
    ('р', 'p'),
    ('ѕ', 's'),
    ('х', 'x'),
    ('у', 'y'),
    ('А', 'A'),
    ('В', 'B'),
    ('С', 'C'),
    ('Е', 'E'),
    ('Н', 'H'),
    ('І', 'I'),
    ('Ј', 'J'),
    ('К', 'K'),
    ('М', 'M'),
    ('О', 'O'),
    ('Р', 'P'),
    ('Ѕ', 'S'),
    ('Т', 'T'),
    ('Х', 'X'),
    ('α', 'a'),
    ('ο', 'o'),
    ('ν', 'v'),
    ('ρ', 'p'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Ζ', 'Z'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Ρ', 'P'),
    ('Τ', 'T'),
    ('Υ', 'Y'),
    ('Χ', 'X'),
    ('\u{A0}', ' '),
    ('\u{2010}', '-'),
    ('\u{2011}', '-'),
    ('\u{2012}', '-'),
    ('\u{2013}', '-'),
    ('\u{2212}', '-'),
    ('＼', '\\'),
    ('％', '%'),
    ('．', '.'),
];

/// Characters that take no room.
const INVISIBLE: [char; 5] = ['\u{AD}', '\u{200B}', '\u{200C}', '\u{200D}', '\u{2060}'];

pub(crate) fn check(file: FileId, text: &str) -> Vec<Diagnostic> {
    let tokens = lex(file, text).tokens;
    let mut tokens = tokens.iter().filter(|token| !token.kind.is_comment());
    let mut before = "";
    let mut found = Vec::new();
    for token in &mut tokens {
        let written = text.get(token.span.start as usize..token.span.end as usize).unwrap_or("");
        if token.kind.is_string() && NAMING.contains(&before) {
            found.extend(in_string(written, token.span));
        }
        before = if token.kind == TokenKind::Word { written } else { "" };
    }
    found
}

fn in_string(written: &str, span: Span) -> Option<Diagnostic> {
    let (at, bad, message, help, action) = misspelt(written).or_else(|| padded(written))?;
    let start = span.start + u32::try_from(at).ok()?;
    let place = Span { start, end: start + u32::try_from(bad.len()).ok()?, ..span };
    let problem = Diagnostic::new(Code::CONFUSABLE_CHARACTER, message).at(place, "");
    Some(problem.help(help).safe_fix(action, span, mended(written)))
}

/// Where something is wrong, what is, and what to do.
type Finding<'t> = (usize, &'t str, String, &'static str, &'static str);

fn misspelt(written: &str) -> Option<Finding<'_>> {
    // Names in another script have more of it than of ASCII, and may need joiners.
    let letters =
        |ascii: bool| written.chars().filter(|c| c.is_alphabetic() && c.is_ascii() == ascii).count();
    if written.is_ascii() || letters(false) > letters(true) {
        return None;
    }
    let (at, bad) = written.char_indices().find(|(_, c)| plain(*c).is_some() || INVISIBLE.contains(c))?;
    let number = u32::from(bad);
    let (message, action) = match plain(bad) {
        Some(good) => (
            format!("this name has the character U+{number:04X}, which looks like `{good}`"),
            "write it in ASCII",
        ),
        None => (format!("this name has the character U+{number:04X}, which cannot be seen"), "take it out"),
    };
    let bad = written.get(at..at + bad.len_utf8())?;
    Some((at, bad, message, "no host has a name of this spelling", action))
}

/// Blanks at an end of a string.
fn padded(written: &str) -> Option<Finding<'_>> {
    let body = body(written)?;
    let (front, back) = (body.len() - body.trim_start().len(), body.trim_end().len());
    if body.trim().is_empty() || (front == 0 && back == body.len()) {
        return None;
    }
    let (end, at, bad) = match front {
        0 => ("ends", back, body.get(back..)?),
        _ => ("begins", 0, body.get(..front)?),
    };
    let message = format!("this name {end} with a blank");
    Some((at + 1, bad, message, "Windows writes its names without blanks at their ends", "take it out"))
}

/// What stands between the quotes.
fn body(written: &str) -> Option<&str> {
    written.get(1..written.len().checked_sub(1)?)
}

/// The literal with ASCII for what looks like it, and without what cannot be seen.
fn mended(written: &str) -> String {
    let plain = written.chars().filter(|c| !INVISIBLE.contains(c)).map(|c| plain(c).unwrap_or(c));
    let plain: String = plain.collect();
    let (Some(body), Some(quote)) = (body(&plain), plain.get(..1)) else { return plain };
    format!("{quote}{}{quote}", body.trim())
}

/// The ASCII character that this one looks like. Fullwidth letters are their ASCII ones.
fn plain(c: char) -> Option<char> {
    let wide = match u32::from(c) {
        code @ 0xFF10..=0xFF5A => char::from_u32(code - 0xFEE0).filter(char::is_ascii_alphanumeric),
        _ => None,
    };
    wide.or_else(|| LOOKALIKES.iter().find(|(other, _)| *other == c).map(|(_, plain)| *plain))
}
