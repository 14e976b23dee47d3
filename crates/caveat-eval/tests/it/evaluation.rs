//! What single tests say of a host.

use caveat_eval::{Host, evaluate};
use caveat_ir::expr::{Comparison, Expr, Integer, Reason, ServiceCheck, Test, ValueCheck};
use caveat_ir::rule::{OsFacts, RuleSet};
use caveat_ir::value::{Digest, FileVersion, NumberSet, ProductType, TextVersionSet, VersionSet};
use caveat_ir::{Places, Truth, check};

use crate::rules::{
    ANY_2000, NEWER, SERVER, SERVER_SP, host, key_path, leaf, platforms, read, service, value,
};

const ACME: &str = r"HKLM\SOFTWARE\Acme";

fn sample() -> Host {
    read(
        r"
os: { platform: windows-2000, edition: server, service_pack: 3, suites: [Blade], language: ja }
files:
  - { path: 'C:\a.dll', version: 5.0.1, size: 10, md5: 00000000000000000000000000000abc }
  - { path: 'C:\none.dll' }
  - { path: 'C:\bad.dll', version: x }
registry:
  - key: 'HKLM\SOFTWARE\Acme'
    values:
      text: { type: reg_sz, data: Blue Moon }
      version: { type: reg_sz, data: '6.0.2800' }
      large: { type: reg_sz, data: '6.0.70000' }
      long: { type: reg_sz, data: '6.0.0.0.1' }
      huge: { type: reg_sz, data: '6.2147483648' }
      expanded: { type: reg_expand_sz, data: '05.01' }
      nothing: { type: reg_sz, data: '' }
      build: { type: reg_sz, data: '6.0 (Build 2800)' }
      commas: { type: reg_sz, data: '6,0,2800' }
      dot: { type: reg_sz, data: '6.0.' }
      prefix: { type: reg_sz, data: v6.0 }
      list: { type: reg_multi_sz, data: [one, two, '7.1'] }
      empty: { type: reg_multi_sz, data: [] }
      number: { type: reg_dword, data: 31 }
      bytes: { type: reg_binary, data: 00ff }
      bad: { type: reg_what, data: 1 }
services:
  - { name: On, start: automatic, state: running }
  - { name: Off, start: disabled, state: stopped }
  - { name: Bare }
hotfixes: [KB1]",
    )
    .0
}

fn assert_all(cases: impl IntoIterator<Item = (Expr, Truth)>) {
    let (rules, host) = (platforms(), sample());
    for (expr, expected) in cases {
        assert_eq!(evaluate(&rules, &expr, &host), expected, "{expr:?}");
    }
}

fn below(text: &str) -> VersionSet {
    VersionSet::below(text.parse::<FileVersion>().unwrap())
}

fn of_version(comparison: Comparison, text: &str) -> ValueCheck {
    ValueCheck::Version(TextVersionSet::compared(comparison, text.parse().unwrap()))
}

#[test]
fn os_tests() {
    assert_all(
        [
            (Test::OsVersion("5.0".parse().unwrap()), Truth::True),
            (Test::OsBuild(NumberSet::range(2195, 2195)), Truth::True),
            (Test::ServicePack(NumberSet::range(0, 2)), Truth::False),
            (Test::ProductType([ProductType::Server].into()), Truth::True),
            (Test::Suite("Blade".to_owned()), Truth::True),
            (Test::Suite("Blad".to_owned()), Truth::False),
            (Test::Architecture([].into()), Truth::False),
            (Test::Language("ja".parse().unwrap()), Truth::True),
            (Test::Language("ja-JP".parse().unwrap()), Truth::True),
            (Test::Hotfix("KB1".parse().unwrap()), Truth::True),
            (Test::Hotfix("KB2".parse().unwrap()), Truth::False),
            (Test::Unknowable(Reason::Stated("who knows".to_owned())), Truth::Unknown),
        ]
        .map(|(test, truth)| (leaf(test), truth)),
    );
}

#[test]
fn file_tests() {
    let path = |name: &str| format!(r"C:\{name}.dll").parse().unwrap();
    let version = |name: &str, versions: VersionSet| leaf(Test::FileVersion(path(name), versions));
    let digest = |algorithm, digits: &str| leaf(Test::FileDigest(path("a"), algorithm, digits.to_owned()));
    assert_all([
        (leaf(Test::FileExists(path("a"))), Truth::True),
        (leaf(Test::FileExists(path("b"))), Truth::False),
        (leaf(Test::FileExists(path("bad"))), Truth::Error),
        (version("a", below("5.0.2")), Truth::True),
        (version("a", below("5.0.1")), Truth::False),
        (version("none", VersionSet::all()), Truth::False),
        (Expr::negate(version("none", VersionSet::all())), Truth::True),
        (version("bad", VersionSet::all()), Truth::Error),
        (leaf(Test::FileSize(path("a"), Comparison::Equal, 10)), Truth::True),
        (leaf(Test::FileSize(path("none"), Comparison::Equal, 10)), Truth::Unknown),
        (digest(Digest::Md5, "00000000000000000000000000000abc"), Truth::True),
        (digest(Digest::Sha1, "0"), Truth::Unknown),
    ]);
}

#[test]
fn registry_value_tests() {
    let text = |text: &str| ValueCheck::Text(text.to_owned());
    let matches = |pattern: &str| ValueCheck::Matches(pattern.to_owned());
    assert_all(
        [
            ("text", ValueCheck::Exists, Truth::True),
            ("missing", ValueCheck::Exists, Truth::False),
            ("bad", ValueCheck::Exists, Truth::Error),
            ("text", text("Blue Moon"), Truth::True),
            ("text", text("blue moon"), Truth::False),
            ("text", ValueCheck::TextIgnoringCase("blue moon".to_owned()), Truth::True),
            ("list", text("two"), Truth::True),
            ("empty", text(""), Truth::False),
            ("number", text("31"), Truth::True),
            ("bytes", text("00ff"), Truth::True),
            ("text", matches("M[o]+n"), Truth::True),
            ("text", matches("^Moon"), Truth::False),
            ("text", matches("("), Truth::Error),
            ("number", ValueCheck::Number(Comparison::Less, Integer::Dword(32)), Truth::True),
            ("text", ValueCheck::Number(Comparison::NotEqual, Integer::Dword(32)), Truth::False),
            ("bytes", ValueCheck::Binary("00ff".to_owned()), Truth::True),
            ("text", ValueCheck::Binary("00ff".to_owned()), Truth::False),
        ]
        .map(|(name, check, truth)| (value(ACME, name, check), truth)),
    );
    assert_all([(leaf(Test::RegistryKey(key_path(ACME))), Truth::True)]);
}

#[test]
fn version_tests_of_registry_values() {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    assert_all(
        [
            ("version", Less, "6.1", Truth::True),
            ("version", Equal, "6.00.2800.0.0", Truth::True),
            ("version", NotEqual, "6.0.2800", Truth::False),
            ("missing", NotEqual, "6.0.2800", Truth::False),
            ("bad", Less, "6.1", Truth::Error),
            ("expanded", LessOrEqual, "5.1", Truth::True),
            ("expanded", NotEqual, "5.1", Truth::False),
            ("large", Less, "6.1", Truth::True),
            ("large", Less, "6.0.65535", Truth::False),
            ("large", Equal, "6.0.70000", Truth::True),
            ("long", Greater, "6.0", Truth::True),
            ("long", LessOrEqual, "6.0.0.0.1.0", Truth::True),
            ("huge", GreaterOrEqual, "6.2147483647", Truth::Error),
        ]
        .map(|(name, comparison, text, truth)| (value(ACME, name, of_version(comparison, text)), truth)),
    );
}

#[test]
fn what_is_no_version_is_an_error_for_every_comparison() {
    for name in ["text", "nothing", "list", "empty", "number", "bytes", "build", "commas", "dot", "prefix"] {
        for comparison in [Comparison::Less, Comparison::NotEqual, Comparison::GreaterOrEqual] {
            let test = value(ACME, name, of_version(comparison, "6.1"));
            assert_all([(test.clone(), Truth::Error), (Expr::negate(test), Truth::Error)]);
        }
    }
}

#[test]
fn service_tests() {
    use ServiceCheck::{Enabled, Installed, Running, Start, Stopped};
    let manual = Start(caveat_ir::value::StartType::Manual);
    assert_all(
        [
            ("on", Installed, Truth::True),
            ("on", Enabled, Truth::True),
            ("on", Running, Truth::True),
            ("on", Stopped, Truth::False),
            ("on", manual, Truth::False),
            ("off", Enabled, Truth::False),
            ("off", Stopped, Truth::True),
            ("bare", Installed, Truth::True),
            ("bare", Enabled, Truth::Unknown),
            ("bare", Stopped, Truth::Unknown),
            ("gone", Stopped, Truth::False),
        ]
        .map(|(name, check, truth)| (service(name, check), truth)),
    );
}

#[test]
fn platforms_stand_for_their_facts() {
    assert_all([
        (Expr::Platform(ANY_2000), Truth::True),
        (Expr::Platform(SERVER), Truth::True),
        (Expr::Platform(SERVER_SP), Truth::True),
        (Expr::Platform(NEWER), Truth::False),
        (Expr::Platform(caveat_ir::rule::SelectorId(99)), Truth::Error),
    ]);
    let rules = platforms();
    assert_eq!(evaluate(&rules, &Expr::Platform(SERVER), &host("name: bare")), Truth::Unknown);
}

#[test]
fn a_platform_that_refers_to_itself_is_an_error() {
    let mut rules = platforms();
    rules.platforms[2].facts = OsFacts { when: vec![Expr::Platform(NEWER)], ..OsFacts::default() };
    let rules = RuleSet { bulletins: Vec::new(), ..rules };
    if let Ok(checked) = check(rules, Places::default()) {
        assert_eq!(evaluate(checked.rules(), &Expr::Platform(NEWER), &sample()), Truth::Error);
    }
}
