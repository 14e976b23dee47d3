//! Floors that no host of the package is measured by, hosts that no floor measures, and floors that
//! belong to another Windows.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::expr::Test;
use caveat_ir::rule::{Floor, PackageFile, PlatformId};
use caveat_ir::value::{NumberSet, VersionSet};
use caveat_ir::{Expr, Origin};
use caveat_logic::Formula;

use crate::context::{Context, report, with_witness, witness};
use crate::knowledge::{pack_of, travels, windows_of};
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
        }
    }
    of_another_pack(context, view, found);
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
        let problem = report(Code::UNMEASURED_HOST, message, package.platform_span, "");
        let help = "add the floors of these hosts, or narrow the platforms";
        return Some(with_witness(problem, &host).help(help));
    }
    let host = host(&left_out)?;
    let message = format!("the languages of the package `{name}` leave out hosts that no package is for");
    let problem = report(Code::UNMEASURED_HOST, message, package.languages_span, "");
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

/// A floor, the package and file that it is of, and the service packs that it is for.
struct Packed<'a> {
    file: &'a PackageFile,
    floor: &'a Floor,
    platforms: BTreeSet<PlatformId>,
    first: u32,
    last: u32,
}

impl<'a> Packed<'a> {
    fn new(
        context: &Context<'_>,
        package: &PackageView<'_>,
        file: &'a PackageFile,
        floor: &'a Floor,
    ) -> Option<Self> {
        let ids = package.package.platforms.iter();
        let selectors = ids.map(|id| context.rules.selector(*id)).collect::<Option<Vec<_>>>()?;
        let mut packs: Vec<&NumberSet> = floor.service_packs.iter().collect();
        if packs.is_empty() {
            packs = selectors.iter().map(|one| one.service_packs.as_ref()).collect::<Option<_>>()?;
        }
        let first = packs.iter().filter_map(|one| one.first()).min()?;
        let last = packs.iter().filter_map(|one| Some(one.ranges().last()?.1)).max()?;
        let platforms = selectors.iter().map(|one| one.platform).collect();
        Some(Self { file, floor, platforms, first, last })
    }

    /// What another floor has to share with this one to be compared with it.
    fn line(&self) -> impl PartialEq + use<'a> {
        let [major, minor, ..] = self.floor.version.0;
        let Floor { architecture, branch, languages, within, .. } = self.floor;
        (self.file.path.folded(), major, minor, *architecture, *branch, languages, within)
    }
}

/// Floors that fall from a service pack to a later one, while files of later ones are newer.
fn of_another_pack(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let packed = view.packages.iter().flat_map(|package| {
        package.floors().filter_map(move |(file, floor)| Packed::new(context, package, file, floor))
    });
    let packed: Vec<Packed<'_>> = packed.collect();
    let mut files = BTreeSet::new();
    for newer in &packed {
        let falls = |older: &&Packed<'_>| {
            older.last < newer.first
                && older.floor.version > newer.floor.version
                && older.platforms == newer.platforms
                && older.line() == newer.line()
                && !is_unchanged(newer)
        };
        if let Some(older) = packed.iter().find(falls)
            && files.insert((newer.file.path.folded(), older.platforms.clone()))
        {
            found.push(falling(context, older, newer));
        }
    }
}

/// A file that a service pack with builds of its own did not change keeps its number.
fn is_unchanged(newer: &Packed<'_>) -> bool {
    pack_of(newer.floor.version).is_some_and(|(_, pack, rises)| !rises && pack < newer.first)
}

fn falling(context: &Context<'_>, older: &Packed<'_>, newer: &Packed<'_>) -> Diagnostic {
    let message = format!(
        "the floor of `{}` falls from {} to {} with the later service pack",
        newer.file.path.file_name(),
        older.floor.version,
        newer.floor.version
    );
    let (at, before) = (context.span(newer.floor.origin), context.span(older.floor.origin));
    let problem = report(Code::FLOOR_OF_ANOTHER_PLATFORM, message, at, "");
    let place = before.filter(|span| Some(*span) != at);
    let problem =
        place.into_iter().fold(problem, |all, span| all.because(span, "of the earlier service pack"));
    problem.help("files of a later service pack are numbered higher: the two are probably exchanged")
}
