//! The OVAL documents of the bundled bulletins: valid by OpenSCAP, XML Schema and schematron,
//! the same in every build, and with ids that other rules do not change.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use caveat_backend::{Artifact, ArtifactRole};
use caveat_driver::lock::Lock;
use caveat_driver::{compile, inputs};
use caveat_ir::Checked;
use caveat_tests::command::python;
use caveat_tests::hosts::systematic;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::oval::characteristics::characteristics;
use caveat_tests::oval::compare::{artifacts, checked, compiled};
use caveat_tests::oval::definitions::Definitions;
use caveat_tests::oval::engine::{Needed, OSCAP, Said, XMLLINT, run, skipped};
use roxmltree::Document;
use tempfile::TempDir;

/// The schemas that OpenSCAP brings along.
const SCHEMAS: &str = "/usr/share/openscap/schemas/oval";
/// The values of the option `schema`, and the folders of the schemas they stand for.
const VERSIONS: [(&str, &str); 2] = [("5.11", "5.11.2"), ("5.10", "5.10.1")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn rules() -> PathBuf {
    root().join("rules")
}

fn bundled() -> Checked {
    checked(compiled(&[rules()], &rules()))
}

/// The definitions documents of rules, by path.
fn documents(checked: &Checked, options: &[(&str, &str)]) -> BTreeMap<String, String> {
    let (artifacts, _) = artifacts(checked, options, &Lock::default());
    let main = artifacts.into_iter().filter(|artifact: &Artifact| artifact.role == ArtifactRole::Main);
    main.map(|artifact| (artifact.path, artifact.text)).collect()
}

/// Writes documents into a folder, and gives their paths.
fn written(folder: &TempDir, documents: &BTreeMap<String, String>) -> Vec<String> {
    let write = |(path, text): (&String, &String)| {
        let path = folder.path().join(path.replace('/', "-"));
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    assert!(!documents.is_empty(), "there is no document");
    documents.iter().map(write).collect()
}

fn assert_success(said: &Said, what: &str) {
    assert!(said.success, "{what}:\n{}", said.output);
}

/// Says why a test cannot run, and whether that is so.
fn cannot(needed: &[Needed<'_>]) -> bool {
    let line = skipped(needed);
    if let Some(line) = &line {
        println!("{line}");
    }
    line.is_some()
}

#[test]
fn openscap_validates_every_bulletin() {
    if cannot(&[OSCAP]) {
        return;
    }
    let (folder, checked) = (TempDir::new().unwrap(), bundled());
    for (version, schema) in VERSIONS {
        let documents = documents(&checked, &[("schema", version)]);
        assert_eq!(documents.len(), checked.rules().bulletins.len(), "a document for every bulletin");
        for (document, text) in written(&folder, &documents).iter().zip(documents.values()) {
            assert_eq!(Definitions::read(text).schema_version, schema);
            assert_success(&run("oscap", &["oval", "validate", document]), document);
        }
    }
}

#[test]
fn the_bundle_is_valid_by_its_schema() {
    if cannot(&[OSCAP, XMLLINT]) {
        return;
    }
    for (version, schema) in VERSIONS {
        let folder = TempDir::new().unwrap();
        let documents = documents(&bundled(), &[("schema", version), ("layout", "bundle")]);
        let paths = written(&folder, &documents);
        let [bundle] = paths.as_slice() else { panic!("a bundle is one document, not {paths:?}") };
        let all = folder.path().join("all.xsd");
        std::fs::write(&all, imports(schema)).unwrap();
        assert_success(
            &run("xmllint", &["--noout", "--nonet", "--schema", all.to_str().unwrap(), bundle]),
            bundle,
        );
        assert_success(&run("oscap", &["oval", "validate", "--skip-schematron", bundle]), bundle);
    }
}

/// One schema that imports those of all namespaces, as xmllint needs it.
fn imports(version: &str) -> String {
    let import = |(part, file): (&str, &str)| {
        let namespace = format!("http://oval.mitre.org/XMLSchema/{part}");
        format!("  <xsd:import namespace=\"{namespace}\" schemaLocation=\"{SCHEMAS}/{version}/{file}\"/>\n")
    };
    let imports = [
        ("oval-definitions-5", "oval-definitions-schema.xsd"),
        ("oval-definitions-5#independent", "independent-definitions-schema.xsd"),
        ("oval-definitions-5#windows", "windows-definitions-schema.xsd"),
    ];
    let imports: String = imports.into_iter().map(import).collect();
    format!("<xsd:schema xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\n{imports}</xsd:schema>\n")
}

/// The asserts inside the schemas, by `tests/oracles/oval_schematron.py`.
#[test]
fn the_component_asserts_hold() {
    let python = python();
    let arguments = ["-c", "import lxml.isoschematron"];
    if cannot(&[OSCAP, ("lxml for Python", &python, &arguments)]) {
        return;
    }
    let script = root().join("tests/oracles/oval_schematron.py");
    let all: Vec<Checked> = cases().into_iter().chain([bundled()]).collect();
    for (version, schema) in VERSIONS {
        let folder = TempDir::new().unwrap();
        let texts = all.iter().map(|checked| documents(checked, &[("schema", version)]));
        let paths: Vec<String> = texts.flat_map(|documents| written(&folder, &documents)).collect();
        let schemas = format!("{SCHEMAS}/{schema}");
        let mut arguments = vec![script.to_str().unwrap(), &schemas];
        arguments.extend(paths.iter().map(String::as_str));
        assert_success(&run(&python, &arguments), "the asserts of the schemas");
    }
}

/// The rules of every synthetic case.
fn cases() -> Vec<Checked> {
    let folder = root().join("tests/cases/oval");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let rules = files.filter(|path| path.extension().is_some_and(|extension| extension == "caveat"));
    let cases: Vec<Checked> = rules.map(|path| checked(compiled(&[path], &folder))).collect();
    assert!(!cases.is_empty(), "no case was found");
    cases
}

/// The synthetic cases use parts of OVAL that the bundled bulletins do not.
#[test]
fn openscap_validates_every_case() {
    if cannot(&[OSCAP]) {
        return;
    }
    let folder = TempDir::new().unwrap();
    for checked in cases() {
        for (version, _) in VERSIONS {
            for document in written(&folder, &documents(&checked, &[("schema", version)])) {
                assert_success(&run("oscap", &["oval", "validate", &document]), &document);
            }
        }
    }
}

/// What the tests feed to OpenSCAP is itself OVAL.
#[test]
fn openscap_validates_the_characteristics() {
    if cannot(&[OSCAP]) {
        return;
    }
    let (folder, checked) = (TempDir::new().unwrap(), bundled());
    let documents = documents(&checked, &[("layout", "bundle")]);
    let definitions = Definitions::read(documents.values().next().unwrap());
    for bulletin in &checked.rules().bulletins {
        let hosts = systematic::hosts(&Vocabulary::new(checked.rules(), bulletin));
        for (index, host) in hosts.iter().step_by(hosts.len() / 8).enumerate() {
            let text = characteristics(&definitions, host);
            let document = format!("{}.{index}.xml", bulletin.id);
            let paths = written(&folder, &BTreeMap::from([(document, text)]));
            assert_success(&run("oscap", &["oval", "validate", &paths[0]]), &paths[0]);
        }
    }
}

#[test]
fn two_builds_are_the_same() {
    let twice = [bundled(), bundled()].map(|checked| artifacts(&checked, &[], &Lock::default()));
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn the_order_of_files_does_not_matter() {
    let (given, problems) = inputs::read(&[rules()], Some(&rules()));
    assert!(problems.is_empty());
    let mut reversed = given.clone();
    reversed.reverse();
    for layout in ["bulletin", "bundle"] {
        let build =
            |given| artifacts(&checked(compile(given, Vec::new())), &[("layout", layout)], &Lock::default());
        let (straight, backwards) = (build(given.clone()), build(reversed.clone()));
        assert_eq!(straight, backwards, "layout {layout}");
    }
}

#[test]
fn other_rules_change_no_id() {
    let other = root().join("tests/cases/oval/structure.caveat");
    let more = checked(compiled(&[rules(), other], &rules()));
    let (before, after) = (documents(&bundled(), &[]), documents(&more, &[]));
    assert_eq!(after.len(), before.len() + 1);
    for (path, text) in &before {
        assert_eq!(Some(text), after.get(path), "{path} is the same to the last byte");
    }
    let bundle = [("layout", "bundle")];
    let all = |checked: &Checked| ids(documents(checked, &bundle).values().next().unwrap());
    let (before, after) = (all(&bundled()), all(&more));
    assert!(before.is_subset(&after), "lost: {:?}", before.difference(&after));
}

#[test]
fn both_layouts_and_both_schemas_have_the_same_ids() {
    let checked = bundled();
    let all = |options: &[(&str, &str)]| -> BTreeSet<String> {
        documents(&checked, options).values().flat_map(|text| ids(text)).collect()
    };
    assert_eq!(all(&[]), all(&[("layout", "bundle")]));
    assert_eq!(all(&[]), all(&[("schema", "5.10")]));
}

/// The ids of everything in a document, with their versions.
fn ids(text: &str) -> BTreeSet<String> {
    let document = Document::parse(text).unwrap();
    let elements = document.descendants().filter(|node| node.has_attribute("version"));
    let ids =
        elements.filter_map(|node| Some(format!("{} {}", node.attribute("id")?, node.attribute("version")?)));
    ids.collect()
}
