//! The JSON Schemas in `docs/schemas` are what `caveat schema` prints, and what is written follows them.
//! `CAVEAT_UPDATE=1` writes them anew; `docs/plugin-protocol.md` says when that needs a new version.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test ends the test"
)]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use caveat_driver::plugin::conformance;
use caveat_tests::command::{Run, caveat, program};
use caveat_tests::rules::{files_below, read, root};
use jsonschema::Validator;
use serde_json::{Value, json};

const KINDS: [&str; 5] = ["ir", "protocol", "host", "eval", "diagnostic"];

fn validator(kind: &str) -> Validator {
    let schema = caveat(&["schema", kind]).expect(0).json();
    jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{kind}: {error}"))
}

fn follows(validator: &Validator, value: &Value) {
    let problems: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_files_are_fresh() {
    for kind in KINDS {
        let path = root().join(format!("docs/schemas/{kind}.json"));
        let text = caveat(&["schema", kind]).expect(0).stdout;
        if std::env::var_os("CAVEAT_UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "docs/schemas/{kind}.json is stale: run the test with CAVEAT_UPDATE=1");
    }
}

#[test]
fn rules_follow_their_schema() {
    let validator = validator("ir");
    follows(&validator, &caveat(&["dump", "rules", "--after", "check"]).expect(0).json());
    let kit = Run::new(root(), ["dump", "-", "--after", "check"]).stdin(conformance::rules()).go().expect(0);
    let mut rules = kit.json();
    follows(&validator, &rules);
    rules["bulletins"][0]["packages"][0]["vulnerable_when"] = json!({ "perhaps": [] });
    assert!(!validator.is_valid(&rules), "the schema says nothing of formulas");
    assert!(!validator.is_valid(&json!({ "schema": "caveat/ir/v1" })));
}

#[test]
fn hosts_and_verdicts_follow_their_schemas() {
    let (host, eval) = (validator("host"), validator("eval"));
    let files = files_below(&root().join("examples/hosts"), "yaml");
    assert!(files.len() > 5);
    for file in &files {
        follows(&host, &serde_yaml::from_str(&read(file)).unwrap());
    }
    assert!(!host.is_valid(&json!({ "oss": {} })));
    let file = files[0].to_string_lossy();
    let verdicts = caveat(&["eval", "rules", "--format", "json", "--host", &file]).expect(0).json();
    follows(&eval, &verdicts);
    assert!(!eval.is_valid(&json!({ "schema": "caveat/eval/v1", "results": [{}] })));
}

#[test]
fn diagnostics_follow_their_schema() {
    let validator = validator("diagnostic");
    let mut fixes = Vec::new();
    for case in files_below(&root().join("tests/cases/check"), "caveat") {
        let Ok(text) = fs::read_to_string(&case) else { continue };
        let ran = Run::new(root(), ["check", "-", "--message-format", "json"]).stdin(text).go();
        for line in ran.stdout.lines() {
            let diagnostic: Value = serde_json::from_str(line).unwrap();
            follows(&validator, &diagnostic);
            fixes.extend(diagnostic["fixes"].as_array().unwrap().iter().cloned());
        }
    }
    for safe in [true, false] {
        assert!(fixes.iter().any(|fix| fix["safe"] == safe), "no fix is safe: {safe}");
    }
    assert!(!validator.is_valid(&json!({ "schema": "caveat/diagnostic/v1", "code": "CAV0402" })));
}

/// What a plug-in says to a host, line by line.
fn conversation(target: &str) -> Vec<Value> {
    let rules =
        Run::new(root(), ["dump", "-", "--after", "check"]).stdin(conformance::rules()).go().expect(0);
    let hello =
        json!({ "type": "hello", "protocol": "caveat/plugin/v1", "ir": "caveat/ir/v1", "features": [] });
    let emit = json!({ "type": "emit", "rules": rules.json() });
    let mut child = Command::new(program());
    let mut child =
        child.args(["plugin", "serve", target]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = format!("{hello}\n{emit}\n");
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let said = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    [hello, emit].into_iter().chain(said).collect()
}

#[test]
fn messages_follow_their_schema() {
    let validator = validator("protocol");
    for target in ["oval", "sigma"] {
        let messages = conversation(target);
        let kinds: std::collections::BTreeSet<&str> =
            messages.iter().map(|message| message["type"].as_str().unwrap()).collect();
        assert!(kinds.is_superset(&["artifact", "done", "emit", "hello", "note"].into()), "{kinds:?}");
        for message in &messages {
            follows(&validator, message);
        }
    }
    assert!(!validator.is_valid(&json!({ "type": "run" })));
    assert!(!validator.is_valid(&json!({ "type": "artifact", "path": "a" })));
}
