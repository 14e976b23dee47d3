//! Ids are for good: what a plug-in says of them is checked before the lock file keeps it.

use std::fs;

use caveat_tests::command::{Ran, caveat_in};
use caveat_tests::rules::read;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{kit, talk};

const HIGHEST: u32 = 0x7fff_ffff;

fn entry(id: u32, version: u32, digest: &str) -> Value {
    json!({ "id": id, "version": version, "digest": digest })
}

/// What a plug-in says that makes both bulletins and gives out these ids.
fn say(ids: &Value) -> Value {
    let artifact = json!({ "type": "artifact", "each": true, "path": "says/{id}.txt", "text": "x", "bulletins": ["{id}"] });
    json!([artifact, { "type": "done", "ids": ids }])
}

fn build(folder: &TempDir) -> Ran {
    let arguments =
        ["build", "-t", "says,oval", "--allow-plugins", "--lock", "ids.lock", "--message-format", "short"];
    caveat_in(folder.path(), &arguments)
}

/// What becomes of ids in a project whose lock file has `before`: what the user is told, and the lock's ids.
fn build_with(before: &Value, ids: &Value) -> (i32, String, Value) {
    let folder = talk(&json!({}), &say(ids));
    let lock = folder.path().join("ids.lock");
    fs::write(&lock, json!({ "schema": "caveat/lock/v1", "targets": { "says": before } }).to_string())
        .unwrap();
    let ran = build(&folder);
    let kept: Value = serde_json::from_str(&read(&lock)).unwrap();
    assert!(kept["targets"]["oval"]["def"].is_object(), "other targets keep their ids: {}", ran.stderr);
    assert_eq!(ran.code == Some(0), folder.path().join("out/says").exists(), "{}", ran.stderr);
    (ran.code.unwrap(), ran.stderr, kept["targets"]["says"].clone())
}

#[test]
fn ids_that_cannot_be() {
    for (ids, words) in [
        (json!({ "def": { "k": entry(0, 1, "x") } }), "the number of `def` `k` is 0, not 1 to 2147483647"),
        (json!({ "def": { "k": entry(HIGHEST + 1, 1, "x") } }), "the number of `def` `k` is 2147483648"),
        (json!({ "def": { "k": entry(1, 0, "x") } }), "the version of `def` `k` is 0"),
        (json!({ "def": { "k": entry(1, u32::MAX, "x") } }), "the version of `def` `k` is 4294967295"),
        (
            json!({ "def": { "a": entry(5, 1, "x"), "b": entry(5, 1, "y") } }),
            "`def` `a` and `b` have the same number, 5",
        ),
        (json!({ "def": { "k": { "id": -1, "version": 1, "digest": "x" } } }), "a line is not a message"),
        (
            json!({ "def": { "k": { "id": 4_294_967_296_u64, "version": 1, "digest": "x" } } }),
            "a line is not a message",
        ),
    ] {
        let (code, said, kept) = build_with(&json!({}), &ids);
        assert!(code == 3 && said.contains("error[CAV0611]") && said.contains(words), "{said}");
        assert_eq!(kept, json!({}));
        let ran = kit(&json!({}), &say(&ids)).expect(1);
        assert!(ran.stderr.contains("CAV0611"), "{}", ran.stderr);
    }
}

#[test]
fn ids_that_were_given_out_stay() {
    let before = json!({ "def": { "k": entry(7, 3, "x"), "l": entry(8, 1, "y") } });
    let with = |k: Value| json!({ "def": { "k": k, "l": entry(8, 1, "y"), "m": entry(9, 1, "z") } });
    for (ids, words) in [
        (json!({}), "the number of `def` `k` is dropped"),
        (json!({ "def": {} }), "the number of `def` `k` is dropped"),
        (json!({ "obj": before["def"] }), "the number of `def` `k` is dropped"),
        (json!({ "def": { "k": entry(7, 3, "x") } }), "the number of `def` `l` is dropped"),
        (with(entry(6, 3, "x")), "the number of `def` `k` was 7, and is 6 now"),
        (with(entry(7, 2, "x")), "the version of `def` `k` is 2, less than 3"),
        (with(entry(7, 3, "w")), "the version of `def` `k` is 3, less than 4"),
    ] {
        let (code, said, kept) = build_with(&before, &ids);
        assert!(code == 3 && said.contains("error[CAV0611]") && said.contains(words), "{said}");
        assert_eq!(kept, before);
    }
    for ids in [
        with(entry(7, 3, "x")),
        with(entry(7, 4, "w")),
        json!({ "def": before["def"], "obj": { "k": entry(7, 1, "x") } }),
    ] {
        let (code, said, kept) = build_with(&before, &ids);
        assert_eq!((code, kept), (0, ids), "{said}");
    }
    let (code, said, kept) = build_with(&before, &Value::Null);
    assert_eq!((code, kept), (0, before), "{said}");
    let highest = json!({ "def": { "k": entry(HIGHEST, HIGHEST, "x") } });
    assert_eq!(build_with(&highest, &json!({ "def": { "k": entry(HIGHEST, HIGHEST, "y") } })).0, 0);
}

#[test]
fn the_kit_wants_ids_kept() {
    let ran = kit(&json!({}), &say(&json!({}))).expect(1);
    assert!(ran.stdout.contains("BROKEN  keeps the ids that it was given"), "{}", ran.stdout);
    assert!(
        ran.stdout.ends_with(" 1 broken\n") && ran.stderr.contains("`kit` `kept` is dropped"),
        "{}",
        ran.stderr
    );
    let ran = kit(&json!({}), &say(&Value::Null)).expect(0);
    assert!(ran.stdout.contains("ok      keeps the ids that it was given"), "{}", ran.stdout);
}

/// Whoever wrote it: two things with one id must not be built on.
#[test]
fn a_lock_file_is_checked_when_it_is_read() {
    let folder = talk(&json!({}), &say(&Value::Null));
    for ids in [
        json!({ "def": { "a": entry(5, 1, "x"), "b": entry(5, 1, "y") } }),
        json!({ "def": { "a": entry(0, 1, "x") } }),
        json!({ "def": { "a": entry(1, u32::MAX, "x") } }),
    ] {
        let text = json!({ "schema": "caveat/lock/v1", "targets": { "oval": ids } }).to_string();
        fs::write(folder.path().join("ids.lock"), &text).unwrap();
        let ran = build(&folder).expect(1);
        assert!(ran.stderr.contains("error[CAV0704]: `ids.lock` is not a lock file"), "{}", ran.stderr);
        assert_eq!(read(&folder.path().join("ids.lock")), text);
        assert!(!folder.path().join("out").exists());
    }
}
