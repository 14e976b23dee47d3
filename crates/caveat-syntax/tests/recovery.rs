//! Errors: what is said, where, and that the rest of the file is still read.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod common;

use caveat_syntax::ast::{BulletinStatement, ExprKind, Item};
use common::{codes, only, parse, reports, under};

fn message(text: &str) -> String {
    only(text).message
}

#[test]
fn messages_say_what_was_expected() {
    for (text, expected) in [
        ("bulletin A title", "expected `{` after `A`, found `title`"),
        ("bulletin A\n{ kb 1 }", "expected `{` after `A`, found the end of the line"),
        ("condition a service", "expected `=`, found `service`"),
        ("condition a =", "expected a condition, found the end of the file"),
        ("condition a = b c", "expected the end of the statement, found `c`"),
        ("condition a = (b c)", "expected `)`, found `c`"),
        ("use", "expected a module, found the end of the file"),
        ("use a\n}", "unexpected `}`"),
        ("platform a { build 1 .. 2 }", "expected the end of the statement, found `..`"),
        ("bulletin A { severity }", "expected a severity, found `}`"),
        ("bulletin A { unaffected when b }", "expected a platform, found `when`"),
        ("bulletin A { package { for a } }", "expected the package's name in quotation marks, found `{`"),
        ("bulletin A { vulnerability B { affects } }", "expected `file` or `on`, found `}`"),
        ("bulletin A { vulnerability B { exposed if c } }", "expected `when`, found `if`"),
        (
            "bulletin A { package \"p\" { marker wins } }",
            "expected `platform`, `os`, `file`, `registry`, `any`, `service`, `hotfix` or `undecidable`, found `wins`",
        ),
    ] {
        let diagnostic = only(text);
        assert_eq!((diagnostic.code.id, &*diagnostic.message), ("CAV0101", expected));
    }
}

#[test]
fn advice_shows_how_the_statement_is_written() {
    assert_eq!(only("bulletin A { severity }").help, ["write `severity LEVEL [on PLATFORM, …]`"]);
    assert_eq!(only("condition a = os sp 1 .. 2").help, ["a range is written without spaces: `2..4`"]);
}

#[test]
fn similar_words_are_suggested() {
    let text = "bulletin A { titel \"x\" }";
    let diagnostic = only(text);
    assert_eq!((diagnostic.code.id, under(text, diagnostic.span().unwrap())), ("CAV0103", "titel"));
    assert_eq!(diagnostic.fixes[0].edits[0].replacement, "title");
    assert_eq!(diagnostic.help[0], "did you mean `title`?");
    assert!(diagnostic.help[1].starts_with("a bulletin may contain `title`, `kb`"));
    assert_eq!(only("condition a = servce \"x\" installed").fixes[0].edits[0].replacement, "service");
    assert_eq!(only("condition a = service \"x\" enabeld").fixes[0].edits[0].replacement, "enabled");
    assert_eq!(only("wins = a").help[0], "to define a condition, write `condition wins = …`");
    assert_eq!(only("bulletin A { affects file a }").notes, ["`affects` can stand in a vulnerability"]);
}

#[test]
fn all_errors_are_reported_and_the_rest_is_read() {
    let text = "use a
bulletin A {
    kb
    titel \"x\"
    severity important
    package \"p\" {
        for a b
        requires
        restart required
    }
    kb 1
}
condition good = b
condition bad = and
";
    let parsed = parse(text);
    let found: Vec<_> = reports(text).into_iter().map(|(code, message, _)| (code, message)).collect();
    let expected = [
        ("CAV0101", "expected the number of an article, found the end of the line"),
        ("CAV0103", "unknown statement `titel` in a bulletin"),
        ("CAV0101", "expected a condition, found the end of the line"),
        ("CAV0101", "expected a condition, found `and`"),
    ];
    assert_eq!(found, expected.map(|(code, message)| (code, message.to_owned())));
    let [Item::Bulletin(bulletin), Item::Condition(good), Item::Condition(_)] = &parsed.file.items[..] else {
        panic!()
    };
    assert_eq!(good.name.text, "good");
    let errors = bulletin.statements.iter().filter(|statement| statement.kind == BulletinStatement::Error);
    assert_eq!((errors.count(), bulletin.statements.len()), (2, 5));
}

#[test]
fn one_mistake_is_one_diagnostic() {
    for text in [
        "bulletin A {\n    unknwon \"x\" {\n        a b\n    }\n    kb 1\n}",
        "bulletin {\n    kb 1\n}",
        "bulletin A {\n    package p {\n        for a\n    }\n}",
        "bulletin A\n    kb 1\n}\ncondition a = b",
        "condition a = (b and\n    c d\n    or e\n)\ncondition f = g",
        "condition a = any of {\n    b\n    c d\n    e\n}",
        "condition a = any of { b\ncondition c = d",
        "condition a = é and b",
        "bulletin A {\n    severity #high on , b\n    kb 1\n}",
        "bulletin A {\n    supersedes =, MS02-050,\n        MS02-051\n}",
        "bulletin A { package \"p\" { files in 'x' {\n a 1 =\n b 2\n} columns sp 0 } }",
    ] {
        assert_eq!(parse(text).diagnostics.len(), 1, "{text}\n{:?}", reports(text));
    }
}

#[test]
fn errors_inside_a_block_with_a_broken_head_are_reported() {
    assert_eq!(codes("bulletin {\n    kb\n    titel\n}"), ["CAV0101", "CAV0101", "CAV0103"]);
}

#[test]
fn a_definition_with_a_broken_body_is_kept() {
    let parsed = parse("condition a = )\nproduct b version 1 = os\n");
    let names = parsed.file.items.iter().map(|item| match item {
        Item::Condition(condition) => (condition.name.text.as_str(), condition.body.kind == ExprKind::Error),
        _ => panic!(),
    });
    assert_eq!(names.collect::<Vec<_>>(), [("a", true), ("b", true)]);
}

#[test]
fn unclosed_braces_are_told_from_misplaced_statements() {
    let text =
        "bulletin A {\n    package \"p\" {\n        for a\n    package \"q\" {\n        for b\n    }\n}\n";
    let diagnostic = only(text);
    assert_eq!((diagnostic.code.id, diagnostic.span().unwrap().start), ("CAV0102", 29));
    assert_eq!(under(text, diagnostic.labels[1].span), "package");
    assert_eq!(
        message("bulletin A {\n    package \"p\" { package \"q\" { for b } }\n}\n"),
        "unknown statement `package` in a package"
    );
    assert_eq!(codes("bulletin A {\n    kb 1\n"), ["CAV0102"]);
    assert_eq!(codes("bulletin A {\n    package \"p\" {\n        for"), ["CAV0101"]);
}

#[test]
fn unclosed_parentheses_do_not_swallow_what_follows() {
    let text = "bulletin A {\n    condition a = (b and c\n    kb x y\n}";
    assert_eq!(
        reports(text),
        [
            ("CAV0102", "this `(` is not closed".into(), "(".into()),
            ("CAV0101", "expected the end of the statement, found `y`".into(), "y".into())
        ]
    );
}

#[test]
fn after_a_hundred_diagnostics_there_are_no_more() {
    let parsed = parse(&"use\n@\n".repeat(300));
    assert_eq!(parsed.diagnostics.len(), 100);
    assert_eq!(parsed.diagnostics[99].notes, ["further problems in this file are not shown"]);
    assert!(parsed.diagnostics[..99].iter().all(|diagnostic| diagnostic.notes.is_empty()));
    assert_eq!(parse(&"use\n".repeat(100)).diagnostics[99].notes, [""; 0]);
}
