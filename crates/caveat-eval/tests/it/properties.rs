//! Properties that hold for every formula and every file.

use std::borrow::Cow;

use caveat_eval::{Evaluator, Fact, Host, HostFacts, RegistryValue, Suites, evaluate, load_hosts};
use caveat_ir::expr::{Expr, Reason, ServiceCheck, Test};
use caveat_ir::rule::RuleSet;
use caveat_ir::value::{
    Architecture, Digest, Family, FileVersion, Kb, KeyRef, Language, NumberSet, OsVersion, PathRef,
    ProductType, StartType,
};
use caveat_ir::{Truth, describe};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::rules::{SERVER_SP, checked, leaf, platforms, service, wins};

/// A host of which every service is what its name says.
struct Stub;

impl HostFacts for Stub {
    fn name(&self) -> &'static str {
        "stub"
    }
    fn os_family(&self) -> Fact<Family> {
        Fact::Unknown
    }
    fn os_version(&self) -> Fact<OsVersion> {
        Fact::Unknown
    }
    fn build(&self) -> Fact<u32> {
        Fact::error("build")
    }
    fn service_pack(&self) -> Fact<u32> {
        Fact::Absent
    }
    fn product_type(&self) -> Fact<ProductType> {
        Fact::Unknown
    }
    fn suites(&self) -> Fact<Suites<'_>> {
        Fact::Unknown
    }
    fn architecture(&self) -> Fact<Architecture> {
        Fact::Present(Architecture::X86)
    }
    fn language(&self) -> Fact<Language> {
        Fact::Unknown
    }
    fn file(&self, _: PathRef<'_>) -> Fact<()> {
        Fact::Unknown
    }
    fn file_version(&self, _: PathRef<'_>) -> Fact<FileVersion> {
        Fact::Unknown
    }
    fn file_size(&self, _: PathRef<'_>) -> Fact<u64> {
        Fact::Unknown
    }
    fn file_digest(&self, _: PathRef<'_>, _: Digest) -> Fact<Cow<'_, str>> {
        Fact::Unknown
    }
    fn registry_key(&self, _: KeyRef<'_>) -> Fact<()> {
        Fact::Unknown
    }
    fn registry_value(&self, _: KeyRef<'_>, _: &str) -> Fact<RegistryValue<'_>> {
        Fact::Unknown
    }
    fn service_start(&self, name: &str) -> Fact<StartType> {
        self.service(name).and_then(|()| Fact::Unknown)
    }
    fn service_running(&self, name: &str) -> Fact<bool> {
        self.service(name).and_then(|()| Fact::Unknown)
    }
    fn service(&self, name: &str) -> Fact<()> {
        match name {
            "true" => Fact::Present(()),
            "false" => Fact::Absent,
            "error" => Fact::error("malformed"),
            _ => Fact::Unknown,
        }
    }
    fn hotfix(&self, _: Kb) -> Fact<()> {
        Fact::Absent
    }
}

/// A formula that comes to `truth` on the stub; an empty one is not applicable. Nothing a host
/// says leads to `not evaluated`, which therefore cannot be stubbed.
fn stub(truth: Truth) -> Expr {
    match truth {
        Truth::NotApplicable => Expr::All(Vec::new()),
        other => service(other.as_str(), ServiceCheck::Installed),
    }
}

fn reachable() -> impl Strategy<Value = Truth> {
    prop::sample::select(vec![Truth::True, Truth::False, Truth::Error, Truth::Unknown, Truth::NotApplicable])
}

fn formula() -> impl Strategy<Value = Expr> {
    let other = prop::sample::select(vec![
        leaf(Test::OsBuild(NumberSet::range(0, 1))),
        leaf(Test::Architecture([Architecture::X86].into())),
        leaf(Test::Unknowable(Reason::Stated("why".to_owned()))),
        Expr::Platform(SERVER_SP),
    ]);
    let leaves = prop_oneof![3 => reachable().prop_map(stub), 1 => other];
    leaves.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Expr::All),
            vec(inner.clone(), 0..4).prop_map(Expr::Any),
            inner.prop_map(|part| Expr::Not(Box::new(part))),
        ]
    })
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

/// The specification, without short cuts.
fn naive(rules: &RuleSet, expr: &Expr) -> Truth {
    match expr {
        Expr::All(parts) => Truth::all(parts.iter().map(|part| naive(rules, part))),
        Expr::Any(parts) => Truth::any(parts.iter().map(|part| naive(rules, part))),
        Expr::Not(part) => !naive(rules, part),
        Expr::Platform(id) => naive(rules, &rules.inventory(*id).unwrap().formula),
        Expr::Test(_) => evaluate(rules, expr, &Stub),
    }
}

fn host_text() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "name: a\n",
        "os: { version: 5.0, service_pack: [1] }\n",
        "os: { version: '5.0', build: 1, language: ja, platform: windows-2000 }\n",
        "files: [{ path: 'C:\\a', version: 1 }, { path: '%SystemRoot%\\b', size: -1 }]\n",
        "registry: [{ key: 'HKLM\\SOFTWARE\\Wow6432Node\\A', view: 32, values: { '': { type: reg_sz, data: [] } } }]\n",
        "registry:\n- &a { key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\X', values: { Start: { type: reg_dword, data: 9 } } }\n- *a\n",
        "services: [{ name: '', start: 1 }, { name: X, start: manual }]\n",
        "hotfixes: [KB1, 0, null]\n",
        "environment: { a: '%b%', b: '%a%', SystemRoot: '', windir: '%SystemRoot%\\x' }\n",
        "partial: [os, files, files]\n",
        "---\n",
        "\t",
        "{",
        "!!binary ",
        "*a",
        "&a ",
    ]);
    vec(prop_oneof![8 => line.prop_map(str::to_owned), 1 => "\\PC{0,12}"], 0..8)
        .prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn short_cuts_change_nothing(expr in formula()) {
        let rules = platforms();
        prop_assert_eq!(evaluate(&rules, &expr, &Stub), naive(&rules, &expr));
    }

    #[test]
    fn negation_negates(expr in formula()) {
        let rules = platforms();
        prop_assert_eq!(evaluate(&rules, &not(expr.clone()), &Stub), !evaluate(&rules, &expr, &Stub));
    }

    #[test]
    fn de_morgan_holds(truths in vec(reachable(), 0..6)) {
        let rules = platforms();
        let parts: Vec<Expr> = truths.into_iter().map(stub).collect();
        let negated: Vec<Expr> = parts.iter().cloned().map(not).collect();
        prop_assert_eq!(
            evaluate(&rules, &not(Expr::All(parts.clone())), &Stub),
            evaluate(&rules, &Expr::Any(negated.clone()), &Stub)
        );
        prop_assert_eq!(
            evaluate(&rules, &not(Expr::Any(parts)), &Stub),
            evaluate(&rules, &Expr::All(negated), &Stub)
        );
    }

    #[test]
    fn derivations_agree_with_evaluation(expr in formula()) {
        let checked = checked(vec![wins()]);
        let evaluator = Evaluator::new(&checked);
        let session = evaluator.on(&Stub);
        let derivation = session.derive(&expr);
        prop_assert_eq!(derivation.truth, session.truth(&expr), "{}", describe::formula(checked.rules(), &expr));
        prop_assert_eq!(derivation.truth, evaluator.claim(&expr, &Stub));
    }

    #[test]
    fn no_file_panics(name in "(a\\.(yaml|json|ndjson)|-)", text in host_text()) {
        let checked = checked(vec![wins()]);
        let evaluator = Evaluator::new(&checked);
        for file in load_hosts(&name, &text).into_iter().flatten() {
            let (host, _) = Host::new(&file, checked.rules());
            let outcomes = evaluator.outcomes(&host);
            let derivations = evaluator.derivations(&outcomes[0].bulletin, &host);
            let vulnerable = Truth::any(derivations.iter().map(|derivation| derivation.truth));
            prop_assert_eq!(
                vulnerable == Truth::True,
                outcomes[0].verdict == caveat_ir::rule::Verdict::Vulnerable
            );
        }
    }
}

#[test]
fn de_morgan_holds_for_all_six_values() {
    for a in Truth::ALL {
        for b in Truth::ALL {
            assert_eq!(!Truth::all([a, b]), Truth::any([!a, !b]));
            assert_eq!(!Truth::any([a, b]), Truth::all([!a, !b]));
        }
    }
}
