//! OpenSCAP's results on recorded hosts are those that the language page gives.

use std::collections::BTreeMap;

use caveat_ir::expr::{Comparison, Integer, Reason, ServiceCheck, ValueCheck};
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{
    Architecture, Digest, InstallationType, Kb, NumberSet, ProductType, StartType, VersionSet, WindowsPath,
};
use caveat_ir::{Expr, Test};

use crate::host::Host;
use crate::support::{
    Builder, SERVER, WINS, conditional, definitions, emit, emit_with, key, ms04_006, path, test, text_range,
    version,
};

const CURRENT_VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const PRODUCT_OPTIONS: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";
const WINS_EXE: &str = r"C:\WINNT\System32\wins.exe";

/// The result of the vulnerability definition for Windows 2000 of MS04-006.
fn wins(name: &str, host: &Host) -> Option<String> {
    let emitted = emit(&ms04_006());
    let id = definitions(emitted.text("oval/ms04-006.map.json"))
        .into_iter()
        .find(|definition| definition["class"] == "vulnerability" && definition["package"] == "Windows 2000")
        .map(|definition| definition["id"].as_str().unwrap().to_owned())
        .unwrap();
    host.analyse(name, emitted.text("oval/ms04-006.xml")).map(|mut results| results.remove(&id).unwrap())
}

#[test]
fn ms04_006_on_windows_2000() {
    let server = || Host::windows_2000().service("WINS", "2", "SERVICE_RUNNING");
    let old = || server().file(WINS_EXE, Some("5.0.2195.6869"), 145_168);
    let cases = [
        ("unpatched", old(), "true"),
        ("the-floor", server().file(WINS_EXE, Some("5.0.2195.6870"), 145_168), "false"),
        ("far-above", server().file(WINS_EXE, Some("5.0.2195.10000"), 145_168), "false"),
        ("no-file", server(), "false"),
        ("no-version", server().file(WINS_EXE, None, 145_168), "false"),
        ("disabled", old().service("WINS", "4", "SERVICE_STOPPED"), "false"),
        ("no-service", Host::windows_2000().file(WINS_EXE, Some("5.0.2195.6869"), 1), "false"),
        ("no-service-pack", old().without(CURRENT_VERSION, "CSDVersion"), "false"),
        (
            "service-pack-1",
            old().value(CURRENT_VERSION, "CSDVersion", "reg_sz", &["Service Pack 1"]),
            "false",
        ),
        ("files-not-known", server().missing("file_object"), "unknown"),
        (
            "files-not-known-on-a-workstation",
            server().value(PRODUCT_OPTIONS, "ProductType", "reg_sz", &["WinNT"]).missing("file_object"),
            "false",
        ),
    ];
    for (name, host, expected) in cases {
        let Some(result) = wins(name, &host) else { return };
        assert_eq!(result, expected, "{name}");
    }
}

/// A host that has a bit of everything.
fn host() -> Host {
    let product = r"SOFTWARE\Acme\Product";
    Host::windows_2000()
        .value(product, "text", "reg_sz", &["On"])
        .value(product, "empty", "reg_sz", &[""])
        .value(product, "version", "reg_sz", &["6.5"])
        .value(product, "expanded", "reg_expand_sz", &["6.5"])
        .value(product, "several", "reg_multi_sz", &["one", "two"])
        .value(product, "versions", "reg_multi_sz", &["6.5"])
        .value(product, "none", "reg_multi_sz", &[])
        .value(product, "prose", "reg_sz", &["6.5 (final)"])
        .value(product, "line", "reg_sz", &["6.5&#10;"])
        .value(product, "large", "reg_sz", &["6.2147483648"])
        .value(product, "parts", "reg_sz", &["06.5.0.0.0.22234872"])
        .value(product, "no bytes", "reg_binary", &[""])
        .value(product, "number", "reg_dword", &["4"])
        .value(product, "digits", "reg_sz", &["4"])
        .value(product, "bytes", "reg_binary", &["00FF"])
        .value(product, "", "reg_sz", &["default"])
        .value(CURRENT_VERSION, "CurrentMajorVersionNumber", "reg_dword", &["10"])
        .value(CURRENT_VERSION, "CurrentMinorVersionNumber", "reg_dword", &["0"])
        .value(CURRENT_VERSION, "UBR", "reg_dword", &["3930"])
        .value(CURRENT_VERSION, "InstallationType", "reg_sz", &["Server Core"])
        .key(&format!(r"{CURRENT_VERSION}\Hotfix\KB830352"))
        .service("WINS", "2", "SERVICE_RUNNING")
        .file(WINS_EXE, Some("4.86.1964.1880"), 144_384)
        .file(r"C:\boot.ini", None, 200)
        .digest(WINS_EXE, "MD5", &"0F".repeat(16))
}

/// A check of a value below the product's key.
fn value(name: &str, check: ValueCheck) -> Test {
    Test::RegistryValue(key(r"HKLM\SOFTWARE\Acme\Product"), name.to_owned(), check)
}

fn text(text: &str) -> ValueCheck {
    ValueCheck::Text(text.to_owned())
}

fn matches(pattern: &str) -> ValueCheck {
    ValueCheck::Matches(pattern.to_owned())
}

fn versions(low: &str, end: &str) -> VersionSet {
    VersionSet::between(version(low), Some(version(end)))
}

fn of_version(ends: &str) -> ValueCheck {
    ValueCheck::Version(vec![text_range(ends)].into())
}

fn exactly(text: &str) -> VersionSet {
    VersionSet::between(version(text), version(text).next())
}

fn wins_exe() -> WindowsPath {
    path(WINS)
}

fn service(check: ServiceCheck) -> Test {
    Test::Service("wins".to_owned(), check)
}

fn md5(digest: &str) -> Test {
    Test::FileDigest(wins_exe(), Digest::Md5, digest.repeat(16))
}

/// Tests that hold on [`host`].
fn that_hold() -> Vec<Test> {
    vec![
        Test::OsVersion("5.0".parse().unwrap()),
        Test::OsVersion("10.0".parse().unwrap()),
        Test::OsBuild(NumberSet::range(2195, 2195)),
        Test::OsBuild(NumberSet::range(1381, 2195)),
        Test::OsBuild(NumberSet::range(2195, u32::MAX)),
        Test::OsBuild(vec![(0, 5), (2000, 2600)].into()),
        Test::OsRevision(NumberSet::range(3930, 3930)),
        Test::OsRevision(NumberSet::range(0, u32::MAX)),
        Test::OsRevision(vec![(0, 5), (3000, 4000)].into()),
        Test::OsRevision(NumberSet::range(3930, u32::MAX)),
        Test::ServicePack(NumberSet::range(2, 4)),
        Test::ServicePack(vec![(0, 0), (3, u32::MAX)].into()),
        Test::ProductType([ProductType::Workstation, ProductType::Server].into()),
        Test::InstallationType([InstallationType::ServerCore].into()),
        Test::Suite("Terminal Server".to_owned()),
        Test::Architecture([Architecture::X86].into()),
        Test::Language("fr".parse().unwrap()),
        Test::FileExists(wins_exe()),
        Test::FileExists(path(r"C:\boot.ini")),
        Test::FileVersion(wins_exe(), versions("4.86", "4.87")),
        Test::FileVersion(wins_exe(), versions("1.0", "2.0").union(&versions("4.86", "4.87"))),
        Test::FileVersion(wins_exe(), VersionSet::all()),
        Test::FileVersion(wins_exe(), exactly("4.86.1964.1880")),
        Test::FileSize(wins_exe(), Comparison::Equal, 144_384),
        Test::FileSize(wins_exe(), Comparison::GreaterOrEqual, 144_384),
        md5("0f"),
        Test::RegistryKey(key(r"HKLM\SOFTWARE\Acme\Product")),
        value("text", ValueCheck::Exists),
        value("", ValueCheck::Exists),
        value("text", text("On")),
        value("empty", text("")),
        value("text", ValueCheck::TextIgnoringCase("oN".to_owned())),
        value("text", matches("^[A-Z]n$")),
        value("several", text("two")),
        value("several", matches("^t")),
        value("version", of_version(">=6.0 <7.0")),
        value("version", of_version(">=6.5 <=6.5")),
        value("expanded", of_version(">=6.5 <=6.5")),
        value("parts", of_version(">6.5")),
        value("parts", of_version(">=6.5.0.0.0.22234872 <=6.5.0.0.0.22234872")),
        value("parts", of_version(">=6.5.0.0.0.0 <6.5.0.0.1")),
        value("version", of_version("<=6.5")),
        value("number", ValueCheck::Number(Comparison::Equal, Integer::Dword(4))),
        value("number", ValueCheck::Number(Comparison::NotEqual, Integer::Dword(3))),
        value("number", ValueCheck::Number(Comparison::LessOrEqual, Integer::Dword(4))),
        value("bytes", ValueCheck::Binary("00ff".to_owned())),
        service(ServiceCheck::Installed),
        service(ServiceCheck::Enabled),
        service(ServiceCheck::Start(StartType::Automatic)),
        service(ServiceCheck::Running),
        Test::Hotfix(Kb(830_352)),
    ]
}

/// Tests that do not hold on [`host`].
fn that_fail() -> Vec<Test> {
    vec![
        Test::OsVersion("5.1".parse().unwrap()),
        Test::OsVersion("10.1".parse().unwrap()),
        Test::OsBuild(NumberSet::range(2196, u32::MAX)),
        Test::OsBuild(Vec::new().into()),
        Test::OsRevision(NumberSet::range(0, 3929)),
        Test::OsRevision(NumberSet::range(3931, u32::MAX)),
        Test::OsRevision(Vec::new().into()),
        Test::ServicePack(NumberSet::range(0, 3)),
        Test::ServicePack(NumberSet::range(0, 0)),
        Test::ServicePack(Vec::new().into()),
        Test::ProductType([ProductType::DomainController].into()),
        Test::InstallationType([InstallationType::Server, InstallationType::Client].into()),
        Test::Suite("Terminal".to_owned()),
        Test::Language("ja".parse().unwrap()),
        Test::FileExists(path(r"C:\ntldr")),
        Test::FileVersion(wins_exe(), versions("1.0", "2.0").union(&versions("4.87", "4.88"))),
        Test::FileVersion(wins_exe(), VersionSet::all().complement()),
        Test::FileVersion(path(r"C:\boot.ini"), VersionSet::all()),
        Test::FileVersion(wins_exe(), exactly("4.86.1964.1881")),
        Test::FileSize(wins_exe(), Comparison::NotEqual, 144_384),
        Test::FileSize(path(r"C:\ntldr"), Comparison::NotEqual, 1),
        md5("0e"),
        value("nothing", ValueCheck::Exists),
        value("nothing", ValueCheck::Number(Comparison::NotEqual, Integer::Dword(4))),
        value("text", text("on")),
        value("text", matches("^n$")),
        value("several", text("one two")),
        value("version", of_version(">=6.6 <7.0")),
        value("expanded", of_version(">=6.6 <7.0")),
        value("expanded", of_version(">7.0 <6.0")),
        value("parts", of_version("<=6.5")),
        value("parts", of_version("<6.5.0.0.0.22234872")),
        value("version", of_version("<6.5")),
        value("version", of_version(">6.5")),
        value("nothing", of_version("")),
        value("digits", ValueCheck::Number(Comparison::Equal, Integer::Dword(4))),
        value("digits", ValueCheck::Number(Comparison::NotEqual, Integer::Dword(5))),
        value("number", ValueCheck::Number(Comparison::Less, Integer::Dword(4))),
        value("bytes", ValueCheck::Binary("00fe".to_owned())),
        service(ServiceCheck::Stopped),
        service(ServiceCheck::Start(StartType::Disabled)),
        Test::Service("dns".to_owned(), ServiceCheck::Enabled),
        Test::Hotfix(Kb(1)),
    ]
}

/// The result of a formula for each of the tests, by bulletin.
fn results(name: &str, formulas: Vec<Expr>, host: &Host) -> Option<BTreeMap<String, String>> {
    let mut builder = Builder::new();
    let anything = builder.platform("anything", None, "Anything", OsFacts::default());
    for (index, formula) in formulas.into_iter().enumerate() {
        builder.rules.bulletins.push(conditional(&format!("T{index:03}"), anything, formula));
    }
    let rules = builder.check();
    let emitted = emit_with(
        &rules,
        &[("layout", "bundle")],
        caveat_backend::Policy::default(),
        caveat_backend::Ledger::default(),
    );
    let results = host.analyse(name, emitted.text("oval/caveat.xml"))?;
    let patches = definitions(emitted.text("oval/caveat.map.json"))
        .into_iter()
        .filter(|definition| definition["class"] == "patch");
    let of = |definition: &serde_json::Value, field: &str| definition[field].as_str().unwrap().to_owned();
    Some(patches.map(|patch| (of(&patch, "bulletin"), results[&of(&patch, "id")].clone())).collect())
}

fn assert_all(name: &str, tests: &[Test], negated: bool, host: &Host, expected: &str) {
    let formula = |one: &Test| if negated { Expr::negate(test(one.clone())) } else { test(one.clone()) };
    let Some(results) = results(name, tests.iter().map(formula).collect(), host) else { return };
    let wrong: Vec<_> =
        tests.iter().zip(results.values()).filter(|(_, result)| *result != expected).collect();
    assert!(wrong.is_empty(), "{name}: expected {expected}: {wrong:#?}");
    assert_eq!(results.len(), tests.len());
}

#[test]
fn every_test_answers_as_the_language_page_says() {
    let (hold, fail) = (that_hold(), that_fail());
    assert_all("hold", &hold, false, &host(), "true");
    assert_all("hold-negated", &hold, true, &host(), "false");
    assert_all("fail", &fail, false, &host(), "false");
    assert_all("fail-negated", &fail, true, &host(), "true");
}

#[test]
fn what_cannot_be_read_as_a_version_is_an_error() {
    let names = [
        "text", "empty", "prose", "line", "large", "several", "versions", "none", "number", "bytes",
        "no bytes",
    ];
    let ranges = ["", ">=6.0 <7.0", ">6.5", "<=6.5", "<6.5", ">=6.5 <=6.5", ">7.0 <6.0"];
    let tests: Vec<Test> =
        ranges.iter().flat_map(|range| names.map(|name| value(name, of_version(range)))).collect();
    assert_all("malformed", &tests, false, &host(), "error");
    assert_all("malformed-negated", &tests, true, &host(), "error");
}

#[test]
fn facts_of_the_system_that_no_windows_writes_are_errors() {
    let facts = [
        (CURRENT_VERSION, "CurrentVersion", vec![Test::OsVersion("5.0".parse().unwrap())]),
        (CURRENT_VERSION, "CurrentMinorVersionNumber", vec![Test::OsVersion("5.1".parse().unwrap())]),
        (
            CURRENT_VERSION,
            "CurrentBuildNumber",
            vec![Test::OsBuild(NumberSet::range(2195, 2195)), Test::OsBuild(NumberSet::range(0, u32::MAX))],
        ),
        (
            CURRENT_VERSION,
            "UBR",
            vec![
                Test::OsRevision(NumberSet::range(3000, 4000)),
                Test::OsRevision(NumberSet::range(0, u32::MAX)),
                Test::OsRevision(Vec::new().into()),
            ],
        ),
        (
            CURRENT_VERSION,
            "CSDVersion",
            vec![
                Test::ServicePack(NumberSet::range(0, 0)),
                Test::ServicePack(NumberSet::range(2, 4)),
                Test::ServicePack(NumberSet::range(0, u32::MAX)),
            ],
        ),
        (
            CURRENT_VERSION,
            "InstallationType",
            vec![Test::InstallationType([InstallationType::ServerCore].into())],
        ),
        (PRODUCT_OPTIONS, "ProductType", vec![Test::ProductType(SERVER.into())]),
        (PRODUCT_OPTIONS, "ProductSuite", vec![Test::Suite("Enterprise".to_owned())]),
        (
            r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment",
            "PROCESSOR_ARCHITECTURE",
            vec![
                Test::Architecture([Architecture::X86].into()),
                Test::Architecture(Architecture::ALL.iter().copied().collect()),
            ],
        ),
        (
            r"SYSTEM\CurrentControlSet\Control\Nls\Language",
            "InstallLanguage",
            vec![Test::Language("fr".parse().unwrap())],
        ),
    ];
    for (key, name, tests) in facts {
        for (kind, data) in [("reg_sz", "what?"), ("reg_expand_sz", "Enterprise"), ("reg_binary", "05")] {
            let host = host().value(key, name, kind, &[data]);
            assert_all(&format!("{name}-{kind}"), &tests, false, &host, "error");
            assert_all(&format!("{name}-{kind}-negated"), &tests, true, &host, "error");
        }
    }
}

#[test]
fn a_list_without_suites_is_none() {
    let none = host().value(PRODUCT_OPTIONS, "ProductSuite", "reg_multi_sz", &[]);
    assert_all("no-suites", &[Test::Suite("Enterprise".to_owned())], false, &none, "false");
}

/// `CurrentVersion` stopped at 6.3.
#[test]
fn windows_10_is_not_taken_for_windows_8_1() {
    let is = |version: &str| Test::OsVersion(version.parse().unwrap());
    let old = Host::default().value(CURRENT_VERSION, "CurrentVersion", "reg_sz", &["6.3"]);
    let new = old.clone().value(CURRENT_VERSION, "CurrentMajorVersionNumber", "reg_dword", &["10"]);
    let new = new.value(CURRENT_VERSION, "CurrentMinorVersionNumber", "reg_dword", &["0"]);
    for (name, host, holds, fails) in [("old", &old, "6.3", "10.0"), ("new", &new, "10.0", "6.3")] {
        assert_all(&format!("version-{name}-is"), &[is(holds)], false, host, "true");
        assert_all(&format!("version-{name}-is-not"), &[is(fails)], false, host, "false");
    }
}

#[test]
fn what_is_not_collected_is_unknown() {
    let host = ["registry_object", "wmi57_object", "file_object", "filehash58_object", "service_object"]
        .into_iter()
        .fold(host(), Host::missing);
    let (hold, fail) = (that_hold(), that_fail());
    assert_all("unknown", &[hold, fail].concat(), false, &host, "unknown");
    let open = [Test::Unknowable(Reason::Stated("the network is trusted".to_owned()))];
    assert_all("unknowable", &open, false, &self::host(), "unknown");
    assert_all("unknowable-negated", &open, true, &self::host(), "unknown");
}
