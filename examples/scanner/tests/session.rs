//! The session in the README is what the scanner says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test ends the test")]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The commands after `$ ` and what they print.
fn session() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let block = readme.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    let commands = block.split("$ ").skip(1);
    commands.map(|one| one.split_once('\n').unwrap()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

#[test]
fn the_session_in_the_readme() {
    let session = session();
    assert_eq!(session.len(), 2);
    for (command, expected) in session {
        let arguments = command.strip_prefix("cargo run -q -p scanner -- ").unwrap().split(' ');
        let ran =
            Command::new(env!("CARGO_BIN_EXE_scanner")).args(arguments).current_dir(root()).output().unwrap();
        assert_eq!(String::from_utf8(ran.stdout).unwrap(), expected, "{command}");
        assert_eq!(ran.status.code(), Some(i32::from(expected.contains(" vulnerable\n"))));
    }
}

#[test]
fn files_that_are_no_hosts_are_refused() {
    // On Windows, no file means this machine.
    let none = (!cfg!(windows)).then_some((&[][..], "usage: "));
    let files = [(&["nowhere.yaml"][..], "nowhere.yaml: "), (&["Cargo.toml"], "Cargo.toml: ")];
    for (arguments, said) in none.into_iter().chain(files) {
        let ran =
            Command::new(env!("CARGO_BIN_EXE_scanner")).args(arguments).current_dir(root()).output().unwrap();
        assert_eq!(ran.status.code(), Some(2));
        assert!(String::from_utf8(ran.stderr).unwrap().starts_with(said));
    }
}
