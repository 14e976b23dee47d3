//! What a bulletin can say of the hosts of each platform.

use std::collections::BTreeSet;

use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, Package, RuleSet, SelectorId, Verdict};
use caveat_ir::value::{CveId, WindowsPath};
use caveat_ir::{Expr, Test};

use crate::diff::any_case;
use crate::{Formula, World};

/// A platform and a vulnerability, and the verdicts that hosts can have.
#[derive(Debug, Clone)]
pub struct Row {
    /// The platform.
    pub platform: SelectorId,
    /// The vulnerability.
    pub vulnerability: CveId,
    /// The verdicts of hosts that lack the update; none when no host of the platform can.
    pub unpatched: Vec<Verdict>,
    /// The verdicts of hosts of the platform that do not lack it.
    pub patched: Vec<Verdict>,
}

/// The rows of a bulletin: its vulnerabilities in the order written, on every platform that its packages
/// and `unaffected` lines name.
#[must_use]
pub fn matrix(rules: &RuleSet, bulletin: &Bulletin) -> Vec<Row> {
    let mut platforms: Vec<SelectorId> = Vec::new();
    let of_packages = bulletin.packages.iter().flat_map(|package| &package.platforms);
    let unaffected = bulletin.unaffected.iter().flat_map(|one| &one.platforms);
    for id in of_packages.chain(unaffected) {
        if !platforms.contains(id) {
            platforms.push(*id);
        }
    }
    let cases: Vec<Case<'_>> = rules.cases(bulletin).collect();
    let claims: Vec<Expr> = cases.iter().flat_map(|case| [case.vulnerable(), case.applicable()]).collect();
    let on: Vec<Expr> = platforms.iter().map(|id| hosts(rules, bulletin, *id)).collect();
    let world = World::new(rules, claims.iter().chain(&on));
    let mut rows = Vec::new();
    for vulnerability in &bulletin.vulnerabilities {
        let own = cases.iter().filter(|case| case.vulnerability.id == vulnerability.id).cloned();
        let own: Vec<Case<'_>> = own.collect();
        let claims = [
            any_case(&own, Case::vulnerable),
            any_case(&own, Case::unpatched),
            any_case(&own, Case::applicable),
        ]
        .map(|claim| world.formula(&claim));
        for (platform, on) in platforms.iter().zip(&on) {
            let (unpatched, patched) = verdicts(&world, &world.formula(on), &claims);
            rows.push(Row {
                platform: *platform,
                vulnerability: vulnerability.id.clone(),
                unpatched,
                patched,
            });
        }
    }
    rows
}

/// The hosts there can be of a platform: with a service pack that there was, and with those of the bulletin's
/// files that every one has.
fn hosts(rules: &RuleSet, bulletin: &Bulletin, id: SelectorId) -> Expr {
    let known = rules.selector(id).and_then(|selector| rules.known(selector));
    let always: BTreeSet<String> =
        known.into_iter().flat_map(|known| &known.always).map(WindowsPath::folded).collect();
    let files = bulletin.packages.iter().flat_map(Package::versioned);
    let there = files.filter(|file| always.contains(&file.path.folded()));
    let there = there.map(|file| Expr::test(Test::FileExists(file.path.clone()), file.origin));
    Expr::all(std::iter::once(rules.real(id)).chain(there))
}

/// The verdicts of hosts that lack the update, and of those that do not.
fn verdicts(world: &World, on: &Formula, claims: &[Formula; 3]) -> (Vec<Verdict>, Vec<Verdict>) {
    let [vulnerable, unpatched, applicable] = claims;
    let can = |parts: &[&Formula]| !world.never(&[&[on], parts].concat());
    let not = Formula::negate;
    let lacking = [
        (Verdict::Vulnerable, can(&[vulnerable])),
        (Verdict::Mitigated, can(&[unpatched, &not(vulnerable)])),
    ];
    let others = [
        (Verdict::Fixed, can(&[applicable, &not(unpatched)])),
        (Verdict::NotApplicable, can(&[&not(applicable)])),
    ];
    let possible = |all: [(Verdict, bool); 2]| {
        all.into_iter().filter(|(_, possible)| *possible).map(|(verdict, _)| verdict).collect()
    };
    (possible(lacking), possible(others))
}
