//! What comes out of the Sigma back end, judged by sigma-cli, pySigma, `PyYAML` and the evaluator.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a helper of a test ends the test"
)]

#[path = "sigma/converters.rs"]
mod converters;
#[path = "sigma/expressions.rs"]
mod expressions;
#[path = "sigma/hostile.rs"]
mod hostile;
#[path = "sigma/lines.rs"]
mod lines;
#[path = "sigma/made.rs"]
mod made;
#[path = "sigma/rows.rs"]
mod rows;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use caveat_backend::Artifact;
use caveat_backend_sigma::{Events, signals};
use caveat_ir::host::HostFile;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::hosts::{random, systematic};
use caveat_tests::library::{bundled, example_hosts};
use caveat_tests::sigma::engine::{Engine, artifacts, artifacts_for};
use caveat_tests::sigma::rsigma::Rsigma;
use caveat_tests::sigma::{Runs, agreement};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How many random hosts are tried for each bulletin.
const RANDOM_HOSTS: usize = 100;

/// The engine, or nothing and a line that says so.
fn engine() -> Option<Engine> {
    // Unlike what is printed, this is seen although the test passes.
    Engine::find().inspect_err(|line| drop(writeln!(std::io::stderr(), "{line}"))).ok()
}

/// All engines that are here.
fn engines() -> Vec<Box<dyn Runs>> {
    let mut engines: Vec<Box<dyn Runs>> = vec![Box::new(Rsigma)];
    if let Some(engine) = engine() {
        engines.push(Box::new(engine));
    }
    engines
}

/// Writes rules where `sigma check` finds them.
fn write(artifacts: &[Artifact], folder: &Path) {
    for artifact in artifacts {
        let path = folder.join(&artifact.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &artifact.text).unwrap();
    }
}

fn checks(engine: &Engine, artifacts: &[Artifact]) {
    let folder = TempDir::new().unwrap();
    write(artifacts, folder.path());
    engine.check(folder.path()).unwrap_or_else(|said| panic!("{said}"));
}

/// What a reader of YAML 1.2 reads.
fn read_1_2(artifact: &Artifact) -> Value {
    serde_yaml::from_str(&artifact.text).unwrap()
}

#[test]
fn sigma_check_finds_nothing() {
    let Some(engine) = engine() else { return };
    let artifacts = artifacts(&bundled());
    assert!(artifacts.len() > 20, "{}", artifacts.len());
    checks(&engine, &artifacts);
    checks(&engine, &made::artifacts());
}

/// Names of the same class and value, asked for in an exposure, in a condition of its own, and in place of versions.
const NAMED_TWICE: &str = r#"use std.windows
condition listening = registry 'HKLM\SOFTWARE\Classes\switchboard' exists
bulletin MS99-106 {
    title "Switchboard listens"; published 2024-03-12; severity low; reference "https://example.org/"
    vulnerability CVE-2099-1060 {
        severity low
        exposed  when registry 'HKCR\Switchboard' exists
        exposed  when registry 'HKCR\Switchboard' value Open = dword 1
    }
    package "Board"  { for windows-11; vulnerable when listening }
    package "Boards" { for windows-11; vulnerable when registry 'HKLM\Software\Classes\Switchboard' value open = dword 1 }
}
"#;

/// The value with the members of all lists in order.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(members) => {
            let mut members: Vec<Value> = members.into_iter().map(sorted).collect();
            members.sort_by_key(Value::to_string);
            Value::Array(members)
        }
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, sorted(value))).collect(),
        other => other,
    }
}

/// One event raises one alert: what rules look for, the order of their values aside.
#[test]
fn no_two_rules_look_for_the_same() {
    let named_twice = artifacts(&made::compiled(NAMED_TWICE));
    assert_eq!(named_twice.len(), 2, "a class and a value, each of two names");
    for artifacts in
        [artifacts(&bundled()), artifacts_for("windows", &bundled()), made::artifacts(), named_twice]
    {
        let mut seen = std::collections::BTreeMap::new();
        for artifact in &artifacts {
            let rule = read_1_2(artifact);
            let looks_for = sorted(json!([rule["logsource"], rule["detection"]])).to_string();
            let looks_for = looks_for.to_ascii_lowercase();
            let other = seen.insert(looks_for, &artifact.path);
            assert_eq!(other, None, "{} looks for the same", artifact.path);
        }
    }
    let artifacts = artifacts(&bundled());
    let hcp: Vec<_> = artifacts.iter().filter(|one| one.path.contains("registry_add")).collect();
    assert_eq!(hcp.len(), 1, "MS04-011 and MS04-015 both have hosts exposed by this key");
    assert_eq!(hcp[0].bulletins.len(), 2);
    assert!(hcp[0].text.contains("type: merged") && hcp[0].text.contains("MS04-011, MS04-015"));
}

/// Windows 2000, Windows XP and Windows Server 2003 have no Sysmon that tells versions.
#[test]
fn rules_are_made_for_events_that_the_platforms_log() {
    let logged = artifacts_for("windows", &bundled());
    let sources = |artifacts: &[Artifact], text: &str| {
        artifacts.iter().filter(|one| one.text.contains(text)).map(|one| one.path.clone()).collect::<Vec<_>>()
    };
    for text in ["FileVersion|re", "EventID: 4697", "EventID: 7045"] {
        assert_eq!(sources(&logged, text), [] as [String; 0], "{text}");
    }
    assert!(!sources(&logged, "registry_set").is_empty() && !sources(&logged, "EventID: 7036").is_empty());
    let all = artifacts(&bundled());
    assert!(sources(&all, "FileVersion|re").len() > 20 && sources(&all, "EventID: 7045").is_empty());
    assert_eq!(sources(&all, "ntoskrnl.exe"), [] as [String; 0], "the kernel is no process that starts");
    assert!(
        all.iter()
            .filter(|one| one.text.contains("EventID: 7036"))
            .all(|one| one.text.contains("level: informational"))
    );
}

#[test]
fn sigma_check_finds_what_is_wrong() {
    let Some(engine) = engine() else { return };
    let folder = TempDir::new().unwrap();
    let mut artifacts = artifacts(&bundled());
    artifacts[0].text = artifacts[0].text.replace("cve.", "cve.x");
    write(&artifacts, folder.path());
    assert!(engine.check(folder.path()).is_err());
}

#[test]
fn readers_of_yaml_1_1_and_1_2_read_alike() {
    let Some(engine) = engine() else { return };
    for artifacts in [artifacts(&bundled()), made::artifacts()] {
        let texts: Vec<&str> = artifacts.iter().map(|one| one.text.as_str()).collect();
        for (artifact, ran) in artifacts.iter().zip(engine.run(&texts, &[])) {
            assert_eq!(ran.unwrap().read, read_1_2(artifact), "{}", artifact.path);
        }
    }
}

fn random_hosts(vocabulary: &Vocabulary) -> Vec<HostFile> {
    let mut runner = TestRunner::deterministic();
    let strategy = random::host(vocabulary);
    (0..RANDOM_HOSTS).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn rules_fire_where_the_visible_part_of_the_formula_holds() {
    let Some(engine) = engine() else { return };
    let checked = bundled();
    for bulletin in &checked.rules().bulletins {
        let vocabulary = Vocabulary::new(checked.rules(), bulletin);
        let mut hosts = systematic::hosts(&vocabulary);
        hosts.extend(random_hosts(&vocabulary));
        hosts.extend(example_hosts());
        let agreement = agreement(&engine, &checked, &bulletin.id, &hosts);
        println!("{}: {agreement}", bulletin.id);
        let shown = agreement.disagreements.iter().take(3).cloned().collect::<Vec<_>>().join("\n");
        assert!(agreement.disagreements.is_empty(), "{}: {agreement}\n{shown}", bulletin.id);
        let silent = signals(checked.rules(), bulletin, Events::Any).is_empty();
        let compared = silent || agreement.compared * 2 > hosts.len();
        assert!(agreement.agreed > 50 && compared, "{}: {agreement}", bulletin.id);
        assert_eq!(agreement.missed, 0, "a vulnerable host whose events were all logged went unseen");
        let verdicts = agreement.agreed
            + agreement.over_reported
            + agreement.missed
            + agreement.declared
            + agreement.open;
        assert!(verdicts >= hosts.len(), "{agreement}");
    }
}

#[test]
fn rules_made_for_the_purpose_fire_where_the_visible_part_of_the_formula_holds() {
    let Some(engine) = engine() else { return };
    let checked = made::rules();
    let mut disagreements = Vec::new();
    for bulletin in &checked.rules().bulletins {
        let vocabulary = Vocabulary::new(checked.rules(), bulletin);
        let mut hosts = systematic::hosts(&vocabulary);
        hosts.extend(random_hosts(&vocabulary));
        let agreement = agreement(&engine, &checked, &bulletin.id, &hosts);
        println!("{}: {agreement}", bulletin.id);
        assert!(agreement.compared > hosts.len(), "{}: {agreement}", bulletin.id);
        disagreements.extend(agreement.disagreements);
    }
    assert!(disagreements.is_empty(), "{}: {}", disagreements.len(), disagreements[0]);
}
