//! Back ends that are programs of their own: the same bytes as in the process, what hostile ones come to,
//! who may start them, and the examples.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test ends the test"
)]

#[path = "plugins/allowed.rs"]
mod allowed;
#[path = "plugins/claims.rs"]
mod claims;
#[path = "plugins/examples.rs"]
mod examples;
#[path = "plugins/fidelity.rs"]
mod fidelity;
#[path = "plugins/hostile.rs"]
mod hostile;
#[path = "plugins/ids.rs"]
mod ids;
#[path = "plugins/manners.rs"]
mod manners;
#[path = "plugins/wire.rs"]
mod wire;

use std::fs;
use std::path::Path;

use caveat_tests::command::{Ran, Run};
use caveat_tests::rules::{below, files_below, read, root};
use serde_json::Value;
use tempfile::TempDir;

/// A rule that every target can say something of.
fn rule() -> String {
    read(&root().join("rules/ms04/ms04-006.caveat"))
}

/// A project with one rule and a plug-in of this name and command.
fn project(name: &str, command: &[&str], more: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.caveat"), rule()).unwrap();
    let config = format!("rules = \".\"\n[backend.{name}]\ncommand = {command:?}\n{more}\n");
    fs::write(folder.path().join("caveat.toml"), config).unwrap();
    folder
}

/// Two bulletins that any target can say exactly.
const TWO: &str = r#"platform nt { title "NT"; version 5.0 }
bulletin ONE-1 {
    title "One"
    published 2004-01-01
    vulnerability CVE-2004-0001 { severity low }
    package "P" { for nt; vulnerable when hotfix KB1 }
}
bulletin TWO-2 {
    title "Two"
    published 2004-01-01
    vulnerability CVE-2004-0002 { severity low }
    package "P" { for nt; vulnerable when hotfix KB2 }
}
"#;

/// What a plug-in says: `hello` has the fields that differ, `say` its messages, those with `each` for
/// every bulletin.
fn says(hello: &Value, say: &Value) -> Vec<String> {
    let script = root().join("tests/plugins/says.py").to_string_lossy().into_owned();
    vec!["python3".to_owned(), script, hello.to_string(), say.to_string()]
}

/// A project with two bulletins and a plug-in `says` that says this.
fn talk(hello: &Value, say: &Value) -> TempDir {
    let command = says(hello, say);
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let folder = project("says", &command, "timeout = 5\n");
    fs::write(folder.path().join("a.caveat"), TWO).unwrap();
    folder
}

/// The conformance kit on a plug-in that says this.
fn kit(hello: &Value, say: &Value) -> Ran {
    let check = ["plugin".to_owned(), "check".to_owned()].into_iter().chain(says(hello, say));
    Run::new(root(), check).go()
}

/// All files below a folder.
fn listed(folder: &Path) -> Vec<String> {
    let extensions = ["txt", "rs", "json", "toml", "caveat", "md", "csv", "x", ""];
    let mut files: Vec<String> = extensions
        .iter()
        .flat_map(|extension| files_below(folder, extension))
        .map(|path| below(&path, folder))
        .collect();
    files.sort();
    files
}
