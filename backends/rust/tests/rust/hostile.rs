//! Texts of rules stay texts: whatever is in them, the code parses, and holds them as they were.

use caveat_ir::expr::{Reason, ServiceCheck, ValueCheck};
use caveat_ir::value::RegistryPath;
use caveat_ir::{Expr, Test};
use proc_macro2::{TokenStream, TokenTree};
use proptest::prelude::*;

use crate::support::{bulletin, checked, emit, rules, test, titles};

/// What means something in Rust, in documentation, or to a terminal.
const PIECES: [&str; 22] = [
    "\"", "'", "\\", "\n", "\r", "\t", "{}", "$()", "%", "*/", "/*", "//", "r#\"", "\"#", "]", "`",
    "\u{202E}", "\u{200F}", "\u{2028}", "é", "a", "<b>",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned), "\\PC".boxed()];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| pieces.concat())
}

/// The values of all string literals.
fn strings(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => strings(group.stream(), found),
            TokenTree::Literal(literal) => {
                found.extend(syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|one| one.value()));
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// Characters that a compiler refuses, or warns of, outside an escape.
fn is_dangerous(c: char) -> bool {
    matches!(c, '\r' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

proptest! {
    #[test]
    fn texts_come_back_as_they_were(text in hostile()) {
        let key = RegistryPath { key: "SOFTWARE".to_owned(), ..RegistryPath::parse(r"HKLM\A", None).unwrap() };
        let when = vec![
            test(Test::RegistryValue(key.clone(), text.clone(), ValueCheck::Text(text.clone()))),
            test(Test::RegistryValue(key, "v".to_owned(), ValueCheck::TextIgnoringCase(text.clone()))),
            test(Test::Suite(text.clone())),
            Expr::negate(test(Test::Service(text.clone(), ServiceCheck::Running))),
            test(Test::Unknowable(Reason::Stated(text.clone()))),
        ];
        let mut rule = bulletin("A", when);
        rule.titles = titles(&text);
        rule.references = vec![text.clone()];
        rule.packages[0].name.clone_from(&text);
        rule.vulnerabilities[0].titles = titles(&text);
        let files = emit(&checked(rules(vec![rule])));
        for source in files.values() {
            prop_assert!(!source.contains(is_dangerous), "{source}");
            prop_assert!(syn::parse_file(source).is_ok(), "{source}");
        }
        let mut found = Vec::new();
        strings(files["rust/a.rs"].parse().unwrap(), &mut found);
        let held = found.iter().filter(|one| **one == text).count();
        prop_assert!(held >= 9, "{held} of {text:?} in {found:?}");
    }
}
