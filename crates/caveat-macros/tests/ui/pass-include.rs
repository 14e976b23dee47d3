//! A rule file, included.
#![deny(warnings, missing_docs, unreachable_pub)]

mod rules {
    caveat::include_rules!("rules/good.caveat");
}

fn main() {
    assert_eq!(rules::BULLETINS[0].id, "MS99-001");
    assert_eq!(rules::ms99_001::BULLETIN.packages[0].name, "Windows 2000");
}
