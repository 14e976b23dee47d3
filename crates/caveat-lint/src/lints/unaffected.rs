//! Hosts that the bulletin calls unaffected and for which it has a package, or a rating.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::expr::Test;
use caveat_ir::rule::SelectorId;
use caveat_ir::value::Rating;
use caveat_logic::Formula;

use crate::context::{Context, because, report, with_witness, witness};
use crate::data::services;
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for unaffected in &view.bulletin.unaffected {
        let span = context.span(unaffected.origin);
        let platforms = view.is_on(&unaffected.platforms);
        let before = found.len();
        let component = unaffected.when.as_ref().map(|when| view.world.formula(when));
        for package in &view.packages {
            // Where a component is unaffected, a host may have another one besides; and where Windows itself
            // is, a product on it may not be.
            let beside = component.as_ref().map_or_else(
                || is_for_a_product(package),
                |when| !view.world.implies(&package.applicable, when),
            );
            if beside {
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
            let problem = report(Code::UNAFFECTED_BUT_COVERED, message, span, "");
            let problem = package.for_these(problem);
            found.push(with_witness(problem, &host).help("narrow one of the two until they share no host"));
        }
        if found.len() == before && component.is_none() {
            found.extend(rated(context, view, &unaffected.platforms, span));
        }
    }
}

/// Whether the package is for something on the host that Windows does not come with: it asks for more than
/// services of Windows and facts of the system.
fn is_for_a_product(package: &PackageView<'_>) -> bool {
    let mut product = false;
    for condition in &package.package.requires {
        condition.leaves(&mut |leaf| {
            product |= match &leaf.test {
                Test::Service(name, _) => !services().any(|known| known.eq_ignore_ascii_case(name)),
                Test::FileExists(_)
                | Test::FileVersion(..)
                | Test::FileSize(..)
                | Test::FileDigest(..)
                | Test::RegistryKey(_)
                | Test::RegistryValue(..) => true,
                _ => false,
            };
        });
    }
    product
}

/// A platform that is rated and called unaffected as a whole. A rating may be wider than what is affected.
fn rated(
    context: &Context<'_>,
    view: &View<'_>,
    unaffected: &[SelectorId],
    span: Option<Span>,
) -> Option<Diagnostic> {
    let ratings = view.ratings().filter(|rated| rated.rating != Rating::None);
    let mut platforms = ratings.flat_map(|rated| rated.on.placed());
    let both = |id: SelectorId| unaffected.iter().any(|other| context.rules.implies(id, *other));
    let for_products = view.packages.iter().filter(|package| is_for_a_product(package));
    let products: Vec<SelectorId> =
        for_products.flat_map(|package| package.package.platforms.iter().copied()).collect();
    let of_product = |id: SelectorId| products.iter().any(|other| !context.rules.disjoint(id, *other));
    let (id, origin) = platforms.find(|(id, _)| both(**id) && !of_product(**id))?;
    let message = format!("{} is called unaffected, but the bulletin rates it", context.platforms(&[*id]));
    let problem = report(Code::UNAFFECTED_BUT_COVERED, message, span, "");
    Some(because(problem, context.span(origin), "rated here").help("take out the one that is wrong"))
}
