//! Strings and identifiers as YARA and YARA-X both read them.

use std::fmt::Write as _;

use caveat_ir::value::name;

/// The longest string, in bytes: YARA has a buffer of 8192.
const MAX_BYTES: usize = 8000;

/// A string literal. Letters and digits of any script stand as they are; whatever is not plainly
/// visible, such as marks that change the direction of text, is written as bytes.
pub(crate) fn literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            ' '..='~' => literal.push(c),
            c if !c.is_ascii() && c.is_alphanumeric() => literal.push(c),
            c => c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| {
                let _ = write!(literal, "\\x{byte:02x}");
            }),
        }
    }
    literal + "\""
}

/// An expression for the whole of a name in any case of its letters. Those beyond ASCII are written as bytes, as
/// engines read expressions in ways of their own.
pub(crate) fn in_any_case(name: &str) -> String {
    let bytes = |c: char| -> String {
        c.encode_utf8(&mut [0; 4]).bytes().map(|byte| format!("\\x{byte:02x}")).collect()
    };
    let character = |c: char| {
        let cases: Vec<String> = name::same_letters(c).map(bytes).collect();
        match cases.as_slice() {
            _ if c.is_ascii_alphanumeric() => c.to_string(),
            [only] => only.clone(),
            several => format!("({})", several.join("|")),
        }
    };
    format!("/^{}$/i", name.chars().map(character).collect::<String>())
}

/// A literal for people; cut where it is too long for YARA.
pub(crate) fn words(text: &str) -> String {
    if text.len() <= MAX_BYTES {
        return literal(text);
    }
    literal(&format!("{} [...]", &text[..text.floor_char_boundary(MAX_BYTES)]))
}

/// The text as a part of an identifier: letters, digits and `_`.
pub(crate) fn identifier(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// The words that neither engine takes as a tag. Names of rules need no list: they hold a `_` after
/// the bulletin's id, which no keyword does.
const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "any",
    "ascii",
    "at",
    "base64",
    "base64wide",
    "condition",
    "contains",
    "defined",
    "endswith",
    "entrypoint",
    "false",
    "filesize",
    "for",
    "fullword",
    "global",
    "icontains",
    "iendswith",
    "iequals",
    "import",
    "in",
    "include",
    "int16",
    "int16be",
    "int32",
    "int32be",
    "int8",
    "int8be",
    "istartswith",
    "matches",
    "meta",
    "nocase",
    "none",
    "not",
    "of",
    "or",
    "private",
    "rule",
    "startswith",
    "strings",
    "them",
    "true",
    "uint16",
    "uint16be",
    "uint32",
    "uint32be",
    "uint8",
    "uint8be",
    "wide",
    "with",
    "xor",
];

/// The text as a tag.
pub(crate) fn tag(text: &str) -> String {
    let tag = identifier(text);
    if KEYWORDS.contains(&tag.as_str()) { tag + "_" } else { tag }
}

#[cfg(test)]
mod tests {
    use super::{literal, tag, words};

    #[test]
    fn literals_hold_nothing_that_is_not_seen() {
        assert_eq!(literal(r#"a "b" \c"#), r#""a \"b\" \\c""#);
        assert_eq!(literal("\n\t\r"), r#""\x0a\x09\x0d""#);
        assert_eq!(literal("日本 é\u{202e}\u{200f}\u{a0}"), r#""日本 é\xe2\x80\xae\xe2\x80\x8f\xc2\xa0""#);
        assert_eq!(literal("$(id) %s `x` {}"), r#""$(id) %s `x` {}""#);
    }

    #[test]
    fn words_are_cut_between_characters() {
        assert_eq!(words(&"é".repeat(4000)), literal(&"é".repeat(4000)));
        assert_eq!(
            words(&format!("a{}", "é".repeat(4000))),
            literal(&format!("a{} [...]", "é".repeat(3999)))
        );
    }

    #[test]
    fn tags_are_no_keywords() {
        assert_eq!(tag("MS04-006"), "MS04_006");
        assert_eq!(tag("all"), "all_");
    }
}
