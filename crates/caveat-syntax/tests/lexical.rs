//! Tokens, their spans, and what is wrong with characters, strings and comments.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod common;

use caveat_syntax::lex;
use caveat_syntax::tokens::TokenKind as K;
use common::{FILE, codes, only, reports, shape, tree, under};

fn kinds(text: &str) -> Vec<(K, &str)> {
    let lexed = lex(FILE, text);
    assert_eq!(lexed.diagnostics, []);
    lexed.tokens.iter().map(|token| (token.kind, under(text, token.span))).collect()
}

fn words(text: &str) -> Vec<&str> {
    kinds(text).into_iter().filter(|(kind, _)| *kind != K::Eof).map(|(_, text)| text).collect()
}

#[test]
fn words_stop_before_dots_and_hyphens() {
    assert_eq!(words("windows-nt-4.0 lsasrv.dll 0x400"), ["windows-nt-4.0", "lsasrv.dll", "0x400"]);
    assert_eq!(words("4.87..4.88"), ["4.87", "..", "4.88"]);
    assert_eq!(words("4.87.."), ["4.87", ".."]);
    assert_eq!(words("..4"), ["..", "4"]);
    assert_eq!(words("a- b--c d-..e"), ["a", "-", "b--c", "d", "-", "..", "e"]);
}

#[test]
fn every_kind_of_token() {
    let text = "w 'r' \"s\" { } ( ) , ; = != < <= > >= .. - // l\n/* b /* n */ */ /// d\n//// l";
    let expected = [
        (K::Word, "w"),
        (K::RawString, "'r'"),
        (K::String, "\"s\""),
        (K::OpenBrace, "{"),
        (K::CloseBrace, "}"),
        (K::OpenParen, "("),
        (K::CloseParen, ")"),
        (K::Comma, ","),
        (K::Semicolon, ";"),
        (K::Equal, "="),
        (K::NotEqual, "!="),
        (K::Less, "<"),
        (K::LessOrEqual, "<="),
        (K::Greater, ">"),
        (K::GreaterOrEqual, ">="),
        (K::DotDot, ".."),
        (K::Minus, "-"),
        (K::LineComment, "// l"),
        (K::BlockComment, "/* b /* n */ */"),
        (K::DocComment, "/// d"),
        (K::LineComment, "//// l"),
        (K::Eof, ""),
    ];
    assert_eq!(kinds(text), expected);
}

#[test]
fn line_ends_are_noted() {
    let lexed = lex(FILE, "a b\r\nc\rd /* x\n */ e");
    let before: Vec<bool> = lexed.tokens.iter().map(|token| token.newline_before).collect();
    assert_eq!(before, [false, false, true, true, false, false, false]);
}

#[test]
fn a_byte_order_mark_is_skipped_at_the_start_only() {
    assert!(codes("\u{FEFF}use a").is_empty());
    assert_eq!(codes("use a\n\u{FEFF}use b"), ["CAV0005"]);
}

#[test]
fn escapes_have_values() {
    let text = r#"condition a = file "\\ \" \' \n \r \t \u{1F600} \u{202E}""#;
    let value = "\\ \" ' \n \r \t \u{1F600} \u{202E}";
    assert!(shape(text).to_string().contains(&serde_json::to_string(value).unwrap()));
    assert!(shape(r"condition a = file 'C:\new\u'").to_string().contains(r"C:\\new\\u"));
}

#[test]
fn invalid_escapes() {
    for (escape, code) in [
        (r"\q", "CAV0004"),
        (r"\u", "CAV0004"),
        (r"\u{}", "CAV0004"),
        (r"\u{1234567}", "CAV0004"),
        (r"\u{D800}", "CAV0004"),
        (r"\u{110000}", "CAV0004"),
        (r"\u{0}", "CAV0005"),
        (r"\u{85}", "CAV0005"),
        (r"\u{FFFE}", "CAV0005"),
    ] {
        let text = format!("condition a = file \"x{escape}\"");
        let diagnostic = only(&text);
        assert_eq!(diagnostic.code.id, code, "{escape}");
        assert!(escape.starts_with(under(&text, diagnostic.span().unwrap())), "{escape}");
    }
}

#[test]
fn forbidden_characters_stand_nowhere() {
    for c in "\0\u{1}\u{B}\u{C}\u{1B}\u{7F}\u{85}\u{200E}\u{200F}\u{61C}\u{202A}\u{202E}\u{2066}\u{2069}\u{FEFF}\u{FFFE}"
        .chars()
    {
        for text in [
            format!("use a{c}"),
            format!("use a // x{c}y"),
            format!("use a /* x{c}y */"),
            format!("condition a = file 'x{c}y'"),
            format!("condition a = file \"x{c}{c}\""),
        ] {
            let diagnostic = only(&text);
            assert_eq!(diagnostic.code.id, "CAV0005", "{text:?}");
            let underlined = under(&text, diagnostic.span().unwrap());
            assert!(!underlined.is_empty() && underlined.chars().all(|d| d == c), "{text:?}");
        }
    }
}

#[test]
fn other_scripts_are_welcome_in_strings_and_comments() {
    tree("condition a = file 'C:\\ウィンドウズ\\é' // שלום");
}

#[test]
fn runs_of_invalid_characters_are_one_problem() {
    assert_eq!(reports("use a @#€ "), [("CAV0001", "invalid characters `@#€`".into(), "@#€".into())]);
    assert_eq!(codes("use a @\nuse b @"), ["CAV0001", "CAV0001"]);
}

#[test]
fn typographic_quotation_marks_are_mended() {
    let text = "condition a = service “WINS” installed";
    let diagnostic = only(text);
    assert_eq!((diagnostic.code.id, under(text, diagnostic.span().unwrap())), ("CAV0001", "“"));
    assert_eq!(diagnostic.fixes[0].edits[0].replacement, "\"WINS\"");
    assert_eq!(codes("condition a = file ‘C:\\a’"), ["CAV0001"]);
    assert_eq!(codes("use a “"), ["CAV0001"]);
}

#[test]
fn unterminated_strings_end_with_their_line() {
    assert_eq!(
        reports("condition a = file \"x\nuse b"),
        [("CAV0002", "this string is not closed".into(), "\"x".into())]
    );
    assert_eq!(codes("condition a = file 'C:\\\ncondition b = file 'C:\\a'"), ["CAV0002"]);
    assert_eq!(codes("condition a = file \"x\\"), ["CAV0002"]);
}

#[test]
fn unterminated_strings_leave_the_braces_that_end_their_line() {
    assert_eq!(
        codes("bulletin A {\npackage \"x {\nfor windows\n}\ntest \"y\" { expect fixed }\n}"),
        ["CAV0002"]
    );
    assert_eq!(codes("bulletin A { note \"x }\nuse b"), ["CAV0002"]);
}

#[test]
fn unterminated_comments() {
    let text = "bulletin A {\nkb 1 /* a /* b */\n}";
    assert_eq!(reports(text), [("CAV0003", "this comment is not closed".into(), "/*".into())]);
}
