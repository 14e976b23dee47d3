//! Requirements of a package that its platforms, or its other requirements, already make.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_logic::Formula;

use crate::context::{Context, report};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in view.packages.iter().filter(|package| !view.world.never(&[&package.applicable])) {
        found.extend(implied(context, view, package));
    }
}

/// The last requirement that follows from the platforms and the other requirements. What follows within
/// one condition is found there.
fn implied(context: &Context<'_>, view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let conditions: Vec<(Span, Formula)> = package
        .requires()
        .filter_map(|expr| context.condition(expr.span))
        .flat_map(|written| written.conjuncts())
        .map(|part| (part.span, view.world.formula(&part.expr)))
        .collect();
    let parts: Vec<(Option<Span>, &Formula)> = std::iter::once((package.platform_span(), &package.platform))
        .chain(conditions.iter().map(|(span, formula)| (Some(*span), formula)))
        .collect();
    (1..parts.len()).rev().find_map(|at| {
        let (span, formula) = parts.get(at)?;
        if view.world.always(formula) {
            return None;
        }
        let failing = formula.fails();
        let others = parts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, part)| *part);
        let others: Vec<(Option<Span>, &Formula)> = others.collect();
        let asked: Vec<&Formula> =
            std::iter::once(&failing).chain(others.iter().map(|(_, formula)| *formula)).collect();
        if !view.world.never(&asked) {
            return None;
        }
        let core = view.world.core(&asked);
        let reasons = core.into_iter().filter_map(|index| others.get(index.checked_sub(1)?)?.0);
        let reasons: Vec<Span> = reasons.collect();
        let same_condition = reasons.iter().chain(span).all(|one| within_one(package, *one, *span));
        if reasons.is_empty() || same_condition {
            return None;
        }
        let problem = report(Code::IMPLIED_PART, "this requirement of the package adds nothing", *span, "");
        let problem =
            reasons.into_iter().fold(problem, |all, reason| all.because(reason, "follows from this"));
        Some(problem.help("remove it, or correct what implies it"))
    })
}

/// Whether a place lies in the same `requires` line as another.
fn within_one(package: &PackageView<'_>, one: Span, other: Option<Span>) -> bool {
    let holds = |outer: Span, inner: Span| {
        outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
    };
    let line =
        package.requires().map(|expr| expr.span).find(|line| other.is_some_and(|other| holds(*line, other)));
    line.is_some_and(|line| holds(line, one))
}
