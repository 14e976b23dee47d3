//! The facts of the bulletins are in the rules, all of them and no others.

use std::path::Path;

use caveat_tests::facts::check::check;
use caveat_tests::facts::reference;
use caveat_tests::facts::sheet::sheets;
use caveat_tests::facts::tested::untried;
use caveat_tests::library::bundled;

#[test]
fn the_rules_have_the_facts_of_the_bulletins() {
    let rules = bundled();
    let mut facts = 0;
    let mut problems = Vec::new();
    for sheet in sheets() {
        let findings = check(&sheet, rules.rules());
        facts += findings.facts;
        problems
            .extend(findings.problems.into_iter().map(|problem| format!("{}: {problem}", sheet.bulletin)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(facts > 1500, "the facts were not found: {facts}");
}

/// The folder with the fuller collection that the sheets were made from.
const COLLECTION: &str = "CAVEAT_FACTS";

#[test]
#[allow(clippy::print_stdout, reason = "says what it needs")]
fn the_sheets_have_the_facts_of_the_collection() {
    let Some(folder) = std::env::var_os(COLLECTION) else {
        println!("skipped: {COLLECTION} names no folder");
        return;
    };
    let findings = reference::check(Path::new(&folder), &sheets());
    assert!(findings.problems.is_empty(), "{}", findings.problems.join("\n"));
    assert!(findings.facts > 850, "the facts were not found: {}", findings.facts);
}

#[test]
fn the_tests_inside_the_rules_try_every_package_and_vulnerability() {
    let missing = untried(&bundled());
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
