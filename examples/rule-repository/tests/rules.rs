//! The rules are sound, and what is generated from them is what was reviewed.

#[test]
fn rules() {
    caveat_testkit::repository!().check();
}
