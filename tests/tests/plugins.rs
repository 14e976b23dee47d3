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
#[path = "plugins/examples.rs"]
mod examples;
#[path = "plugins/hostile.rs"]
mod hostile;
#[path = "plugins/wire.rs"]
mod wire;

use std::fs;
use std::path::Path;

use caveat_tests::rules::{below, files_below, read, root};
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
