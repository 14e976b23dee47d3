//! Floors that no host of the package is measured by, hosts that no floor measures, and floors that
//! belong to another Windows.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::expr::Test;
use caveat_ir::rule::{Floor, PackageFile};
use caveat_ir::value::VersionSet;
use caveat_ir::{Expr, Origin};
use caveat_logic::Formula;

use crate::context::{Context, report, with_witness, witness};
use crate::knowledge::{travels, windows_of};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        if view.world.never(&[&package.applicable]) {
            continue;
        }
        let before = found.len();
        out_of_reach(context, view, package, found);
        if found.len() == before {
            found.extend(unmeasured(view, package));
            of_another_windows(context, view, package, found);
            found.extend(package.package.files.iter().filter_map(|file| of_another_pack(context, file)));
        }
    }
}

fn out_of_reach(
    context: &Context<'_>,
    view: &View<'_>,
    package: &PackageView<'_>,
    found: &mut Vec<Diagnostic>,
) {
    for (file, floor) in package.floors() {
        let guard = view.world.formula(&floor.guard());
        if view.world.never(&[&package.real, &guard]) && !view.world.never(&[&guard]) {
            let message = format!(
                "the floor {} of `{}` is for hosts that the package `{}` is not for",
                floor.version,
                file.path.file_name(),
                package.package.name
            );
            let problem = report(Code::FLOOR_OUT_OF_REACH, message, context.span(floor.origin), "never used");
            let problem = package.for_these(problem);
            found.push(problem.help("correct what the floor holds for, or the platforms of the package"));
        }
    }
}

/// Hosts on which none of the package's files has a floor: those that it is for, and those that only its
/// `languages` leave out, where no other package speaks for them.
fn unmeasured(view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    if package.package.vulnerable_when.is_some() || package.floors().next().is_none() {
        return None;
    }
    let measured = |package: &PackageView<'_>| {
        Formula::any(
            &package.floors().map(|(_, floor)| view.world.formula(&floor.guard())).collect::<Vec<_>>(),
        )
    };
    let not_measured = measured(package).negate();
    let own = Formula::all([&package.applicable, &not_measured]);
    let left_out = {
        let others = view.packages.iter().filter(|other| !std::ptr::eq(*other, package));
        let others = others.map(|other| Formula::all([&other.applicable, &measured(other)]));
        let unaffected = view.bulletin.unaffected.iter().filter(|one| one.when.is_none());
        let spoken = others.chain(unaffected.map(|one| view.is_on(&one.platforms))).collect::<Vec<_>>();
        let elsewhere = [package.languages.negate(), Formula::any(&spoken).negate()];
        Formula::all([&package.real, &package.required, &not_measured, &elsewhere[0], &elsewhere[1]])
    };
    // A host that shows it best has a file that is old by the floors of others.
    let old = package.floors().next().map(|(file, floor)| {
        let versions = floor.within.clone().unwrap_or_else(VersionSet::all);
        let below = versions.intersection(&VersionSet::below(floor.version));
        Expr::test(Test::FileVersion(file.path.clone(), below), Origin::default())
    });
    let old = old.map(|old| view.world.formula(&old));
    let host = |asked: &Formula| {
        let with_file: Vec<&Formula> = std::iter::once(asked).chain(&old).collect();
        witness(&view.world, "without-a-floor", &with_file)
            .or_else(|| witness(&view.world, "without-a-floor", &[asked]))
    };
    let name = &package.package.name;
    if let Some(host) = host(&own) {
        let message = format!("the package `{name}` is for hosts that none of its floors is for");
        let problem = report(Code::UNMEASURED_HOST, message, package.platform_span(), "");
        let help = "add the floors of these hosts, or narrow the platforms";
        return Some(with_witness(problem, &host).help(help));
    }
    let host = host(&left_out)?;
    let message = format!("the languages of the package `{name}` leave out hosts that no package is for");
    let problem = report(Code::UNMEASURED_HOST, message, package.languages_span(), "");
    let help = "add the floors of other languages, to this package or in one of their own, or call those hosts `unaffected`";
    Some(with_witness(package.for_these(problem), &host).help(help))
}

/// Floors numbered as one Windows numbers its files, in a package that is for another one as well.
fn of_another_windows(
    context: &Context<'_>,
    view: &View<'_>,
    package: &PackageView<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let versions = |id: &caveat_ir::rule::SelectorId| {
        let facts = context.rules.facts(context.rules.selector(*id)?);
        facts.version
    };
    let platforms = || package.package.platforms.iter().filter_map(|id| Some((*id, versions(id)?)));
    for (file, floor) in package.floors() {
        let Some(own) = windows_of(floor.version) else { continue };
        let guard = view.world.formula(&floor.guard());
        if travels(file.path.file_name()) || !platforms().any(|(_, version)| version == own) {
            continue;
        }
        let other = platforms().filter(|(_, version)| *version != own).find(|(id, _)| {
            let on = view.world.formula(&Expr::Platform(*id));
            !view.world.never(&[&on, &guard, &package.applicable])
        });
        let Some((other, _)) = other else { continue };
        let message = format!(
            "{} is measured by the floor {} of `{}`, which is numbered as files of Windows {own} are",
            caveat_ir::describe::platform(context.rules, other),
            floor.version,
            file.path.file_name()
        );
        let problem = report(Code::FLOOR_OF_ANOTHER_PLATFORM, message, context.span(floor.origin), "");
        let problem = package.for_these(problem);
        found.push(problem.help("give each Windows a package of its own, with its own floor"));
        return;
    }
}

/// Floors of one build that fall from a service pack to the next, while files of later ones are newer.
fn of_another_pack(context: &Context<'_>, file: &PackageFile) -> Option<Diagnostic> {
    let pairs = file.floors.iter().flat_map(|older| file.floors.iter().map(move |newer| (older, newer)));
    let (older, newer) = pairs.into_iter().find(|(older, newer)| {
        let ends = |floor: &Floor| {
            let packs = floor.service_packs.as_ref()?;
            Some((packs.first()?, packs.ranges().last()?.1))
        };
        let before = ends(older).zip(ends(newer)).is_some_and(|((_, last), (first, _))| last < first);
        let [major, minor, build, _] = older.version.0;
        before
            && older.version > newer.version
            && newer.version.0.starts_with(&[major, minor, build])
            && (older.architecture, older.branch, &older.languages, &older.within)
                == (newer.architecture, newer.branch, &newer.languages, &newer.within)
    })?;
    let message = format!(
        "the floor of `{}` falls from {} to {} with the later service pack",
        file.path.file_name(),
        older.version,
        newer.version
    );
    let problem = report(Code::FLOOR_OF_ANOTHER_PLATFORM, message, context.span(newer.origin), "");
    let place = context.span(older.origin).filter(|span| Some(*span) != context.span(newer.origin));
    let problem =
        place.into_iter().fold(problem, |all, span| all.because(span, "of the earlier service pack"));
    Some(problem.help("files of a later service pack are numbered higher: the two are probably exchanged"))
}
