//! OpenSCAP takes what comes out: XSD and schematron, in both versions of the language.

use crate::support::{Builder, conditional, emit_with, every_test, ms04_006, oscap, scratch, servers, test};
use caveat_backend::{ArtifactRole, Ledger, Policy};
use caveat_ir::{Checked, Expr};

/// Every kind of test, once plain and once negated, alone and in groups.
fn every_kind() -> Checked {
    let mut builder = Builder::new();
    let [platform, ..] = servers(&mut builder);
    let plain = Expr::all(every_test().into_iter().map(test));
    let negated = Expr::negate(Expr::any(every_test().into_iter().map(test)));
    let mixed =
        Expr::any(every_test().into_iter().map(|one| Expr::all([test(one), Expr::Platform(platform)])));
    for (id, when) in [("A-plain", plain), ("B-negated", negated), ("C-mixed", Expr::negate(mixed))] {
        builder.rules.bulletins.push(conditional(id, platform, when));
    }
    builder.check()
}

fn validate(rules: &Checked, schema: &str, layout: &str) {
    let options = [("schema", schema), ("layout", layout)];
    let emitted = emit_with(rules, &options, Policy::default(), Ledger::default());
    assert!(emitted.notes.is_empty(), "{:?}", emitted.notes);
    for artifact in emitted.outputs.iter().filter(|artifact| artifact.role == ArtifactRole::Main) {
        let name = format!("{schema}-{layout}-{}", artifact.path.replace('/', "-"));
        let file = scratch(&name, &artifact.text);
        let Some(output) = oscap(&["oval", "validate", file.to_str().unwrap()]) else { return };
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
    }
}

#[test]
fn every_test_is_valid_in_5_11() {
    validate(&every_kind(), "5.11", "bulletin");
}

#[test]
fn every_test_is_valid_in_5_10() {
    validate(&every_kind(), "5.10", "bulletin");
}

#[test]
fn a_bundle_is_valid() {
    validate(&every_kind(), "5.11", "bundle");
}

#[test]
fn a_real_bulletin_is_valid() {
    validate(&ms04_006(), "5.11", "bulletin");
    validate(&ms04_006(), "5.10", "bulletin");
}
