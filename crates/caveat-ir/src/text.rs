//! Which characters rules may carry into artifacts.

/// The first character that no target can carry: control characters other than tab,
/// line feed and carriage return, and the noncharacters U+FFFE and U+FFFF
/// (XML 1.0, production 2 `Char`, is the narrowest of the formats).
#[must_use]
pub fn forbidden_char(text: &str) -> Option<char> {
    text.chars().find(|c| match c {
        '\t' | '\n' | '\r' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        _ => c.is_control(),
    })
}
