//! Characters of names that look like others: a path with a Cyrillic letter is found on no host.

use caveat_diag::{Code, Diagnostic, FileId, Span};
use caveat_syntax::tokens::{TokenKind, lex};

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

pub(crate) fn check(file: FileId, text: &str) -> Vec<Diagnostic> {
    if text.is_ascii() {
        return Vec::new();
    }
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
    // Names in another script have more of it than of ASCII.
    let letters =
        |ascii: bool| written.chars().filter(|c| c.is_alphabetic() && c.is_ascii() == ascii).count();
    if letters(false) > letters(true) {
        return None;
    }
    let (at, bad) = written.char_indices().find(|(_, c)| plain(*c).is_some())?;
    let start = span.start + u32::try_from(at).ok()?;
    let place = Span { start, end: start + u32::try_from(bad.len_utf8()).ok()?, ..span };
    let good = plain(bad)?;
    let mended: String = written.chars().map(|c| plain(c).unwrap_or(c)).collect();
    let message = format!("this name has the character U+{:04X}, which looks like `{good}`", u32::from(bad));
    let problem = Diagnostic::new(Code::CONFUSABLE_CHARACTER, message).at(place, "");
    Some(problem.help("no host has a name of this spelling").safe_fix("write it in ASCII", span, mended))
}

/// The ASCII character that this one looks like. Fullwidth letters are their ASCII ones.
fn plain(c: char) -> Option<char> {
    let wide = match u32::from(c) {
        code @ 0xFF10..=0xFF5A => char::from_u32(code - 0xFEE0).filter(char::is_ascii_alphanumeric),
        _ => None,
    };
    wide.or_else(|| LOOKALIKES.iter().find(|(other, _)| *other == c).map(|(_, plain)| *plain))
}
