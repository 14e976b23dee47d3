//! How Caveat treats plug-ins that say much, fail, or are left alone: the user sees what matters, and nothing
//! goes on running.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use caveat_tests::command::{Ran, caveat_in, program};
use serde_json::{Value, json};

use super::talk;

fn artifact() -> Value {
    json!({ "type": "artifact", "each": true, "path": "says/{id}.txt", "text": "x", "bulletins": ["{id}"] })
}

fn build(say: &Value) -> Ran {
    let folder = talk(&json!({}), say);
    caveat_in(folder.path(), &["build", "-t", "says", "--allow-plugins", "--message-format", "short"])
}

fn done() -> Value {
    json!({ "type": "done" })
}

fn warnings(times: usize) -> Value {
    json!({ "type": "diagnostic", "times": times, "severity": "warning", "message": "warning {n}" })
}

#[test]
fn of_many_messages_the_first_are_shown() {
    let ran = build(&json!([warnings(3000), artifact(), done()])).expect(0);
    assert!(ran.stderr.contains("says: warning 0\n") && ran.stderr.contains("says: warning 99\n"));
    assert!(!ran.stderr.contains("says: warning 100\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("warning[CAV0613]: says: 2900 more messages of the plug-in are not shown"));
    assert_eq!(ran.stderr.matches("[CAV0613]").count(), 101);
    let ran = build(&json!([warnings(100), artifact(), done()])).expect(0);
    assert!(!ran.stderr.contains("not shown"), "{}", ran.stderr);
}

/// An error that comes late decides all the same.
#[test]
fn an_error_among_many_warnings_is_shown() {
    let error = json!({ "type": "diagnostic", "severity": "error", "message": "the one that matters" });
    let ran = build(&json!([warnings(500), error, done()])).expect(1);
    assert!(ran.stderr.contains("error[CAV0612]: says: the one that matters"), "{}", ran.stderr);
    assert!(ran.stderr.contains("401 more messages"), "{}", ran.stderr);
}

#[test]
fn of_many_notes_the_first_of_each_kind_are_shown() {
    let note = |fidelity: &str, times: usize| {
        let message = format!("{fidelity} {{n}}.");
        json!({ "type": "note", "times": times, "bulletin": "ONE-1", "fidelity": fidelity, "message": message })
    };
    let made = json!({
        "type": "artifact", "path": "says/a.txt", "text": "x", "bulletins": ["ONE-1", "TWO-2"], "fidelity": "may-miss",
    });
    let ran = build(&json!([note("may-miss", 400), note("left-out", 50), made, done()])).expect(0);
    assert!(ran.stderr.contains("may-miss 99.") && !ran.stderr.contains("may-miss 100."), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("left-out 49.") && ran.stderr.contains("300 more messages"),
        "{}",
        ran.stderr
    );
}

/// The reason of a failure stands last.
#[test]
fn of_long_complaints_the_end_is_shown() {
    let complain = |often: usize| {
        let before = "the beginning of a long story, ";
        json!({ "type": "complain", "before": before, "often": often, "text": "then the reason\n" })
    };
    let fail = || json!({ "type": "exit", "code": 1 });
    let built = |say: &Value| {
        let folder = talk(&json!({}), say);
        caveat_in(folder.path(), &["build", "-t", "says", "--allow-plugins"]).stderr
    };
    for say in [json!([complain(10_000), fail()]), json!([complain(10_000), artifact(), done()])] {
        let told = built(&say);
        assert!(told.contains("wrote to its standard error: …"), "{told}");
        assert!(told.contains("story, then the reason\n") && told.len() < 2000, "{told}");
    }
    let told = built(&json!([complain(0), fail()]));
    assert!(told.contains("wrote to its standard error: then the reason\n"), "{told}");
}

/// The rules may be the reason why a program fails.
#[test]
fn an_error_is_not_lost_when_the_plugin_fails_after_it() {
    let error = json!({ "type": "diagnostic", "severity": "error", "message": "no such column" });
    let folder = talk(&json!({}), &json!([error, { "type": "done" }, { "type": "exit", "code": 1 }]));
    let ran = caveat_in(folder.path(), &["build", "-t", "says", "--allow-plugins"]).expect(3);
    assert!(
        ran.stderr.contains("error[CAV0608]: the plug-in `says` ended (exit status: 1) after it was done")
    );
    assert!(ran.stderr.contains("before that it reported: says: no such column"), "{}", ran.stderr);
}

#[test]
fn an_introduction_has_five_seconds() {
    let folder = super::project("says", &["sleep", "600"], "timeout = 600");
    let start = Instant::now();
    let ran = caveat_in(folder.path(), &["build", "-t", "says", "--allow-plugins"]).expect(3);
    assert!(ran.stderr.contains("did not introduce itself within 5 s"), "{}", ran.stderr);
    assert!((5..10).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

/// Those that hang are waited for together.
#[test]
fn targets_are_started_at_once() {
    let sections = |number: usize| format!("[backend.hangs{number}]\ncommand = [\"sleep\", \"600\"]\n");
    let more = (0..3).map(sections).collect::<String>();
    let folder = super::project("hangs", &["sleep", "600"], &more);
    let start = Instant::now();
    let ran = caveat_in(folder.path(), &["targets", "--allow-plugins"]).expect(3);
    assert_eq!(ran.stderr.matches("did not introduce itself within 5 s").count(), 4, "{}", ran.stderr);
    assert!((5..15).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
}

/// Starts a build that would take ten minutes, with a signal handled as the system does by default or ignored
/// from the start, and waits until the plug-in and its child run. Gives the number of their group.
fn long_build(folder: &Path, signal: &str, ignored: bool) -> (Child, String) {
    let script = "import os, signal, sys\n\
        signal.signal(getattr(signal, sys.argv[1]), getattr(signal, sys.argv[2]))\n\
        os.execv(sys.argv[3], sys.argv[3:])";
    let handler = if ignored { "SIG_IGN" } else { "SIG_DFL" };
    let mut command = Command::new("python3");
    command.args(["-c", script, signal, handler]).arg(program()).args([
        "build",
        "-t",
        "says",
        "--allow-plugins",
    ]);
    let child = command.current_dir(folder).stderr(Stdio::null()).spawn().unwrap();
    let pids = folder.join("pids");
    let group = wait_for(|| fs::read_to_string(&pids).ok().filter(|text| !text.is_empty()));
    (child, group)
}

fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        match found() {
            Some(found) => return found,
            None if start.elapsed() > Duration::from_secs(30) => panic!("it takes too long"),
            None => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Sends a signal, and says whether there was anybody to get it.
fn send(signal: &str, to: &str) -> bool {
    let mut kill = Command::new("kill");
    kill.args(["-s", signal.trim_start_matches("SIG"), "--", to])
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

/// Whether a process of the group has not ended. One that ended may wait for its parent still.
fn runs(group: &str) -> bool {
    let listed = Command::new("ps").args(["-eo", "pgid=,stat="]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    listed
        .lines()
        .filter_map(|line| line.trim().split_once(char::is_whitespace))
        .any(|(pgid, state)| pgid == group && !state.trim().starts_with('Z'))
}

fn sleeps() -> tempfile::TempDir {
    let folder = talk(&json!({}), &json!([{ "type": "start" }, { "type": "sleep", "seconds": 600 }]));
    let config = folder.path().join("caveat.toml");
    fs::write(&config, fs::read_to_string(&config).unwrap().replace("timeout = 5", "timeout = 600")).unwrap();
    folder
}

#[test]
fn signals_that_end_the_command_end_its_plugins() {
    for (signal, number) in [("SIGINT", 2), ("SIGTERM", 15), ("SIGHUP", 1), ("SIGQUIT", 3)] {
        let folder = sleeps();
        let (mut command, group) = long_build(folder.path(), signal, false);
        assert!(runs(&group), "the plug-in of the test runs");
        assert!(send(signal, &command.id().to_string()));
        let status = wait_for(|| command.try_wait().unwrap());
        assert_eq!(status.signal(), Some(number), "{signal}: {status}");
        assert!(!runs(&group), "{signal}");
        assert!(!folder.path().join("out").exists());
    }
}

/// `nohup` is to be believed.
#[cfg(target_os = "linux")]
#[test]
fn signals_that_are_ignored_end_nothing() {
    let folder = sleeps();
    let (mut command, group) = long_build(folder.path(), "SIGHUP", true);
    assert!(send("SIGHUP", &command.id().to_string()));
    thread::sleep(Duration::from_millis(500));
    assert!(command.try_wait().unwrap().is_none() && runs(&group));
    assert!(send("SIGTERM", &command.id().to_string()));
    let _ = wait_for(|| command.try_wait().unwrap());
    assert!(!runs(&group));
}
