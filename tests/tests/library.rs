//! The rules that come with Caveat: sound, tested, and the same bytes as ever in every output.
#![allow(clippy::unwrap_used, reason = "a helper of a test ends the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use caveat_tests::command::{Ran, caveat};
use caveat_tests::rules::{below, files_below, read, root};
use serde_json::Value;
use tempfile::TempDir;

/// The example hosts, in order.
fn hosts() -> Vec<String> {
    let folder = root().join("examples/hosts");
    let found = ["yaml", "json", "ndjson"].map(|extension| files_below(&folder, extension));
    let mut hosts: Vec<String> = found.iter().flatten().map(|path| below(path, root())).collect();
    hosts.sort();
    assert!(hosts.len() >= 12, "{hosts:?}");
    hosts
}

/// The verdicts on the example hosts.
fn verdicts() -> Value {
    let hosts = hosts();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let ran =
        caveat(&[&["eval", "rules", "--format", "json", "--host"], hosts.as_slice()].concat()).expect(0);
    assert_eq!(ran.stderr, "");
    ran.json()
}

#[test]
fn the_rules_are_sound() {
    let ran = caveat(&["check", "rules"]).expect(0);
    assert!(ran.stderr.ends_with(": no problems\n"), "{}", ran.stderr);
}

#[test]
fn the_rules_are_laid_out() {
    let ran = caveat(&["fmt", "--check", "rules"]).expect(0);
    assert_eq!(ran.stderr, "");
}

#[test]
fn the_tests_inside_the_rules_pass() {
    let ran = caveat(&["test", "rules"]).expect(0);
    assert!(ran.stderr.ends_with(" passed, 0 failed\n"), "{}", ran.stderr);
}

#[test]
fn every_rule_says_where_its_facts_were_read() {
    let json = caveat(&["dump", "--after", "check", "rules"]).expect(0).json();
    for bulletin in json["bulletins"].as_array().unwrap() {
        for package in bulletin["packages"].as_array().unwrap() {
            let sources = package["sources"].as_array().map_or(0, Vec::len);
            assert!(sources > 0, "{}: {} names no source", bulletin["id"], package["name"]);
        }
    }
}

#[test]
fn verdicts_on_the_example_hosts() {
    insta::assert_json_snapshot!(verdicts());
}

/// The cells of a row of a Markdown table.
fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn the_verdicts_are_those_that_the_examples_promise() {
    let readme = read(&root().join("examples/README.md"));
    let found = verdicts();
    let results = found["results"].as_array().unwrap();
    let head = cells(readme.lines().find(|line| line.starts_with("| host |")).unwrap());
    let mut compared = 0;
    for row in readme.lines().filter(|line| line.starts_with("| `")).map(cells) {
        let host = row[0].split('`').nth(1).unwrap();
        for (cell, bulletin) in row.iter().zip(&head).skip(2) {
            let one = results.iter().find(|one| one["host"] == host && one["bulletin"] == *bulletin);
            let one = one.unwrap_or_else(|| panic!("there is no {bulletin} of `{host}`"));
            let contradictory = one["inconsistencies"].as_array().is_some_and(|all| !all.is_empty());
            let verdict = one["verdict"].as_str().unwrap().replace("not-applicable", "–");
            let said = if contradictory { format!("{verdict}, inconsistent") } else { verdict };
            assert_eq!(said, *cell, "{host}, {bulletin}");
            compared += 1;
        }
    }
    assert_eq!(compared, results.len(), "the table has all hosts and bulletins");
}

#[test]
fn explanations_of_the_example_hosts() {
    for host in ["wins-03", "partial-01", "media-02", "nt4-tse-ja"] {
        let file = format!("examples/hosts/{host}.yaml");
        let bulletin = if host.starts_with("media") { "MS04-008" } else { "MS04-006" };
        let ran = caveat(&["explain", bulletin, "rules", "--host", &file]).expect(0);
        insta::assert_snapshot!(format!("explain-{host}"), ran.stdout);
    }
}

/// Builds the rules for all targets, in the layout of a document for each bulletin.
fn build(folder: &Path, more: &[&str]) -> Ran {
    let folder = folder.to_string_lossy();
    let arguments = ["build", "rules", "-t", "all", "-O", "powershell.layout=bulletin", "-o", &folder];
    caveat(&[&arguments, more].concat()).expect(0)
}

#[test]
fn every_target_of_the_rules() {
    let out = TempDir::new().unwrap();
    let _ = build(out.path(), &[]);
    let extensions = ["json", "ps1", "rs", "xml", "yar", "yml"];
    let found: Vec<_> = extensions.iter().flat_map(|extension| files_below(out.path(), extension)).collect();
    assert!(found.len() > 40, "{found:?}");
    for path in found {
        let name = below(&path, out.path()).replace('/', "-");
        insta::assert_snapshot!(name, read(&path));
    }
}

/// What each target makes of each bulletin, and what it does not see.
#[test]
fn what_the_targets_can_say_of_the_rules() {
    let out = TempDir::new().unwrap();
    let ran = build(out.path(), &["--message-format", "json"]);
    let manifest: Value = serde_json::from_str(&read(&out.path().join("manifest.json"))).unwrap();
    let mut summary: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for artifact in manifest["artifacts"].as_array().unwrap() {
        for bulletin in artifact["bulletins"].as_array().unwrap() {
            let key = (text(bulletin), text(&artifact["target"]));
            summary.entry(key).or_default().insert(text(&artifact["fidelity"]));
        }
    }
    for line in ran.stderr.lines().filter(|line| line.starts_with('{')) {
        let data = &serde_json::from_str::<Value>(line).unwrap()["data"];
        // That there is no lock file is of no bulletin.
        if data["bulletin"].is_null() {
            continue;
        }
        let key = (text(&data["bulletin"][0]), text(&data["target"][0]));
        let entry = summary.entry(key).or_default();
        entry.insert(text(&data["fidelity"][0]));
        entry.extend(data["reasons"].as_array().unwrap().iter().map(|reason| format!("  {}", text(reason))));
    }
    let line = |((bulletin, target), said): (&(String, String), &BTreeSet<String>)| {
        let said: Vec<&str> = said.iter().map(String::as_str).rev().collect();
        format!("{bulletin} {target}\n  {}\n", said.join("\n  "))
    };
    insta::assert_snapshot!(summary.iter().map(line).collect::<String>());
}
