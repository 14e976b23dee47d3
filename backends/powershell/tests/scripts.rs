//! The scripts of small rules, as they are, and what the options change.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::sync::Arc;

use caveat_backend::{Artifact, ArtifactRole, Backend, EmitCx, Fidelity, Ledger, Options, Policy, Support};
use caveat_backend_powershell::PowerShell;
use caveat_diag::SourceMap;
use caveat_ir::expr::{Comparison, Integer, Reason, ServiceCheck, ValueCheck};
use caveat_ir::rule::{
    Bulletin, Exposure, Floor, Knowledge, OsFacts, Package, PackageFile, Platform, PlatformId, RatedOn,
    Selector, SelectorId, Vulnerability,
};
use caveat_ir::value::{Kb, NumberSet, Rating, RegistryPath, TextVersionSet, Variable, View, WindowsPath};
use caveat_ir::{Checked, Expr, Feature, Origin, PlacedList, Places, RuleSet, Test, check};

fn test(test: Test) -> Expr {
    Expr::test(test, Origin::default())
}

fn path(text: &str) -> WindowsPath {
    text.parse().unwrap()
}

/// Two bulletins that hold a test of every kind of check.
fn rules() -> Checked {
    let mut rules = RuleSet::default();
    rules.platforms.push(Platform {
        name: "p".to_owned(),
        edition: None,
        title: "Platform".to_owned(),
        cpe: None,
        facts: OsFacts {
            version: Some("5.0".parse().unwrap()),
            service_packs: Some(NumberSet::range(2, u32::MAX)),
            ..OsFacts::default()
        },
        known: Knowledge::default(),
        origin: Origin::default(),
    });
    rules.selectors.push(Selector {
        platform: PlatformId(0),
        base: None,
        service_packs: None,
        architectures: None,
        language: None,
    });
    rules.bulletins = vec![bulletin("MS04-001", Vec::new()), bulletin("MS04-002", conditions())];
    check(rules, Places::new(Arc::new(SourceMap::new()))).unwrap()
}

fn conditions() -> Vec<Expr> {
    let key = |view| RegistryPath { view, ..RegistryPath::parse(r"HKLM\SOFTWARE\A", None).unwrap() };
    let value = |check| test(Test::RegistryValue(key(None), "it's".to_owned(), check));
    vec![
        value(ValueCheck::Text("a\u{2019}b".to_owned())),
        value(ValueCheck::Matches("^[a-c]+$".to_owned())),
        value(ValueCheck::Number(Comparison::Less, Integer::Dword(4))),
        value(ValueCheck::Version(TextVersionSet::compared(Comparison::NotEqual, "6.0".parse().unwrap()))),
        Expr::negate(test(Test::RegistryKey(key(Some(View::Bits32))))),
        test(Test::Service("WINS".to_owned(), ServiceCheck::Running)),
        Expr::any([
            test(Test::Hotfix(Kb(830_352))),
            test(Test::FileSize(path(r"%Other%\a.dll"), Comparison::NotEqual, 4_294_967_296)),
            test(Test::Unknowable(Reason::Stated("nobody can tell".to_owned()))),
        ]),
    ]
}

fn bulletin(id: &str, conditions: Vec<Expr>) -> Bulletin {
    let mut vulnerability = Vulnerability::new("CVE-2004-0001".parse().unwrap());
    let origin = Origin::default();
    vulnerability.ratings.push(RatedOn { rating: Rating::Low, on: vec![SelectorId(0)].into(), origin });
    let exposure = |when: Expr| Exposure { when: when.into(), text: None, on: PlacedList::default() };
    vulnerability.exposures = conditions.into_iter().map(exposure).collect();
    let mut package = Package::new("Package #> 'x'");
    package.platforms.push(SelectorId(0), origin);
    package.files.push(PackageFile {
        path: path(r"%SystemRoot%\System32\a.dll"),
        floors: vec![Floor::new("5.0.2195.6870".parse().unwrap())],
        origin: Origin::default(),
    });
    let mut bulletin = Bulletin::new(id.parse().unwrap());
    bulletin.references.push("https://example.org/#> .NOTES".to_owned());
    bulletin.vulnerabilities.push(vulnerability);
    bulletin.packages.push(package);
    bulletin
}

fn emitted(options: &[(&str, &str)]) -> Vec<Artifact> {
    let options = Options::new(&PowerShell.info().options, options.iter().copied()).unwrap();
    let mut ledger = Ledger::default();
    let mut cx = EmitCx::new(&options, Policy::Error, &mut ledger);
    PowerShell.emit(&rules(), &mut cx).unwrap();
    let caveat_backend::Emitted { outputs, notes, .. } = cx.finish();
    assert!(notes.is_empty());
    outputs.iter().cloned().collect()
}

/// A script up to its fixed code, which is pinned by being files.
fn head(text: &str) -> String {
    let end = text.find("\nfunction ").unwrap();
    text[..end].replace("\r\n", "\n")
}

#[test]
fn scripts_as_they_are() {
    let artifacts = emitted(&[("layout", "bulletin")]);
    let text = |path: &str| head(&artifacts.iter().find(|artifact| artifact.path == path).unwrap().text);
    insta::assert_snapshot!("judge", text("powershell/ms04-002.ps1"));
    insta::assert_snapshot!("collect", text("powershell/collect-facts.ps1"));
}

/// What is kept under review has no code in it.
#[test]
fn the_tables_of_a_script_are_reviewed() {
    for artifact in emitted(&[]) {
        let (reviewed, text) = (PowerShell.reviewed(&artifact), &artifact.text);
        assert!(reviewed.starts_with(" Tests = ") && reviewed.trim_end().ends_with(')'), "{}", artifact.path);
        assert!(!reviewed.contains("function "), "{}", artifact.path);
        let judges = artifact.role == ArtifactRole::Main;
        assert_eq!(reviewed.contains(" Bulletins = "), judges, "{}", artifact.path);
        let (before, after) = text.split_once(reviewed.as_ref()).unwrap();
        assert!(
            !before.contains("Kind=") && after.starts_with('}') && after.contains("function "),
            "{}",
            artifact.path
        );
    }
}

#[test]
fn layouts() {
    let paths = |layout| {
        let artifacts = emitted(&[("layout", layout)]);
        assert!(artifacts.iter().all(|artifact| artifact.fidelity == Fidelity::Exact));
        let main = artifacts.iter().filter(|artifact| artifact.role == ArtifactRole::Main);
        main.map(|artifact| artifact.path.clone()).collect::<Vec<_>>()
    };
    let (one, two, all) = ("powershell/ms04-001.ps1", "powershell/ms04-002.ps1", "powershell/caveat.ps1");
    assert_eq!(paths("all"), [all, one, two]);
    assert_eq!(paths("bulletin"), [one, two]);
    assert_eq!(paths("bundle"), [all]);
}

#[test]
fn the_code_lies_in_a_module_on_request() {
    let artifacts = emitted(&[("runtime", "module")]);
    let module = artifacts.iter().find(|artifact| artifact.path == "powershell/Caveat.psm1").unwrap();
    assert!(module.text.contains("function Get-Truth") && PowerShell.reviewed(module).is_empty());
    for script in artifacts.iter().filter(|artifact| artifact.role == ArtifactRole::Main) {
        assert!(script.text.contains("Import-Module") && !script.text.contains("function Get-Truth"));
        assert!(PowerShell.reviewed(script).contains(" Tests = "), "{}", script.path);
    }
}

#[test]
fn options_set_defaults_and_line_ends() {
    let plain = emitted(&[]);
    assert!(plain.iter().all(|artifact| artifact.text.lines().all(|line| !line.contains('\r'))));
    assert!(
        plain
            .iter()
            .all(|artifact| artifact.text.matches('\n').count() == artifact.text.matches("\r\n").count())
    );
    assert!(plain[0].text.contains("$ExitMode = 'Finding',"));
    let set = emitted(&[("exit", "detection"), ("fail-on", "vulnerable, mitigated"), ("line-ends", "lf")]);
    assert!(set[0].text.contains("$ExitMode = 'Detection',"));
    assert!(set[0].text.contains("$FailOn = @('vulnerable', 'mitigated')\n"));
    assert!(set.iter().all(|artifact| !artifact.text.contains('\r')));
    assert!(Options::new(&PowerShell.info().options, [("fail-on", "bad")]).is_err());
}

/// Scripts have the names of their own, as they run without Caveat.
#[test]
fn scripts_know_the_variables_that_are_not_the_machines() {
    let script = include_str!("../src/runtime/host.ps1");
    for name in Variable::OF_USERS.iter().chain(&Variable::OF_PROCESSES) {
        assert!(script.contains(&format!("'{}'", name.to_ascii_lowercase())), "{name}");
    }
}

#[test]
fn the_same_rules_give_the_same_bytes() {
    assert_eq!(emitted(&[]), emitted(&[]));
}

#[test]
fn everything_is_exact_but_keys_without_names_and_what_each_user_or_process_has() {
    for feature in Feature::ALL {
        let support = PowerShell.support(*feature);
        match feature {
            Feature::CurrentUser | Feature::OtherVariable => {
                assert!(matches!(support, Support::Narrow { .. }));
            }
            Feature::SeveralKeys | Feature::KeysWithoutValue => {
                assert!(matches!(support, Support::No { .. }));
            }
            _ => assert_eq!(support, Support::Exact, "{feature}"),
        }
    }
}
