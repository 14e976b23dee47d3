//! Identifiers of generated code: valid, never a keyword, never the same twice.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};

/// Words that cannot name an item, or would hide what generated code means by them.
const RESERVED: [&str; 73] = [
    "abstract",
    "alignof",
    "as",
    "async",
    "await",
    "become",
    "bool",
    "box",
    "break",
    "char",
    "const",
    "continue",
    "crate",
    "default",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "f32",
    "f64",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "i128",
    "i16",
    "i32",
    "i64",
    "i8",
    "if",
    "impl",
    "in",
    "isize",
    "let",
    "loop",
    "macro",
    "macro_rules",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "pub",
    "pure",
    "raw",
    "ref",
    "return",
    "self",
    "static",
    "str",
    "struct",
    "super",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "u128",
    "u16",
    "u32",
    "u64",
    "u8",
    "union",
    "unsafe",
    "unsized",
    "use",
    "usize",
    "virtual",
    "where",
    "yield",
];

/// The names that were given out.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// The name of a static like `wanted`, with a number behind it when that is taken.
    pub(crate) fn fresh_static(&mut self, wanted: &str) -> Ident {
        let name = self.fresh(wanted).to_string().to_ascii_uppercase();
        Ident::new(&name, Span::call_site())
    }

    /// A name like `wanted`, with a number behind it when that is taken.
    pub(crate) fn fresh(&mut self, wanted: &str) -> Ident {
        let base = snake(wanted);
        let mut name = base.clone();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name = format!("{base}_{number}");
        }
        Ident::new(&name, Span::call_site())
    }
}

/// `ms04_006` for `MS04-006`.
fn snake(text: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let mut name: String = text.chars().map(letter).collect();
    let is_bare = name.chars().all(|c| c == '_');
    if is_bare || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert_str(0, "x_");
    }
    if RESERVED.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_and_unique() {
        let mut names = Names::default();
        let fresh: Vec<String> = ["MS04-006", "MS04_006", "Mod", "Self", "yield", "u8", "1.2", "--", "Ä"]
            .map(|wanted| names.fresh(wanted).to_string())
            .into();
        assert_eq!(
            fresh,
            ["ms04_006", "ms04_006_2", "mod_", "self_", "yield_", "u8_", "x_1_2", "x___", "x__"]
        );
    }

    #[test]
    fn every_keyword_is_reserved() {
        for word in RESERVED {
            let name = Names::default().fresh(word).to_string();
            assert!(syn::parse_str::<Ident>(&name).is_ok(), "{name}");
        }
    }
}
