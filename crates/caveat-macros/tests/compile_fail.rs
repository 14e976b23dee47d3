//! Mistakes in rules are errors of the compiler, with the rule's file, line and column; sound rules
//! compile under the strictest lints.
#![allow(clippy::unwrap_used, reason = "a helper of a test ends the test")]

use std::fs;
use std::path::Path;

/// Where trybuild has the package that it compiles, from which the tests' paths begin.
fn package() -> std::path::PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().to_owned();
    target.join("tests/trybuild").join(env!("CARGO_PKG_NAME"))
}

#[test]
fn rules_and_their_mistakes() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let rules = package().join("rules");
    fs::create_dir_all(rules.join("empty")).unwrap();
    for entry in fs::read_dir(ui.join("rules")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, rules.join(path.file_name().unwrap())).unwrap();
    }
    let tests = trybuild::TestCases::new();
    tests.pass("tests/ui/pass-*.rs");
    tests.compile_fail("tests/ui/fail-*.rs");
}
