//! The facts of the bulletins are in the rules, all of them and no others.

use caveat_ir::Checked;
use caveat_tests::facts::check::check;
use caveat_tests::facts::sheet::sheets;
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::rules::root;

fn bundled() -> Checked {
    let rules = root().join("rules");
    checked(compiled(std::slice::from_ref(&rules), &rules))
}

#[test]
fn the_rules_have_the_facts_of_the_bulletins() {
    let rules = bundled();
    let mut facts = 0;
    let mut problems = Vec::new();
    for sheet in sheets() {
        let findings = check(&sheet, rules.rules());
        facts += findings.facts;
        problems.extend(findings.problems.into_iter().map(|problem| format!("{}: {problem}", sheet.bulletin)));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(facts > 1000, "the facts were not found: {facts}");
}
