//! Packages and vulnerabilities that no host can have, and conditions of packages that every host
//! satisfies.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_logic::Formula;

use crate::context::Context;
use crate::view::{PackageView, View, exposures, workaround_when};

/// A part of a claim: where it stands, what to call it, and its formula.
type Part = (Option<Span>, &'static str, Formula);

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut sound = Vec::new();
    for package in &view.packages {
        let problem = never_applies(context, view, package);
        sound.extend(problem.is_none().then_some(package.package.name.as_str()));
        found.extend(problem);
    }
    for (vulnerability, ast) in view.vulnerabilities() {
        let cases = || view.cases.iter().filter(|one| one.case.vulnerability.id == vulnerability.id);
        let of_sound = || cases().filter(|one| sound.contains(&one.case.package.name.as_str()));
        let never = |one: &crate::view::CaseView<'_>| {
            view.world.never(&[&one.applicable, &one.outdated, &one.exposed])
        };
        let Some(first) = of_sound().next() else { continue };
        if !of_sound().all(never) {
            continue;
        }
        let mut parts: Vec<Part> =
            vec![(None, "", first.applicable.clone()), (None, "", first.outdated.clone())];
        for expr in exposures(ast) {
            parts.extend(conjuncts(context, view, expr.span, "asked for exposure"));
        }
        for (workaround, written, of) in view.workarounds() {
            if let (Some(when), Some(expr)) = (&workaround.when, workaround_when(written))
                && of.is_none_or(|of| of.id == vulnerability.id)
            {
                parts.push((
                    Some(expr.span),
                    "a workaround where this holds",
                    view.world.formula(when).negate(),
                ));
            }
        }
        let message = format!("no host can be vulnerable to `{}`", vulnerability.id);
        let problem = Diagnostic::new(Code::NEVER_VULNERABLE, message);
        found.push(
            blame(view, problem, &parts, ast.id.span)
                .help("correct the marked conditions: one of them is probably the wrong way round"),
        );
    }
}

fn never_applies(context: &Context<'_>, view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let mut parts: Vec<Part> =
        vec![(package.platform_span(), "the platforms it is for", package.platform.clone())];
    for expr in package.requires() {
        parts.extend(conjuncts(context, view, expr.span, "required"));
    }
    let place = package.vulnerable_when().map(|expr| expr.span);
    if let Some(span) = place {
        parts.extend(conjuncts(context, view, span, "makes a host outdated"));
    } else {
        parts.push((None, "", package.outdated.clone()));
    }
    let all: Vec<&Formula> = parts.iter().map(|(_, _, formula)| formula).collect();
    if !view.world.never(&all) {
        return None;
    }
    let alone = view.world.never(&[&package.applicable]);
    let name = &package.package.name;
    let message = if alone {
        format!("no host can be one that the package `{name}` is for")
    } else {
        format!("no host that the package `{name}` is for can be outdated")
    };
    let problem = Diagnostic::new(Code::NEVER_APPLICABLE, message);
    Some(
        blame(view, problem, &parts, package.ast.name.span)
            .help("correct the marked parts, which contradict each other"),
    )
}

/// The parts of a condition that must all hold.
fn conjuncts(context: &Context<'_>, view: &View<'_>, span: Span, what: &'static str) -> Vec<Part> {
    let written = context.condition(span).into_iter().flat_map(caveat_sema::Written::conjuncts);
    written.map(|part| (Some(part.span), what, view.world.formula(&part.expr))).collect()
}

/// Marks as few of the parts as contradict each other.
fn blame(view: &View<'_>, problem: Diagnostic, parts: &[Part], name: Span) -> Diagnostic {
    let formulas: Vec<&Formula> = parts.iter().map(|(_, _, formula)| formula).collect();
    let core = if view.world.never(&formulas) { view.world.core(&formulas) } else { Vec::new() };
    let places =
        core.into_iter().filter_map(|at| parts.get(at)).filter_map(|(span, what, _)| Some(((*span)?, *what)));
    let places: Vec<(Span, &str)> = places.collect();
    // What is asked for last is nearest to the mistake.
    let Some(((last, what), others)) = places.split_last() else { return problem.at(name, "") };
    let problem = problem.at(*last, *what);
    others.iter().fold(problem, |problem, (span, what)| problem.because(*span, *what))
}
