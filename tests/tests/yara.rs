//! YARA rules in their engines: what they report of files, and that they never miss a vulnerable host.
//!
//! Engines that are not installed are skipped with a line that says so; in CI that is a failure.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test"
)]

#[path = "yara/files.rs"]
mod files;
#[path = "yara/formulas.rs"]
mod formulas;
#[path = "yara/layout.rs"]
mod layout;
#[path = "yara/lines.rs"]
mod lines;
#[path = "yara/strings.rs"]
mod strings;

use std::collections::BTreeSet;
use std::path::Path;

use caveat_backend::{Fidelity, Policy};
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::hosts::{random, systematic};
use caveat_tests::library::{bundled, example_hosts};
use caveat_tests::oval::compare::checked;
use caveat_tests::rules::compile_alone;
use caveat_tests::yara::agreement::agreement;
use caveat_tests::yara::emitted::{bundle, emit};
use caveat_tests::yara::engine::Engine;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

/// How many random hosts are tried for each bulletin.
const RANDOM_HOSTS: usize = 300;

fn alone(text: &str) -> Checked {
    checked(compile_alone(text))
}

/// The given hosts, those made from what each bulletin speaks of, and random ones (the
/// same in every run).
fn hosts(rules: &Checked, examples: Vec<HostFile>) -> Vec<HostFile> {
    let mut hosts = examples;
    let mut runner = TestRunner::deterministic();
    for bulletin in &rules.rules().bulletins {
        let vocabulary = Vocabulary::new(rules.rules(), bulletin);
        hosts.extend(systematic::hosts(&vocabulary));
        let strategy = random::host(&vocabulary);
        hosts.extend((0..RANDOM_HOSTS).map(|_| strategy.new_tree(&mut runner).unwrap().current()));
    }
    hosts
}

#[test]
fn no_vulnerable_host_is_missed() {
    let rules = bundled();
    let hosts = hosts(&rules, example_hosts());
    assert!(hosts.len() > 1000, "{} hosts are too few", hosts.len());
    for engine in Engine::available() {
        let agreement = agreement(&rules, &hosts, engine);
        println!("{engine:?}, {} hosts: {agreement}", hosts.len());
        assert_eq!(agreement.disagreements, Vec::<String>::new(), "{engine:?}");
        assert_eq!(agreement.left_out, 0, "every package of the library has files");
        assert!(agreement.vulnerable > 100 && agreement.over_reported > 0, "{agreement}");
        assert!(agreement.taken_out > 0, "{agreement}");
        let told = agreement.agreed + agreement.over_reported + agreement.taken_out;
        assert_eq!(agreement.compared, told);
    }
}

/// Rules whose formulas nest, share files, and leave something out.
const NESTED: &str = include_str!("yara/nested.caveat");

#[test]
fn no_host_is_missed_where_conditions_nest() {
    let rules = alone(NESTED);
    let hosts = hosts(&rules, Vec::new());
    for engine in Engine::available() {
        let agreement = agreement(&rules, &hosts, engine);
        println!("{engine:?}, {} hosts: {agreement}", hosts.len());
        assert_eq!(agreement.disagreements, Vec::<String>::new(), "{engine:?}");
        assert!(agreement.vulnerable > 50 && agreement.left_out > 0, "{agreement}");
    }
}

#[test]
fn a_package_that_no_file_shows_is_declared() {
    let (artifacts, notes) = emit(&alone(NESTED), &[], Policy::Approximate);
    let left_out = notes.iter().filter(|note| note.fidelity == Fidelity::LeftOut);
    let messages: Vec<&str> = left_out.map(|note| note.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "left out: CVE-2004-0001, CVE-2004-0002 by the package \"by an update\": a vulnerable host need not have a file whose version tells it"
        ]
    );
    assert_eq!(artifacts[0].fidelity, Fidelity::MayErrBothWays);
    assert!(artifacts[0].text.contains("; may miss: no rule of the bulletin sees \\\"by an update\\\"; may miss: the rules of the bulletin see in part only \\\"by the registry\\\"\""));
}

#[test]
fn the_policy_decides() {
    let rules = bundled();
    for policy in [Policy::Error, Policy::Skip] {
        let (artifacts, notes) = emit(&rules, &[], policy);
        assert!(artifacts.is_empty(), "{policy:?}");
        assert!(notes.iter().all(|note| note.fidelity == Fidelity::LeftOut));
        assert_eq!(notes.len(), rules.rules().bulletins.len());
    }
    let (artifacts, notes) = emit(&rules, &[], Policy::Approximate);
    let paths: Vec<&str> = artifacts.iter().map(|artifact| artifact.path.as_str()).collect();
    let seen = rules.rules().bulletins.iter().map(|bulletin| bulletin.id.as_str().to_ascii_lowercase());
    // No file tells of Virtual PC for Mac.
    let expected: Vec<String> =
        seen.filter(|id| id != "ms04-005").map(|id| format!("yara/{id}.yar")).collect();
    assert_eq!(paths, expected);
    assert!(
        artifacts
            .iter()
            .all(|artifact| [Fidelity::MayOverReport, Fidelity::MayErrBothWays].contains(&artifact.fidelity))
    );
    let (left_out, approximated): (Vec<_>, Vec<_>) =
        notes.iter().partition(|note| note.fidelity == Fidelity::LeftOut);
    assert!(left_out.iter().all(|note| note.bulletin.as_ref().unwrap().as_str() == "MS04-005"));
    assert_eq!(approximated.len(), expected.len());
    assert!(approximated.iter().all(|note| !note.losses.is_empty()));
    let (bundle, _) = emit(&rules, &[("layout", "bundle")], Policy::Approximate);
    assert_eq!(bundle.len(), 1);
    assert_eq!(bundle[0].path, "yara/caveat.yar");
    assert_eq!(bundle[0].bulletins.len(), expected.len());
}

#[test]
fn every_file_of_the_library_compiles_by_itself_and_without_a_warning() {
    let (empty, rules) = (TempDir::new().unwrap(), bundled());
    for engine in Engine::available() {
        for (identity, filename) in [("resource", None), ("filename", Some("a")), ("either", Some("a"))] {
            let (artifacts, _) = emit(&rules, &[("identity", identity)], Policy::Approximate);
            for artifact in artifacts {
                assert_eq!(
                    engine.scan(&artifact.text, filename, empty.path()),
                    Ok(vec![]),
                    "{}",
                    artifact.path
                );
            }
        }
    }
}

#[test]
fn the_same_rules_make_the_same_bytes_in_any_order_of_files() {
    let first = bundle(&bundled(), "resource");
    assert_eq!(first, bundle(&bundled(), "resource"));
    // Names of rules do not depend on what else there is.
    let mut fewer = bundled().rules().clone();
    fewer.bulletins.remove(1);
    let fewer =
        caveat_ir::check(fewer, caveat_ir::Places::default()).unwrap_or_else(|_| panic!("it is checked"));
    assert!(first.starts_with(&bundle(&fewer, "resource")));
}

/// The names of the files that a rule matches, by engine; both must find the same.
fn matched(rules: &str, filename: Option<&str>, folder: &Path) -> Option<BTreeSet<(String, String)>> {
    let mut found = Engine::available().into_iter().map(|engine| {
        let matches =
            engine.scan(rules, filename, folder).unwrap_or_else(|error| panic!("{engine:?}: {error}"));
        matches.into_iter().map(|one| (one.file, one.rule)).collect::<BTreeSet<_>>()
    });
    let first = found.next()?;
    assert!(found.all(|other| other == first), "the engines differ");
    Some(first)
}
