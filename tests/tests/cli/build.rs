//! `caveat build`: what it writes, and that it writes all or nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use caveat_tests::command::{Run, caveat, caveat_in};
use caveat_tests::rules::{below, read, root};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{BROKEN, CLEAN, folder, wins};

/// Every file below a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(below(&path, folder), fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn building_twice_gives_the_same_bytes() {
    let out = folder(&[]);
    let path = |name: &str| out.path().join(name).to_string_lossy().into_owned();
    for name in ["one", "two"] {
        let _ = caveat(&["build", "rules", "-t", "all", "-o", &path(name)]).expect(0);
    }
    let _ = caveat(&["build", "rules/ms04", "-t", "all", "-o", &path("three")]).expect(0);
    let _ = Run::new(&root().join("rules"), ["build", "ms04", "-t", "oval,oval", "-o", &path("four")])
        .go()
        .expect(0);
    // Built over what is there: nothing changes.
    let _ = caveat(&["build", "rules", "-t", "all", "-o", &path("two")]).expect(0);
    let one = contents(&out.path().join("one"));
    assert!(one.contains_key("oval/ms04-006.xml") && one.contains_key("manifest.json"), "{:?}", one.keys());
    for other in ["two", "three"] {
        let same = one == contents(&out.path().join(other));
        assert!(same, "`{other}` differs");
    }
    let xml = |files: &BTreeMap<String, Vec<u8>>| files["oval/ms04-006.xml"].clone();
    assert!(
        xml(&one) == xml(&contents(&out.path().join("four"))),
        "the folder it is started in leaves traces"
    );
}

#[test]
fn another_rule_changes_nothing_of_a_rule() {
    let out = folder(&[]);
    let path = out.path().to_string_lossy().into_owned();
    let _ = caveat(&["build", "rules/ms04/ms04-006.caveat", "-t", "oval", "-o", &path]).expect(0);
    let alone = read(&out.path().join("oval/ms04-006.xml"));
    let _ = caveat(&["build", "rules", "-t", "oval", "-o", &path]).expect(0);
    assert!(alone == read(&out.path().join("oval/ms04-006.xml")));
}

#[test]
fn the_manifest_lists_every_artifact_with_its_hash() {
    let out = folder(&[]);
    let path = out.path().join("out");
    let _ = caveat(&["build", "rules", "-t", "oval", "-o", &path.to_string_lossy()]).expect(0);
    let manifest: Value = serde_json::from_str(&read(&path.join("manifest.json"))).unwrap();
    assert_eq!(manifest["schema"], "caveat/manifest/v1");
    let mut files = contents(&path);
    files.remove("manifest.json");
    let hash = |bytes: &Vec<u8>| {
        Sha256::digest(bytes).iter().fold(String::new(), |out, byte| out + &format!("{byte:02x}"))
    };
    let there: BTreeMap<String, String> =
        files.iter().map(|(name, bytes)| (name.clone(), hash(bytes))).collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let artifacts = manifest["artifacts"].as_array().unwrap().iter();
    let listed: BTreeMap<String, String> =
        artifacts.map(|artifact| (text(&artifact["path"]), text(&artifact["sha256"]))).collect();
    assert_eq!(listed, there);
}

#[test]
fn artifacts_of_rules_that_went_away_go_too() {
    let project = folder(&[("rules/a.caveat", &wins()), ("out/mine.txt", "keep me")]);
    let other = read(&root().join("rules/ms04/ms04-008.caveat"));
    fs::write(project.path().join("rules/b.caveat"), other).unwrap();
    let out = project.path().join("out");
    let _ = caveat_in(project.path(), &["build", "rules", "-t", "oval"]).expect(0);
    assert!(out.join("oval/ms04-008.xml").is_file());
    fs::remove_file(project.path().join("rules/b.caveat")).unwrap();
    let _ = caveat_in(project.path(), &["build", "rules", "-t", "oval"]).expect(0);
    let names: Vec<String> = contents(&out).into_keys().collect();
    let expected = ["manifest.json", "mine.txt", "oval/ms04-006.map.json", "oval/ms04-006.xml"];
    assert_eq!(names, expected, "stale artifacts go, other files stay");
}

/// The paths that the manifest of a folder lists.
fn manifest(out: &Path) -> Vec<String> {
    let manifest: Value = serde_json::from_str(&read(&out.join("manifest.json"))).unwrap();
    let artifacts = manifest["artifacts"].as_array().unwrap().iter();
    artifacts.map(|artifact| artifact["path"].as_str().unwrap().to_owned()).collect()
}

/// What a policy withholds now must not be shipped because it was made before.
#[test]
fn a_target_that_makes_nothing_keeps_nothing() {
    let project = folder(&[("rules/a.caveat", &wins())]);
    let out = project.path().join("out");
    let build = |more: &[&str]| caveat_in(project.path(), &[&["build", "rules"], more].concat());
    let _ = build(&["-t", "yara,sigma,oval"]).expect(0);
    let all = manifest(&out);
    assert!(["yara/", "sigma/", "oval/"].iter().all(|one| all.iter().any(|path| path.starts_with(one))));
    let _ = build(&["-t", "yara,sigma", "--policy", "skip"]).expect(0);
    let there: Vec<String> = contents(&out).into_keys().collect();
    assert_eq!(there, ["manifest.json", "oval/ms04-006.map.json", "oval/ms04-006.xml"]);
    assert!(!out.join("yara").exists() && !out.join("sigma").exists(), "folders that are left empty go too");
    assert_eq!(manifest(&out), ["oval/ms04-006.map.json", "oval/ms04-006.xml"]);
    // A policy that refuses the whole run changes nothing.
    let _ = build(&["-t", "yara,oval", "--policy", "error"]).expect(1);
    assert_eq!(contents(&out).len(), 3);
    // The last bulletin goes.
    fs::write(project.path().join("rules/a.caveat"), CLEAN).unwrap();
    let _ = build(&["-t", "oval"]).expect(0);
    assert_eq!(contents(&out).into_keys().collect::<Vec<_>>(), ["manifest.json"]);
    assert_eq!(manifest(&out), Vec::<String>::new());
}

#[test]
fn one_artifact_can_go_to_standard_output() {
    let one = caveat(&["build", "rules/ms04/ms04-006.caveat", "-t", "oval", "-o", "-"]).expect(0);
    assert!(one.stdout.starts_with("<?xml") && one.stdout.trim_end().ends_with("</oval_definitions>"));
    let piped = Run::new(root(), ["build", "-", "-t", "oval", "-o", "-"]).stdin(wins()).go().expect(0);
    assert!(piped.stdout.starts_with("<?xml"));
    assert!(caveat(&["build", "rules", "-t", "oval", "-o", "-"]).expect(2).stderr.contains("bundle"));
    let bundle = caveat(&["build", "rules", "-t", "oval", "-o", "-", "-O", "oval.layout=bundle"]).expect(0);
    assert!(bundle.stdout.contains("CVE-2003-0825") && bundle.stdout.contains("CVE-2003-0905"));
}

#[test]
fn arguments_that_make_no_sense_are_refused_before_anything_is_written() {
    let project = folder(&[("rules/a.caveat", &wins())]);
    let build = |more: &[&str]| caveat_in(project.path(), &[&["build", "rules"], more].concat());
    assert!(build(&["-t", "ovla"]).expect(2).stderr.contains("there is no target `ovla`"));
    let _ = build(&[]).expect(2);
    assert!(build(&["-t", "oval", "-O", "oval.namespase=x"]).expect(2).stderr.contains("namespase"));
    let _ = build(&["-t", "oval", "-O", "oval.namespace=not a namespace"]).expect(2);
    let _ = build(&["-t", "oval", "-O", "oval.schema=4.0"]).expect(2);
    let _ = build(&["-t", "oval", "-O", "sigma.level=high"]).expect(2);
    let _ = build(&["-t", "oval", "-O", "nonsense"]).expect(2);
    let _ = build(&["-t", "oval", "--policy", "guess"]).expect(2);
    assert!(build(&["-t", "oval", "--locked"]).expect(2).stderr.contains("--lock"));
    assert!(!project.path().join("out").exists());
}

#[test]
fn rules_with_errors_write_nothing() {
    let project = folder(&[("rules/a.caveat", &wins()), ("rules/b.caveat", BROKEN)]);
    let _ = caveat_in(project.path(), &["build", "rules", "-t", "oval"]).expect(1);
    assert!(!project.path().join("out").exists());
}

#[test]
fn a_library_without_bulletins_builds_nothing_but_a_manifest() {
    let project = folder(&[("rules/a.caveat", CLEAN)]);
    let ran = caveat_in(project.path(), &["build", "rules", "-t", "oval"]);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
}

#[test]
fn the_lock_file_keeps_what_was_given_out() {
    let project = folder(&[
        ("caveat.toml", "rules = \"rules\"\nlock = \"caveat.lock\"\n"),
        ("rules/a.caveat", &wins()),
    ]);
    let lock = project.path().join("caveat.lock");
    let build = |more: &[&str]| caveat_in(project.path(), &[&["build", "-t", "oval"], more].concat());
    assert!(build(&["--locked"]).expect(1).stderr.contains("CAV0707"));
    assert!(!lock.exists() && !project.path().join("out").exists(), "nothing is written");
    let _ = build(&[]).expect(0);
    let first = read(&lock);
    let _ = build(&["--locked"]).expect(0);
    assert_eq!(read(&lock), first);
    // A meaning that changes counts its version up.
    let text = wins();
    let changed = text.replacen("fixed in 5.0.2195.6870", "fixed in 5.0.2195.6871", 1);
    assert_ne!(text, changed);
    fs::write(project.path().join("rules/a.caveat"), changed).unwrap();
    assert!(build(&["--locked"]).expect(1).stderr.contains("CAV0707"));
    assert_eq!(read(&lock), first);
    let _ = build(&[]).expect(0);
    assert_ne!(read(&lock), first);
    let _ = build(&["--locked"]).expect(0);
    fs::write(&lock, "{ broken").unwrap();
    assert!(build(&[]).expect(1).stderr.contains("CAV0704"));
    let other = project.path().join("other.lock");
    let _ = build(&["--lock", "other.lock"]).expect(0);
    assert!(other.is_file());
}

#[test]
fn options_can_stand_in_the_configuration() {
    let toml = "rules = \"rules\"\n[option.oval]\nnamespace = \"org.example\"\n";
    let project = folder(&[("caveat.toml", toml), ("rules/a.caveat", &wins())]);
    let print =
        |more: &[&str]| caveat_in(project.path(), &[&["build", "-t", "oval", "-o", "-"], more].concat());
    assert!(print(&[]).expect(0).stdout.contains("oval:org.example:def:"));
    assert!(print(&["-O", "oval.namespace=com.other"]).expect(0).stdout.contains("oval:com.other:def:"));
    let _ = print(&["--policy", "error"]).expect(0);
    let _ = print(&["--policy", "skip"]).expect(0);
}
