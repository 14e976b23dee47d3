//! Properties that hold for every text, and for every rule however it is spaced.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod common;

use caveat_syntax::lex;
use caveat_syntax::tokens::TokenKind;
use common::{FILE, SAMPLES, parse, shape, under};
use proptest::prelude::*;

/// What is said of the result of parsing any text.
fn sound(text: &str) {
    let lexed = lex(FILE, text);
    let mut end = 0;
    for token in &lexed.tokens {
        assert!(token.span.start >= end && token.span.end >= token.span.start);
        under(text, token.span);
        end = token.span.end;
    }
    assert_eq!(lexed.tokens.last().map(|token| token.kind), Some(TokenKind::Eof));
    let parsed = parse(text);
    assert!(parsed.diagnostics.len() <= 100);
    for label in parsed.diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
        under(text, label.span);
    }
    match caveat_syntax::format(FILE, text) {
        Ok(once) => assert_eq!(caveat_syntax::format(FILE, &once).as_deref(), Ok(&*once)),
        Err(diagnostics) => assert_eq!(diagnostics, parsed.diagnostics),
    }
}

fn sample() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&SAMPLES[..])
}

/// A place in the text between two characters.
fn boundary(text: &str, place: prop::sample::Index) -> usize {
    (0..=place.index(text.len() + 1)).rev().find(|place| text.is_char_boundary(*place)).unwrap()
}

/// The tokens of a rule with other white space between them that means the same.
fn respaced(text: &str, choices: &[u8]) -> String {
    let lexed = lex(FILE, text);
    let mut out = String::new();
    let mut end = 0;
    let mut after_comment = false;
    for (token, choice) in lexed.tokens.iter().zip(choices.iter().cycle()) {
        let gap = &text[end as usize..token.span.start as usize];
        let gap = match choice % 8 {
            _ if gap.is_empty() => String::new(),
            0 if gap.contains('\n') && !after_comment => gap.replace('\n', " \r\n\t\n"),
            1 if gap.contains('\n') && !after_comment => gap.replace('\n', "\n\n\n   "),
            2 if gap.contains('\n') => gap.replace('\n', " // x\n"),
            3 if gap.contains('\n') => gap.replace('\n', "\r"),
            4 if !gap.contains('\n') => " /* y */ ".to_owned(),
            5 if !gap.contains('\n') => "\t   ".to_owned(),
            _ => gap.to_owned(),
        };
        out.push_str(&gap);
        out.push_str(under(text, token.span));
        after_comment = token.kind == TokenKind::LineComment;
        end = token.span.end;
    }
    out
}

fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "bulletin",
        "A",
        "{",
        "}",
        "(",
        ")",
        "package",
        "\"p\"",
        "'x'",
        "for",
        "requires",
        "not",
        "and",
        "or",
        "any",
        "of",
        "file",
        "files",
        "in",
        "fixed",
        "columns",
        "sp",
        "..",
        "-",
        ",",
        ";",
        "=",
        "!=",
        "\n",
        "\n",
        "condition",
        "platform",
        "edition",
        "test",
        "host",
        "expect",
        "os",
        "service",
        "registry",
        "value",
        "dword",
        "qword",
        "has",
        "type",
        "reg_none",
        "0",
        "title",
        "// c\n",
        "/* c */",
        "/// d\n",
        "at",
        "least",
        "2",
        "product",
        "version",
        "use",
        "@",
        "\"",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()).prop_map(str::to_owned), 0..60)
        .prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_parsed(text in any::<String>()) {
        sound(&text);
    }

    #[test]
    fn any_sequence_of_tokens_is_parsed(text in pieces()) {
        sound(&text);
    }

    #[test]
    fn any_mutation_of_a_rule_is_parsed(
        text in sample(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        insert in prop_oneof![pieces(), "\\PC{0,5}", Just(String::new())],
    ) {
        let (from, to) = (boundary(text, from), boundary(text, to));
        sound(&format!("{}{insert}{}", &text[..from], &text[to..]));
        let cut = (from.min(to), from.max(to).min(from.min(to) + 20));
        if text.is_char_boundary(cut.1) {
            sound(&format!("{}{insert}{}", &text[..cut.0], &text[cut.1..]));
        }
    }

    #[test]
    fn layout_is_stable_and_keeps_the_tree(text in sample(), choices in prop::collection::vec(any::<u8>(), 1..200)) {
        let source = respaced(text, &choices);
        let once = caveat_syntax::format(FILE, &source).unwrap();
        prop_assert_eq!(shape(&once), shape(&source));
        let twice = caveat_syntax::format(FILE, &once).unwrap();
        prop_assert_eq!(once, twice);
    }
}
