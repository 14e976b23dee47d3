//! Hosts that a package is for and on which none of the bulletin's vulnerabilities exists, and ratings
//! that never count.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{RatedOn, SelectorId};
use caveat_logic::Formula;
use caveat_syntax::ast::{self, PlatformRef};

use crate::context::{Context, report, with_witness, witness};
use crate::view::{PackageView, View, severities};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    if view.bulletin.vulnerabilities.is_empty() {
        return;
    }
    found.extend(view.packages.iter().filter_map(|package| unrated(view, package)));
    for (vulnerability, ast) in view.vulnerabilities() {
        hidden(context, &vulnerability.ratings, ast, found);
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
    let problem = report(Code::WITHOUT_VULNERABILITY, message, package.platform_span(), "never vulnerable");
    let help = "rate a vulnerability on these platforms, or leave them out of the package";
    Some(with_witness(problem, &host).help(help))
}

/// Platforms of a rating that an earlier rating of the vulnerability covers.
fn hidden(context: &Context<'_>, ratings: &[RatedOn], ast: &ast::Vulnerability, found: &mut Vec<Diagnostic>) {
    let mut before: Vec<(SelectorId, &PlatformRef)> = Vec::new();
    let mut everywhere = None;
    for (rated, severity) in ratings.iter().zip(severities(ast)) {
        if let Some(first) = everywhere {
            let problem = report(Code::HIDDEN_RATING, HIDDEN, Some(severity.level.span), "never counts");
            found.push(problem.because(first, "this rates every host").help(HELP));
        }
        for (id, reference) in rated.on.iter().zip(&severity.on) {
            let covering = before.iter().find(|(other, _)| context.rules.implies(*id, *other));
            if let Some((_, first)) = covering.filter(|_| everywhere.is_none()) {
                let problem = report(Code::HIDDEN_RATING, HIDDEN, Some(reference.span), "never counts");
                found.push(problem.because(first.span, "rates these hosts before").help(HELP));
            }
        }
        before.extend(rated.on.iter().copied().zip(&severity.on));
        if rated.on.is_empty() && everywhere.is_none() {
            everywhere = Some(severity.level.span);
        }
    }
}

const HIDDEN: &str = "an earlier rating of the vulnerability covers these hosts";
const HELP: &str = "the first rating that fits a host counts: put the narrower one first, or remove one";
