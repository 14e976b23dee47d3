//! Each way to break the protocol gives one diagnostic on its target, in time; other targets are written.

use std::time::{Duration, Instant};

use caveat_tests::command::{Ran, Run};
use caveat_tests::rules::root;
use tempfile::TempDir;

use super::{listed, project};

/// Well above what the slowest takes, a limit of 2 s among it.
const IN_TIME: Duration = Duration::from_secs(20);

fn hostile(mode: &str) -> (TempDir, Ran) {
    let script = root().join("tests/plugins/hostile.py");
    let folder = project("hostile", &["python3", &script.to_string_lossy(), mode], "timeout = 2");
    let arguments = ["build", "-t", "hostile,rust", "--allow-plugins", "--message-format", "short"];
    let start = Instant::now();
    let ran = Run::new(folder.path(), arguments).go();
    assert!(start.elapsed() < IN_TIME, "{mode} took {:?}", start.elapsed());
    (folder, ran)
}

/// The problem that `mode` comes to is the only one, and names the target; `rust` is written all the same.
fn comes_to(mode: &str, code: &str, words: &str, exit: i32) {
    let (folder, ran) = hostile(mode);
    assert_eq!(ran.code, Some(exit), "{mode}: {}", ran.stderr);
    let problems: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("[CAV")).collect();
    assert_eq!(problems.len(), 1, "{mode}: {}", ran.stderr);
    assert!(problems[0].contains(&format!("[{code}]")), "{mode}: {}", ran.stderr);
    assert!(problems[0].contains("hostile") && problems[0].contains(words), "{mode}: {}", ran.stderr);
    assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.contains("panicked"), "{mode}: {}", ran.stderr);
    let files = listed(folder.path());
    let expected =
        ["a.caveat", "caveat.toml", "out/manifest.json", "out/rust/mod.rs", "out/rust/ms04_006.rs"];
    assert_eq!(files, expected, "{mode}");
}

#[test]
fn plugins_that_end_too_early() {
    comes_to("exits-at-once", "CAV0608", "ended (exit status: 0) before it was done", 3);
    comes_to("crashes", "CAV0608", "ended (exit status: 1) before it was done", 3);
    comes_to("killed", "CAV0608", "ended (signal: 9 (SIGKILL)) before it was done", 3);
    comes_to("exits-before-done", "CAV0608", "ended (exit status: 0)", 3);
    comes_to("closes-stdout", "CAV0608", "closed its standard output before it was done", 3);
}

#[test]
fn plugins_that_never_end() {
    for mode in ["silent", "ignores-sigterm", "closes-stdin"] {
        comes_to(mode, "CAV0609", "was stopped, as it was not done after 2 s", 3);
    }
    comes_to("silent-from-the-start", "CAV0609", "was stopped, as it did not introduce itself within 2 s", 3);
}

#[test]
fn plugins_that_do_not_end_as_they_should() {
    comes_to("ends-badly", "CAV0608", "ended (exit status: 5) after it was done", 3);
    comes_to("killed-after-done", "CAV0608", "ended (signal: 9 (SIGKILL)) after it was done", 3);
    for mode in ["talks-on", "repeats-done", "mutters-on"] {
        comes_to(mode, "CAV0611", "it writes on after `done`", 3);
    }
}

#[test]
fn plugins_that_flood() {
    comes_to("flood", "CAV0610", "more than 50000 messages", 3);
    comes_to("line", "CAV0610", "more than 32 MiB a line", 3);
    comes_to("huge-hello", "CAV0610", "an introduction of unlikely length", 3);
    comes_to("flood-of-stderr", "CAV0609", "not done after 2 s", 3);
}

#[test]
fn plugins_that_speak_garbage() {
    for mode in ["garbage-hello", "garbage", "unknown-message", "deep-json"] {
        comes_to(mode, "CAV0611", "a line is not a message", 3);
    }
    for mode in ["marked-hello", "byte-order-mark"] {
        comes_to(mode, "CAV0611", "a line begins with a byte-order mark; write UTF-8 without one", 3);
    }
    comes_to("invalid-utf-8", "CAV0611", "a line is not UTF-8", 3);
    comes_to("two-hellos", "CAV0611", "it introduces itself twice", 3);
}

#[test]
fn plugins_that_are_not_what_they_should_be() {
    comes_to("wrong-id", "CAV0611", "its id is `other`, not `hostile`", 3);
    comes_to("wrong-protocol", "CAV0611", "its protocol is `caveat/plugin/v2`, not `caveat/plugin/v1`", 3);
    comes_to("wrong-ir", "CAV0611", "its version of the rules is `caveat/ir/v0`", 3);
    comes_to("errs-in-no-direction", "CAV0611", "an approximation errs in no direction", 3);
}

#[test]
fn files_that_must_not_be_written() {
    for mode in ["path-above", "path-backslash", "path-device", "path-hidden"] {
        comes_to(mode, "CAV0611", "is not a plain relative path", 3);
    }
    comes_to("path-absolute", "CAV0611", "does not begin with `hostile/`", 3);
    comes_to("path-of-another", "CAV0611", "does not begin with `hostile/`", 3);
    comes_to("path-case", "CAV0611", "two artifacts have the path", 3);
    comes_to("duplicate", "CAV0611", "two artifacts have the path", 3);
    comes_to("path-folder-case", "CAV0611", "the folders `hostile/A` and `hostile/a` differ in case only", 3);
    comes_to("path-file-and-folder", "CAV0611", "crosses `hostile/a.txt`", 3);
    comes_to("symlink", "CAV0705", "is a symbolic link", 1);
}

#[test]
fn plugins_that_lie() {
    comes_to("unknown-bulletin", "CAV0611", "the bulletin `MS99-999`, which it was not given", 3);
    comes_to("left-out-and-made", "CAV0611", "and says that it did not", 3);
    let (_, ran) = hostile("lies");
    let ran = ran.expect(3);
    let expected = "it calls the artifact `hostile/a.txt` exact, which what it supports does not allow";
    assert!(ran.stderr.contains("error[CAV0611]") && ran.stderr.contains(expected), "{}", ran.stderr);
}

#[test]
fn a_plugin_that_finds_its_own_defect() {
    comes_to("reports-a-defect", "CAV0605", "failed: out of luck", 3);
}

#[test]
fn an_error_in_the_rules_keeps_everything_from_being_written() {
    let (folder, ran) = hostile("reports-an-error");
    assert!(ran.expect(1).stderr.contains("error[CAV0612]: hostile: bad rule"));
    assert_eq!(listed(folder.path()), ["a.caveat", "caveat.toml"]);
}

/// What a plug-in starts must not outlive it, nor keep the host waiting.
#[test]
fn offspring_ends_with_the_plugin() {
    comes_to("offspring", "CAV0608", "ended (exit status: 7)", 3);
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let left = lines.filter(|line| String::from_utf8_lossy(line).contains("# caveat-offspring")).count();
    assert_eq!(left, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded() {
    let (_, ran) = hostile("memory");
    let ran = ran.expect(3);
    assert!(ran.stderr.contains("CAV0608") || ran.stderr.contains("CAV0609"), "{}", ran.stderr);
}

#[test]
fn plugins_that_do_their_work() {
    let written = |folder: &TempDir| listed(folder.path()).contains(&"out/hostile/a.txt".to_owned());
    let (folder, ran) = hostile("good");
    assert_eq!(ran.expect(0).stderr.matches("[CAV").count(), 0);
    assert!(written(&folder));
    let (folder, ran) = hostile("lingers");
    assert_eq!(ran.expect(0).stderr.matches("[CAV").count(), 0);
    assert!(written(&folder));
    let (folder, ran) = hostile("writes-to-stderr");
    let ran = ran.expect(0);
    assert!(
        ran.stderr
            .contains("warning[CAV0613]: hostile: the plug-in wrote to its standard error: Deprecation")
    );
    assert!(!ran.stderr.contains('\u{1b}') && written(&folder), "{}", ran.stderr);
}
