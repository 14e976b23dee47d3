//! Ids: what they depend on, what they do not, and how they live on in a ledger.

use std::collections::BTreeMap;

use caveat_backend::{Ledger, Policy};
use caveat_ir::rule::{OsFacts, SelectorId};
use caveat_ir::{Checked, Test};

use crate::support::{
    Builder, Emitted, WINS, bulletin, conditional, definitions, emit, emit_with, file, floor, key, ms04_006,
    package, path, servers, test, vulnerability, wins,
};

const BUNDLE: [(&str, &str); 1] = [("layout", "bundle")];

fn bundle(rules: &Checked) -> Emitted {
    emit_with(rules, &BUNDLE, Policy::default(), Ledger::default())
}

fn texts(emitted: &Emitted) -> BTreeMap<&str, &str> {
    emitted.outputs.iter().map(|artifact| (artifact.path.as_str(), artifact.text.as_str())).collect()
}

/// Three bulletins that share platforms and files, in the given order.
fn three(order: [usize; 3]) -> Checked {
    let mut builder = Builder::new();
    let platforms = servers(&mut builder);
    for index in order {
        let mut one = wins(&builder, ["MS04-006", "MS04-007", "MS04-011"][index], platforms);
        one.packages.truncate(3 - index);
        builder.rules.bulletins.push(one);
    }
    builder.check()
}

#[test]
fn the_order_of_bulletins_does_not_matter() {
    for emit in [emit, bundle] {
        let first = emit(&three([0, 1, 2]));
        for order in [[2, 1, 0], [1, 0, 2]] {
            assert_eq!(texts(&emit(&three(order))), texts(&first));
        }
    }
}

#[test]
fn an_unrelated_bulletin_changes_nothing_in_another_document() {
    let alone = emit(&ms04_006());
    let mut builder = Builder::new();
    let other = builder.platform(
        "windows-xp",
        None,
        "Microsoft Windows XP",
        OsFacts { version: Some("5.1".parse().unwrap()), ..OsFacts::default() },
    );
    builder.rules.bulletins.push(conditional("MS04-001", other, test(Test::FileExists(path(r"C:\ntldr")))));
    let platforms = servers(&mut builder);
    let old = wins(&builder, "MS04-006", platforms);
    builder.rules.bulletins.push(old);
    let together = emit(&builder.check());
    for (path, text) in texts(&alone) {
        assert_eq!(text, together.text(path), "{path}");
    }
}

/// A bulletin that writes the same file and key in two ways.
fn spellings(swap: bool) -> Checked {
    let mut builder = Builder::new();
    let [platform, ..] = servers(&mut builder);
    let mut spelled = [
        (r"%SystemRoot%\System32\wins.exe", r"HKLM\SOFTWARE\Acme"),
        (r"%windir%\system32\WINS.EXE", r"HKLM\Software\ACME"),
    ];
    if swap {
        spelled.reverse();
    }
    let [first, second] = spelled.map(|(file, registry)| {
        caveat_ir::Expr::all([
            test(Test::FileVersion(path(file), caveat_ir::value::VersionSet::all())),
            test(Test::RegistryKey(key(registry))),
        ])
    });
    for (id, when) in [("A", first), ("B", second)] {
        builder.rules.bulletins.push(conditional(id, platform, when));
    }
    builder.check()
}

#[test]
fn case_does_not_make_a_second_element() {
    let emitted = bundle(&spellings(false));
    let text = emitted.text("oval/caveat.xml");
    assert_eq!(text.matches("<win-def:file_object").count(), 1);
    assert_eq!(text.matches(">SOFTWARE\\Acme<").count() + text.matches(">Software\\ACME<").count(), 1);
    let objects = |text: &str| text.split("<objects>").nth(1).map(str::to_owned);
    let swapped = bundle(&spellings(true));
    assert_eq!(objects(text), objects(swapped.text("oval/caveat.xml")));
}

fn with_floor(version: &str) -> Checked {
    let mut builder = Builder::new();
    let [platform, ..] = servers(&mut builder);
    let package = package("Windows 2000", vec![platform], vec![file(WINS, vec![floor(version)])]);
    builder.rules.bulletins.push(bulletin("MS04-006", vec![vulnerability("CVE-2003-0825")], vec![package]));
    builder.check()
}

/// Class and version by definition id.
fn versions(emitted: &Emitted) -> BTreeMap<String, (String, String)> {
    let document = roxmltree::Document::parse(emitted.text("oval/ms04-006.xml")).unwrap();
    let definitions = document.descendants().filter(|node| node.attribute("class").is_some());
    let attribute = |node: roxmltree::Node<'_, '_>, name| node.attribute(name).unwrap().to_owned();
    definitions
        .map(|node| (attribute(node, "id"), (attribute(node, "class"), attribute(node, "version"))))
        .collect()
}

#[test]
fn a_ledger_keeps_ids_and_counts_versions() {
    let first = emit(&with_floor("5.0.2195.6869"));
    let before = versions(&first);
    let json = serde_json::to_string(&first.ledger).unwrap();
    let ledger: Ledger = serde_json::from_str(&json).unwrap();
    let same = emit_with(&with_floor("5.0.2195.6869"), &[], Policy::default(), ledger.clone());
    assert_eq!(texts(&same), texts(&first));
    let after = versions(&emit_with(&with_floor("5.0.2195.6870"), &[], Policy::default(), ledger));
    assert!(before.keys().eq(after.keys()), "{before:?} {after:?}");
    // What sums up others asks the same of the same ids, and so do platforms.
    let map = definitions(first.text("oval/ms04-006.map.json"));
    let of_package = |id: &str| map.iter().any(|one| one["id"] == id && one["package"].is_string());
    assert_eq!(
        after.keys().filter(|id| !of_package(id)).count(),
        2 + map.iter().filter(|one| one["class"] == "inventory").count()
    );
    for (id, (class, version)) in &after {
        assert_eq!(version, if of_package(id) { "2" } else { "1" }, "{class} {id}");
    }
}

/// The ids of a known document. They are a promise: whoever refers to them must find them again.
#[test]
fn ids_stay_what_they_are() {
    let emitted = emit(&ms04_006());
    let definitions = definitions(emitted.text("oval/ms04-006.map.json"));
    let named = |class: &str, package: &str| {
        let found = definitions.iter().find(|one| one["class"] == class && one["package"] == package);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(named("vulnerability", "Windows 2000"), "oval:caveat:def:200251788");
    assert_eq!(named("patch", "Windows 2000"), "oval:caveat:def:1468498820");
    let text = emitted.text("oval/ms04-006.xml");
    for id in ["tst:140170175", "tst:424282226"] {
        assert!(text.contains(&format!("oval:caveat:{id}\"")), "{id}");
    }
}

#[test]
fn colliding_numbers_are_reported() {
    let rules = with_floor("5.0.2195.6870");
    let taken = {
        let emitted = emit(&rules);
        let json = serde_json::to_value(&emitted.ledger).unwrap();
        json["def"].clone()
    };
    let (key, entry) = taken.as_object().unwrap().iter().next().unwrap();
    let mut other = serde_json::json!({ "def": {} });
    other["def"]["something else"] = entry.clone();
    let ledger: Ledger = serde_json::from_value(other).unwrap();
    let emitted = emit_with(&rules, &[], Policy::default(), ledger);
    let messages: Vec<&str> = emitted.notes.iter().map(|note| note.message.as_str()).collect();
    assert!(
        messages.iter().any(|message| message.contains(key) && message.contains("lock file")),
        "{messages:?}"
    );
}

#[test]
fn one_definition_serves_all_that_name_a_platform() {
    let mut builder = Builder::new();
    let base = builder.platform(
        "windows-xp",
        None,
        "Microsoft Windows XP",
        OsFacts { version: Some("5.1".parse().unwrap()), ..OsFacts::default() },
    );
    let narrowed: Vec<SelectorId> = (0..3).map(|low| builder.with_service_packs(base, low, 3)).collect();
    let package = package("XP", narrowed, vec![file(WINS, vec![floor("5.1")])]);
    builder.rules.bulletins.push(bulletin("X", vec![vulnerability("CVE-2004-0001")], vec![package]));
    let emitted = emit(&builder.check());
    let definitions = definitions(emitted.text("oval/x.map.json"));
    assert_eq!(definitions.iter().filter(|one| one["class"] == "inventory").count(), 4);
}
