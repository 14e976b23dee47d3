//! Floors of one file that hold for the same host and the same version, and disagree on it.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::Expr;
use caveat_ir::rule::{Floor, PackageFile};
use caveat_ir::value::{FileVersion, VersionSet};

use crate::context::{Context, report};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        for file in &package.package.files {
            let pairs = file.floors.iter().enumerate();
            let mut pairs =
                pairs.flat_map(|(at, second)| file.floors.iter().take(at).map(move |first| (first, second)));
            found.extend(pairs.find_map(|(first, second)| pair(context, view, package, file, first, second)));
        }
    }
}

fn pair(
    context: &Context<'_>,
    view: &View<'_>,
    package: &PackageView<'_>,
    file: &PackageFile,
    first: &Floor,
    second: &Floor,
) -> Option<Diagnostic> {
    let version = disputed(first, second)?;
    let both = view.world.formula(&Expr::all([first.guard(), second.guard()]));
    if view.world.never(&[&package.real, &both]) {
        return None;
    }
    let (low, high) = (first.version.min(second.version), first.version.max(second.version));
    let message = format!(
        "two floors of `{}` hold for the same files: {version} is fixed by {low}, and outdated by {high}",
        file.path.file_name()
    );
    let problem = report(Code::OVERLAPPING_RANGES, message, context.span(second.origin), "holds for it");
    let place = context.span(first.origin).filter(|span| Some(*span) != context.span(second.origin));
    let problem = place.into_iter().fold(problem, |all, span| all.because(span, "as does this"));
    Some(problem.help("let the service packs or the ranges meet without overlapping"))
}

/// A version that both floors measure, and one calls fixed, the other outdated. Branches that the package
/// says how to tell apart are no dispute, and neither is a floor for everything below a range of its own.
fn disputed(first: &Floor, second: &Floor) -> Option<FileVersion> {
    let decided = first.branch.is_some() && second.branch.is_some() && first.branch != second.branch;
    if first.version == second.version || (decided && first.within.is_none() && second.within.is_none()) {
        return None;
    }
    let (low, high) = if first.version < second.version { (first, second) } else { (second, first) };
    let range = |floor: &Floor| floor.within.clone().unwrap_or_else(VersionSet::all);
    let between = VersionSet::between(low.version, Some(high.version));
    let disputed = range(low).intersection(&range(high)).intersection(&between);
    let beside = low.within.is_none() && high.within.is_some();
    if beside && range(high).intervals().first().is_some_and(|own| low.version <= own.low) {
        return None;
    }
    disputed.intervals().last().map(|interval| interval.high)
}
