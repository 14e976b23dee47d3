//! The rules that come with Caveat: sound, tested, and the same bytes as ever in every output.
#![allow(clippy::unwrap_used, reason = "a helper of a test ends the test")]

use caveat_tests::command::caveat;
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

/// Compares what the rules compile to with what is known to be right.
fn artifacts(target: &str, extensions: &[&str], least: usize) {
    let out = TempDir::new().unwrap();
    let folder = out.path().to_string_lossy();
    let _ = caveat(&["build", "rules", "-t", target, "-o", &folder]).expect(0);
    let found = extensions.iter().flat_map(|extension| files_below(out.path(), extension));
    let found: Vec<_> = found.collect();
    assert!(found.len() >= least, "{found:?}");
    for path in found {
        let name = below(&path, out.path()).replace('/', "-");
        insta::assert_snapshot!(name, read(&path));
    }
}

#[test]
fn oval_of_the_rules() {
    artifacts("oval", &["xml", "json"], 5);
}

#[test]
fn rust_of_the_rules() {
    artifacts("rust", &["rs"], 3);
}
