//! The canonical layout, construct by construct.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod common;

use common::{FILE, SAMPLES, shape};

#[track_caller]
fn check(source: &str, expected: &str) {
    let once = caveat_syntax::format(FILE, source).unwrap();
    assert_eq!(once, expected, "\n{once}");
    assert_eq!(caveat_syntax::format(FILE, &once).unwrap(), once, "a second time");
    assert_eq!(shape(&once), shape(source));
}

#[test]
fn canonical_files_stay_as_they_are() {
    for sample in [include_str!("samples/canonical.caveat"), ""] {
        check(sample, sample);
    }
}

#[test]
fn the_samples_keep_their_trees() {
    for sample in SAMPLES {
        let once = caveat_syntax::format(FILE, sample).unwrap();
        check(sample, &once);
    }
}

#[test]
fn files_with_errors_are_refused() {
    assert_eq!(caveat_syntax::format(FILE, "use a b").unwrap_err()[0].code.id, "CAV0101");
    assert_eq!(caveat_syntax::format(FILE, "use a // \u{202E}").unwrap_err()[0].code.id, "CAV0005");
}

#[test]
fn tokens_are_spaced() {
    check(
        "condition  a( p ,q )=(not b( \"x\",1.0 )and(file p version<5 or os sp 2..4))",
        "condition a(p, q) = (not b(\"x\", 1.0) and (file p version < 5 or os sp 2..4))\n",
    );
    check("condition a = file 'x' version in 4..,..5 , 6", "condition a = file 'x' version in 4.., ..5, 6\n");
    check("condition a = os sp..5 and os build..", "condition a = os sp ..5 and os build ..\n");
}

#[test]
fn line_ends_and_trailing_space_are_normalised() {
    check(
        "\u{FEFF}use a  \r\n/* x\r\ny */\r\nuse b // c \t\r\n\r\n\r\n\r\nuse c\ruse d",
        "use a\n/* x\ny */\nuse b // c\n\nuse c\nuse d\n",
    );
}

#[test]
fn statements_stand_on_lines_of_their_own() {
    check(
        "bulletin A {\nkb 1; alias B;;\n;kb 2 }",
        "bulletin A {\n    kb    1\n    alias B\n    kb    2\n}\n",
    );
    check("use a; use b", "use a\nuse b\n");
}

#[test]
fn small_blocks_stay_on_their_line() {
    check("platform a{title \"x\";version 5.0;}", "platform a { title \"x\"; version 5.0 }\n");
    check("platform a { }", "platform a {}\n");
    for (length, expected) in
        [(74, "{ title \"…\"; version 5.0 }"), (75, "{\n    title   \"…\"\n    version 5.0\n}")]
    {
        let title = "x".repeat(length);
        check(
            &format!("platform a {{ title \"{title}\"; version 5.0 }}"),
            &format!("platform a {}\n", expected.replace('…', &title)),
        );
    }
    let longer = "x".repeat(81);
    check(
        &format!("bulletin a {{\ntest \"{longer}\" {{ expect fixed }}\n}}"),
        &format!("bulletin a {{\n    test \"{longer}\" {{ expect fixed }}\n}}\n"),
    );
    check(
        &format!("bulletin a {{\ntest \"{longer}\" {{ host {{ os w; hotfix K }} expect fixed }} // c\n}}"),
        &format!(
            "bulletin a {{\n    test \"{longer}\" {{\n        host {{ os w; hotfix K }}\n        expect fixed\n    }} // c\n}}\n"
        ),
    );
}

#[test]
fn comments_after_a_line_do_not_make_it_too_long() {
    let comment = "x".repeat(100);
    check(
        &format!("platform a {{ title \"x\" }}     // {comment}"),
        &format!("platform a {{ title \"x\" }} // {comment}\n"),
    );
}

#[test]
fn parts_of_a_list() {
    check(
        "condition a = any of { b ,c; d\n} and all of { e\n,f }",
        "condition a = any of {\n    b,\n    c\n    d\n} and all of {\n    e,\n    f\n}\n",
    );
}

#[test]
fn statements_over_several_lines_keep_their_breaks() {
    check(
        "platform p {\nwhen a\nand b and\n(c\nor (d\nor e)\n)\n\n\nor f\ntype server,\nworkstation\n}",
        "platform p {\n    when a\n        and b and\n        (c\n            or (d\n                or e)\n        )\n        or f\n    type server,\n        workstation\n}\n",
    );
    check(
        "condition a = (\nany of {\nb\n}\n// c\nand d\n)",
        "condition a = (\n    any of {\n        b\n    }\n    // c\n    and d\n)\n",
    );
}

#[test]
fn blank_lines() {
    check(
        "\n\n// a\n\n\nuse a\n\n\nuse b\nplatform c {\n\n\ntitle \"x\"\n\n\n\nversion 5\n\n}\n// d\nuse e\n/// f\nplatform f {\n}\n\n\n",
        "// a\n\nuse a\n\nuse b\n\nplatform c {\n    title \"x\"\n\n    version 5\n}\n\n// d\nuse e\n\n/// f\nplatform f {\n}\n",
    );
}

#[test]
fn comments_stay_where_they_are() {
    check(
        "bulletin A { // a\n// b\nkb 1; // c\n/* d */ kb /* e */ 2; /* f */ note \"x\" /* g */; /* h */\n/* i */\n// j\n}\n// k",
        "bulletin A { // a\n    // b\n    kb 1 // c\n    /* d */ kb /* e */ 2\n    /* f */ note \"x\" /* g */ /* h */\n    /* i */\n    // j\n}\n// k\n",
    );
    check(
        "platform a { /* x */ title \"y\"; /* z */ version /* v */ 5 /* w */ }",
        "platform a { /* x */ title \"y\"; /* z */ version /* v */ 5 /* w */ }\n",
    );
    check("kb_ /* a\nb */".replace("kb_", "use x").as_str(), "use x /* a\nb */\n");
}

#[test]
fn first_values_are_aligned_in_runs() {
    check(
        "bulletin A {\ntitle \"x\"\ntitle ja \"y\"\n// c\nkb 1 // d\nrevised 2004-01-01 \"z\"\n\nkb 2\nalias B\nkb 3,\n4\nalias C\n}",
        "bulletin A {\n    title    \"x\"\n    title ja \"y\"\n    // c\n    kb       1 // d\n    revised  2004-01-01 \"z\"\n\n    kb    2\n    alias B\n    kb 3,\n        4\n    alias C\n}\n",
    );
    check("use a\ncondition b = c\nrole d = e", "use a\ncondition b = c\nrole      d = e\n");
    check(
        "condition x = any of {\nservice \"a\" running\nfile 'b'\n}",
        "condition x = any of {\n    service \"a\" running\n    file 'b'\n}\n",
    );
}

#[test]
fn tables_are_aligned() {
    check(
        "bulletin A { package \"p\" { files in 'x' {\n// head\na.dll 1.0 - // c\n\n\"long name\" unversioned 2; b.dll /* c */ 1 2\n} columns sp 0,sp 1..\n} }",
        "bulletin A {\n    package \"p\" {\n        files in 'x' {\n            // head\n            a.dll        1.0          - // c\n\n            \"long name\"  unversioned  2\n            b.dll /* c */ 1 2\n        } columns sp 0, sp 1..\n    }\n}\n",
    );
}
