//! The evaluator agrees with every answer: a witness satisfies its formula, and no host satisfies
//! what is said to be unsatisfiable.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test ends the test"
)]

use caveat_eval::{Evaluator, Host};
use caveat_ir::expr::{Comparison, ServiceCheck, ValueCheck};
use caveat_ir::value::{
    Architecture, Digest, Family, FileVersion, Kb, NumberSet, OsVersion, ProductType, RegistryPath,
    StartType, TextVersionSet, VersionSet, View,
};
use caveat_ir::{Checked, Expr, Origin, Places, RuleSet, Test, Truth};
use caveat_logic::{Answer, World};
use proptest::prelude::*;
use proptest::sample::select;

fn path(text: &str) -> caveat_ir::value::WindowsPath {
    text.parse().unwrap()
}

fn key(text: &str, view: Option<View>) -> RegistryPath {
    RegistryPath::parse(text, view).unwrap()
}

fn version(text: &str) -> FileVersion {
    text.parse().unwrap()
}

fn of_version(comparison: Comparison, text: &str) -> ValueCheck {
    ValueCheck::Version(TextVersionSet::compared(comparison, text.parse().unwrap()))
}
const HOTFIXES: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix";

/// Tests of few facts, so that formulas contradict themselves often.
fn vocabulary() -> Vec<Test> {
    let mut tests = vec![
        Test::Family(Family::Windows),
        Test::Family(Family::MacOs),
        Test::OsVersion(OsVersion { major: 5, minor: 0 }),
        Test::OsVersion(OsVersion { major: 5, minor: 1 }),
        Test::OsBuild(NumberSet::range(2195, 2195)),
        Test::OsBuild(NumberSet::range(2600, 3000)),
        Test::OsVersion(OsVersion { major: 10, minor: 0 }),
        Test::OsRevision(NumberSet::range(0, 3929)),
        Test::OsRevision(NumberSet::range(0, u32::MAX)),
        Test::ServicePack(NumberSet::range(2, 4)),
        Test::ServicePack(NumberSet::range(0, 2)),
        Test::ServicePack(NumberSet::range(0, 0)),
        Test::ProductType([ProductType::Server, ProductType::DomainController].into()),
        Test::Suite("Terminal Server".into()),
        Test::Architecture([Architecture::X86].into()),
        Test::Language("ja".parse().unwrap()),
        Test::Language("pt-BR".parse().unwrap()),
        Test::FileExists(path(r"%SystemRoot%\System32\wins.exe")),
        Test::FileVersion(path(r"%windir%\system32\WINS.exe"), VersionSet::below(version("5.0.2195.6870"))),
        Test::FileVersion(
            path(r"%SystemRoot%\System32\wins.exe"),
            VersionSet::between(version("5.0.2195.6000"), Some(version("5.0.2195.7000"))),
        ),
        Test::FileVersion(path(r"C:\WINDOWS\System32\wins.exe"), VersionSet::below(version("4.0"))),
        Test::FileSize(path(r"%SystemRoot%\System32\wins.exe"), Comparison::Less, 4096),
        Test::FileDigest(path(r"%SystemRoot%\System32\wins.exe"), Digest::Md5, "a".repeat(32)),
        Test::RegistryKey(key(r"HKLM\SOFTWARE\Vendor", None)),
        Test::RegistryKey(key(r"HKLM\SOFTWARE\Vendor\Product", None)),
        Test::RegistryKey(key(r"HKLM\SOFTWARE\Vendor", Some(View::Bits32))),
        Test::RegistryKey(key(r"HKLM\SYSTEM\CurrentControlSet\Services\WINS", None)),
        Test::OsVersion(OsVersion { major: 6, minor: 1 }),
        Test::RegistryKey(key(HOTFIXES, None)),
        Test::RegistryKey(key(&format!(r"{HOTFIXES}\KB830352"), None)),
        Test::RegistryKey(key(&format!(r"{HOTFIXES}\Q830352"), Some(View::Bits64))),
        Test::RegistryKey(key(&format!(r"{HOTFIXES}\KB830352-v2"), None)),
        Test::RegistryKey(key(&format!(r"{HOTFIXES}\KB830352\File 1"), None)),
        Test::Service("WINS".into(), ServiceCheck::Installed),
        Test::Service("wins".into(), ServiceCheck::Enabled),
        Test::Service("WINS".into(), ServiceCheck::Start(StartType::Disabled)),
        Test::Service("WINS".into(), ServiceCheck::Stopped),
        Test::Hotfix(Kb(830_352)),
    ];
    let value =
        |key_text: &str, name: &str, check| Test::RegistryValue(key(key_text, None), name.to_owned(), check);
    let product = r"HKLM\SOFTWARE\Vendor\Product";
    let checks = [
        ValueCheck::Exists,
        ValueCheck::Text("on".into()),
        ValueCheck::TextIgnoringCase("ON".into()),
        ValueCheck::Text("web".into()),
        ValueCheck::Text("7".into()),
        of_version(Comparison::GreaterOrEqual, "6.0"),
        of_version(Comparison::Less, "6.0.2800.99999.3"),
        of_version(Comparison::NotEqual, "7.0"),
        ValueCheck::Number(Comparison::GreaterOrEqual, 2),
        ValueCheck::Number(Comparison::NotEqual, 4),
        ValueCheck::Binary("01".into()),
    ];
    tests.extend(checks.map(|check| value(product, "Mode", check)));
    let matches = ValueCheck::Matches("^[Ss]erver( [0-9]+)?$".into());
    tests.push(value(product, "Kind", matches));
    let nt = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    tests.push(value(nt, "CSDVersion", ValueCheck::Text("Service Pack 2".into())));
    tests.push(value(nt, "CSDVersion", ValueCheck::Exists));
    tests.push(value(nt, "CurrentVersion", ValueCheck::Text("5.0".into())));
    tests.push(value(nt, "UBR", ValueCheck::Exists));
    tests.push(value(nt, "UBR", ValueCheck::Number(Comparison::Less, 3930)));
    tests.push(value(nt, "UBR", ValueCheck::Text("4291".into())));
    let update = format!(r"{HOTFIXES}\KB830352");
    tests.push(value(&update, "Installed", ValueCheck::Number(Comparison::Equal, 1)));
    tests.push(value(&update, "Comments", ValueCheck::Exists));
    let start = r"HKLM\SYSTEM\CurrentControlSet\Services\WINS";
    tests.push(value(start, "Start", ValueCheck::Number(Comparison::Equal, 4)));
    tests
}

fn formulas() -> impl Strategy<Value = Expr> {
    let leaf = select(vocabulary()).prop_map(|test| Expr::test(test, Origin::default()));
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Expr::all),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Expr::any),
            inner.prop_map(Expr::negate),
        ]
    })
}

fn no_rules() -> Checked {
    caveat_ir::check(RuleSet::default(), Places::default()).unwrap()
}

/// The witness of the formula, if it has one, and whether the answer was no.
fn ask(formula: &Expr) -> (Option<(Host, String)>, bool) {
    let rules = RuleSet::default();
    let world = World::new(&rules, [formula]);
    match world.solve(&[&world.formula(formula)]) {
        Answer::Satisfiable(model) => {
            let file = world.witness("witness", &model);
            let (host, problems) = Host::new(&file, &rules);
            assert!(problems.is_empty(), "{file:#?}\n{problems:#?}");
            (Some((host, format!("{file:#?}"))), false)
        }
        Answer::Unsatisfiable => (None, true),
        Answer::Undecided => (None, false),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn the_evaluator_agrees(formula in formulas(), other in formulas()) {
        let checked = no_rules();
        let evaluator = Evaluator::new(&checked);
        let (host, never) = ask(&formula);
        if let Some((host, file)) = &host {
            prop_assert_eq!(evaluator.claim(&formula, host), Truth::True, "{}", file);
        }
        prop_assert!(host.is_some() || never, "undecided");
        if never {
            let opposite = ask(&Expr::negate(formula.clone())).0;
            prop_assert!(opposite.is_some(), "neither it nor its opposite");
            for (host, file) in opposite.into_iter().chain(ask(&other).0) {
                prop_assert_ne!(evaluator.claim(&formula, &host), Truth::True, "{}", file);
            }
        }
    }

    #[test]
    fn a_core_is_as_small_as_it_can_be(parts in prop::collection::vec(formulas(), 2..6)) {
        let world = World::new(&RuleSet::default(), &parts);
        let formulas: Vec<_> = parts.iter().map(|part| world.formula(part)).collect();
        let all: Vec<_> = formulas.iter().collect();
        if world.never(&all) {
            let core = world.core(&all);
            let of = |left: Option<usize>| -> Vec<_> {
                core.iter().filter(|at| Some(**at) != left).map(|at| &formulas[*at]).collect()
            };
            prop_assert!(world.never(&of(None)));
            for at in &core {
                prop_assert!(!world.never(&of(Some(*at))), "the part {at} can be left out");
            }
        }
    }
}
