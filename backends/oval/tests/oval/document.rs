//! What is in a document and its map: metadata, applicability, notes, hostile texts.

use std::collections::BTreeSet;

use caveat_backend::{ArtifactRole, Backend, Fidelity, Ledger, OptionError, Options, Policy};
use caveat_backend_oval::Oval;
use caveat_ir::expr::{Comparison, Reason, ServiceCheck, ValueCheck};
use caveat_ir::rule::OsFacts;
use caveat_ir::value::RegistryPath;
use caveat_ir::{Checked, Expr, Origin, Test};
use roxmltree::{Document, Node};

use crate::support::{
    Builder, conditional, definitions, emit, emit_with, key, ms04_006, path, servers, test, titles,
};

fn find<'a>(document: &'a Document<'a>, name: &str) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.tag_name().name() == name).collect()
}

#[test]
fn gates_are_marked_and_everything_has_a_comment() {
    let emitted = emit(&ms04_006());
    let document = Document::parse(emitted.text("oval/ms04-006.xml")).unwrap();
    let gates: Vec<_> =
        document.descendants().filter(|node| node.attribute("applicability_check").is_some()).collect();
    assert_eq!(gates.len(), 6);
    assert!(gates.iter().all(|gate| gate.tag_name().name() == "extend_definition"));
    for name in ["criteria", "criterion", "extend_definition"] {
        let all = find(&document, name);
        assert!(all.iter().all(|node| !node.attribute("comment").unwrap_or_default().is_empty()), "{name}");
        assert!(name == "criterion" || all.iter().all(|node| node.attribute("negate").is_none()));
    }
}

#[test]
fn metadata_names_what_the_rule_names() {
    let emitted = emit(&ms04_006());
    let document = Document::parse(emitted.text("oval/ms04-006.xml")).unwrap();
    let definition = find(&document, "title")
        .into_iter()
        .find(|title| {
            title.text().unwrap().starts_with("CVE-2003-0825") && title.text().unwrap().contains("2000")
        })
        .and_then(|title| title.parent())
        .unwrap();
    let inner = |name: &str| {
        let nodes = definition.descendants().filter(|node| node.tag_name().name() == name);
        nodes.filter_map(|node| node.text().or(node.attribute("ref_id"))).collect::<Vec<_>>()
    };
    let title = "CVE-2003-0825: Title of MS04-006 on Microsoft Windows 2000 Server, service pack 2 to 4";
    assert_eq!(inner("title"), [title]);
    assert_eq!(inner("platform"), ["Microsoft Windows 2000 Server"]);
    assert_eq!(inner("cve"), ["CVE-2003-0825"]);
    assert_eq!(inner("reference"), ["CVE-2003-0825", "MS04-006", "KB830352"]);
    assert_eq!(
        inner("description"),
        ["WINS does not check the length of packets. MS04-006: Title of MS04-006."]
    );
}

#[test]
fn a_cve_and_a_bulletin_have_definitions_that_sum_up_the_cases() {
    let emitted = emit(&ms04_006());
    let map = definitions(emitted.text("oval/ms04-006.map.json"));
    let id = |cve: Option<&str>, package: &dyn Fn(&serde_json::Value) -> bool| {
        let of = |one: &&serde_json::Value| {
            one["class"] == "vulnerability" && one["cve"].as_str() == cve && package(&one["package"])
        };
        map.iter().filter(of).map(|one| one["id"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let cve = Some("CVE-2003-0825");
    let cases = id(cve, &serde_json::Value::is_string);
    let summary = id(cve, &serde_json::Value::is_null);
    let bulletin = id(None, &serde_json::Value::is_null);
    assert!(
        cases.len() > 1 && summary.len() == 1 && bulletin.len() == 1,
        "{cases:?} {summary:?} {bulletin:?}"
    );
    let document = Document::parse(emitted.text("oval/ms04-006.xml")).unwrap();
    let sums = |of: &BTreeSet<String>| {
        let all = find(&document, "definition");
        let one = all.iter().find(|one| of.contains(one.attribute("id").unwrap())).unwrap();
        let criteria = one.children().find(|node| node.tag_name().name() == "criteria").unwrap();
        assert_eq!(criteria.attribute("operator"), Some("OR"));
        let parts = criteria.children().filter(roxmltree::Node::is_element);
        parts.map(|part| part.attribute("definition_ref").unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    assert_eq!(sums(&summary), cases);
    assert_eq!(sums(&bulletin), summary);
}

#[test]
fn the_map_leads_back_to_the_rule() {
    let emitted = emit(&ms04_006());
    let map = emitted.text("oval/ms04-006.map.json");
    let vulnerability = definitions(map)
        .into_iter()
        .find(|one| one["class"] == "vulnerability" && one["package"] == "Windows 2000")
        .unwrap();
    assert_eq!(vulnerability["bulletin"], "MS04-006");
    assert_eq!(vulnerability["cve"], "CVE-2003-0825");
    assert_eq!(vulnerability["kb"], serde_json::json!(["KB830352"]));
    assert_eq!(vulnerability["file"], "rules/example.caveat");
    assert_eq!((&vulnerability["line"], &vulnerability["column"]), (&4.into(), &2.into()));
    let map: serde_json::Value = serde_json::from_str(map).unwrap();
    let enabled =
        map["tests"].as_array().unwrap().iter().find(|one| one["words"] == "service WINS is enabled");
    let place = serde_json::json!([{ "file": "rules/example.caveat", "line": 6, "column": 3 }]);
    assert_eq!(enabled.unwrap()["places"], place);
    let roles: Vec<_> =
        emitted.outputs.iter().map(|artifact| (artifact.path.as_str(), artifact.role)).collect();
    let expected =
        [("oval/ms04-006.map.json", ArtifactRole::Companion), ("oval/ms04-006.xml", ArtifactRole::Main)];
    assert_eq!(roles, expected);
}

#[test]
fn hostile_texts_come_through() {
    let evil = "a \"b\" 'c' ]]> -- & <d>\u{202e}\u{1f600}\nnext\tline";
    let mut builder = Builder::new();
    let facts = OsFacts { version: Some("5.0".parse().unwrap()), ..OsFacts::default() };
    let platform = builder.platform("p", None, evil, facts);
    let registry = RegistryPath { key: evil.to_owned(), ..key(r"HKLM\X") };
    let when = Expr::all([
        test(Test::RegistryKey(registry.clone())),
        test(Test::RegistryValue(registry, evil.to_owned(), ValueCheck::Text(evil.to_owned()))),
        test(Test::Service(evil.to_owned(), ServiceCheck::Running)),
        test(Test::Suite(evil.to_owned())),
        test(Test::Unknowable(Reason::Stated(evil.to_owned()))),
    ]);
    let mut one = conditional("EVIL", platform, when);
    one.titles = titles(evil);
    one.references = vec![format!("https://example.org/{evil}")];
    one.packages[0].name = evil.to_owned();
    one.vulnerabilities[0].doc = Some(evil.to_owned());
    builder.rules.bulletins.push(one);
    let emitted = emit(&builder.check());
    let text = emitted.text("oval/evil.xml");
    assert!(!text.contains('\u{202e}'));
    let document = Document::parse(text).unwrap();
    for name in ["key", "service_name", "platform"] {
        assert!(find(&document, name).iter().any(|node| node.text() == Some(evil)), "{name}");
    }
    let told = find(&document, "description");
    assert!(told.iter().any(|node| node.text().unwrap().contains(evil.trim())), "description");
    for title in find(&document, "title") {
        assert!(title.text().unwrap().chars().count() <= 120, "{:?}", title.text());
    }
    let values: Vec<_> = find(&document, "value").iter().filter_map(Node::text).map(str::to_owned).collect();
    assert!(values.iter().any(|value| value == evil));
    assert!(
        find(&document, "criterion").iter().any(|node| node.attribute("comment").unwrap().contains(evil))
    );
    assert!(
        find(&document, "reference")
            .iter()
            .all(|node| { node.attribute("ref_url").is_none_or(|url| !url.contains("example.org")) })
    );
    let map = definitions(emitted.text("oval/evil.map.json"));
    assert!(map.iter().any(|one| one["package"] == evil));
}

/// A bulletin that asks for a path OVAL cannot find, beside one it can.
fn partly_invisible(platform_asks: bool) -> Checked {
    let mut builder = Builder::new();
    let other = || test(Test::FileExists(path(r"%APPDATA%\acme.ini")));
    let when = if platform_asks { vec![other()] } else { Vec::new() };
    let facts = OsFacts { version: Some("5.0".parse().unwrap()), when, ..OsFacts::default() };
    let platform = builder.platform("p", None, "P", facts);
    let narrowed = builder.with_service_packs(platform, 2, 4);
    let size = test(Test::FileSize(path(r"C:\acme.exe"), Comparison::Less, 10));
    let asked =
        if platform_asks { size } else { Expr::any([Expr::all([size, other()]), Expr::negate(other())]) };
    let mut one = conditional("A", narrowed, asked);
    if !platform_asks {
        one.packages[0].vulnerable_when =
            Some(Expr::all([other(), Expr::negate(test(Test::RegistryKey(key(r"HKLM\X"))))]).into());
    }
    builder.rules.bulletins.push(one);
    builder.check()
}

#[test]
fn what_oval_cannot_see_is_approximated_and_said() {
    for platform_asks in [false, true] {
        let emitted = emit(&partly_invisible(platform_asks));
        assert_eq!(emitted.notes.len(), 1, "{:?}", emitted.notes);
        assert_eq!(emitted.notes[0].fidelity, Fidelity::MayOverReport);
        let lost = emitted.notes[0].losses.words();
        assert!(lost.len() == 1 && lost[0].contains("%APPDATA%"), "{lost:?}");
        let text = emitted.text("oval/a.xml");
        assert!(text.contains("May over-report") && !text.contains("_object id=\"APPDATA"));
        assert!(emitted.outputs.iter().all(|artifact| artifact.fidelity == Fidelity::MayOverReport));
        let document = Document::parse(text).unwrap();
        assert!(
            find(&document, "criterion")
                .iter()
                .all(|node| !node.attribute("comment").unwrap().contains("APPDATA"))
        );
    }
}

#[test]
fn a_platform_that_oval_cannot_see_has_no_definition() {
    let emitted = emit(&partly_invisible(true));
    let map = definitions(emitted.text("oval/a.map.json"));
    assert!(map.iter().all(|one| one["class"] != "inventory"));
}

#[test]
fn policies_leave_out_what_is_not_exact() {
    for policy in [Policy::Skip, Policy::Error] {
        let emitted = emit_with(&partly_invisible(false), &[], policy, Ledger::default());
        assert!(emitted.outputs.is_empty());
        assert!(!emitted.notes.is_empty());
        assert!(emitted.notes.iter().all(|note| note.fidelity == Fidelity::LeftOut));
        let exact = emit_with(&ms04_006(), &[], policy, Ledger::default());
        assert!(exact.notes.is_empty() && !exact.outputs.is_empty());
    }
}

#[test]
fn a_definition_of_which_nothing_remains_is_left_out() {
    let mut builder = Builder::new();
    let anything = builder.platform("anything", None, "Anything", OsFacts::default());
    let other = test(Test::FileExists(path(r"%APPDATA%\acme.ini")));
    builder.rules.bulletins.push(conditional("A", anything, other));
    let emitted = emit(&builder.check());
    assert!(emitted.outputs.is_empty());
    assert!(
        emitted.notes.iter().any(|note| note.message.contains("\"all\" is left out")),
        "{:?}",
        emitted.notes
    );
}

#[test]
fn options_shape_the_document() {
    let options = [("namespace", "org.example"), ("schema", "5.10"), ("timestamp", "2026-01-02T03:04:05Z")];
    let emitted = emit_with(&ms04_006(), &options, Policy::default(), Ledger::default());
    let text = emitted.text("oval/ms04-006.xml");
    for part in [
        "\"oval:org.example:def:",
        "<oval:schema_version>5.10.1</oval:schema_version>",
        "<oval:timestamp>2026-01-02T03:04:05Z</oval:timestamp>",
    ] {
        assert!(text.contains(part), "{part}");
    }
    for wrong in [("namespace", "a:b"), ("schema", "5.12"), ("layout", "folder"), ("timestamp", "now")] {
        let made = Options::new(&Oval.info().options, [wrong]);
        assert!(matches!(made, Err(OptionError::Value { .. })), "{wrong:?}");
    }
}

#[test]
fn the_timestamp_is_the_latest_date() {
    let mut builder = Builder::new();
    let [platform, ..] = servers(&mut builder);
    let condition = || test(Test::RegistryKey(key(r"HKLM\X")));
    let mut dated = conditional("A", platform, condition());
    let date = "2004-08-11".parse().unwrap();
    dated.revisions = vec![caveat_ir::rule::Revision { date, text: None, origin: Origin::default() }];
    let mut undated = conditional("B", platform, condition());
    undated.published = None;
    builder.rules.bulletins.extend([dated, undated]);
    let emitted = emit(&builder.check());
    assert!(emitted.text("oval/a.xml").contains("2004-08-11T00:00:00"));
    assert!(emitted.text("oval/b.xml").contains("2004-01-01T00:00:00"));
}

/// Ten thousand bulletins, in a release build: `cargo test --release -- --ignored --nocapture`.
#[test]
#[ignore = "takes long in a debug build"]
fn ten_thousand_bulletins_take_seconds() {
    let mut builder = Builder::new();
    let platforms = servers(&mut builder);
    for index in 0..10_000_u16 {
        let mut one = crate::support::wins(&builder, &format!("B{index}"), platforms);
        for floor in one.packages.iter_mut().flat_map(|package| &mut package.files[0].floors) {
            floor.version.0[3] ^= index;
        }
        builder.rules.bulletins.push(one);
    }
    let rules = builder.check();
    let start = std::time::Instant::now();
    let emitted = emit(&rules);
    let took = start.elapsed();
    let bytes: usize = emitted.outputs.iter().map(|artifact| artifact.text.len()).sum();
    println!("{bytes} bytes in {took:?}");
    assert!(took.as_secs() < 30, "{took:?}");
}

#[test]
fn nothing_comes_of_nothing() {
    let builder = Builder::new();
    for layout in ["bulletin", "bundle"] {
        let rules = caveat_ir::check(builder.rules.clone(), caveat_ir::Places::default()).unwrap();
        let emitted = emit_with(&rules, &[("layout", layout)], Policy::default(), Ledger::default());
        assert!(emitted.outputs.is_empty() && emitted.notes.is_empty());
    }
}
