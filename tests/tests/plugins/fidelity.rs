//! What a plug-in says of its artifacts binds it, and the user's policy binds it as it binds built-in targets.

use std::fs;

use caveat_tests::command::{Ran, caveat_in};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{kit, talk};

/// An artifact for each bulletin, of this fidelity.
fn made(fidelity: &str) -> Value {
    json!({ "type": "artifact", "each": true, "path": "says/{id}.txt", "text": "x", "bulletins": ["{id}"], "fidelity": fidelity })
}

fn note(fidelity: &str) -> Value {
    json!({ "type": "note", "each": true, "bulletin": "{id}", "fidelity": fidelity, "message": "in my own words" })
}

fn done() -> Value {
    json!({ "type": "done" })
}

fn projects(projects: bool) -> Value {
    json!({ "projects": projects })
}

/// Builds what a plug-in says, by a policy.
fn build(hello: &Value, say: &Value, policy: &str) -> (TempDir, Ran) {
    let folder = talk(hello, say);
    let arguments =
        ["build", "-t", "says", "--allow-plugins", "--policy", policy, "--message-format", "short"];
    let ran = caveat_in(folder.path(), &arguments);
    (folder, ran)
}

/// The lines about what a target cannot say.
fn told(ran: &Ran) -> Vec<&str> {
    ran.stderr
        .lines()
        .filter(|line| line.contains("[CAV06"))
        .map(|line| line.split_once("says: ").unwrap().1)
        .collect()
}

fn written(folder: &TempDir) -> Vec<String> {
    let mut files: Vec<String> = fs::read_dir(folder.path().join("out/says"))
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    files
}

#[test]
fn the_policy_holds_whoever_projects() {
    for hello in [projects(false), projects(true)] {
        for fidelity in ["may-miss", "may-over-report", "may-err-both-ways"] {
            for say in [json!([made(fidelity), done()]), json!([note(fidelity), made(fidelity), done()])] {
                let (folder, ran) = build(&hello, &say, "error");
                let ran = ran.expect(1);
                assert_eq!(ran.stderr.matches("error[CAV0602]").count(), 2, "{}", ran.stderr);
                assert!(!folder.path().join("out").exists());
                let (folder, ran) = build(&hello, &say, "skip");
                let ran = ran.expect(0);
                assert_eq!(ran.stderr.matches("warning[CAV0603]").count(), 2, "{}", ran.stderr);
                assert_eq!(ran.stderr.matches("[CAV06").count(), 2, "{}", ran.stderr);
                assert_eq!(written(&folder), Vec::<String>::new());
                let (folder, ran) = build(&hello, &say, "approximate");
                let ran = ran.expect(0);
                assert_eq!(ran.stderr.matches("warning[CAV0601]").count(), 2, "{}", ran.stderr);
                assert_eq!(written(&folder), ["ONE-1.txt", "TWO-2.txt"]);
            }
        }
    }
}

#[test]
fn what_is_exact_passes_every_policy() {
    for policy in ["error", "skip", "approximate"] {
        let (folder, ran) = build(&projects(true), &json!([made("exact"), done()]), policy);
        assert_eq!(ran.expect(0).stderr.matches("[CAV06").count(), 0);
        assert_eq!(written(&folder).len(), 2);
    }
}

/// An artifact of both bulletins falls with one of them; the other is made as far as it has its own.
#[test]
fn what_mentions_a_bulletin_that_is_left_out_is_left_out_too() {
    let artifact = |path: &str, bulletins: &[&str], fidelity: &str, role: &str| json!({ "type": "artifact", "path": path, "text": "x", "bulletins": bulletins, "fidelity": fidelity, "role": role });
    let one = artifact("says/one.txt", &["ONE-1"], "may-miss", "main");
    let map = artifact("says/one.map.txt", &["ONE-1"], "exact", "companion");
    let both = artifact("says/all.txt", &["ONE-1", "TWO-2"], "exact", "main");
    let two = artifact("says/two.txt", &["TWO-2"], "exact", "main");
    let (folder, ran) = build(&projects(true), &json!([one, map, both, two, done()]), "skip");
    assert_eq!(told(&ran.expect(0)), ["ONE-1: left out"]);
    assert_eq!(written(&folder), ["two.txt"]);
    let (folder, ran) = build(&projects(true), &json!([one, both, done()]), "skip");
    assert_eq!(told(&ran.expect(0)), ["ONE-1: left out", "TWO-2: left out"]);
    assert_eq!(written(&folder), Vec::<String>::new());
    let nameless = artifact("says/none.txt", &[], "may-miss", "main");
    let (folder, ran) = build(&projects(true), &json!([nameless, made("exact"), done()]), "skip");
    assert_eq!(told(&ran.expect(0)), ["left out"]);
    assert_eq!(written(&folder), ["ONE-1.txt", "TWO-2.txt"]);
}

#[test]
fn notes_and_artifacts_that_contradict_each_other() {
    let left_out = note("left-out");
    for (say, words) in [
        (json!([note("may-miss"), made("exact"), done()]), "says `may miss`, and what it made is `exact`"),
        (json!([left_out, made("exact"), done()]), "says `left out`, and what it made is `exact`"),
        (
            json!([note("may-over-report"), made("may-miss"), done()]),
            "says `may over-report`, and what it made is `may miss`",
        ),
        (
            json!([note("may-miss"), made("may-err-both-ways"), done()]),
            "says `may miss`, and what it made is `may over-report and may miss`",
        ),
        (json!([note("may-err-both-ways"), made("may-miss"), done()]), "and what it made is `may miss`"),
        (json!([note("may-miss"), done()]), "says `may miss`, and what it made is `left out`"),
        (
            json!([{ "type": "note", "fidelity": "may-miss", "message": "all" }, made("exact"), done()]),
            "its note says `may miss`",
        ),
        (json!([done()]), "nothing is made of the bulletin `ONE-1`, and no note says that it is left out"),
        (
            json!([{ "type": "note", "bulletin": "ONE-1", "fidelity": "left-out", "message": "m" }, done()]),
            "nothing is made of the bulletin `TWO-2`",
        ),
        (
            json!([{ "type": "artifact", "each": true, "path": "says/{id}.txt", "text": "x", "bulletins": ["{id}"], "fidelity": "exact", "role": "companion" }, done()]),
            "nothing is made of the bulletin `ONE-1`",
        ),
    ] {
        for hello in [projects(false), projects(true)] {
            for policy in ["error", "skip", "approximate"] {
                let (folder, ran) = build(&hello, &say, policy);
                let ran = ran.expect(3);
                assert!(
                    ran.stderr.contains("error[CAV0611]") && ran.stderr.contains(words),
                    "{}",
                    ran.stderr
                );
                assert!(!folder.path().join("out").exists());
            }
            let ran = kit(&hello, &say).expect(1);
            assert!(ran.stderr.contains("CAV0611"), "{}", ran.stderr);
        }
    }
}

/// A part that is left out makes what is left inexact, and a bulletin may be left out as a whole.
#[test]
fn notes_that_fit() {
    let (folder, ran) = build(
        &projects(true),
        &json!([note("left-out"), note("may-miss"), made("may-miss"), done()]),
        "approximate",
    );
    assert_eq!(ran.expect(0).stderr.matches("[CAV0603]").count(), 2);
    assert_eq!(written(&folder).len(), 2);
    let (folder, ran) = build(&projects(false), &json!([note("left-out"), done()]), "approximate");
    assert_eq!(told(&ran.expect(0)), ["ONE-1: in my own words", "TWO-2: in my own words"]);
    assert_eq!(written(&folder), Vec::<String>::new());
    let _ = build(&projects(false), &json!([note("left-out"), done()]), "error").1.expect(1);
}

/// The host knows how its own claims err, and a plug-in cannot say otherwise.
#[test]
fn a_plugin_is_no_better_than_its_claims() {
    let features = ["os-version", "hotfix", "os-family"];
    let support = features.map(|name| (name.to_owned(), json!({ "support": "exact" })));
    let mut support: serde_json::Map<String, Value> = support.into_iter().collect();
    support.insert("os-version".to_owned(), json!({ "support": "no", "why": "w" }));
    let hello = json!({ "support": support });
    let plain = json!([{ "type": "artifact", "each": true, "path": "says/{id}.txt", "text": "x", "bulletins": ["{id}"] }, done()]);
    let (_, ran) = build(&hello, &plain, "approximate");
    assert_eq!(told(&ran.expect(0)), ["ONE-1: may over-report", "TWO-2: may over-report"]);
    for fidelity in ["exact", "may-miss"] {
        let ran = build(&hello, &json!([made(fidelity), done()]), "approximate").1.expect(3);
        assert!(ran.stderr.contains("which what it supports does not allow"), "{}", ran.stderr);
    }
    let (_, ran) = build(&hello, &json!([made("may-err-both-ways"), done()]), "approximate");
    let ran = ran.expect(0);
    assert!(told(&ran).contains(&"ONE-1: may over-report and may miss"), "{}", ran.stderr);
}

/// An error is about the rules; what was made of them does not matter then.
#[test]
fn errors_in_the_rules_come_first() {
    let error = json!({ "type": "diagnostic", "severity": "error", "message": "no such column" });
    let (_, ran) = build(&projects(true), &json!([error, done()]), "approximate");
    assert!(ran.expect(1).stderr.contains("error[CAV0612]: says: no such column"));
}

/// What the host tells and withholds in a plug-in's stead is the plug-in's duty still.
#[test]
fn the_kit_wants_notes_and_the_policy_kept() {
    for hello in [projects(false), projects(true)] {
        let ran = kit(&hello, &json!([made("may-miss"), done()])).expect(1);
        assert!(ran.stdout.contains("no note says that `says/CHECK-00.txt` may miss"), "{}", ran.stdout);
        let words = "it makes `says/CHECK-00.txt`, which may miss, though the policy is `skip`";
        assert!(ran.stdout.contains(words), "{}", ran.stdout);
    }
    let ran = kit(&projects(false), &json!([made("exact"), done()])).expect(0);
    assert!(ran.stdout.ends_with(" 0 broken\n"), "{}", ran.stdout);
}
