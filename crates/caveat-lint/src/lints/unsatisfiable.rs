//! Packages and vulnerabilities that no host can have, and conditions of packages that every host
//! satisfies.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_logic::Formula;
use caveat_syntax::ast;

use crate::context::Context;
use crate::view::{CaseView, PackageView, View, exposures, workaround_when};

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
        let of_sound = || {
            let cases = view.cases.iter().filter(|one| one.case.vulnerability.id == vulnerability.id);
            cases.filter(|one| sound.contains(&one.case.package.name.as_str()))
        };
        let never = |one: &&CaseView<'_>| view.world.never(&[&one.applicable, &one.outdated, &one.exposed]);
        let dead: Vec<&CaseView<'_>> = of_sound().filter(never).collect();
        let all = dead.len() == of_sound().count();
        // On some platforms a vulnerability may be out of reach; where only a workaround makes it so,
        // exposure and workaround exclude each other.
        let problem = dead.into_iter().find_map(|one| never_vulnerable(context, view, ast, one, all));
        found.extend(problem);
    }
}

/// A vulnerability that no host can have, or none of a package unless it is for a workaround.
fn never_vulnerable(
    context: &Context<'_>,
    view: &View<'_>,
    ast: &ast::Vulnerability,
    case: &CaseView<'_>,
    all: bool,
) -> Option<Diagnostic> {
    let vulnerability = case.case.vulnerability;
    let mut parts: Vec<Part> = vec![(None, "", case.applicable.clone()), (None, "", case.outdated.clone())];
    for (exposure, written) in vulnerability.exposures.iter().zip(exposures(ast)) {
        if exposure.on.is_empty() {
            parts.extend(conjuncts(context, view, written.span, "asked for exposure"));
        } else {
            let when = view.world.formula(&exposure.when);
            let formula = Formula::any([&view.is_on(&exposure.on).negate(), &when]);
            parts.push((Some(written.span), "asked for exposure", formula));
        }
    }
    let before = parts.len();
    for (workaround, written, of) in view.workarounds() {
        if let (Some(when), Some(expr)) = (&workaround.when, workaround_when(written))
            && of.is_none_or(|of| of.id == vulnerability.id)
        {
            let mut formula = view.world.formula(when).negate();
            if !workaround.on.is_empty() {
                formula = Formula::any([&view.is_on(&workaround.on).negate(), &formula]);
            }
            parts.push((Some(expr.span), "a workaround where this holds", formula));
        }
    }
    let by_workaround = core(view, &parts).into_iter().any(|at| at >= before);
    if !all && !by_workaround {
        return None;
    }
    let whose = if all { String::new() } else { format!(", on the hosts of `{}`", case.case.package.name) };
    let message = format!("no host can be vulnerable to `{}`{whose}", vulnerability.id);
    let problem = Diagnostic::new(Code::NEVER_VULNERABLE, message);
    Some(
        blame(view, problem, &parts, ast.id.span)
            .help("correct the marked conditions: one of them is probably the wrong way round"),
    )
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
    let places = core(view, parts)
        .into_iter()
        .filter_map(|at| parts.get(at))
        .filter_map(|(span, what, _)| Some(((*span)?, *what)));
    let places: Vec<(Span, &str)> = places.collect();
    // What is asked for last is nearest to the mistake.
    let Some(((last, what), others)) = places.split_last() else { return problem.at(name, "") };
    let problem = problem.at(*last, *what);
    others.iter().fold(problem, |problem, (span, what)| problem.because(*span, *what))
}

/// As few of the parts as contradict each other; none when they do not.
fn core(view: &View<'_>, parts: &[Part]) -> Vec<usize> {
    let formulas: Vec<&Formula> = parts.iter().map(|(_, _, formula)| formula).collect();
    if view.world.never(&formulas) { view.world.core(&formulas) } else { Vec::new() }
}
