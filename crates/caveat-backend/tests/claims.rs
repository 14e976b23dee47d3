//! Which claims a target makes, and how what it makes relates to the rules.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::borrow::Cow;

use caveat_backend::claims::{Admitted, seen};
use caveat_backend::{
    Backend, BackendInfo, EmitCx, EmitError, Fidelity, Ledger, Note, Options, Policy, Support, text,
};
use caveat_ir::rule::{
    Bulletin, OsFacts, Package, Platform, PlatformId, RuleSet, Selector, SelectorId, Vulnerability,
};
use caveat_ir::value::{Kb, NumberSet, RegistryPath};
use caveat_ir::{Checked, Expr, Feature, Origin, Test};

/// Sees the registry, what users have of one account, and no updates.
struct Half;

static INFO: BackendInfo = BackendInfo {
    id: text("half"),
    title: text("Half"),
    summary: text("half of it"),
    extensions: Cow::Borrowed(&[]),
    options: Cow::Borrowed(&[]),
    metadata: Cow::Borrowed(&[]),
};

impl Backend for Half {
    fn info(&self) -> &BackendInfo {
        &INFO
    }

    fn support(&self, feature: Feature) -> Support {
        match feature {
            Feature::Hotfix => Support::no("no lists of updates"),
            Feature::CurrentUser => Support::narrow("one account"),
            _ => Support::Exact,
        }
    }

    fn emit(&self, _: &Checked, _: &mut EmitCx<'_>) -> Result<(), EmitError> {
        Ok(())
    }
}

fn test(test: Test) -> Expr {
    Expr::test(test, Origin::default())
}

fn key(text: &str) -> Expr {
    test(Test::RegistryKey(RegistryPath::parse(text, None).unwrap()))
}

fn update() -> Expr {
    Expr::negate(test(Test::Hotfix(Kb(1))))
}

fn rules(packages: &[(&str, Expr)]) -> RuleSet {
    let mut rules = RuleSet::default();
    rules.platforms.push(Platform {
        name: "p".to_owned(),
        edition: None,
        title: "P".to_owned(),
        cpe: None,
        facts: OsFacts { version: Some("6.1".parse().unwrap()), ..OsFacts::default() },
        known: caveat_ir::rule::Knowledge::default(),
        origin: Origin::default(),
    });
    let (platform, base) = (PlatformId(0), None);
    let selector = Selector { platform, base, service_packs: None, architectures: None, language: None };
    rules.selectors.push(selector);
    let package = |(name, when): &(&str, Expr)| Package {
        platforms: vec![SelectorId(0)].into(),
        vulnerable_when: Some(when.clone().into()),
        ..Package::new(*name)
    };
    rules.bulletins.push(Bulletin {
        vulnerabilities: vec![Vulnerability::new("CVE-2004-0001".parse().unwrap())],
        packages: packages.iter().map(package).collect(),
        ..Bulletin::new("A-1".parse().unwrap())
    });
    rules
}

/// What is made: the packages, and their fidelity; and what the user is told.
fn made(packages: &[(&str, Expr)], policy: Policy) -> (Option<(Vec<String>, Fidelity)>, Vec<Note>) {
    let rules = rules(packages);
    let (options, mut ledger) = (Options::new(&[], []).unwrap(), Ledger::default());
    let mut cx = EmitCx::new(&options, policy, &mut ledger);
    let admitted = cx.admit_bulletin(&Half, &rules, &rules.bulletins[0]);
    let names = |admitted: Admitted<'_>| {
        let formulas = admitted.claims.iter().map(|one| one.formula.clone().unwrap());
        assert!(formulas.clone().all(|formula| !format!("{formula:?}").contains("Hotfix")));
        let missing = admitted.claims.iter().filter(|one| one.claim.decisive() != one.claim.formula);
        (missing.map(|one| format!("{:?}", one.fidelity)).collect(), admitted.fidelity)
    };
    (admitted.map(names), cx.finish().notes)
}

const ALL: [Policy; 3] = [Policy::Approximate, Policy::Skip, Policy::Error];

#[test]
fn a_package_that_shrinks_to_its_platform_is_left_out_alone_by_every_policy() {
    let platform = test(Test::ServicePack(NumberSet::range(1, 1)));
    for hidden in [update(), Expr::all([platform, update()]), Expr::any([key(r"HKLM\A"), update()])] {
        for policy in ALL {
            let (both, notes) = made(&[("seen", key(r"HKLM\A")), ("hidden", hidden.clone())], policy);
            let (claims, fidelity) = both.unwrap();
            assert_eq!((claims.len(), fidelity), (2, Fidelity::MayMiss), "{policy:?}");
            assert_eq!(notes.len(), 1, "{notes:?}");
            assert!(notes[0].message.contains("\"hidden\" is left out"), "{}", notes[0].message);
            assert_eq!(notes[0].fidelity, Fidelity::LeftOut);
            assert!(notes[0].losses.reasons().iter().any(|reason| reason.contains("no lists of updates")));
            let (alone, notes) = made(&[("hidden", hidden.clone())], policy);
            assert!(alone.is_none() && notes.len() == 1, "{policy:?}");
        }
    }
}

/// What a target cannot say it leaves out with its reason, and the policy decides on the bulletin.
#[test]
fn a_claim_that_a_target_cannot_say() {
    let rules = rules(&[("one", key(r"HKLM\A")), ("two", key(r"HKLM\B"))]);
    let (options, bulletin) = (Options::new(&[], []).unwrap(), &rules.bulletins[0]);
    for policy in ALL {
        let mut ledger = Ledger::default();
        let mut cx = EmitCx::new(&options, policy, &mut ledger);
        let seen = seen(&Half, &rules, bulletin).into_iter().enumerate();
        let seen = seen.map(|(index, one)| if index == 1 { one.cannot("no B") } else { one }).collect();
        let admitted = cx.admit_claims(bulletin, seen);
        let made = admitted.map(|admitted| (admitted.claims.len(), admitted.fidelity));
        let notes = cx.finish().notes;
        assert_eq!(notes[0].message, "the package \"two\" is left out for CVE-2004-0001: no B");
        assert!(notes.iter().all(|note| note.fidelity == Fidelity::LeftOut && note.losses.is_empty()));
        if policy == Policy::Approximate {
            assert_eq!((made, notes.len()), (Some((3, Fidelity::MayMiss)), 1));
        } else {
            assert_eq!((made, notes.len()), (None, 2), "{notes:?}");
        }
    }
}

#[test]
fn what_decides_may_be_seen_in_part() {
    let partly = Expr::all([key(r"HKLM\A"), update()]);
    let (made_of_it, notes) = made(&[("p", partly.clone())], Policy::Approximate);
    assert_eq!(made_of_it.unwrap().1, Fidelity::MayOverReport);
    assert_eq!(notes[0].fidelity, Fidelity::MayOverReport);
    assert!(made(&[("p", partly)], Policy::Skip).0.is_none());
}

#[test]
fn one_account_is_kept_and_told_in_the_direction_in_which_it_errs() {
    let own = || key(r"HKCU\Software\A");
    for (formula, fidelity) in [
        (own(), Fidelity::MayMiss),
        (Expr::negate(own()), Fidelity::MayOverReport),
        (Expr::any([own(), Expr::negate(key(r"HKCU\Software\B"))]), Fidelity::MayErrBothWays),
        (Expr::all([own(), update()]), Fidelity::MayErrBothWays),
    ] {
        let (made_of_it, notes) = made(&[("p", formula.clone())], Policy::Approximate);
        assert_eq!(made_of_it.unwrap().1, fidelity, "{formula:?}");
        assert!(notes[0].losses.lines(3)[0].starts_with("seen in part: "), "{:?}", notes[0].losses.lines(3));
        for policy in [Policy::Skip, Policy::Error] {
            let (none, notes) = made(&[("p", formula.clone())], policy);
            assert!(none.is_none() && notes[0].fidelity == Fidelity::LeftOut);
        }
    }
}

#[test]
fn fidelities_add_up() {
    use Fidelity::{Exact, LeftOut, MayErrBothWays, MayMiss, MayOverReport};
    assert_eq!(MayOverReport.and(MayMiss), MayErrBothWays);
    for one in [Exact, MayOverReport, MayMiss, MayErrBothWays, LeftOut] {
        assert_eq!(
            (one.and(one), one.and(Exact), Exact.and(one), one.and(LeftOut)),
            (one, one, one, LeftOut)
        );
    }
}
