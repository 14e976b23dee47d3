//! Who may make Caveat run a program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use caveat_tests::command::{Run, caveat_in};
use caveat_tests::rules::root;
use tempfile::TempDir;

use super::{listed, project, rule};

fn script() -> String {
    root().join("tests/plugins/hostile.py").to_string_lossy().into_owned()
}

/// The rules of a stranger that would leave a trace if their program were run.
fn strangers() -> TempDir {
    project("trace", &["sh", "-c", "touch trace.txt"], "")
}

#[test]
fn a_repository_of_rules_runs_nothing_by_itself() {
    let folder = strangers();
    let ran = caveat_in(folder.path(), &["build", "-t", "trace"]).expect(1);
    assert!(ran.stderr.contains("error[CAV0606]: the target `trace` is a program"), "{}", ran.stderr);
    assert!(ran.stderr.contains("`sh -c touch trace.txt`") && ran.stderr.contains("--allow-plugins"));
    assert!(ran.stderr.contains("caveat.toml` brings along"), "{}", ran.stderr);
    let ran = caveat_in(folder.path(), &["targets"]).expect(0);
    assert!(ran.stdout.contains("trace  a program that caveat.toml names"), "{}", ran.stdout);
    for command in ["check", "test"] {
        let _ = caveat_in(folder.path(), &[command]).expect(0);
    }
    let _ = caveat_in(folder.path(), &["build", "-t", "all"]).expect(0);
    assert!(!folder.path().join("trace.txt").exists());
    let _ = caveat_in(folder.path(), &["build", "-t", "trace", "--allow-plugins"]).expect(3);
    assert!(folder.path().join("trace.txt").exists(), "the program of the test works");
}

#[test]
fn the_users_configuration_needs_no_flag_and_counts_first() {
    let folder = strangers();
    let home = TempDir::new().unwrap();
    fs::create_dir_all(home.path().join("caveat")).unwrap();
    let config = format!("[backend.hostile]\ncommand = {:?}\n", ["python3", &script(), "good"]);
    let own = config.clone() + &config.replace("[backend.hostile]", "[backend.trace]");
    fs::write(home.path().join("caveat/config.toml"), own).unwrap();
    let run = |target: &str| {
        let run = Run::new(folder.path(), ["build", "-t", target]);
        run.env("XDG_CONFIG_HOME", &home.path().to_string_lossy()).go()
    };
    let _ = run("hostile").expect(0);
    assert!(folder.path().join("out/hostile/a.txt").exists());
    assert!(run("trace").expect(3).stderr.contains("its id is `hostile`"), "the user's own command runs");
    assert!(!folder.path().join("trace.txt").exists());
}

fn install(folder: &Path, name: &str) {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(format!("caveat-backend-{name}"));
    fs::write(&path, format!("#!/bin/sh\nexec python3 '{}' good\n", script())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn programs_on_the_path_are_targets() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.caveat"), rule()).unwrap();
    let programs = TempDir::new().unwrap();
    install(programs.path(), "hostile");
    install(programs.path(), "oval");
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let run = |arguments: &[&str]| Run::new(folder.path(), arguments).env("PATH", &path).go();
    let _ = run(&["build", ".", "-t", "hostile,oval"]).expect(0);
    assert!(folder.path().join("out/hostile/a.txt").exists());
    assert!(folder.path().join("out/oval/ms04-006.xml").exists(), "built-in targets cannot be replaced");
    let list = run(&["targets"]).expect(0);
    assert!(list.stdout.contains("hostile  Hostile (PATH)\n"), "{}", list.stdout);
    let list = run(&["targets", "--format", "json"]).expect(0).json();
    let targets = list["targets"].as_array().unwrap();
    let external = targets.iter().find(|target| target["id"] == "hostile").unwrap();
    assert_eq!(external["origin"], "PATH");
    assert_eq!(external["features"][0]["support"], "exact");
}

/// A relative folder on the path could be one of the rules.
#[test]
fn relative_folders_on_the_path_are_not_looked_at() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.caveat"), rule()).unwrap();
    install(&folder.path().join("bin"), "hostile");
    let path = format!(".:bin::{}", std::env::var("PATH").unwrap());
    let ran = Run::new(folder.path(), ["build", ".", "-t", "hostile"]).env("PATH", &path).go().expect(2);
    assert!(ran.stderr.contains("there is no target `hostile`; known: oval"), "{}", ran.stderr);
    assert!(!listed(folder.path()).iter().any(|file| file.starts_with("out")));
}

#[test]
fn configurations_that_cannot_be_meant() {
    let message = |name: &str, command: &[&str], more: &str, exit| {
        let folder = project(name, command, more);
        caveat_in(folder.path(), &["build", "-t", "x", "--allow-plugins"]).expect(exit).stderr
    };
    assert!(message("oval", &["sh"], "", 1).contains("has the name of a built-in target"));
    assert!(message("Loud", &["sh"], "", 1).contains("`Loud` cannot be the name of a target"));
    assert!(message("x", &["sh"], "shell = true", 1).contains("CAV0704"));
    for seconds in ["0", "86401", "9223372036854775807"] {
        let said = message("x", &["sh"], &format!("timeout = {seconds}"), 1);
        assert!(said.contains("CAV0704") && said.contains(&format!("is {seconds}")), "{said}");
    }
    assert!(message("x", &[], "", 3).contains("CAV0607"));
    assert!(message("x", &["./not-there"], "", 3).contains("CAV0607"));
}
