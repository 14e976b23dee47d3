//! Built-in back ends give over the wire what they give in the process: artifacts, notes and ids.

use std::path::Path;

use caveat::backend::{Options, Policy};
use caveat_diag::{Code, Diagnostic};
use caveat_driver::lock::Lock;
use caveat_driver::plugin::{Limits, Plugin, conformance};
use caveat_driver::{Built, Target, build, compile, inputs};
use caveat_ir::{Checked, Feature};
use caveat_sema::Rules;
use caveat_tests::command::{caveat, program};
use caveat_tests::rules::{compile_alone, root};

fn checked(rules: Rules) -> Checked {
    match rules {
        Rules::Checked(checked) => checked,
        Rules::Broken(_) => panic!("the rules are broken"),
    }
}

fn library() -> Checked {
    let folder = root().join("rules");
    let (inputs, problems) = inputs::read(std::slice::from_ref(&folder), Some(&folder));
    checked(compile(inputs, problems).rules)
}

fn served(id: &str) -> Plugin {
    let program = program().to_string_lossy().into_owned();
    let command = [program, "plugin".to_owned(), "serve".to_owned(), id.to_owned()];
    let plugin = Plugin::start(Some(id), &command, Path::new("."), Limits::default());
    plugin.unwrap_or_else(|problem| panic!("{id}: {problem:?}"))
}

fn both(rules: &Checked, id: &str, policy: Policy, lock: &Lock) -> (Built, Built) {
    let registry = caveat::registry().unwrap();
    let backend = registry.get(id).unwrap();
    let options = Options::new(&backend.info().options, []).unwrap();
    let here = build(rules, &[Target { backend, options: options.clone() }], policy, lock);
    let plugin = served(id);
    let there = build(rules, &[Target { backend: &plugin, options }], policy, lock);
    (here, there)
}

fn same(rules: &Checked, id: &str, policy: Policy) {
    let (here, there) = both(rules, id, policy, &Lock::default());
    assert!(!there.failed, "{id}: {:?}", there.diagnostics);
    let paths = |built: &Built| built.artifacts.iter().map(|(_, one)| one.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&here), paths(&there), "{id}");
    for ((_, here), (_, there)) in here.artifacts.iter().zip(&there.artifacts) {
        assert!(here == there, "{id}: {} differs", here.path);
    }
    // What a back end warns of in words of its own has the code of plug-ins there.
    let told = |built: &Built| -> Vec<Diagnostic> {
        let own = [Code::LARGE_SCRIPT, Code::PLUGIN_WARNING].map(|code| code.id);
        built.diagnostics.iter().filter(|one| !own.contains(&one.code.id)).cloned().collect()
    };
    assert_eq!(told(&here), told(&there), "{id}");
    assert_eq!(here.diagnostics.len(), there.diagnostics.len(), "{id}");
    assert_eq!(here.lock.to_text(), there.lock.to_text(), "{id}");
    let (here, there) = both(rules, id, policy, &here.lock);
    assert_eq!(here.lock.to_text(), there.lock.to_text(), "{id}: ids that were kept");
}

#[test]
fn the_library() {
    let rules = library();
    for backend in caveat::registry().unwrap().iter() {
        same(&rules, &backend.info().id, Policy::Approximate);
    }
}

#[test]
fn every_feature_by_every_policy() {
    let compiled = compile_alone(&conformance::rules());
    assert!(!compiled.has_errors(), "{:?}", compiled.diagnostics);
    let rules = checked(compiled.rules);
    for backend in caveat::registry().unwrap().iter() {
        for policy in [Policy::Approximate, Policy::Skip, Policy::Error] {
            same(&rules, &backend.info().id, policy);
        }
    }
}

/// The kit is only as good as its rules.
#[test]
fn the_rules_of_the_kit_use_every_feature() {
    let rules = checked(compile_alone(&conformance::rules()).rules);
    let rules = rules.rules();
    let mut used = std::collections::BTreeSet::new();
    for claim in rules.bulletins.iter().flat_map(|bulletin| rules.claims(bulletin)) {
        rules.spelled_out(&claim.formula).leaves(&mut |leaf| used.extend(leaf.test.features()));
    }
    // Rules have no words for the revision of a build: it comes as JSON only.
    used.insert(Feature::OsRevision);
    let missing: Vec<_> = Feature::ALL.iter().filter(|feature| !used.contains(feature)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn built_in_back_ends_keep_to_the_protocol() {
    let program = program().to_string_lossy().into_owned();
    for backend in caveat::registry().unwrap().iter() {
        let id = backend.info().id.as_ref();
        let ran = caveat(&["plugin", "check", &program, "plugin", "serve", id]).expect(0);
        assert!(ran.stdout.contains("0 broken\n") && !ran.stdout.contains("BROKEN"), "{id}: {}", ran.stdout);
    }
}
