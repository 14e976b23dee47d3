//! Every construct of the grammar, and the spans of the tree.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod common;

use caveat_syntax::ast::{
    self, BulletinStatement, ConditionKind, ExprKind, Item, OsTest, PackageStatement, Predicate,
};
use common::{SAMPLES, codes, reports, shape, tree, under};

fn body(text: &str) -> ast::Expr {
    match tree(text).items.pop() {
        Some(Item::Condition(condition)) => condition.body,
        other => panic!("{other:?}"),
    }
}

/// An expression with parentheses round everything.
fn grouped(expr: &ast::Expr) -> String {
    let all = |parts: &[ast::Expr], by: &str| {
        format!("({})", parts.iter().map(grouped).collect::<Vec<_>>().join(by))
    };
    match &expr.kind {
        ExprKind::And(parts) => all(parts, " & "),
        ExprKind::Or(parts) => all(parts, " | "),
        ExprKind::Not(inner) => format!("!{}", grouped(inner)),
        ExprKind::Named { name, .. } => name.text.clone(),
        ExprKind::Quantified { parts, .. } => all(parts, "; "),
        ExprKind::Predicate(_) => "test".to_owned(),
        ExprKind::Error => "error".to_owned(),
    }
}

#[test]
fn the_samples_parse() {
    for sample in SAMPLES {
        tree(sample);
    }
}

#[test]
fn everything_is_in_the_tree() {
    let file = tree(SAMPLES[0]);
    assert_eq!(file.uses.len(), 2);
    let Some(Item::Platform(platform)) = file.items.first() else { panic!() };
    assert_eq!(platform.doc.as_deref(), Some("Windows 2000,\nall editions."));
    assert_eq!((platform.facts.len(), platform.editions.len()), (10, 2));
    assert_eq!(platform.editions[0].doc.as_deref(), Some("The desktop."));
    let Some(Item::Bulletin(bulletin)) = file.items.last() else { panic!() };
    assert!(bulletin.statements.iter().all(|statement| statement.kind != BulletinStatement::Error));
    let packages = bulletin.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Package(package) => Some(package),
        _ => None,
    });
    let statements = packages.flat_map(|package| &package.statements);
    let tables = statements.filter_map(|statement| match &statement.kind {
        PackageStatement::Files { rows, columns, .. } => Some((rows.len(), columns.len())),
        _ => None,
    });
    assert_eq!(tables.collect::<Vec<_>>(), [(3, 2), (1, 0)]);
}

#[test]
fn operators_bind_as_documented() {
    for (text, expected) in [
        ("a or b and c", "(a | (b & c))"),
        ("a and b or c", "((a & b) | c)"),
        ("not a and b", "(!a & b)"),
        ("not (a or b) and c", "(!(a | b) & c)"),
        ("a and b and c", "(a & b & c)"),
        ("(a and b) and c", "((a & b) & c)"),
        ("not not a", "!!a"),
        ("any of { a or b; c, d }", "((a | b); c; d)"),
        ("platform windows-2000 server and b", "(test & b)"),
        ("os build 2195.. and b", "(test & b)"),
    ] {
        assert_eq!(grouped(&body(&format!("condition x = {text}"))), expected, "{text}");
    }
}

#[test]
fn statements_go_on_over_line_ends() {
    for text in
        ["a\nand b", "a and\nb", "not\na and b", "(a\n\n and\nb\n)", "\na and b", "a // x\n /* y */ and b"]
    {
        assert!(
            grouped(&body(&format!("condition x = {text}"))).ends_with("a & b)") || text.starts_with("not")
        );
    }
    tree("platform a {\ntype server,\nworkstation\n}");
    tree("condition a = file 'x' version <\n5");
}

#[test]
fn keywords_are_not_reserved() {
    for name in ["all", "any", "at", "none", "product", "component", "title", "condition"] {
        assert_eq!(grouped(&body(&format!("condition x = {name} and b"))), format!("({name} & b)"));
    }
    tree("condition condition = condition file\nbulletin bulletin { test \"a\" { expect expect } }");
}

#[test]
fn names_have_kinds_and_arguments() {
    let ExprKind::Named { kind, name, version, .. } = body("condition x = product media version 4.1").kind
    else {
        panic!()
    };
    assert_eq!(
        (kind, name.text, version.unwrap().text),
        (ConditionKind::Product, "media".into(), "4.1".into())
    );
    let ExprKind::Named { kind, arguments, .. } = body("condition x = role r(\"a\", 4.0,\n c)").kind else {
        panic!()
    };
    assert_eq!((kind, arguments.len()), (ConditionKind::Role, 3));
}

#[test]
fn ranges() {
    for (text, low, high, single) in [
        ("4", Some("4"), Some("4"), true),
        ("2..4", Some("2"), Some("4"), false),
        ("2..", Some("2"), None, false),
        ("..4", None, Some("4"), false),
    ] {
        let source = format!("condition x = os sp {text}");
        let ExprKind::Predicate(Predicate::Os(OsTest::Build(range) | OsTest::ServicePack(range))) =
            body(&source).kind
        else {
            panic!()
        };
        assert_eq!(range.low.map(|word| word.text).as_deref(), low);
        assert_eq!(range.high.map(|word| word.text).as_deref(), high);
        assert_eq!(range.single, single);
        assert_eq!(under(&source, range.span), text);
    }
}

#[test]
fn spans_cover_what_was_written() {
    let text = "/// Doc.\nbulletin A { kb 1, 2 ; condition c(p) = not ( a and file 'x' exists )\n}\n";
    let file = tree(text);
    let Some(Item::Bulletin(bulletin)) = file.items.first() else { panic!() };
    assert_eq!(under(text, bulletin.span), text.trim().strip_prefix("/// Doc.\n").unwrap());
    assert_eq!(under(text, bulletin.id.span), "A");
    assert_eq!(under(text, bulletin.statements[0].span), "kb 1, 2");
    let BulletinStatement::Condition(condition) = &bulletin.statements[1].kind else { panic!() };
    assert_eq!(under(text, condition.span), "condition c(p) = not ( a and file 'x' exists )");
    assert_eq!(under(text, condition.body.span), "not ( a and file 'x' exists )");
    let ExprKind::Not(inner) = &condition.body.kind else { panic!() };
    assert_eq!(under(text, inner.span), "( a and file 'x' exists )");
    let ExprKind::And(parts) = &inner.kind else { panic!() };
    assert_eq!(under(text, parts[1].span), "file 'x' exists");
}

#[test]
fn documentation_belongs_to_the_item_below() {
    let doc = |text: &str| shape(text)["items"][0]["Condition"]["doc"].clone();
    assert_eq!(doc("/// a\n///  b  \n///\n// no\n/// c\ncondition x = y"), "a\n b\n\nc");
    assert!(doc("//// a\ncondition x = y").is_null());
    tree("bulletin A {\n/// lost\nkb 1\n/// lost\n}\n/// lost");
}

#[test]
fn numbers_are_checked_where_numbers_stand() {
    for text in ["os sp x", "os build 2..x", "file 'x' size > 1.5", "at least two of { a }"] {
        assert_eq!(codes(&format!("condition a = {text}")), ["CAV0006"], "{text}");
    }
    assert_eq!(
        codes("bulletin A { workaround \"w\" { blocks tcp http, udp 70000 } }"),
        ["CAV0006", "CAV0006"]
    );
    assert_eq!(codes("condition a = registry 'K' value x = dword 0xg"), ["CAV0006"]);
    assert_eq!(
        reports("condition a = os sp 1x")[0],
        ("CAV0006", "`1x` is not a service pack".into(), "1x".into())
    );
    tree("condition a(n) = os sp n and file 'x' size > n and registry 'K' value x = dword n");
    assert_eq!(codes("condition a(n) = os sp n\ncondition b = os sp n"), ["CAV0006"]);
}

#[test]
fn blocks_need_no_end_but_tables_and_lists_do() {
    tree("platform a { title \"x\" } platform b { edition c { type server } edition d { } }");
    assert_eq!(codes("condition a = any of { b } condition c = d"), ["CAV0101"]);
    assert_eq!(codes("bulletin A { package \"p\" { files in 'x' { a 1 } for b } }"), ["CAV0101"]);
}
