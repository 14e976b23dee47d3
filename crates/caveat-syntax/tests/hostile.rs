//! Files made to exhaust a compiler: deep nesting and long runs, in linear time and bounded stack.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod common;

use common::{codes, parse, tree};

const MANY: usize = 10_000;

fn wrapped(open: &str, middle: &str, close: &str, times: usize) -> String {
    format!("condition a = {}{middle}{}", open.repeat(times), close.repeat(times))
}

#[test]
fn nesting_up_to_the_limit_is_fine() {
    tree(&wrapped("(", "b", ")", 128));
    tree(&wrapped("not ", "b", "", 128));
    tree(&wrapped("any of { ", "b", " }", 128));
}

#[test]
fn nesting_beyond_the_limit_is_one_diagnostic() {
    for times in [129, MANY] {
        for (open, close) in
            [("(", ")"), ("not ", ""), ("any of { ", " }"), ("(not ", ")"), ("all of {\n", "\n}")]
        {
            let text = format!("{}\ncondition c = d", wrapped(open, "b", close, times));
            assert_eq!(codes(&text), ["CAV0104"], "{open} {times}");
            assert_eq!(parse(&text).file.items.len(), 2);
        }
    }
    assert_eq!(
        codes(&format!("condition a = {}{}b{}", "(".repeat(100), "not ".repeat(29), ")".repeat(100))),
        ["CAV0104"]
    );
}

#[test]
fn unclosed_nesting_is_reported_too() {
    for open in ["(", "(\n", "{", "{\n", "any of {", "condition a = any of {\n", "bulletin A {", "f("] {
        let text = format!("condition a = {}", open.repeat(MANY));
        assert!(codes(&text).contains(&"CAV0104"), "{open:?}");
        assert!(codes(&open.repeat(MANY)).len() <= 100, "{open:?}");
    }
    assert!(codes(&"{".repeat(MANY)).contains(&"CAV0104"));
    assert!(codes(&"(".repeat(MANY)).contains(&"CAV0104"));
}

#[test]
fn long_files_are_linear() {
    for piece in [
        "/*",
        "*/",
        "/**/ ",
        "- ",
        "a-",
        "..",
        "\"",
        "\"\\",
        "'",
        "“",
        "\u{202E}a",
        "@",
        "}",
        ")",
        "use a;",
        ", ",
        "///\n",
    ] {
        parse(&piece.repeat(MANY));
        parse(&format!("bulletin A {{ kb {}", piece.repeat(MANY)));
    }
    assert!(codes(&format!("{}{}", "/*".repeat(MANY), "*/".repeat(MANY))).is_empty());
}
