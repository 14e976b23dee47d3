//! A rule file that comes to an included folder is compiled in, with the line of `build.rs` that the documentation
//! names, and not without it.
//!
//! Cargo builds a package outside the workspace, as a user's. Its dependency is the library that this test was built
//! with, so that nothing else is compiled.
#![allow(clippy::unwrap_used, reason = "a helper of a test ends the test")]

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use tempfile::TempDir;

const MANIFEST: &str = "[package]\nname = \"scan\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";

const MAIN: &str = r#"mod rules {
    caveat::include_rules!("rules");
}

fn main() {
    for bulletin in rules::BULLETINS {
        println!("{}", bulletin.id);
    }
}
"#;

/// The library `caveat` with the macros, as it was built last, from the present sources.
fn library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = fs::read_dir(test.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libcaveat-") && name.ends_with(".rlib")
    };
    let when = |path: &PathBuf| -> SystemTime { fs::metadata(path).unwrap().modified().unwrap() };
    let has_macros = |path: &PathBuf| {
        let (library, name) = (fs::read(path).unwrap(), b"caveat_macros");
        library.windows(name.len()).any(|bytes| bytes == name)
    };
    built.filter(is_ours).filter(has_macros).max_by_key(when).unwrap()
}

fn rule(folder: &Path, id: &str) {
    let good = include_str!("ui/rules/good.caveat").replace("MS99-001", id);
    fs::write(folder.join(format!("rules/{id}.caveat")), good).unwrap();
}

/// Builds the package, and runs it.
fn said(folder: &Path) -> String {
    let library = library();
    let flags = [
        "--extern".to_owned(),
        format!("caveat={}", library.display()),
        "-L".to_owned(),
        format!("dependency={}", library.parent().unwrap().display()),
    ];
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    let _ = command.args(["build", "--offline", "--quiet", "--target-dir", "target"]).current_dir(folder);
    let _ = command.env_remove("RUSTFLAGS").env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let program = folder.join(format!("target/debug/scan{EXE_SUFFIX}"));
    String::from_utf8(Command::new(program).output().unwrap().stdout).unwrap()
}

#[test]
fn a_new_rule_file_is_compiled_in() {
    let documented = include_str!("../../../docs/rust.md");
    let start = documented.find("fn main() {\n    println!(\"cargo::rerun-if-changed=rules\");").unwrap();
    let build = documented.get(start..).unwrap().split("```").next().unwrap();
    for (build, seen) in [(Some(build), "MS99-001\nMS99-002\n"), (None, "MS99-001\n")] {
        let folder = TempDir::new().unwrap();
        fs::create_dir_all(folder.path().join("src")).unwrap();
        fs::create_dir_all(folder.path().join("rules")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), MANIFEST).unwrap();
        fs::write(folder.path().join("src/main.rs"), MAIN).unwrap();
        if let Some(build) = build {
            fs::write(folder.path().join("build.rs"), build).unwrap();
        }
        rule(folder.path(), "MS99-001");
        assert_eq!(said(folder.path()), "MS99-001\n");
        rule(folder.path(), "MS99-002");
        assert_eq!(said(folder.path()), seen, "with {build:?}");
    }
}
