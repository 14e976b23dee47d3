//! The command line's contract: exit codes, streams, formats and files, on the program itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test ends the test"
)]

#[path = "cli/build.rs"]
mod build;
#[path = "cli/hosts.rs"]
mod hosts;
#[path = "cli/levels.rs"]
mod levels;
#[path = "cli/meaning.rs"]
mod meaning;
#[path = "cli/places.rs"]
mod places;
#[path = "cli/targets.rs"]
mod targets;

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use caveat_tests::command::{Run, caveat, caveat_in, program};
use caveat_tests::rules::{compile_alone, files_below, formatted, read, root};
use serde_json::Value;
use tempfile::TempDir;

const CLEAN: &str = "condition a = hotfix KB1\n";
const BROKEN: &str = "condition a = platform windows-2000\n";

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The sample rule, as a file of its own.
fn wins() -> String {
    read(&root().join("rules/ms04/ms04-006.caveat"))
}

#[test]
fn check_says_whether_rules_are_sound() {
    let files = folder(&[("clean.caveat", CLEAN), ("broken.caveat", BROKEN), ("empty/readme.txt", "")]);
    let clean = caveat_in(files.path(), &["check", "clean.caveat"]).expect(0);
    assert_eq!(clean.stdout, "");
    assert_eq!(clean.stderr, "checked 0 bulletins in 1 file: no problems\n");
    let broken = caveat_in(files.path(), &["check", "."]).expect(1);
    assert!(broken.stderr.starts_with("error[CAV0203]: there is no platform `windows-2000`\n"));
    assert!(broken.stderr.ends_with("1 error\n"), "{}", broken.stderr);
    assert!(caveat_in(files.path(), &["check", "empty"]).expect(1).stderr.contains("CAV0706"));
    assert!(caveat_in(files.path(), &["check", "nowhere.caveat"]).expect(1).stderr.contains("CAV0701"));
    assert!(caveat_in(files.path(), &["check"]).expect(2).stderr.contains("CAV0706"));
    let _ = caveat_in(files.path(), &["check", "--no-such-option"]).expect(2);
    let _ = caveat_in(files.path(), &["chekc"]).expect(2);
    let _ = caveat_in(files.path(), &[]).expect(2);
}

#[test]
fn a_module_that_cannot_be_read_is_named_where_it_is_used() {
    let rules = "use shared\ncondition a = shared-one and platform shared-os\ncondition b = nowhere\n";
    let files = folder(&[
        ("main.caveat", rules),
        ("other.caveat", "use std.windows\ncondition c = windows-client\n"),
    ]);
    let write = |name: &str, bytes: &[u8]| {
        let path = files.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    write("shared.caveat", b"condition shared-one = os sp 1 // caf\xE9\n");
    let latin = caveat_in(files.path(), &["check", "main.caveat"]).expect(1).stderr;
    assert!(latin.starts_with("error[CAV0702]: the module `shared` cannot be read\n"), "{latin}");
    for part in
        ["main.caveat:1:5", "shared.caveat` is not UTF-8: line 1 has a byte", "save the file as UTF-8"]
    {
        assert!(latin.contains(part), "{part} is missing:\n{latin}");
    }
    assert!(latin.ends_with("\n1 error\n"), "nobody knows what the module defines: {latin}");
    fs::remove_file(files.path().join("shared.caveat")).unwrap();
    write("shared.caveat/in.txt", b"");
    let folder = caveat_in(files.path(), &["check", "main.caveat"]).expect(1).stderr;
    assert!(folder.starts_with("error[CAV0701]: the module `shared` cannot be read\n"), "{folder}");
    fs::remove_dir_all(files.path().join("shared.caveat")).unwrap();
    let missing = caveat_in(files.path(), &["check", "main.caveat"]).expect(1).stderr;
    assert!(missing.starts_with("error[CAV0201]: there is no module `shared`\n"), "{missing}");
    // A file that stands for a module of the standard library is not passed over.
    let _ = caveat_in(files.path(), &["check", "other.caveat"]).expect(0);
    write("std/windows.caveat", b"\xFF");
    let replaced = caveat_in(files.path(), &["check", "other.caveat"]).expect(1).stderr;
    assert!(replaced.starts_with("error[CAV0702]: the module `std.windows` cannot be read\n"), "{replaced}");
}

#[test]
fn warnings_do_not_fail() {
    let ran = Run::new(root(), ["check", "-"]).stdin("use std.windows\n").go().expect(0);
    assert!(ran.stderr.contains("warning[CAV0402]"), "{}", ran.stderr);
    assert!(ran.stderr.ends_with("1 warning\n"), "{}", ran.stderr);
}

#[test]
fn every_problem_of_a_run_is_shown_at_once() {
    let files = folder(&[("a.caveat", BROKEN), ("b.caveat", "conditon x\n"), ("c.caveat", BROKEN)]);
    let ran = caveat_in(files.path(), &["check", ".", "nowhere", "--message-format", "short"]).expect(1);
    let codes: Vec<&str> = ran.stderr.lines().map(|line| line.split(": ").nth(1).unwrap_or("")).collect();
    let expected = ["error[CAV0701]", "error[CAV0203]", "error[CAV0103]", "error[CAV0203]", ""];
    assert_eq!(codes, expected, "{}", ran.stderr);
}

#[test]
fn diagnostics_come_in_four_shapes() {
    let shape =
        |format| Run::new(root(), ["check", "-", "--message-format", format]).stdin(BROKEN).go().expect(1);
    let human = shape("human");
    assert!(human.stderr.contains("1 | condition a = platform windows-2000\n"), "{}", human.stderr);
    let short = shape("short");
    let line = "<stdin>:1:24: error[CAV0203]: there is no platform `windows-2000`\n1 error\n";
    assert_eq!((short.stdout.as_str(), short.stderr.as_str()), ("", line));
    let json = shape("json");
    let objects: Vec<Value> = json.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0]["code"], "CAV0203");
    assert_eq!(objects[0]["labels"][0]["column"], 24);
    let sarif = shape("sarif").json();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "CAV0203");
    let clean = Run::new(root(), ["check", "-", "--message-format", "sarif"]).stdin(CLEAN).go().expect(0);
    assert_eq!(clean.json()["runs"][0]["results"], Value::Array(Vec::new()));
    let _ = caveat(&["check", "-", "--message-format", "xml"]).expect(2);
}

#[test]
fn diagnostics_of_other_commands_stay_off_standard_output() {
    let arguments = ["dump", "--after", "lower", "-", "--message-format", "json"];
    let ran = Run::new(root(), arguments).stdin(BROKEN).go().expect(1);
    assert_eq!(ran.json()["bulletins"], Value::Array(Vec::new()));
    let diagnostic: Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(diagnostic["code"], "CAV0203");
}

#[test]
fn quiet_leaves_errors_only() {
    let quiet = |text| Run::new(root(), ["-q", "check", "-"]).stdin(text).go();
    assert_eq!(quiet(CLEAN).expect(0).stderr, "");
    assert_eq!(quiet("use std.windows\n").expect(0).stderr, "");
    let broken = quiet("use std.windows\ncondition a = file 'C:\\a.dll' version < 5.x\n").expect(1);
    assert!(broken.stderr.contains("CAV0301") && !broken.stderr.contains("CAV0402"), "{}", broken.stderr);
    let _ = caveat(&["-q", "-v", "check"]).expect(2);
}

#[test]
fn colour_is_for_terminals_or_for_those_who_ask() {
    let colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let run = Run::new(root(), [arguments, &["check", "-"]].concat()).stdin(BROKEN);
        let run = variables.iter().fold(run, |run, (name, value)| run.env(name, value));
        run.go().expect(1).stderr.contains('\u{1B}')
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&["--color", "always"], &[]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["--color=auto"], &[]));
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    for arguments in [
        &["dump", "--after", "parse", "rules"][..],
        &["targets"],
        &["completions", "bash"],
        &["eval", "rules", "--host", "examples/hosts/wins-01.yaml", "--format", "json"],
    ] {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(root()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = caveat(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("--message-format") || script.contains("message-format"), "{shell}");
    }
    let _ = caveat(&["completions", "cmd"]).expect(2);
}

#[test]
fn help_and_version_are_no_errors() {
    let help = caveat(&["--help"]).expect(0).stdout;
    for command in [
        "check",
        "build",
        "eval",
        "explain",
        "facts",
        "test",
        "diff",
        "matrix",
        "fmt",
        "new",
        "targets",
        "dump",
        "completions",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        assert!(caveat(&[command, "--help"]).expect(0).stdout.contains("Usage: caveat"), "{command}");
    }
    let version = format!("caveat {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(caveat(&["--version"]).expect(0).stdout, version);
}

#[test]
fn fmt_lays_out_files_and_standard_input() {
    let files =
        folder(&[("a.caveat", "condition a=hotfix KB1"), ("b.caveat", CLEAN), ("c.caveat", "oops\n")]);
    let check = caveat_in(files.path(), &["fmt", "--check", "a.caveat", "b.caveat"]).expect(1);
    assert!(check.stderr.contains("CAV0708") && check.stderr.contains("`a.caveat`"), "{}", check.stderr);
    assert!(!check.stderr.contains("b.caveat"), "{}", check.stderr);
    assert_eq!(read(&files.path().join("a.caveat")), "condition a=hotfix KB1", "`--check` changes nothing");
    let broken = caveat_in(files.path(), &["fmt", "."]).expect(1);
    assert!(broken.stderr.contains("CAV0103"), "{}", broken.stderr);
    assert_eq!(read(&files.path().join("a.caveat")), CLEAN, "the others are laid out");
    assert_eq!(read(&files.path().join("c.caveat")), "oops\n");
    let _ = caveat_in(files.path(), &["fmt", "--check", "a.caveat", "b.caveat"]).expect(0);
    let piped = Run::new(files.path(), ["fmt", "-"]).stdin("condition a=hotfix KB1").go().expect(0);
    assert_eq!(piped.stdout, CLEAN);
    let _ = Run::new(files.path(), ["fmt", "--check", "-"]).stdin("condition a=hotfix KB1").go().expect(1);
}

#[test]
fn new_begins_a_rule_that_checks_and_passes() {
    let printed = caveat(&["new", "MS99-001", "-o", "-"]).expect(0).stdout;
    assert!(compile_alone(&printed).diagnostics.is_empty());
    assert_eq!(formatted(&printed).as_deref(), Some(printed.as_str()));
    let project = folder(&[("caveat.toml", "rules = \"all\"\n"), ("all/a.caveat", CLEAN)]);
    let _ = caveat_in(project.path(), &["new", "MS99-001"]).expect(0);
    assert_eq!(read(&project.path().join("all/ms99-001.caveat")), printed);
    assert!(caveat_in(project.path(), &["new", "MS99-001"]).expect(1).stderr.contains("CAV0705"));
    let _ = caveat_in(project.path(), &["check"]).expect(0);
    assert_eq!(caveat_in(project.path(), &["test"]).expect(0).stderr, "3 passed, 0 failed\n");
    let _ = caveat(&["new", "../evil"]).expect(2);
    let _ = caveat(&["new"]).expect(2);
}

#[test]
fn targets_are_listed_for_people_and_programs() {
    let human = caveat(&["targets"]).expect(0).stdout;
    assert!(human.contains("oval") && human.contains("-O oval.namespace=caveat"), "{human}");
    let json = caveat(&["targets", "--format", "json"]).expect(0).json();
    assert_eq!(json["schema"], "caveat/targets/v1");
    let oval = json["targets"].as_array().unwrap().iter().find(|target| target["id"] == "oval").unwrap();
    assert_eq!(oval["features"].as_array().unwrap().len(), caveat_ir::Feature::ALL.len());
}

#[test]
fn dump_shows_the_rules_after_each_pass() {
    let dump = |pass| caveat(&["dump", "--after", pass, "rules"]).expect(0).json();
    let parse = dump("parse");
    let files = files_below(&root().join("rules"), "caveat");
    assert_eq!(parse["files"].as_array().unwrap().len(), files.len());
    let checked = dump("check");
    assert_eq!(checked, dump("lower"));
    assert_eq!(checked["schema"], "caveat/ir/v1");
    let ids: Vec<&Value> = checked["bulletins"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    let stem = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().to_uppercase();
    let expected: Vec<String> =
        files.iter().map(stem).filter(|stem| stem.starts_with("MS") && stem != "MS04-FEB").collect();
    assert_eq!(ids, expected.iter().collect::<Vec<_>>());
    assert_eq!(checked["summaries"][0]["id"], "MS04-FEB");
    let broken = Run::new(root(), ["dump", "--after", "check", "-"]).stdin(BROKEN).go().expect(1);
    assert_eq!(broken.stdout, "", "there are no checked rules");
    let _ = caveat(&["dump", "--after", "emit", "rules"]).expect(2);
}

#[test]
fn caveat_toml_says_where_the_rules_are() {
    let files =
        [("caveat.toml", "rules = \"all\"\n"), ("all/sub/a.caveat", CLEAN), ("other/b.caveat", BROKEN)];
    let project = folder(&files);
    let _ = caveat_in(project.path(), &["check"]).expect(0);
    let _ = caveat_in(&project.path().join("all/sub"), &["check"]).expect(0);
    fs::write(project.path().join("caveat.toml"), "rule = \"all\"\n").unwrap();
    let ran = caveat_in(project.path(), &["check"]).expect(1);
    assert!(ran.stderr.contains("CAV0704") && ran.stderr.contains("rule = \"all\""), "{}", ran.stderr);
}

#[test]
fn modules_are_found_wherever_the_command_is_started() {
    let user = "use lib.names\ncondition b = shared\n";
    let project =
        folder(&[("rules/lib/names.caveat", "condition shared = hotfix KB1\n"), ("rules/a.caveat", user)]);
    let _ = caveat_in(project.path(), &["check", "rules"]).expect(0);
    let _ = caveat_in(project.path(), &["check", "rules/a.caveat"]).expect(0);
    let _ = caveat_in(&project.path().join("rules"), &["check", "a.caveat"]).expect(0);
    let _ = caveat_in(&project.path().join("rules"), &["check", "./a.caveat"]).expect(0);
    let _ = Run::new(&project.path().join("rules"), ["check", "-"]).stdin(user).go().expect(0);
    let _ = Run::new(Path::new("/"), [Path::new("check"), &project.path().join("rules")]).go().expect(0);
}
