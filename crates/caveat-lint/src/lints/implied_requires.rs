//! Requirements of a package that its platforms, or its other requirements, already make.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_logic::Formula;

use crate::context::{Context, because, report};
use crate::view::{PackageView, View};

pub(crate) fn check<'a>(context: &Context<'a>, view: &View<'a>, found: &mut Vec<Diagnostic>) {
    for package in view.packages.iter().filter(|package| !view.world.never(&[&package.applicable])) {
        found.extend(implied(context, view, package));
    }
}

/// What a package asks for: the platforms, or a part of a requirement, which one counts from 1; with its place.
type Part<'f> = (usize, Option<Span>, &'f Formula);

/// The last requirement that follows from the platforms and the other requirements. What follows within
/// one condition is found there.
fn implied<'a>(context: &Context<'a>, view: &View<'a>, package: &PackageView<'a>) -> Option<Diagnostic> {
    let requirements = (1..).zip(package.package.requires.placed());
    let conditions: Vec<(usize, Option<Span>, Formula)> = requirements
        .flat_map(|(which, (expr, origin))| {
            context.conjuncts(expr, origin).into_iter().map(move |(span, part)| (which, span, part))
        })
        .map(|(which, span, part)| (which, span, view.world.formula(part)))
        .collect();
    let parts: Vec<Part<'_>> = std::iter::once((0, package.platform_span, &package.platform))
        .chain(conditions.iter().map(|(which, span, formula)| (*which, *span, formula)))
        .collect();
    (1..parts.len()).rev().find_map(|at| {
        let (which, span, formula) = *parts.get(at)?;
        if view.world.always(formula) {
            return None;
        }
        let failing = formula.fails();
        let others = parts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, part)| *part);
        let others: Vec<Part<'_>> = others.collect();
        let asked: Vec<&Formula> =
            std::iter::once(&failing).chain(others.iter().map(|(_, _, formula)| *formula)).collect();
        if !view.world.never(&asked) {
            return None;
        }
        let core = view.world.core(&asked);
        let reasons = core.into_iter().filter_map(|index| others.get(index.checked_sub(1)?));
        let reasons: Vec<&Part<'_>> = reasons.collect();
        if reasons.iter().all(|(other, ..)| *other == which) {
            return None;
        }
        let problem = report(Code::IMPLIED_PART, "this requirement of the package adds nothing", span, "");
        let places = reasons.into_iter().map(|(_, span, _)| *span);
        let problem = places.fold(problem, |all, place| because(all, place, "follows from this"));
        Some(problem.help("remove it, or correct what implies it"))
    })
}
