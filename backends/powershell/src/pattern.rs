//! Regular expressions for .NET that match where Caveat's do.
//!
//! The two engines read alike what rules use, but for details: .NET's `$` also matches before a
//! last line feed, and it counts UTF-16 units where Caveat counts characters. So the expression
//! is taken apart and written anew with what means the same in .NET.

use std::fmt::Write;

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Look, Repetition};

/// The expression for .NET; none when it is not one.
pub(crate) fn dotnet(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut out = String::new();
    write(&hir, &mut out)?;
    Some(out)
}

fn write(hir: &Hir, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Literal(literal) => {
            for c in std::str::from_utf8(&literal.0).ok()?.chars() {
                character(c, out);
            }
        }
        HirKind::Class(Class::Unicode(class)) => out.push_str(&class_of(class)),
        HirKind::Class(Class::Bytes(class)) => out.push_str(&class_of(&class.to_unicode_class()?)),
        HirKind::Look(look) => out.push_str(&assertion(*look)?),
        HirKind::Repetition(repetition) => repeated(repetition, out)?,
        HirKind::Capture(capture) => group(&capture.sub, out)?,
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| match part.kind() {
            HirKind::Alternation(_) => group(part, out),
            _ => write(part, out),
        })?,
        HirKind::Alternation(parts) => {
            for (index, part) in parts.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "|" });
                write(part, out)?;
            }
        }
    }
    Some(())
}

fn group(hir: &Hir, out: &mut String) -> Option<()> {
    out.push_str("(?:");
    write(hir, out)?;
    out.push(')');
    Some(())
}

fn repeated(repetition: &Repetition, out: &mut String) -> Option<()> {
    group(&repetition.sub, out)?;
    let Repetition { min, max, greedy, .. } = repetition;
    match (min, max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, None) => drop(write!(out, "{{{min},}}")),
        (min, Some(max)) => drop(write!(out, "{{{min},{max}}}")),
    }
    out.push_str(if *greedy { "" } else { "?" });
    Some(())
}

/// A character by its UTF-16 units, so that none has a meaning.
fn character(c: char, out: &mut String) {
    if c.is_ascii_alphanumeric() || c == ' ' {
        out.push(c);
        return;
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// One of the characters: those beyond U+FFFF as pairs of units.
fn class_of(class: &ClassUnicode) -> String {
    let mut units = String::new();
    let mut pairs = Vec::new();
    for range in class.ranges() {
        let (start, end) = (u32::from(range.start()), u32::from(range.end()));
        if start <= 0xffff {
            // No character lies among the surrogates, which .NET would count in.
            for (low, high) in [(start, end.min(0xd7ff)), (start.max(0xe000), end.min(0xffff))] {
                if low <= high {
                    let _ = write!(units, "\\u{low:04x}-\\u{high:04x}");
                }
            }
        }
        if end > 0xffff {
            surrogates(start.max(0x1_0000), end, &mut pairs);
        }
    }
    match (units.is_empty(), pairs.is_empty()) {
        (true, true) => "(?!)".to_owned(),
        (false, true) => format!("[{units}]"),
        (true, false) => format!("(?:{})", pairs.join("|")),
        (false, false) => format!("(?:[{units}]|{})", pairs.join("|")),
    }
}

/// Pairs of surrogates from `start` to `end`, both beyond U+FFFF.
fn surrogates(start: u32, end: u32, pairs: &mut Vec<String>) {
    let split = |c: u32| (0xd800 + ((c - 0x1_0000) >> 10), 0xdc00 + ((c - 0x1_0000) & 0x3ff));
    let ((high, low), (last_high, last_low)) = (split(start), split(end));
    let mut add = |from: u32, to: u32, low: u32, high: u32| {
        if from <= to {
            pairs.push(format!("[\\u{from:04x}-\\u{to:04x}][\\u{low:04x}-\\u{high:04x}]"));
        }
    };
    if high == last_high {
        return add(high, high, low, last_low);
    }
    // Whole rows of 1024 characters go together.
    let whole_from = if low == 0xdc00 { high } else { high + 1 };
    let whole_to = if last_low == 0xdfff { last_high } else { last_high - 1 };
    add(high, whole_from - 1, low, 0xdfff);
    add(whole_from, whole_to, 0xdc00, 0xdfff);
    add(whole_to + 1, last_high, 0xdc00, last_low);
}

fn assertion(look: Look) -> Option<String> {
    let ascii = r"[0-9A-Za-z_]";
    let boundary = |word: &str| format!("(?:(?<={word})(?!{word})|(?<!{word})(?={word}))");
    let inside = |word: &str| format!("(?:(?<={word})(?={word})|(?<!{word})(?!{word}))");
    let starts = |word: &str| format!("(?:(?<!{word})(?={word}))");
    let ends = |word: &str| format!("(?:(?<={word})(?!{word}))");
    Some(match look {
        Look::Start => r"\A".to_owned(),
        Look::End => r"\z".to_owned(),
        Look::StartLF => r"(?:\A|(?<=\n))".to_owned(),
        Look::EndLF => r"(?:(?=\n)|\z)".to_owned(),
        Look::WordAscii => boundary(ascii),
        Look::WordAsciiNegate => inside(ascii),
        Look::WordUnicode => boundary(&word()?),
        Look::WordUnicodeNegate => inside(&word()?),
        Look::WordStartAscii => starts(ascii),
        Look::WordStartUnicode => starts(&word()?),
        Look::WordEndAscii => ends(ascii),
        Look::WordEndUnicode => ends(&word()?),
        // Rules cannot write the others: `check` refuses them.
        _ => return None,
    })
}

/// A character of words, as Caveat's engine has it.
fn word() -> Option<String> {
    let hir = regex_syntax::parse(r"\w").ok()?;
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class_of(class)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::dotnet;

    /// Rust's engine reads what is written, but for the halves of surrogate pairs.
    fn readable(pattern: &str) -> Regex {
        let pairs = Regex::new(r"\|\[\\ud800-\\udbff\]\[\\udc00-\\udfff\]").unwrap();
        Regex::new(&pairs.replace_all(pattern, r"|[\u{10000}-\u{10ffff}]")).unwrap()
    }

    #[test]
    fn what_is_written_matches_what_was_meant() {
        let patterns = [
            "^Service Pack ([2-4]|10)$",
            "a.c",
            "x{2,3}?y*",
            "(a|b)c|d",
            "[^0-9a]+$",
            r"\.\\\$",
            "",
            "[a-c]|",
            "(?:ab)+$",
        ];
        let texts = [
            "Service Pack 3",
            "Service Pack 3\n",
            "a\nc",
            "abc",
            "xxyyy",
            "bc",
            "d",
            "0",
            "zz",
            ".\\$",
            "a",
            "",
            "ac",
            "a\u{1F600}c",
            "\u{1F600}",
            "xabab",
        ];
        for pattern in patterns {
            let (ours, theirs) = (Regex::new(pattern).unwrap(), readable(&dotnet(pattern).unwrap()));
            for text in texts {
                assert_eq!(ours.is_match(text), theirs.is_match(text), "{pattern} on {text}");
            }
        }
    }

    #[test]
    fn details_of_the_engines() {
        assert_eq!(dotnet("^a$").unwrap(), r"\Aa\z");
        assert_eq!(
            dotnet(".").unwrap(),
            r"(?:[\u0000-\u0009\u000b-\ud7ff\ue000-\uffff]|[\ud800-\udbff][\udc00-\udfff])"
        );
        assert_eq!(dotnet("[\u{1F600}-\u{1F601}]").unwrap(), r"(?:[\ud83d-\ud83d][\ude00-\ude01])");
        assert_eq!(
            dotnet("[\u{103FF}-\u{10800}]").unwrap(),
            r"(?:[\ud800-\ud800][\udfff-\udfff]|[\ud801-\ud801][\udc00-\udfff]|[\ud802-\ud802][\udc00-\udc00])"
        );
        assert_eq!(dotnet("'\u{2019}").unwrap(), r"\u0027\u2019");
        assert_eq!(dotnet("("), None);
    }
}
