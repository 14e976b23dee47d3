//! Ids follow from what rules mean, and from no wording.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test ends the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use caveat_ir::canonical;
use caveat_tests::command::{caveat, caveat_in};
use caveat_tests::rules::{below, compile_alone, files_below, root};
use regex::Regex;
use tempfile::TempDir;

/// The canonical form is frozen: whatever changes here renames what people have deployed.
#[test]
fn the_canonical_form_stays_as_it_is() {
    let text = fs::read_to_string(root().join("tests/cases/identity/every-test.caveat")).unwrap();
    let compiled = compile_alone(&text);
    assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
    let rules = compiled.rules.lowered();
    let mut forms = BTreeSet::new();
    for case in rules.bulletins.iter().flat_map(|bulletin| rules.cases(bulletin)) {
        rules.spelled_out(&case.vulnerable()).leaves(&mut |leaf| {
            forms.insert(canonical::test(&leaf.test));
        });
    }
    insta::assert_snapshot!(forms.into_iter().collect::<Vec<_>>().join("\n"));
}

/// A repository of one bulletin, and where its output goes.
struct Repository(TempDir);

impl Repository {
    fn new(text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("rules")).unwrap();
        let repository = Self(folder);
        repository.write(text);
        repository
    }

    fn write(&self, text: &str) {
        fs::write(self.0.path().join("rules/one.caveat"), text).unwrap();
    }

    /// Builds with the lock file, and says what the user was told.
    fn build(&self, target: &str) -> String {
        let arguments = ["build", "rules", "-t", target, "-o", "out", "--lock", "caveat.lock"];
        caveat_in(self.0.path(), &arguments).expect(0).stderr
    }

    /// The ids in the rule files of Sigma, by the file's path.
    fn sigma(&self) -> BTreeMap<String, String> {
        sigma_ids(&self.0.path().join("out/sigma"))
    }
}

fn sigma_ids(folder: &Path) -> BTreeMap<String, String> {
    let id = Regex::new("(?m)^id: (.+)$").unwrap();
    let files = files_below(folder, "yml");
    let read = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        (below(path, folder), id.captures(&text).expect("an id")[1].to_owned())
    };
    files.iter().map(read).collect()
}

const RULE: &str = r#"use std.windows
bulletin MS99-001 {
  title "An example"
  published 1999-01-04
  severity critical
  vulnerability CVE-1999-0001 { exposed when registry 'HKLM\SOFTWARE\Sample' value "On" = dword 1 }
  package "Sample" {
    for windows-7 sp 1
    file '%SystemRoot%\System32\sample.dll' fixed in 6.1.7601.10
  }
  test "old" {
    host { os windows-7 sp 1; file '%SystemRoot%\System32\sample.dll' 6.1.7601.9; registry 'HKLM\SOFTWARE\Sample' value "On" = dword 1 }
    expect vulnerable
  }
}
"#;

#[test]
fn a_corrected_floor_keeps_the_id_and_the_name_of_its_sigma_rule() {
    let repository = Repository::new(RULE);
    repository.build("sigma");
    let before = repository.sigma();
    assert_eq!(before.len(), 2, "{before:?}");
    repository.write(&RULE.replace("fixed in 6.1.7601.10", "fixed in 6.1.7601.11"));
    repository.build("sigma");
    assert_eq!(repository.sigma(), before);
}

#[test]
fn the_lock_file_keeps_the_id_of_a_sigma_rule() {
    let repository = Repository::new(RULE);
    repository.build("sigma");
    let lock = repository.0.path().join("caveat.lock");
    let text = fs::read_to_string(&lock).unwrap();
    let (_, given) = repository.sigma().pop_first().unwrap();
    let kept = "00000000-0000-4000-8000-000000000001";
    fs::write(&lock, text.replace(&given, kept)).unwrap();
    repository.build("sigma");
    assert!(repository.sigma().values().any(|id| id == kept), "{:?}", repository.sigma());
}

#[test]
fn another_meaning_needs_another_day() {
    let repository = Repository::new(RULE);
    let quiet = || !repository.build("sigma,oval").contains("CAV0614");
    assert!(quiet());
    let changed = RULE.replace("fixed in 6.1.7601.10", "fixed in 6.1.7601.11");
    repository.write(&RULE.replace("An example", "Another wording"));
    assert!(quiet());
    repository.write(&changed);
    // It is told until the bulletin gives a day.
    for _ in 0..2 {
        let told = repository.build("sigma,oval");
        assert!(told.contains("CAV0614") && told.contains("rules/one.caveat:2:10"), "{told}");
    }
    repository.write(&changed.replace("published 1999-01-04", "published 1999-01-04\n  revised 1999-02-08"));
    assert!(quiet());
}

/// Changes the wording of all messages in a copy of the sources, builds that, and compares. It builds the
/// compiler once more, so `.ci/wording` runs it by itself; what the compiler depends on serves both, if built with the
/// same features, as those of a test are; this is why the program of the copy has another name.
#[test]
#[ignore = "builds the compiler anew"]
fn no_id_and_no_file_name_depends_on_wording() {
    let target = root().join("target");
    let copy = target.join("wording");
    let _ = fs::remove_dir_all(&copy);
    let changed = reworded(&copy);
    assert!(changed > 300, "only {changed} texts were changed");
    let manifest = copy.join("crates/caveat/Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("[[bin]]\nname = \"caveat\"", "[[bin]]\nname = \"reworded\"")).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--workspace", "--bin", "reworded", "--test", "claims", "--target-dir"])
        .arg(&target)
        .current_dir(&copy)
        .status()
        .unwrap();
    assert!(built.success());
    let folder = TempDir::new().unwrap();
    let out = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let arguments = |out: &str| ["build", "rules", "-t", "all", "-o", out].map(str::to_owned);
    let _ = caveat(&arguments(&out("before")).each_ref().map(String::as_str)).expect(0);
    let other = Command::new(target.join("debug/reworded"))
        .args(arguments(&out("after")))
        .current_dir(root())
        .output()
        .unwrap();
    assert!(other.status.success(), "{}", String::from_utf8_lossy(&other.stderr));
    let (before, after) = (ids(&folder.path().join("before")), ids(&folder.path().join("after")));
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (path, ids) in &before {
        let others: BTreeSet<&String> = after[path].iter().collect();
        let renamed: Vec<&String> = ids.iter().filter(|id| !others.contains(id)).collect();
        assert!(renamed.is_empty(), "{path}: {renamed:?}");
    }
    let text = |name: &str| fs::read_to_string(folder.path().join(name).join("oval/ms04-006.xml")).unwrap();
    assert_ne!(text("before"), text("after"), "the wording is another");
}

/// Everything that looks like an id in the artifacts, by path.
fn ids(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let id = Regex::new(r"oval:[\w.-]+:[a-z]+:\d+|(?m)^id: .+$|^\s*rule \w+").unwrap();
    let mut found = BTreeMap::new();
    for extension in ["xml", "yml", "yar", "ps1", "rs", "json"] {
        for path in files_below(folder, extension) {
            let text = fs::read_to_string(&path).unwrap();
            let ids = id.find_iter(&text).map(|found| found.as_str().to_owned()).collect();
            found.insert(below(&path, folder), ids);
        }
    }
    found
}

/// Where texts of several words are terms of OVAL, of the canonical form or of names, and no wording.
const TERMS: [&str; 4] = [
    "crates/caveat-ir/src/canonical.rs",
    "backends/oval/src/model.rs",
    "backends/oval/src/lower/intern.rs",
    "backends/oval/src/lower/platforms.rs",
];

/// Copies the sources, and says how many texts of messages were changed: those of several words, in the crates
/// that speak of rules.
fn reworded(copy: &Path) -> usize {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    let text = Regex::new(r#""([a-z][a-z'`]*|[{][a-z_]*[}]) [^"\\\n]*""#).unwrap();
    let speaks = Regex::new(
        r"^(crates/caveat-(ir|runtime|backend|logic|eval)|backends/(oval|sigma|yara))/src/.*\.rs$",
    )
    .unwrap();
    let mut changed = 0;
    let listed = String::from_utf8(listed.stdout).unwrap();
    for path in listed.lines().filter(|path| root().join(path).is_file()) {
        let to = copy.join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if !speaks.is_match(path) || TERMS.contains(&path) {
            fs::copy(root().join(path), to).unwrap();
            continue;
        }
        let source = fs::read_to_string(root().join(path)).unwrap();
        let lines = source.lines().map(|line| {
            let code =
                !line.trim_start().starts_with("//") && !line.contains("#[") && !line.contains("expect(");
            if !code {
                return line.to_owned();
            }
            changed += text.find_iter(line).count();
            text.replace_all(line, |found: &regex::Captures<'_>| format!("\"verily {}", &found[0][1..]))
                .into_owned()
        });
        let lines: Vec<String> = lines.collect();
        fs::write(to, lines.join("\n") + "\n").unwrap();
    }
    changed
}
