//! A claim as a plug-in gets it.

use std::collections::BTreeSet;

use caveat_backend::Losses;
use caveat_backend::claims::Seen;
use caveat_backend::projection::{Direction, Projected, project, sees};
use caveat_ir::meaning::Part;
use caveat_ir::rule::{Bulletin, Package, RuleSet, Vulnerability};
use caveat_ir::{Claim, ClaimKind, Expr, Leaf, Test, describe};
use caveat_plugin::message::{ClaimLoss, WireAt, WireClaim, WireClaimKind, WireParts};

use super::Plugin;
use super::deal::subject;

/// The claim for the wire; `index` is that of its bulletin in the rules that go with it.
pub(super) fn claim(plugin: &Plugin, rules: &RuleSet, seen: &Seen<'_>, index: usize) -> Option<WireClaim> {
    let (bulletin, package, vulnerability) = subject(&seen.claim.kind)?;
    let formula = seen.formula.clone()?;
    let severity = match &seen.claim.kind {
        ClaimKind::Vulnerable(case) => rules.severity(case),
        ClaimKind::Missing { .. } | ClaimKind::Inventory(_) => rules.severity_of_package(bulletin, package),
    };
    let kind = if vulnerability.is_some() { WireClaimKind::Vulnerable } else { WireClaimKind::Missing };
    Some(WireClaim {
        kind,
        bulletin: bulletin.id.clone(),
        vulnerability: vulnerability.map(|one| one.id.clone()),
        package: package.name.clone(),
        parts: parts(plugin, rules, &seen.claim),
        words: describe::formula(rules, &formula),
        losses: losses(&seen.losses, &formula),
        formula,
        fidelity: seen.fidelity,
        severity,
        at: at(bulletin, package, vulnerability, index),
        lost: seen.losses.words(),
    })
}

/// The parts, each projected like the whole.
fn parts(plugin: &Plugin, rules: &RuleSet, claim: &Claim<'_>) -> WireParts {
    let visible = |leaf: &Leaf, direction| sees(plugin, leaf, direction);
    let projected = |expr: &Expr| match project(&rules.spelled_out(expr), Direction::Over, &visible) {
        Projected::Formula(remains) => remains,
        Projected::Constant(true) => Expr::All(Vec::new()),
        Projected::Constant(false) => Expr::Any(Vec::new()),
    };
    let parts = rules.parts(claim);
    let part = |wanted: Part| parts.iter().find(|(part, _)| *part == wanted).map(|(_, expr)| projected(expr));
    let always = |wanted| part(wanted).unwrap_or(Expr::All(Vec::new()));
    WireParts {
        platforms: always(Part::Platform),
        requires: always(Part::Requires),
        present: always(Part::Present),
        outdated: always(Part::Outdated),
        exposed: part(Part::Exposed),
    }
}

/// What became of each test that is not supported exactly.
fn losses(losses: &Losses, formula: &Expr) -> Vec<ClaimLoss> {
    let mut kept: BTreeSet<&Test> = BTreeSet::new();
    formula.leaves(&mut |leaf| {
        kept.insert(&leaf.test);
    });
    let told = losses.iter().map(|(test, loss)| ClaimLoss {
        test: test.clone(),
        words: describe::test(test, false),
        feature: loss.feature,
        why: loss.why.to_string(),
        kept: kept.contains(test),
    });
    told.collect()
}

fn at(bulletin: &Bulletin, package: &Package, vulnerability: Option<&Vulnerability>, index: usize) -> WireAt {
    let whole = format!("/bulletins/{index}");
    WireAt {
        package: format!("{whole}/packages/{}", place(&bulletin.packages, package)),
        vulnerability: vulnerability
            .map(|one| format!("{whole}/vulnerabilities/{}", place(&bulletin.vulnerabilities, one))),
        bulletin: whole,
    }
}

/// The index of one that is among them.
fn place<T>(all: &[T], one: &T) -> usize {
    all.iter().position(|other| std::ptr::eq(other, one)).unwrap_or_default()
}
