//! Platforms that the bulletin lists as affected, but that no package is for.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::Expr;
use caveat_ir::expr::Test;
use caveat_ir::rule::{RatedOn, SelectorId};
use caveat_ir::value::{NumberSet, Rating};
use caveat_logic::Formula;
use caveat_syntax::ast::{PlatformRef, VulnerabilityStatement};

use crate::context::{Context, report, with_witness, witness};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let packages = Formula::any(view.packages.iter().map(|package| &package.platform));
    let unaffected = view.bulletin.unaffected.iter().filter(|one| one.when.is_none());
    let unaffected: Vec<Formula> = unaffected.map(|one| view.is_on(&one.platforms)).collect();
    let spoken_for = Formula::any(unaffected.iter().chain([&packages]));
    let mut seen = Vec::new();
    for (vulnerability, ast) in view.vulnerabilities() {
        let written = ast.statements.iter().filter_map(|statement| match &statement.kind {
            VulnerabilityStatement::Severity(severity) => Some(&severity.on),
            _ => None,
        });
        for (RatedOn { rating, on }, refs) in vulnerability.ratings.iter().zip(written) {
            for (id, reference) in on.iter().zip(refs).filter(|_| *rating != Rating::None) {
                if !seen.contains(id) {
                    seen.push(*id);
                    found.extend(uncovered(context, view, (*id, reference), &packages, &spoken_for));
                }
            }
        }
    }
}

fn uncovered(
    context: &Context<'_>,
    view: &View<'_>,
    (id, reference): (SelectorId, &PlatformRef),
    packages: &Formula,
    spoken_for: &Formula,
) -> Option<Diagnostic> {
    let listed = view.world.formula(&Expr::Platform(id));
    let nowhere = view.world.never(&[&listed, packages]);
    let selector = context.rules.selector(id)?;
    let narrowed = selector.service_packs.is_some() || selector.architectures.is_some();
    let wanted = match (nowhere, narrowed) {
        (true, _) | (_, true) => listed,
        (false, false) => Formula::all([&listed, &between(context, view, id)?]),
    };
    let host = witness(&view.world, "without-a-package", &[&wanted, &spoken_for.negate()])?;
    let what = if nowhere { "no package is for it" } else { "no package is for some of these hosts" };
    let message =
        format!("the bulletin rates {}, but {what}", caveat_ir::describe::platform(context.rules, id));
    let problem = report(Code::UNCOVERED_PLATFORM, message, Some(reference.span), "");
    let help = "add it to the `for` of a package, call it `unaffected`, or rate what the packages are for";
    Some(with_witness(problem, &host).help(help))
}

/// Being on a service pack between those that packages of the platform name: a gap there is a gap,
/// while the first and the last service pack are where support begins and ends.
fn between(context: &Context<'_>, view: &View<'_>, id: SelectorId) -> Option<Formula> {
    let of_platform = view.bulletin.packages.iter().flat_map(|package| &package.platforms);
    let near = of_platform.filter(|other| !context.rules.disjoint(id, **other));
    let sets: Vec<&NumberSet> =
        near.map(|other| context.rules.selector(*other)?.service_packs.as_ref()).collect::<Option<_>>()?;
    let low = sets.iter().filter_map(|set| set.first()).min()?;
    let high = sets.iter().flat_map(|set| set.ranges()).map(|(_, high)| *high).max()?;
    let tests =
        sets.iter().map(|set| Expr::test(Test::ServicePack((*set).clone()), caveat_ir::Origin::default()));
    let covered = view.world.formula(&Expr::any(tests));
    // Cells begin at the numbers that the packages name, so that this range is a union of cells.
    let within = Expr::test(Test::ServicePack(NumberSet::range(low, high)), caveat_ir::Origin::default());
    Some(Formula::all([&view.world.formula(&within), &covered.negate()]))
}
