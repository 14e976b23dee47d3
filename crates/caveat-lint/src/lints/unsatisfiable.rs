//! Packages and vulnerabilities that no host can have, and packages that no update can fix.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::rule::Exposure;
use caveat_ir::{Expr, Origin};
use caveat_logic::Formula;

use crate::context::{Context, report};
use crate::knowledge::last_pack;
use crate::view::{CaseView, PackageView, View};

/// A part of a claim: where it stands, what to call it, and its formula.
type Part = (Option<Span>, &'static str, Formula);

pub(crate) fn check<'a>(context: &Context<'a>, view: &View<'a>, found: &mut Vec<Diagnostic>) {
    let mut sound = Vec::new();
    for package in &view.packages {
        let problem = never_applies(context, view, package);
        sound.extend(problem.is_none().then_some(package.package.name.as_str()));
        found.extend(problem.or_else(|| never_fixed(context, view, package)));
    }
    let before = found.len();
    for vulnerability in &view.bulletin.vulnerabilities {
        let of_sound = || {
            let cases = view.cases.iter().filter(|one| one.case.vulnerability.id == vulnerability.id);
            cases.filter(|one| sound.contains(&one.case.package.name.as_str()))
        };
        let never = |one: &&CaseView<'_>| view.world.never(&[&one.applicable, &one.outdated, &one.exposed]);
        let dead: Vec<&CaseView<'_>> = of_sound().filter(never).collect();
        let all = dead.len() == of_sound().count();
        // A vulnerability of some packages only has exposure to say so; where a workaround puts it out of
        // reach, exposure and workaround exclude each other.
        found.extend(dead.into_iter().find_map(|one| never_vulnerable(context, view, one, all)));
        if of_sound().next().is_none() && sound.len() == view.packages.len() && !sound.is_empty() {
            let message = format!("no host can be vulnerable to `{}`", vulnerability.id);
            let problem = report(Code::NEVER_VULNERABLE, message, context.span(vulnerability.origin), "");
            let help = "no package is for the platforms that it exists on: correct its `severity` or `affects` lines, or the packages";
            found.push(problem.help(help));
        }
    }
    if found.len() == before {
        let packages = view.packages.iter().filter(|package| sound.contains(&package.package.name.as_str()));
        found.extend(packages.filter_map(|package| never_exposed(context, view, package)));
    }
}

/// A package whose hosts are exposed to none of its vulnerabilities.
fn never_exposed<'a>(
    context: &Context<'a>,
    view: &View<'a>,
    package: &PackageView<'a>,
) -> Option<Diagnostic> {
    let mut cases = view.cases.iter().filter(|one| one.case.package.name == package.package.name);
    let vulnerability = cases.clone().next()?.case.vulnerability;
    if !cases.all(|one| view.world.never(&[&one.applicable, &one.outdated, &one.exposed])) {
        return None;
    }
    let mut parts = package_parts(context, view, package);
    parts.extend(vulnerability.exposures.iter().map(|exposure| exposed(context, view, exposure)));
    let message = format!("no host of the package `{}` can be vulnerable to anything", package.package.name);
    let problem = Diagnostic::new(Code::WITHOUT_VULNERABILITY, message);
    let problem = blame(view, problem, &parts, context.span(package.package.origin));
    Some(problem.help("correct the marked conditions: one of them is probably the wrong way round"))
}

/// A vulnerability that no host can have, or none of a package because of a workaround.
fn never_vulnerable<'a>(
    context: &Context<'a>,
    view: &View<'a>,
    case: &CaseView<'a>,
    all: bool,
) -> Option<Diagnostic> {
    let vulnerability = case.case.vulnerability;
    let package = view.packages.iter().find(|one| one.package.name == case.case.package.name)?;
    // What has no place is left out first when the parts are reduced.
    let mut parts: Vec<Part> = vec![(None, "", case.applicable.clone()), (None, "", case.outdated.clone())];
    parts.extend(package_parts(context, view, package));
    for exposure in &vulnerability.exposures {
        if exposure.on.is_empty() {
            parts.extend(conjuncts(context, view, &exposure.when, exposure.when.origin, EXPOSURE));
        } else {
            parts.push(exposed(context, view, exposure));
        }
    }
    let before = parts.len();
    for (workaround, when, of) in view.workarounds() {
        if of.is_none_or(|of| of.id == vulnerability.id) {
            let mut formula = view.world.formula(when).negate();
            if !workaround.on.is_empty() {
                formula = Formula::any([&view.is_on(&workaround.on).negate(), &formula]);
            }
            parts.push((context.span(when.origin), "a workaround where this holds", formula));
        }
    }
    if !all && !core(view, &parts).into_iter().any(|at| at >= before) {
        return None;
    }
    let whose = if all { String::new() } else { format!(" of the package `{}`", case.case.package.name) };
    let message = format!("no host{whose} can be vulnerable to `{}`", vulnerability.id);
    let problem = Diagnostic::new(Code::NEVER_VULNERABLE, message);
    let problem = blame(view, problem, &parts, context.span(vulnerability.origin));
    Some(problem.help("correct the marked conditions: one of them is probably the wrong way round"))
}

/// What a host has to be for a package to be missing.
fn package_parts<'a>(context: &Context<'a>, view: &View<'a>, package: &PackageView<'a>) -> Vec<Part> {
    let mut parts = applicable_parts(context, view, package);
    match &package.package.vulnerable_when {
        Some(when) => parts.extend(conjuncts(context, view, when, when.origin, "makes a host outdated")),
        None => parts.push((floors_span(context, package), "outdated below this", package.outdated.clone())),
    }
    parts
}

fn applicable_parts<'a>(context: &Context<'a>, view: &View<'a>, package: &PackageView<'a>) -> Vec<Part> {
    let platforms = (package.platform_span, "the platforms it is for", package.real.clone());
    let languages = (package.languages_span, "the languages it is for", package.languages.clone());
    let required = package.package.requires.placed();
    let required = required.flat_map(|(expr, origin)| conjuncts(context, view, expr, origin, "required"));
    [platforms, languages].into_iter().chain(required).collect()
}

/// The first floor of a package.
fn floors_span(context: &Context<'_>, package: &PackageView<'_>) -> Option<Span> {
    package.floors().next().and_then(|(_, floor)| context.span(floor.origin))
}

/// A package whose hosts all count as outdated, so that no update can be seen on them.
fn never_fixed<'a>(context: &Context<'a>, view: &View<'a>, package: &PackageView<'a>) -> Option<Diagnostic> {
    let fixed = package.outdated.negate();
    if !view.world.never(&[&package.applicable, &fixed]) {
        return None;
    }
    let mut parts = applicable_parts(context, view, package);
    let condition = package.package.vulnerable_when.as_ref().and_then(|when| context.span(when.origin));
    let place = condition.or_else(|| floors_span(context, package));
    parts.push((place, "makes every such host outdated", fixed));
    let name = &package.package.name;
    let message = format!("every host that the package `{name}` is for counts as outdated, updated or not");
    let problem = Diagnostic::new(Code::NEVER_FIXED, message);
    let problem = blame(view, problem, &parts, context.span(package.package.origin));
    Some(problem.help("correct the marked parts: what is required must leave room for updated hosts"))
}

/// A service pack that its Windows never had.
fn no_such_pack(context: &Context<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let mut platforms = package.package.platforms.placed();
    let (version, last, origin) = platforms.find_map(|(id, origin)| {
        let selector = context.rules.selector(*id)?;
        let (version, first) =
            (context.rules.facts(selector).version?, selector.service_packs.as_ref()?.first()?);
        let last = last_pack(version)?;
        (first > last).then_some((version, last, origin))
    })?;
    let message = format!("no host is of this platform: Windows {version} never had such a service pack");
    let known = if last == 0 { "it had none".to_owned() } else { format!("its last one was {last}") };
    Some(report(Code::NEVER_APPLICABLE, message, context.span(origin), &known))
}

fn never_applies<'a>(
    context: &Context<'a>,
    view: &View<'a>,
    package: &PackageView<'a>,
) -> Option<Diagnostic> {
    if let Some(problem) = no_such_pack(context, package) {
        return Some(problem.help("correct the service pack, or the platform"));
    }
    let parts = package_parts(context, view, package);
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
        blame(view, problem, &parts, context.span(package.package.origin))
            .help("correct the marked parts, which contradict each other"),
    )
}

/// The parts of a condition that must all hold.
fn conjuncts<'a>(
    context: &Context<'a>,
    view: &View<'a>,
    clause: &'a Expr,
    origin: Origin,
    what: &'static str,
) -> Vec<Part> {
    let parts = context.conjuncts(clause, origin).into_iter();
    parts.map(|(span, part)| (span, what, view.world.formula(part))).collect()
}

const EXPOSURE: &str = "asked for exposure";

/// What a host has to be for an exposure not to rule it out.
fn exposed(context: &Context<'_>, view: &View<'_>, exposure: &Exposure) -> Part {
    let when = view.world.formula(&exposure.when);
    let formula =
        if exposure.on.is_empty() { when } else { Formula::any([&view.is_on(&exposure.on).negate(), &when]) };
    (context.span(exposure.when.origin), EXPOSURE, formula)
}

/// Marks as few of the parts as contradict each other.
fn blame(view: &View<'_>, problem: Diagnostic, parts: &[Part], name: Option<Span>) -> Diagnostic {
    let places = core(view, parts)
        .into_iter()
        .filter_map(|at| parts.get(at))
        .filter_map(|(span, what, _)| Some(((*span)?, *what)));
    let places: Vec<(Span, &str)> = places.collect();
    // What is asked for last is nearest to the mistake.
    let Some(((last, what), others)) = places.split_last() else {
        return name.into_iter().fold(problem, |problem, name| problem.at(name, ""));
    };
    let problem = problem.at(*last, *what);
    others.iter().fold(problem, |problem, (span, what)| problem.because(*span, *what))
}

/// As few of the parts as contradict each other; none when they do not.
fn core(view: &View<'_>, parts: &[Part]) -> Vec<usize> {
    let formulas: Vec<&Formula> = parts.iter().map(|(_, _, formula)| formula).collect();
    if view.world.never(&formulas) { view.world.core(&formulas) } else { Vec::new() }
}
