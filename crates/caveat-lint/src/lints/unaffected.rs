//! Hosts that the bulletin calls unaffected and for which it has a package.

use caveat_diag::{Code, Diagnostic};
use caveat_logic::Formula;
use caveat_syntax::ast::BulletinStatement;

use crate::context::{Context, report, with_witness, witness};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let written = view.ast.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Unaffected(unaffected) => Some((unaffected, statement.span)),
        _ => None,
    });
    for (unaffected, (_, span)) in view.bulletin.unaffected.iter().zip(written) {
        let platforms = view.is_on(&unaffected.platforms);
        let component = unaffected.when.as_ref().map(|when| view.world.formula(when));
        for package in &view.packages {
            // Where a component is unaffected, a host may have another one besides.
            if component.as_ref().is_some_and(|when| !view.world.implies(&package.applicable, when)) {
                continue;
            }
            let parts = component.iter().chain([&platforms]);
            let both = Formula::all(parts);
            let asked = [&both, &package.applicable, &package.outdated];
            let Some(host) = witness(&view.world, "unaffected-but-vulnerable", &asked) else { continue };
            let message = format!(
                "{} is called unaffected, but the package `{}` is for it",
                context.platforms(&unaffected.platforms),
                package.package.name
            );
            let problem = report(Code::UNAFFECTED_BUT_COVERED, message, Some(span), "");
            let place = package.platform_span().into_iter();
            let problem = place.fold(problem, |all, span| all.because(span, "the package is for these"));
            found.push(with_witness(problem, &host).help("narrow one of the two until they share no host"));
        }
    }
}
