//! What is kept under review changes with what rules mean, and with nothing else.
#![allow(clippy::unwrap_used, reason = "a helper of a test ends the test")]

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use caveat_testkit::Repository;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The files below a folder, with their paths in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(at) = open.pop() {
        for path in fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(
                    path.strip_prefix(folder).unwrap().to_owned(),
                    fs::read_to_string(&path).unwrap(),
                );
            }
        }
    }
    found
}

/// A repository with these rules, each file with `before` before it, and this configuration.
fn repository(rules: &Path, before: &str, configuration: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files(rules) {
        let path = folder.path().join("rules").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{before}{text}")).unwrap();
    }
    fs::write(folder.path().join("caveat.toml"), format!("rules = \"rules\"\n{configuration}")).unwrap();
    folder
}

fn reviewed(folder: &TempDir) -> BTreeMap<String, String> {
    Repository::at(folder.path()).hosts(root().join("examples/hosts")).reviewed()
}

/// The bundled rules, through all targets and on all example hosts.
#[test]
fn a_comment_in_a_rule_changes_nothing() {
    let rules = root().join("rules");
    let plain = reviewed(&repository(&rules, "", ""));
    let noted = reviewed(&repository(&rules, "// A remark on this file.\n", ""));
    assert_eq!(plain.keys().collect::<Vec<_>>(), noted.keys().collect::<Vec<_>>());
    let different: Vec<&String> = plain.keys().filter(|name| plain.get(*name) != noted.get(*name)).collect();
    assert!(different.is_empty(), "{different:?}");
    for target in ["oval-", "powershell-", "rust-", "sigma-", "yara-", "verdicts"] {
        assert!(plain.keys().any(|name| name.starts_with(target)), "{target}");
    }
    for (name, text) in &plain {
        assert!(!text.contains("\"line\": "), "{name} holds the numbers of lines");
        assert!(!name.starts_with("powershell-") || !text.contains("function "), "{name} holds code");
    }
}

#[test]
fn programs_run_where_they_are_allowed() {
    let plugin = root().join("examples/backend-python/plugin.py");
    let configuration = format!("[backend.python-example]\ncommand = ['python3', '{}']\n", plugin.display());
    let folder = repository(&root().join("examples/rule-repository/rules"), "", &configuration);
    let of_plugin = |repository: Repository| {
        let names = repository.reviewed().into_keys();
        names.filter(|name| name.starts_with("python-example-")).collect::<Vec<_>>()
    };
    let repository = Repository::at(folder.path());
    assert_eq!(of_plugin(repository.clone()), [""; 0]);
    let made = of_plugin(repository.clone().allow_plugins());
    assert_eq!(made, of_plugin(repository.clone().targets(["python-example"]).allow_plugins()));
    assert!(!made.is_empty());

    let refused = catch_unwind(|| repository.targets(["python-example"]).reviewed()).unwrap_err();
    let said = refused.downcast_ref::<String>().unwrap();
    assert!(said.contains("`python-example` is a program that this repository brings along"), "{said}");
}
