//! Names as Windows compares them: of files, registry keys and values, services, variables.
//!
//! Windows upper-cases every UTF-16 unit by a table that knows no language, and compares what comes out. The table
//! holds pairs: a capital letter and the small one that comes back to it. So `ß`, `ı`, `ſ`, `µ` and the titlecase `ǅ`
//! equal nothing but themselves, and a letter beyond U+FFFF, which takes two units, has no case.
//!
//! `ς` is itself: from Windows 7 on the table leaves it alone. Up to Windows Vista it equalled `Σ`, and so it is on
//! volumes that those versions have formatted.
//!
//! The pairs are those of Unicode 6.0, as of Windows 8, and stay what they are whatever Rust or .NET learn: names
//! decide verdicts and ids.

use std::iter;

/// Capital letters, each with the small letter that stands so far behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capitals {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
    /// From one to the next.
    pub step: u16,
    /// From a capital letter to the small one.
    pub distance: i32,
}

impl Capitals {
    const fn new(first: u16, last: u16, step: u16, distance: i32) -> Self {
        Self { first, last, step, distance }
    }
}

/// The name as comparisons see it: in small letters.
#[must_use]
pub fn folded(name: &str) -> String {
    if name.is_ascii() { name.to_ascii_lowercase() } else { name.chars().map(small).collect() }
}

/// Whether two names are the same.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    if one.is_ascii() || other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    one.chars().map(small).eq(other.chars().map(small))
}

/// What follows the beginning, if the name has it.
#[must_use]
pub fn after<'n>(name: &'n str, beginning: &str) -> Option<&'n str> {
    let mut rest = name.chars();
    for wanted in beginning.chars() {
        rest.next().filter(|found| small(*found) == small(wanted))?;
    }
    Some(rest.as_str())
}

/// The characters that are the same in a name: one, or the small and the capital letter.
pub fn same_letters(letter: char) -> impl Iterator<Item = char> {
    let small = small(letter);
    iter::once(small).chain(capital(small))
}

/// Whether a text has a letter beyond ASCII that anybody gives a case: engines that fold names in ways of their own
/// may find it the same as others that it is not.
#[must_use]
pub fn has_case_beyond_ascii(text: &str) -> bool {
    let has_case = |c: char| !(c.to_lowercase().eq([c]) && c.to_uppercase().eq([c]));
    text.chars().any(|c| !c.is_ascii() && has_case(c))
}

/// The small letter, or the character itself.
fn small(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    let Ok(code) = u16::try_from(u32::from(letter)) else { return letter };
    let at = CAPITALS.partition_point(|row| row.last < code);
    let row = CAPITALS.get(at).filter(|row| row.first <= code && (code - row.first).is_multiple_of(row.step));
    row.and_then(|row| moved(code, row.distance)).unwrap_or(letter)
}

/// The capital letter of a small one.
fn capital(small: char) -> Option<char> {
    let code = u16::try_from(u32::from(small)).ok()?;
    CAPITALS.iter().find_map(|row| {
        let capital = moved(code, -row.distance)?;
        let at = u16::try_from(u32::from(capital)).ok()?.checked_sub(row.first)?;
        (at <= row.last - row.first && at.is_multiple_of(row.step)).then_some(capital)
    })
}

fn moved(code: u16, distance: i32) -> Option<char> {
    char::from_u32(u32::from(code).checked_add_signed(distance)?)
}

/// All capital letters that have a small one, in order.
pub const CAPITALS: &[Capitals] = &[
    Capitals::new(0x0041, 0x005a, 1, 32),
    Capitals::new(0x00c0, 0x00d6, 1, 32),
    Capitals::new(0x00d8, 0x00de, 1, 32),
    Capitals::new(0x0100, 0x012e, 2, 1),
    Capitals::new(0x0132, 0x0136, 2, 1),
    Capitals::new(0x0139, 0x0147, 2, 1),
    Capitals::new(0x014a, 0x0176, 2, 1),
    Capitals::new(0x0178, 0x0178, 1, -121),
    Capitals::new(0x0179, 0x017d, 2, 1),
    Capitals::new(0x0181, 0x0181, 1, 210),
    Capitals::new(0x0182, 0x0184, 2, 1),
    Capitals::new(0x0186, 0x0186, 1, 206),
    Capitals::new(0x0187, 0x0187, 1, 1),
    Capitals::new(0x0189, 0x018a, 1, 205),
    Capitals::new(0x018b, 0x018b, 1, 1),
    Capitals::new(0x018e, 0x018e, 1, 79),
    Capitals::new(0x018f, 0x018f, 1, 202),
    Capitals::new(0x0190, 0x0190, 1, 203),
    Capitals::new(0x0191, 0x0191, 1, 1),
    Capitals::new(0x0193, 0x0193, 1, 205),
    Capitals::new(0x0194, 0x0194, 1, 207),
    Capitals::new(0x0196, 0x0196, 1, 211),
    Capitals::new(0x0197, 0x0197, 1, 209),
    Capitals::new(0x0198, 0x0198, 1, 1),
    Capitals::new(0x019c, 0x019c, 1, 211),
    Capitals::new(0x019d, 0x019d, 1, 213),
    Capitals::new(0x019f, 0x019f, 1, 214),
    Capitals::new(0x01a0, 0x01a4, 2, 1),
    Capitals::new(0x01a6, 0x01a6, 1, 218),
    Capitals::new(0x01a7, 0x01a7, 1, 1),
    Capitals::new(0x01a9, 0x01a9, 1, 218),
    Capitals::new(0x01ac, 0x01ac, 1, 1),
    Capitals::new(0x01ae, 0x01ae, 1, 218),
    Capitals::new(0x01af, 0x01af, 1, 1),
    Capitals::new(0x01b1, 0x01b2, 1, 217),
    Capitals::new(0x01b3, 0x01b5, 2, 1),
    Capitals::new(0x01b7, 0x01b7, 1, 219),
    Capitals::new(0x01b8, 0x01b8, 1, 1),
    Capitals::new(0x01bc, 0x01bc, 1, 1),
    Capitals::new(0x01c4, 0x01c4, 1, 2),
    Capitals::new(0x01c7, 0x01c7, 1, 2),
    Capitals::new(0x01ca, 0x01ca, 1, 2),
    Capitals::new(0x01cd, 0x01db, 2, 1),
    Capitals::new(0x01de, 0x01ee, 2, 1),
    Capitals::new(0x01f1, 0x01f1, 1, 2),
    Capitals::new(0x01f4, 0x01f4, 1, 1),
    Capitals::new(0x01f6, 0x01f6, 1, -97),
    Capitals::new(0x01f7, 0x01f7, 1, -56),
    Capitals::new(0x01f8, 0x021e, 2, 1),
    Capitals::new(0x0220, 0x0220, 1, -130),
    Capitals::new(0x0222, 0x0232, 2, 1),
    Capitals::new(0x023a, 0x023a, 1, 10795),
    Capitals::new(0x023b, 0x023b, 1, 1),
    Capitals::new(0x023d, 0x023d, 1, -163),
    Capitals::new(0x023e, 0x023e, 1, 10792),
    Capitals::new(0x0241, 0x0241, 1, 1),
    Capitals::new(0x0243, 0x0243, 1, -195),
    Capitals::new(0x0244, 0x0244, 1, 69),
    Capitals::new(0x0245, 0x0245, 1, 71),
    Capitals::new(0x0246, 0x024e, 2, 1),
    Capitals::new(0x0370, 0x0372, 2, 1),
    Capitals::new(0x0376, 0x0376, 1, 1),
    Capitals::new(0x0386, 0x0386, 1, 38),
    Capitals::new(0x0388, 0x038a, 1, 37),
    Capitals::new(0x038c, 0x038c, 1, 64),
    Capitals::new(0x038e, 0x038f, 1, 63),
    Capitals::new(0x0391, 0x03a1, 1, 32),
    Capitals::new(0x03a3, 0x03ab, 1, 32),
    Capitals::new(0x03cf, 0x03cf, 1, 8),
    Capitals::new(0x03d8, 0x03ee, 2, 1),
    Capitals::new(0x03f7, 0x03f7, 1, 1),
    Capitals::new(0x03f9, 0x03f9, 1, -7),
    Capitals::new(0x03fa, 0x03fa, 1, 1),
    Capitals::new(0x03fd, 0x03ff, 1, -130),
    Capitals::new(0x0400, 0x040f, 1, 80),
    Capitals::new(0x0410, 0x042f, 1, 32),
    Capitals::new(0x0460, 0x0480, 2, 1),
    Capitals::new(0x048a, 0x04be, 2, 1),
    Capitals::new(0x04c0, 0x04c0, 1, 15),
    Capitals::new(0x04c1, 0x04cd, 2, 1),
    Capitals::new(0x04d0, 0x0526, 2, 1),
    Capitals::new(0x0531, 0x0556, 1, 48),
    Capitals::new(0x10a0, 0x10c5, 1, 7264),
    Capitals::new(0x1e00, 0x1e94, 2, 1),
    Capitals::new(0x1ea0, 0x1efe, 2, 1),
    Capitals::new(0x1f08, 0x1f0f, 1, -8),
    Capitals::new(0x1f18, 0x1f1d, 1, -8),
    Capitals::new(0x1f28, 0x1f2f, 1, -8),
    Capitals::new(0x1f38, 0x1f3f, 1, -8),
    Capitals::new(0x1f48, 0x1f4d, 1, -8),
    Capitals::new(0x1f59, 0x1f5f, 2, -8),
    Capitals::new(0x1f68, 0x1f6f, 1, -8),
    Capitals::new(0x1f88, 0x1f8f, 1, -8),
    Capitals::new(0x1f98, 0x1f9f, 1, -8),
    Capitals::new(0x1fa8, 0x1faf, 1, -8),
    Capitals::new(0x1fb8, 0x1fb9, 1, -8),
    Capitals::new(0x1fba, 0x1fbb, 1, -74),
    Capitals::new(0x1fbc, 0x1fbc, 1, -9),
    Capitals::new(0x1fc8, 0x1fcb, 1, -86),
    Capitals::new(0x1fcc, 0x1fcc, 1, -9),
    Capitals::new(0x1fd8, 0x1fd9, 1, -8),
    Capitals::new(0x1fda, 0x1fdb, 1, -100),
    Capitals::new(0x1fe8, 0x1fe9, 1, -8),
    Capitals::new(0x1fea, 0x1feb, 1, -112),
    Capitals::new(0x1fec, 0x1fec, 1, -7),
    Capitals::new(0x1ff8, 0x1ff9, 1, -128),
    Capitals::new(0x1ffa, 0x1ffb, 1, -126),
    Capitals::new(0x1ffc, 0x1ffc, 1, -9),
    Capitals::new(0x2132, 0x2132, 1, 28),
    Capitals::new(0x2160, 0x216f, 1, 16),
    Capitals::new(0x2183, 0x2183, 1, 1),
    Capitals::new(0x24b6, 0x24cf, 1, 26),
    Capitals::new(0x2c00, 0x2c2e, 1, 48),
    Capitals::new(0x2c60, 0x2c60, 1, 1),
    Capitals::new(0x2c62, 0x2c62, 1, -10743),
    Capitals::new(0x2c63, 0x2c63, 1, -3814),
    Capitals::new(0x2c64, 0x2c64, 1, -10727),
    Capitals::new(0x2c67, 0x2c6b, 2, 1),
    Capitals::new(0x2c6d, 0x2c6d, 1, -10780),
    Capitals::new(0x2c6e, 0x2c6e, 1, -10749),
    Capitals::new(0x2c6f, 0x2c6f, 1, -10783),
    Capitals::new(0x2c70, 0x2c70, 1, -10782),
    Capitals::new(0x2c72, 0x2c72, 1, 1),
    Capitals::new(0x2c75, 0x2c75, 1, 1),
    Capitals::new(0x2c7e, 0x2c7f, 1, -10815),
    Capitals::new(0x2c80, 0x2ce2, 2, 1),
    Capitals::new(0x2ceb, 0x2ced, 2, 1),
    Capitals::new(0xa640, 0xa66c, 2, 1),
    Capitals::new(0xa680, 0xa696, 2, 1),
    Capitals::new(0xa722, 0xa72e, 2, 1),
    Capitals::new(0xa732, 0xa76e, 2, 1),
    Capitals::new(0xa779, 0xa77b, 2, 1),
    Capitals::new(0xa77d, 0xa77d, 1, -35332),
    Capitals::new(0xa77e, 0xa786, 2, 1),
    Capitals::new(0xa78b, 0xa78b, 1, 1),
    Capitals::new(0xa78d, 0xa78d, 1, -42280),
    Capitals::new(0xa790, 0xa790, 1, 1),
    Capitals::new(0xa7a0, 0xa7a8, 2, 1),
    Capitals::new(0xff21, 0xff3a, 1, 32),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The only character of these.
    fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
        letters.next().filter(|_| letters.next().is_none())
    }

    #[test]
    fn pairs_are_those_of_unicode_that_come_back() {
        // Of these the capital letter is no single one to Rust, which takes `ᾼ` apart into `ΑΙ`.
        let taken_apart = |c: char| {
            matches!(c, '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}' | '\u{1fa8}'..='\u{1faf}')
                || "ᾼῌῼ".contains(c)
        };
        // Letters that Unicode got after 6.0.
        let later = |c: char| {
            matches!(c, '\u{37f}' | '\u{528}'..='\u{52f}' | '\u{10c7}' | '\u{10cd}' | '\u{13a0}'..='\u{13ff}'
                | '\u{1c80}'..='\u{1cbf}' | '\u{2c2f}' | '\u{2cf2}' | '\u{a698}'..='\u{a69b}'
                | '\u{a792}'..='\u{a79f}' | '\u{a7aa}'..)
        };
        for capital in '\u{0}'..='\u{fffe}' {
            let small = only(capital.to_lowercase()).filter(|small| *small != capital);
            let back =
                small.filter(|small| only(small.to_uppercase()) == Some(capital) || taken_apart(capital));
            let is_wide = |c: char| matches!(c, '\u{ff21}'..='\u{ff3a}');
            let expected = back.filter(|_| !later(capital) || is_wide(capital)).unwrap_or(capital);
            assert_eq!(super::small(capital), expected, "{:04x}", u32::from(capital));
        }
    }

    #[test]
    fn names_compare_without_case() {
        for (one, other) in [
            (r"C:\ÄRZTE\X.dll", r"c:\ärzte\x.DLL"),
            ("ЖУК", "жук"),
            ("ΣΊΓΜΑ", "σίγμα"),
            ("ÿ", "Ÿ"),
            ("ᾳ", "ᾼ"),
            ("Ⅷ", "ⅷ"),
            ("Ａ", "ａ"),
            ("Ⱥ", "ⱥ"),
        ] {
            assert!(same(one, other), "{one} {other}");
            assert_eq!(folded(one), folded(other));
            assert_eq!(after(&format!("{one}\\x"), other), Some("\\x"));
        }
    }

    #[test]
    fn letters_that_do_not_come_back_are_themselves() {
        for (one, other) in [
            ("ß", "ss"),
            ("ß", "ẞ"),
            ("ı", "I"),
            ("İ", "i"),
            ("ſ", "s"),
            ("µ", "Μ"),
            ("ς", "σ"),
            ("ς", "Σ"),
            ("ǅ", "ǆ"),
            ("\u{212a}", "k"),
            ("\u{10400}", "\u{10428}"),
            ("ა", "Ა"),
        ] {
            assert!(!same(one, other), "{one} {other}");
            assert_ne!(folded(one), folded(other));
            assert_eq!(after(one, other), None);
        }
    }

    #[test]
    fn a_letter_has_at_most_two_cases() {
        let cases = |letter| same_letters(letter).collect::<String>();
        assert_eq!(
            ["a", "A", "ä", "Ä", "Ÿ", "ß", "1", "ⱥ"].map(|one| cases(one.chars().next().unwrap())),
            ["aA", "aA", "äÄ", "äÄ", "ÿŸ", "ß", "1", "ⱥȺ"]
        );
    }
}
