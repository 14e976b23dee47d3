//! Floors of one file that are numbered apart, without a range that tells the builds apart.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::Expr;
use caveat_ir::rule::{Floor, PackageFile};

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
            found.extend(problem.map(|(floor, other)| diagnostic(context, file, floor, other)));
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
        same.floors.iter().find(|other| other.within.is_none() && apart(floor, other))
    })
}

/// Two floors that are numbered apart and hold for the same hosts.
fn clash(
    _: &Context<'_>,
    view: &View<'_>,
    (package, floor): (&PackageView<'_>, &Floor),
    (_, other): (&PackageView<'_>, &Floor),
) -> bool {
    let both = view.world.formula(&Expr::all([floor.guard(), other.guard()]));
    apart(floor, other) && !view.world.never(&[&package.platform, &both])
}

/// Builds of one source, numbered apart: the same numbers behind another major or minor.
fn apart(floor: &Floor, other: &Floor) -> bool {
    let ([major, minor, build, revision], [other_major, other_minor, other_build, other_revision]) =
        (floor.version.0, other.version.0);
    (major, minor) != (other_major, other_minor)
        && major == other_major
        && (build, revision) == (other_build, other_revision)
}

fn same_windows(context: &Context<'_>, a: &PackageView<'_>, b: &PackageView<'_>) -> bool {
    let versions = |package: &PackageView<'_>| {
        let facts = package.package.platforms.iter().filter_map(|id| context.rules.selector(*id));
        facts.map(|selector| context.rules.facts(selector).version).collect::<std::collections::BTreeSet<_>>()
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
    let [major, minor, ..] = other.version.0.min(floor.version.0);
    problem.help(format!(
        "tell the builds apart by the range of each: `within {major}.{minor}..{major}.{}`",
        minor.saturating_add(1)
    ))
}
