//! The targets that rules are meant for: on the command line, in the configuration, and in `check`.

use caveat_tests::command::{caveat, caveat_in};

use super::meaning::defect;
use super::{folder, wins};

const FOR_YARA: &str = "rules = \".\"\ntargets = [\"yara\"]\n";

#[test]
fn check_looks_at_the_chosen_targets() {
    let rule = defect("update-that-a-target-cannot-see");
    let files =
        folder(&[("rule.caveat", &rule), ("with/caveat.toml", FOR_YARA), ("with/rule.caveat", &rule)]);
    let said = |arguments: &[&str]| caveat_in(files.path(), arguments).expect(0).stderr;
    assert!(said(&["check", "rule.caveat"]).contains("no problems"));
    assert!(said(&["check", "rule.caveat", "-t", "oval,rust"]).contains("no problems"));
    assert!(said(&["check", "rule.caveat", "-t", "yara"]).contains("CAV0807"));
    assert!(said(&["check", "with"]).contains("CAV0807"));
    assert!(said(&["check", "with", "-t", "oval"]).contains("no problems"));
    assert!(
        caveat_in(files.path(), &["check", "rule.caveat", "-t", "yarra"]).expect(2).stderr.contains("yara")
    );
}

#[test]
fn what_is_allowed_for_a_target_is_not_idle_without_it() {
    let package = "    package \"Windows 2000 Server\" {";
    let allowed = format!("    // caveat:allow(CAV0807) a person looks at these\n{package}");
    let rule = defect("update-that-a-target-cannot-see").replace(package, &allowed);
    let files = folder(&[("rule.caveat", &rule)]);
    for arguments in [["check", "rule.caveat", "-t", "yara"], ["check", "rule.caveat", "-t", "oval"]] {
        assert!(
            caveat_in(files.path(), &arguments).expect(0).stderr.contains("no problems"),
            "{arguments:?}"
        );
    }
}

#[test]
fn build_makes_the_targets_of_the_configuration() {
    let files = folder(&[("caveat.toml", FOR_YARA), ("rule.caveat", &wins()), ("bare/rule.caveat", &wins())]);
    let _ = caveat_in(files.path(), &["build", "rule.caveat", "-o", "out"]).expect(0);
    assert!(files.path().join("out/yara").is_dir() && !files.path().join("out/oval").exists());
    std::fs::remove_file(files.path().join("caveat.toml")).unwrap();
    let unnamed = caveat_in(files.path(), &["build", "bare", "-o", "bare-out"]).expect(2);
    assert!(unnamed.stderr.contains("name a target"), "{}", unnamed.stderr);
    assert!(!files.path().join("bare-out").exists());
}

#[test]
fn the_bundled_rules_say_what_readers_of_all_targets_expect() {
    let ran = caveat(&["check", "rules", "-t", "all"]).expect(0);
    assert!(ran.stderr.contains("no problems"), "{}", ran.stderr);
}
