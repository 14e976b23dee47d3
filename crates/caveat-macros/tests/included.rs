//! A rule file, included, compiles under the strictest lints.
#![deny(warnings, missing_docs, unreachable_pub)]

mod rules {
    caveat::include_rules!("tests/ui/rules/good.caveat");
}

#[test]
fn its_bulletins_are_there() {
    assert_eq!(rules::BULLETINS[0].id, "MS99-001");
    assert_eq!(rules::ms99_001::BULLETIN.packages[0].name, "Windows 2000");
}
