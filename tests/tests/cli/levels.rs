//! For how bad problems are taken: levels in `caveat.toml`, `--deny`, `--exit-zero`, and what follows from other problems.

use caveat_tests::command::{Ran, Run, caveat, caveat_in};
use caveat_tests::rules::root;
use serde_json::Value;
use tempfile::TempDir;

use crate::{BROKEN, CLEAN, folder, wins};

/// CAV0402.
const UNUSED: &str = "use std.windows\n\ncondition a = hotfix KB1\n";

fn project(levels: &str, rules: &str) -> TempDir {
    let toml = format!("rules = \"rules\"\n\n[levels]\n{levels}");
    folder(&[("caveat.toml", &toml), ("rules/a.caveat", rules)])
}

/// The codes that `check` tells, with their severities.
fn told(ran: &Ran) -> Vec<(String, String)> {
    let objects = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    objects.map(|one| (text(&one["code"]), text(&one["severity"]))).collect()
}

#[test]
fn caveat_toml_says_how_bad_findings_are_taken() {
    for (level, code, expected) in [
        ("allow", 0, None),
        ("note", 0, Some("note")),
        ("warning", 0, Some("warning")),
        ("error", 1, Some("error")),
    ] {
        let files = project(&format!("CAV0402 = \"{level}\"\n"), UNUSED);
        let ran = caveat_in(files.path(), &["check", "--message-format", "json"]).expect(code);
        let expected: Vec<_> = expected.iter().map(|one| ("CAV0402".to_owned(), (*one).to_owned())).collect();
        assert_eq!(told(&ran), expected, "{level}");
        let sarif = caveat_in(files.path(), &["check", "--message-format", "sarif"]).expect(code).json();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let levels: Vec<&str> = results.iter().map(|one| one["level"].as_str().unwrap()).collect();
        assert_eq!(levels, expected.iter().map(|(_, severity)| severity.as_str()).collect::<Vec<_>>());
    }
}

#[test]
fn what_is_taken_for_an_error_keeps_every_command_from_its_work() {
    let unused = wins().replace("use std.windows", "use std.windows\nuse std.windows");
    let files = project("cav0402 = \"error\"\n", &unused);
    for command in [&["test"][..], &["build", "-t", "yara"], &["dump", "--after", "check"]] {
        let ran = caveat_in(files.path(), command).expect(1);
        assert!(ran.stderr.contains("error[CAV0402]"), "{command:?}: {}", ran.stderr);
    }
    assert!(!files.path().join("out").exists());
}

#[test]
fn what_output_loses_can_be_an_error_or_a_note_but_not_nothing() {
    let build = |level: &str| {
        let files = project(&format!("CAV0601 = \"{level}\"\n"), &wins());
        let ran = caveat_in(files.path(), &["build", "-t", "sigma"]);
        (ran, files.path().join("out/sigma").exists())
    };
    let (note, written) = build("note");
    assert!(note.expect(0).stderr.contains("note[CAV0601]") && written);
    let (error, written) = build("error");
    assert!(error.expect(1).stderr.contains("error[CAV0601]") && !written);
    let (refused, _) = build("allow");
    let refused = refused.expect(1).stderr;
    assert!(refused.contains("`CAV0601` cannot be turned down to `allow`"), "{refused}");
}

#[test]
fn levels_that_cannot_be_are_refused_at_their_places() {
    for (levels, said, place) in [
        ("CAV9999 = \"allow\"\n", "there is no code `CAV9999`", "caveat.toml:4:1"),
        ("unused-use = \"allow\"\n", "there is no code `unused-use`", "caveat.toml:4:1"),
        ("CAV0402 = \"warn\"\n", "`warn` is not a level", "caveat.toml:4:11"),
        ("CAV0203 = \"warning\"\n", "`CAV0203` cannot be turned down to `warning`", "caveat.toml:4:11"),
        ("CAV0502 = \"allow\"\n", "`CAV0502` cannot be turned down to `allow`", "caveat.toml:4:11"),
        ("CAV0402 = 1\n", "a text must stand here, not the number `1`", "caveat.toml:4:11"),
    ] {
        let files = project(levels, CLEAN);
        let ran = caveat_in(files.path(), &["check", "--message-format", "short"]).expect(1);
        let line = ran.stderr.lines().next().unwrap();
        assert_eq!(line, format!("{place}: error[CAV0704]: {said}"), "{levels}");
    }
    let files = project("CAV0402 = \"al\"\nCAV9999 = \"allow\"\n", CLEAN);
    assert!(caveat_in(files.path(), &["check"]).expect(1).stderr.ends_with("2 errors\n"));
    let named = caveat_in(project("unused-use = \"note\"\n", CLEAN).path(), &["check"]).expect(1);
    assert!(named.stderr.contains("did you mean `CAV0402`?"), "{}", named.stderr);
}

#[test]
fn errors_of_meaning_can_be_turned_down_and_rules_are_used_then() {
    let never = wins().replacen("requires    wins", "requires    wins and not wins", 1);
    assert_ne!(never, wins());
    let files = project("CAV0801 = \"warning\"\nCAV0802 = \"warning\"\n", &never);
    let ran = caveat_in(files.path(), &["check", "--message-format", "json"]).expect(0);
    assert!(told(&ran).contains(&("CAV0801".to_owned(), "warning".to_owned())), "{:?}", told(&ran));
    let _ = caveat_in(files.path(), &["check", "--deny", "cav0801"]).expect(1);
}

#[test]
fn deny_takes_warnings_for_errors() {
    let check = |more: &[&str]| Run::new(root(), [&["check", "-"], more].concat()).stdin(UNUSED).go();
    assert!(check(&[]).expect(0).stderr.ends_with("1 warning\n"));
    assert!(check(&["--deny", "warnings"]).expect(1).stderr.ends_with("1 error\n"));
    assert!(check(&["--deny", "CAV0401,CAV0402"]).expect(1).stderr.contains("error[CAV0402]"));
    let _ = check(&["--deny", "CAV0401"]).expect(0);
    assert!(check(&["--deny", "everything"]).expect(2).stderr.contains("such as CAV0812"));
    let allowed = project("CAV0402 = \"allow\"\n", UNUSED);
    let _ = caveat_in(allowed.path(), &["check", "--deny", "warnings"]).expect(0);
    let _ = caveat_in(allowed.path(), &["check", "--deny", "CAV0402"]).expect(1);
}

#[test]
fn exit_zero_is_for_those_who_read_the_findings() {
    let check =
        |more: &[&str]| Run::new(root(), [&["check", "-", "--exit-zero"], more].concat()).stdin(BROKEN).go();
    assert!(check(&[]).expect(0).stderr.contains("error[CAV0203]"));
    let sarif = check(&["--message-format", "sarif"]).expect(0).json();
    assert_eq!(sarif["runs"][0]["results"][0]["level"], "error");
    let _ = caveat(&["check", "nowhere.caveat", "--exit-zero"]).expect(1);
    let misspelt = folder(&[("caveat.toml", "rule = \"rules\"\n")]);
    let _ = caveat_in(misspelt.path(), &["check", "--exit-zero"]).expect(1);
    let _ = caveat(&["check", "rules", "--exit-zero", "--deny", "nothing"]).expect(2);
}

#[test]
fn problems_come_by_file_offset_and_code() {
    let twice = "use std.windows\n\ncondition b = hotfix KB1 and hotfix KB1\ncondition a = hotfix KB1 and not hotfix KB1\n";
    let files = folder(&[("b.caveat", twice), ("a.caveat", twice), ("c.caveat", BROKEN)]);
    let run = || caveat_in(files.path(), &["check", ".", "--message-format", "short"]).expect(1).stderr;
    let lines = run();
    let places: Vec<(&str, u32, &str)> = lines
        .lines()
        .filter_map(|line| {
            let (place, rest) = line.split_once(": ")?;
            let mut parts = place.split(':');
            Some((parts.next()?, parts.next()?.parse().ok()?, rest.split(['[', ']']).nth(1)?))
        })
        .collect();
    let mut ordered = places.clone();
    ordered.sort_unstable();
    assert_eq!(places, ordered);
    assert!(places.len() >= 5, "{lines}");
    assert_eq!(lines, run());
}
