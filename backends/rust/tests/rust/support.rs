//! Rule sets made by hand, and what the back end makes of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use caveat_backend::{Backend, EmitCx, Fidelity, Ledger, Options, Policy};
use caveat_backend_rust::Rust;
use caveat_diag::SourceMap;
use caveat_ir::rule::{
    Bulletin, Exposure, Floor, Knowledge, LocalText, OsFacts, Package, PackageFile, Platform, PlatformId,
    RatedOn, Selector, SelectorId, Vulnerability,
};
use caveat_ir::value::{Architecture, Kb, Language, NumberSet, Rating};
use caveat_ir::{Checked, Expr, Origin, PlacedList, Places, RuleSet, Test, check};

/// Windows 2000.
pub(crate) const WINDOWS: SelectorId = SelectorId(0);
/// Its service packs 2 to 4.
pub(crate) const NARROWED: SelectorId = SelectorId(1);

pub(crate) fn test(test: Test) -> Expr {
    Expr::test(test, Origin::default())
}

pub(crate) fn titles(text: &str) -> Vec<LocalText> {
    vec![LocalText { language: Language::english(), text: text.to_owned() }]
}

/// A rule set with one platform, its narrower form, and these bulletins.
pub(crate) fn rules(bulletins: Vec<Bulletin>) -> RuleSet {
    let facts = OsFacts {
        version: Some("5.0".parse().unwrap()),
        architectures: Some([Architecture::X86].into()),
        ..OsFacts::default()
    };
    let platform = Platform {
        name: "windows-2000".to_owned(),
        edition: None,
        title: "Microsoft Windows 2000".to_owned(),
        cpe: None,
        facts,
        known: Knowledge::default(),
        origin: Origin::default(),
    };
    let selector = |base, service_packs| Selector {
        platform: PlatformId(0),
        base,
        service_packs,
        architectures: None,
        language: None,
    };
    let selectors = vec![selector(None, None), selector(Some(WINDOWS), Some(NumberSet::range(2, 4)))];
    RuleSet { platforms: vec![platform].into(), selectors, bulletins, ..RuleSet::default() }
}

pub(crate) fn checked(rules: RuleSet) -> Checked {
    match check(rules, Places::new(Arc::new(SourceMap::new()))) {
        Ok(checked) => checked,
        Err(rejected) => panic!("{:#?}", rejected.problems),
    }
}

/// A bulletin with one vulnerability and one package, exposed when `when` holds.
pub(crate) fn bulletin(id: &str, when: Vec<Expr>) -> Bulletin {
    let exposure = |when: Expr| Exposure { when: when.into(), text: None, on: PlacedList::default() };
    let vulnerability = Vulnerability {
        titles: titles("A flaw"),
        ratings: vec![RatedOn { rating: Rating::Low, on: vec![WINDOWS].into(), origin: Origin::default() }],
        exposures: when.into_iter().map(exposure).collect(),
        ..Vulnerability::new("CVE-2003-0825".parse().unwrap())
    };
    let file = PackageFile {
        path: r"%SystemRoot%\System32\wins.exe".parse().unwrap(),
        floors: vec![Floor::new("5.0.2195.6870".parse().unwrap())],
        origin: Origin::default(),
    };
    let package =
        Package { platforms: vec![NARROWED].into(), files: vec![file], ..Package::new("Windows 2000") };
    Bulletin {
        titles: titles("A bulletin"),
        kb: vec![Kb(830_352)].into(),
        vulnerabilities: vec![vulnerability],
        packages: vec![package],
        ..Bulletin::new(id.parse().unwrap())
    }
}

/// The files, by path.
pub(crate) fn emit(rules: &Checked) -> BTreeMap<String, String> {
    emit_with(rules, &[])
}

pub(crate) fn emit_with(rules: &Checked, options: &[(&str, &str)]) -> BTreeMap<String, String> {
    let options = Options::new(&Rust.info().options, options.iter().copied()).unwrap();
    let mut ledger = Ledger::default();
    let mut cx = EmitCx::new(&options, Policy::Error, &mut ledger);
    Rust.emit(rules, &mut cx).unwrap();
    let caveat_backend::Emitted { outputs, notes, .. } = cx.finish();
    assert!(notes.is_empty(), "{notes:?}");
    assert!(outputs.iter().all(|artifact| artifact.fidelity == Fidelity::Exact));
    outputs.iter().map(|artifact| (artifact.path.clone(), artifact.text.clone())).collect()
}
