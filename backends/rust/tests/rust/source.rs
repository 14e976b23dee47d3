//! The text of generated code.

use caveat_ir::expr::{Comparison, Integer, Reason, ServiceCheck, ValueCheck};
use caveat_ir::rule::Bulletin;
use caveat_ir::value::{
    Architecture, Digest, Family, FileVersion, InstallationType, Kb, NumberSet, ProductType, RegistryPath,
    RegistryType, StartType, TextVersionSet, VersionSet, View,
};
use caveat_ir::{Expr, Test};

use crate::support::{WINDOWS, bulletin, checked, emit, emit_with, rules, test};

fn key(view: Option<View>) -> RegistryPath {
    RegistryPath::parse(r"HKLM\SOFTWARE\Acme", view).unwrap()
}

fn value(check: ValueCheck) -> Expr {
    test(Test::RegistryValue(key(None), "Value".to_owned(), check))
}

fn version(text: &str) -> FileVersion {
    text.parse().unwrap()
}

/// One test of every kind.
fn every_test() -> Vec<Expr> {
    let path = || r"C:\a.dll".parse().unwrap();
    let some = VersionSet::between(version("6"), None);
    let file = [
        Test::FileExists(path()),
        Test::FileVersion(path(), VersionSet::below(version("1.2")).union(&some)),
        Test::FileSize(path(), Comparison::GreaterOrEqual, u64::MAX),
        Test::FileDigest(path(), Digest::Md5, "0".repeat(32)),
    ];
    let os = [
        Test::Family(Family::MacOs),
        Test::OsVersion("5.0".parse().unwrap()),
        Test::OsBuild(NumberSet::range(2195, 2600)),
        Test::ServicePack(NumberSet::range(1, u32::MAX)),
        Test::ProductType([ProductType::Server, ProductType::DomainController].into()),
        Test::InstallationType([InstallationType::ServerCore].into()),
        Test::Suite("Terminal Server".to_owned()),
        Test::Architecture([Architecture::Ia64].into()),
        Test::Language("pt-BR".parse().unwrap()),
        Test::Hotfix(Kb(830_352)),
        Test::Unknowable(Reason::Stated("why".to_owned())),
    ];
    let services = [
        ServiceCheck::Installed,
        ServiceCheck::Enabled,
        ServiceCheck::Start(StartType::Manual),
        ServiceCheck::Running,
        ServiceCheck::Stopped,
    ];
    let services = services.map(|check| Test::Service("WINS".to_owned(), check));
    let keys = [Test::RegistryKey(key(Some(View::Bits32))), Test::RegistryKey(key(Some(View::Bits64)))];
    let values = [
        ValueCheck::Exists,
        ValueCheck::Text("text".to_owned()),
        ValueCheck::TextIgnoringCase("text".to_owned()),
        ValueCheck::Matches("^a+$".to_owned()),
        ValueCheck::Version(TextVersionSet::compared(
            Comparison::NotEqual,
            "12.3.0.22234872".parse().unwrap(),
        )),
        ValueCheck::Number(Comparison::NotEqual, Integer::Dword(4)),
        ValueCheck::Number(Comparison::Less, Integer::Qword(1 << 40)),
        ValueCheck::Bits(Integer::Dword(0x400)),
        ValueCheck::Type([RegistryType::Qword, RegistryType::None].into()),
        ValueCheck::Binary("00ff".to_owned()),
    ];
    let tests = os.into_iter().chain(file).chain(services).chain(keys).map(test);
    tests.chain(values.map(value)).collect()
}

fn source(bulletins: Vec<Bulletin>) -> String {
    let files = emit(&checked(rules(bulletins)));
    files.iter().map(|(path, text)| format!("==> {path}\n{text}")).collect()
}

#[test]
fn a_small_bulletin() {
    insta::assert_snapshot!(source(vec![bulletin("MS04-006", vec![])]));
}

#[test]
fn one_test_of_every_kind() {
    insta::assert_snapshot!(source(vec![bulletin("MS04-006", vec![Expr::any(every_test())])]));
}

#[test]
fn formulas_of_every_shape() {
    let service = |name: &str| test(Test::Service(name.to_owned(), ServiceCheck::Installed));
    let shared = Expr::all([service("a"), service("b")]);
    let on_windows = Expr::Platform(WINDOWS);
    let formulas = vec![
        Expr::any([shared.clone(), Expr::negate(shared.clone())]),
        Expr::any([Expr::negate(service("c")), Expr::all([on_windows.clone(), shared])]),
        Expr::negate(Expr::any([service("d"), Expr::all([service("e"), Expr::negate(on_windows)])])),
    ];
    insta::assert_snapshot!(source(vec![bulletin("MS04-006", formulas)]));
}

#[test]
fn long_formulas_stay_shallow() {
    let service = |number: usize| test(Test::Service(format!("s{number}"), ServiceCheck::Installed));
    let pair = |number| Expr::all([service(number), Expr::negate(service(number + 1))]);
    let long = Expr::any((0..2000).map(pair));
    let text = source(vec![bulletin("MS04-006", vec![long])]);
    let deepest = text.lines().map(|line| line.len() - line.trim_start().len()).max().unwrap();
    assert!(deepest < 200, "{deepest}");
    assert!(text.matches("Test::Service(").count() >= 4000);
}

#[test]
fn a_table_of_tests_is_one_table() {
    let service = |number: usize| test(Test::Service(format!("s{number}"), ServiceCheck::Installed));
    let text = source(vec![bulletin("MS04-006", vec![Expr::any((0..100).map(service))])]);
    assert_eq!(text.matches("Formula::Any(").count(), 1);
    assert_eq!(text.matches("Test::Service(").count(), 100);
}

#[test]
fn modules_have_valid_names_of_their_own() {
    let ids = ["MS04-006", "MS04_006", "mod", "Self", "str", "type"];
    let mut bulletins: Vec<Bulletin> = ids.map(|id| bulletin(id, vec![])).into();
    bulletins.sort_by(|a, b| a.id.cmp(&b.id));
    let files = emit(&checked(rules(bulletins)));
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = ["mod.rs", "mod_.rs", "ms04_006.rs", "ms04_006_2.rs", "self_.rs", "str_.rs", "type_.rs"];
    assert_eq!(names, expected.map(|name| format!("rust/{name}")));
    assert!(files["rust/mod.rs"].contains("pub mod self_;"));
}

#[test]
fn no_rules_are_an_empty_table() {
    let files = emit(&checked(rules(Vec::new())));
    assert_eq!(files.len(), 1);
    assert!(files["rust/mod.rs"].contains("pub static BULLETINS: [&Bulletin; 0] = [];"));
}

#[test]
fn the_same_rules_give_the_same_bytes() {
    let made = || emit(&checked(rules(vec![bulletin("A", every_test()), bulletin("B", every_test())])));
    assert_eq!(made(), made());
}

#[test]
fn another_bulletin_changes_no_module_of_the_others() {
    let alone = emit(&checked(rules(vec![bulletin("A", every_test())])));
    let both = emit(&checked(rules(vec![bulletin("A", every_test()), bulletin("B", vec![])])));
    assert_eq!(alone["rust/a.rs"], both["rust/a.rs"]);
}

#[test]
fn the_runtime_is_found_where_the_option_says() {
    let rules = checked(rules(vec![bulletin("A", vec![])]));
    for text in emit_with(&rules, &[("runtime", "crate::vendor::caveat")]).values() {
        assert!(text.contains("use crate::vendor::caveat::"), "{text}");
        assert!(!text.contains("caveat_runtime"), "{text}");
    }
}
