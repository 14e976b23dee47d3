//! Mistakes in rules are errors of the compiler, with the rule's file, line and column.
//!
//! The compiler is asked to check programs of `tests/ui`, which need nothing but the macros: those that this test was
//! built with, so that no dependency is compiled once more.
#![allow(clippy::unwrap_used, reason = "a helper of a test ends the test")]

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use tempfile::TempDir;

/// The library of the macros. Cargo has brought one up to date for this test; where features differ, others lie beside
/// it, and what was built last was built from the present sources.
fn macros() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let libraries = fs::read_dir(test.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(&format!("{DLL_PREFIX}caveat_macros-")) && name.ends_with(DLL_SUFFIX)
    };
    let built = |path: &PathBuf| -> SystemTime { fs::metadata(path).unwrap().modified().unwrap() };
    libraries.filter(is_ours).max_by_key(built).unwrap()
}

/// What the compiler says against a program of `tests/ui`, whose package a copy of that folder is.
fn said(program: &str) -> String {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let package = TempDir::new().unwrap();
    let rules = package.path().join("rules");
    fs::create_dir_all(rules.join("empty")).unwrap();
    fs::copy(ui.join("rules/bad.caveat"), rules.join("bad.caveat")).unwrap();
    fs::copy(ui.join(program), package.path().join(program)).unwrap();
    let mut external = std::ffi::OsString::from("caveat=");
    external.push(macros());
    let ran = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition", "2024", "--emit", "metadata", "--extern"])
        .arg(external)
        .arg(program)
        .current_dir(package.path())
        .env("CARGO_MANIFEST_DIR", package.path())
        .output()
        .unwrap();
    assert!(!ran.status.success(), "{program} compiles");
    String::from_utf8(ran.stderr).unwrap()
}

#[test]
fn of_included_rules() {
    insta::assert_snapshot!(said("include.rs"));
}

#[test]
fn of_rules_in_the_program() {
    insta::assert_snapshot!(said("inline.rs"));
}

#[test]
fn of_what_the_macros_are_given() {
    insta::assert_snapshot!(said("missing.rs"));
}
