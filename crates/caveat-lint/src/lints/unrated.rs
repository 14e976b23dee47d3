//! Hosts that a package is for and on which none of the bulletin's vulnerabilities exists, and ratings
//! that never count.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::Origin;
use caveat_ir::rule::{RatedOn, SelectorId};
use caveat_logic::Formula;

use crate::context::{Context, because, report, with_witness, witness};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    if view.bulletin.vulnerabilities.is_empty() {
        return;
    }
    found.extend(view.packages.iter().filter_map(|package| unrated(view, package)));
    for vulnerability in &view.bulletin.vulnerabilities {
        hidden(context, &vulnerability.ratings, found);
    }
}

fn unrated(view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let own = view.cases.iter().filter(|one| one.case.package.name == package.package.name);
    let rated: Vec<Formula> = own.map(|one| view.world.formula(&one.case.platform)).collect();
    let nowhere = Formula::any(&rated).negate();
    let host = witness(&view.world, "without-a-vulnerability", &[&package.applicable, &nowhere])?;
    let all = view.world.never(&[&package.applicable, &nowhere.negate()]);
    let which = if all { "is for hosts" } else { "is for some hosts" };
    let message = format!(
        "the package `{}` {which} on which no vulnerability of the bulletin exists",
        package.package.name
    );
    let problem = report(Code::WITHOUT_VULNERABILITY, message, package.platform_span, "never vulnerable");
    let help = "rate a vulnerability on these platforms, or leave them out of the package";
    Some(with_witness(problem, &host).help(help))
}

/// Platforms of a rating that an earlier rating of the vulnerability covers.
fn hidden(context: &Context<'_>, ratings: &[RatedOn], found: &mut Vec<Diagnostic>) {
    let mut problem = |at: Origin, (reason, text): (Origin, &str)| {
        let problem = report(Code::HIDDEN_RATING, HIDDEN, context.span(at), "never counts");
        found.push(because(problem, context.span(reason), text).help(HELP));
    };
    let mut before: Vec<(SelectorId, Origin)> = Vec::new();
    let mut everywhere = None;
    for rated in ratings {
        if let Some(first) = everywhere {
            problem(rated.origin, (first, "this rates every host"));
        }
        for (id, origin) in rated.on.placed() {
            let covering = before.iter().find(|(other, _)| context.rules.implies(*id, *other));
            if let Some((_, first)) = covering.filter(|_| everywhere.is_none()) {
                problem(origin, (*first, "rates these hosts before"));
            }
        }
        before.extend(rated.on.placed().map(|(id, origin)| (*id, origin)));
        if rated.on.is_empty() && everywhere.is_none() {
            everywhere = Some(rated.origin);
        }
    }
}

const HIDDEN: &str = "an earlier rating of the vulnerability covers these hosts";
const HELP: &str = "the first rating that fits a host counts: put the narrower one first, or remove one";
