//! The pages of the back ends say what the back ends say, and the page of features and values what the code knows.
//! `CAVEAT_UPDATE=1` writes them anew.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test ends the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use caveat::backend::page;
use caveat_ir::value::{KnownFolder, Language, Variable};
use caveat_ir::{Feature, Test};
use caveat_tests::command::caveat;
use caveat_tests::rules::root;
use serde_json::{Value, json};

#[test]
fn the_pages_are_fresh() {
    let folder = root().join("docs/backends");
    let registry = caveat::registry().unwrap();
    let mut expected = BTreeSet::new();
    for backend in registry.iter() {
        let name = format!("{}.md", backend.info().id);
        let (path, text) = (folder.join(&name), page::page(backend));
        if std::env::var_os("CAVEAT_UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "docs/backends/{name} is stale: run the test with CAVEAT_UPDATE=1");
        expected.insert(name);
    }
    let found: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, expected, "a page without its back end, or the other way round");
}

/// A test of every kind in the rules' JSON, and the paths and keys that ask for more.
fn samples() -> Vec<Value> {
    let key = |more: Value| {
        let mut key = json!({ "hive": "HKLM", "key": "SOFTWARE\\Acme" });
        key.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        key
    };
    let value = |check: Value| json!({ "registry-value": [key(json!({})), "Level", check] });
    let service = |check: Value| json!({ "service": ["Acme", check] });
    let path = "%SystemRoot%\\a.dll";
    let versions = json!([{ "low": "0.0.0.0", "high": "5.0.2195.6869" }]);
    vec![
        json!({ "family": "windows" }),
        json!({ "os-version": "5.0" }),
        json!({ "os-build": [[2195, 2195]] }),
        json!({ "os-revision": [[0, 952]] }),
        json!({ "service-pack": [[2, 4]] }),
        json!({ "product-type": ["server"] }),
        json!({ "installation-type": ["server-core"] }),
        json!({ "suite": "Terminal Server" }),
        json!({ "architecture": ["x86"] }),
        json!({ "language": "ja" }),
        json!({ "file-exists": path }),
        json!({ "file-version": [path, versions] }),
        json!({ "file-size": [path, "=", 145_168] }),
        json!({ "file-digest": [path, "md5", "d41d8cd98f00b204e9800998ecf8427e"] }),
        json!({ "registry-key": key(json!({})) }),
        value(json!("exists")),
        value(json!({ "text": "a" })),
        value(json!({ "text-ignoring-case": "a" })),
        value(json!({ "matches": "^a" })),
        value(json!({ "version": [{ "<": "5.0" }] })),
        value(json!({ "number": ["=", { "dword": 2 }] })),
        value(json!({ "number": ["=", { "qword": 2 }] })),
        value(json!({ "bits": { "dword": 1024 } })),
        value(json!({ "type": ["reg_none"] })),
        value(json!({ "binary": "00ff" })),
        service(json!("installed")),
        service(json!("enabled")),
        service(json!({ "start": "automatic" })),
        service(json!("running")),
        service(json!("stopped")),
        json!({ "hotfix": "KB830352" }),
        json!({ "unknowable": { "stated": "nobody can tell" } }),
        json!({ "registry-key": key(json!({ "view": "32" })) }),
        json!({ "registry-key": key(json!({ "hive": "HKCU" })) }),
        json!({ "file-exists": "%AcmeRoot%\\a.dll" }),
        json!({ "file-exists": "%ProgramW6432%\\a.dll" }),
        json!({ "file-exists": "%APPDATA%\\a.dll" }),
    ]
}

/// What is special about a test: its kind, its check, its hive or view, or the variable of its path.
fn named(sample: &Value) -> String {
    let (kind, inner) = sample.as_object().unwrap().iter().next().unwrap();
    let word = |check: &Value| {
        let key = check.as_object().and_then(|check| check.keys().next().cloned());
        key.unwrap_or_else(|| check.as_str().unwrap_or_default().to_owned())
    };
    match kind.as_str() {
        "registry-value" => format!("`{kind}` with `{}`", word(&inner[2])),
        "service" => format!("`{kind}` with `{}`", word(&inner[1])),
        "registry-key" if inner["view"].is_string() => "any of the registry with a `view`".to_owned(),
        "registry-key" if inner["hive"] == "HKCU" => "any below `HKCU`".to_owned(),
        "file-exists" if !inner.as_str().unwrap().starts_with("%SystemRoot%") => {
            format!("any path such as `{}`", inner.as_str().unwrap())
        }
        other => format!("`{other}`"),
    }
}

/// The tests that need each feature. The last of a test's features is the one that its sample is there for.
fn features() -> String {
    let mut covered: BTreeMap<Feature, Vec<String>> = BTreeMap::new();
    for sample in samples() {
        let test: Test = serde_json::from_value(sample.clone()).unwrap();
        let feature = *test.features().last().unwrap();
        covered.entry(feature).or_default().push(named(&sample));
    }
    let mut table = "| feature | what it is | tests that need it |\n|---|---|---|\n".to_owned();
    for feature in Feature::ALL {
        let tests = covered.remove(feature).unwrap_or_else(|| panic!("no sample has `{feature}`"));
        let _ = writeln!(table, "| `{feature}` | {} | {} |", feature.title(), tests.join(", "));
    }
    table
}

fn folders() -> String {
    let mut table = "| variable | value below `HKLM` that holds it |\n|---|---|\n".to_owned();
    for folder in KnownFolder::ALL {
        let names: Vec<String> = folder.names().iter().map(|name| format!("`%{name}%`")).collect();
        let (key, value) = folder.registry_value();
        let since = match (folder.is_of_64_bit(), folder.is_since_vista()) {
            (true, _) => "; 64-bit Windows only",
            (_, true) => "; from Windows Vista on",
            _ if folder == KnownFolder::SystemDrive => ", its first two characters",
            _ => "",
        };
        let _ = writeln!(table, "| {} | `{key}`, `{value}`{since} |", names.join(", "));
    }
    table
}

fn languages() -> String {
    let mut table = "| tag | identifier |\n|---|---|\n".to_owned();
    for identifier in 0..=u16::MAX {
        if let Some(language) = Language::from_identifier(identifier) {
            let _ = writeln!(table, "| `{language}` | `{identifier:04x}` |");
        }
    }
    table
}

fn values() -> String {
    let list = |names: &[&str]| names.iter().map(|name| format!("`%{name}%`")).collect::<Vec<_>>().join(", ");
    format!(
        "# Features and values\n\n\
         This page is made from what Caveat knows.\n\n\
         ## Features\n\n\
         A target says of each feature how well it expresses it. A test may need several: a value below `HKCU` needs\n\
         `registry-value` and `current-user`. The names of tests are those of the rules' JSON.\n\n{}\n\
         ## Known folders\n\n\
         A path that begins with one of these variables needs no feature but that of its test: each Windows\n\
         records the folder in its registry. Names of variables have no case.\n\n{}\n\
         ## Other variables\n\n\
         These are of a user (`other-variable` and `current-user`): {}.\n\n\
         These are of a process (`other-variable`): {}.\n\n\
         Every other variable is the machine's (`machine-variable`), a value of its name below\n\
         `HKLM\\{}`.\n\n\
         ## Languages\n\n\
         The tags that rules may name, with the language identifiers that Windows records as\n\
         `InstallLanguage` below `HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\Language`. A tag without region (`pt`)\n\
         stands for all of its regions.\n\n{}",
        features(),
        folders(),
        list(&Variable::OF_USERS),
        list(&Variable::OF_PROCESSES),
        Variable::MACHINE,
        languages(),
    )
}

#[test]
fn the_page_of_features_and_values_is_fresh() {
    let (path, text) = (root().join("docs/values.md"), values());
    if std::env::var_os("CAVEAT_UPDATE").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "docs/values.md is stale: run the test with CAVEAT_UPDATE=1");
}

/// The page is only as good as its samples.
#[test]
fn the_samples_have_every_kind_of_test() {
    let schema = caveat(&["schema", "ir"]).expect(0).json();
    let kinds = |name: &str| -> BTreeSet<String> {
        let kinds = schema["$defs"][name]["oneOf"].as_array().unwrap().iter();
        let kind = |kind: &Value| match kind["const"].as_str() {
            Some(word) => word.to_owned(),
            None => kind["required"][0].as_str().unwrap().to_owned(),
        };
        kinds.map(kind).collect()
    };
    let text = samples().iter().map(named).collect::<Vec<_>>().join("\n");
    let missing: Vec<String> = ["Test", "ValueCheck", "ServiceCheck"]
        .into_iter()
        .flat_map(kinds)
        .filter(|kind| !text.contains(&format!("`{kind}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
