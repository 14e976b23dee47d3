//! Floors of one file that are numbered apart, without a range that tells the builds apart.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::expr::Test;
use caveat_ir::rule::{Floor, PackageFile};
use caveat_ir::value::VersionSet;
use caveat_ir::{Expr, Origin};
use caveat_logic::World;

use crate::context::{Context, report};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for (at, package) in view.packages.iter().enumerate() {
        for file in &package.package.files {
            let own = file.floors.iter().filter(|floor| floor.within.is_none());
            let problem = own.clone().find_map(|floor| {
                let near = || own.clone().take_while(|other| !std::ptr::eq(*other, floor));
                near()
                    .find(|other| clash(context, view, (package, floor), (package, other)))
                    .map(|other| (floor, other))
                    .or_else(|| {
                        elsewhere(context, view, at, (package, file, floor)).map(|other| (floor, other))
                    })
            });
            let problem = problem.map(|(floor, other)| diagnostic(context, file, floor, other));
            let problem = problem.or_else(|| by_language(context, file));
            found.extend(problem.or_else(|| left_out(context, view, at, (package, file))));
        }
    }
}

/// A floor of the same file in an earlier package for the same Windows.
fn elsewhere<'a>(
    context: &Context<'_>,
    view: &'a View<'_>,
    at: usize,
    (package, file, floor): (&PackageView<'_>, &PackageFile, &Floor),
) -> Option<&'a Floor> {
    let earlier = view.packages.iter().take(at);
    earlier.filter(|other| same_windows(context, package, other)).find_map(|other| {
        let same = other.package.files.iter().find(|other| other.path.folded() == file.path.folded())?;
        let mut others = same.floors.iter().filter(|other| other.within.is_none() && apart(floor, other));
        others.find(|other| meets(context, package, file, other))
    })
}

/// Whether hosts of a package may have the version of another floor: it does not require its own build.
fn meets(context: &Context<'_>, package: &PackageView<'_>, file: &PackageFile, other: &Floor) -> bool {
    let version = VersionSet::between(other.version, other.version.next());
    let there = Expr::test(Test::FileVersion(file.path.clone(), version), Origin::default());
    let required = Expr::all(package.package.requires.iter().cloned());
    let world = World::new(context.rules, [&required, &there]);
    !world.never(&[&world.formula(&required), &world.formula(&there)])
}

/// Two floors that are numbered apart and hold for the same hosts.
fn clash(
    _: &Context<'_>,
    view: &View<'_>,
    (package, floor): (&PackageView<'_>, &Floor),
    (_, other): (&PackageView<'_>, &Floor),
) -> bool {
    let both = view.world.formula(&Expr::all([floor.guard(), other.guard()]));
    apart(floor, other) && !view.world.never(&[&package.real, &both])
}

/// Builds of one source, numbered apart: the same numbers behind another major or minor.
fn apart(floor: &Floor, other: &Floor) -> bool {
    let ([major, minor, build, revision], [other_major, other_minor, other_build, other_revision]) =
        (floor.version.0, other.version.0);
    (major, minor) != (other_major, other_minor)
        && major == other_major
        && (build, revision) == (other_build, other_revision)
}

/// Floors that differ in their language only, and are numbered apart.
fn by_language(context: &Context<'_>, file: &PackageFile) -> Option<Diagnostic> {
    let pairs = file.floors.iter().enumerate();
    let mut pairs =
        pairs.flat_map(|(at, floor)| file.floors.iter().take(at).map(move |other| (floor, other)));
    let (floor, other) = pairs.find(|(floor, other)| {
        let same = |floor: &Floor| {
            (floor.service_packs.clone(), floor.architecture, floor.branch, floor.within.is_some())
        };
        floor.languages != other.languages
            && floor.within.is_none()
            && same(floor) == same(other)
            && numbers(floor) != numbers(other)
    })?;
    let message = format!(
        "the floors {} and {} of `{}` are numbered apart, though only the language differs",
        other.version,
        floor.version,
        file.path.file_name()
    );
    let problem = report(Code::MIXED_BUILDS, message, context.span(floor.origin), "");
    let place = context.span(other.origin).filter(|span| Some(*span) != context.span(floor.origin));
    let problem = place.into_iter().fold(problem, |all, span| all.because(span, "the other language"));
    Some(problem.help("correct the one that is wrong: a translation has the number line of its Windows"))
}

/// Builds that a package for the same Windows has a floor for, while this one does not.
fn left_out(
    context: &Context<'_>,
    view: &View<'_>,
    at: usize,
    (package, file): (&PackageView<'_>, &PackageFile),
) -> Option<Diagnostic> {
    let own = builds(file);
    let others = view.packages.iter().enumerate().filter(|(other, _)| *other != at);
    let others = others.map(|(_, other)| other).filter(|other| same_windows(context, package, other));
    let mut others = others.flat_map(|other| other.package.files.iter().map(move |file| (other, file)));
    let (other, _) = others.find(|(_, other)| {
        let theirs = builds(other);
        other.path.folded() == file.path.folded()
            && other.floors.iter().any(|floor| floor.within.is_some())
            && !own.is_empty()
            && own.is_subset(&theirs)
            && own != theirs
    })?;
    let floor = file.floors.first()?;
    let message = format!(
        "`{}` is measured by the floor of one build, but the package `{}` has floors of several",
        file.path.file_name(),
        other.package.name
    );
    let problem = report(Code::MIXED_BUILDS, message, context.span(floor.origin), "");
    Some(problem.help("add the floor of the other build, each with its range (`within`)"))
}

/// The major and minor numbers of a file's floors.
fn builds(file: &PackageFile) -> BTreeSet<(u16, u16)> {
    file.floors.iter().map(numbers).collect()
}

fn numbers(floor: &Floor) -> (u16, u16) {
    let [major, minor, ..] = floor.version.0;
    (major, minor)
}

fn same_windows(context: &Context<'_>, a: &PackageView<'_>, b: &PackageView<'_>) -> bool {
    let versions = |package: &PackageView<'_>| {
        let facts = package.package.platforms.iter().filter_map(|id| context.rules.selector(*id));
        facts.map(|selector| context.rules.facts(selector).version).collect::<BTreeSet<_>>()
    };
    !versions(a).is_disjoint(&versions(b))
}

fn diagnostic(context: &Context<'_>, file: &PackageFile, floor: &Floor, other: &Floor) -> Diagnostic {
    let message = format!(
        "the floors {} and {} of `{}` are of two builds, and nothing says which build a host has",
        other.version,
        floor.version,
        file.path.file_name()
    );
    let problem = report(Code::MIXED_BUILDS, message, context.span(floor.origin), "");
    let place = context.span(other.origin).filter(|span| Some(*span) != context.span(floor.origin));
    let problem = place.into_iter().fold(problem, |all, span| all.because(span, "the other build"));
    let (low, high) = (other.version.min(floor.version), other.version.max(floor.version));
    let [major, minor, ..] = high.0;
    problem.help(format!(
        "tell the builds apart by the range of each: `{low} within ..{major}.{minor}, {high} within {major}.{minor}..`"
    ))
}
