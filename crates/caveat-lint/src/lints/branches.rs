//! Ranges of parallel builds between which versions are measured by no floor.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::PackageFile;
use caveat_ir::value::{Branch, FileVersion, VersionSet};

use crate::context::{Context, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let files = &package.package.files;
        found.extend(files.iter().filter_map(|file| window(context, file)));
        let both = files.iter().any(|file| branches(file).count() > 1);
        found.extend(files.iter().filter_map(|file| lone(context, file, both)));
    }
}

/// The branches that a file has floors of, where no range tells the files of each.
fn branches(file: &PackageFile) -> impl Iterator<Item = Branch> {
    let floors = file.floors.iter().filter(|floor| floor.within.is_none());
    floors.filter_map(|floor| floor.branch).collect::<BTreeSet<_>>().into_iter()
}

/// A floor of one branch by which files of the other are measured as well: QFE builds are numbered above
/// GDR builds, so that a fixed GDR file counts as outdated. The other way round it matters where the
/// package knows of both.
fn lone(context: &Context<'_>, file: &PackageFile, both: bool) -> Option<Diagnostic> {
    let mut branches = branches(file);
    let (branch, None) = (branches.next()?, branches.next()) else { return None };
    let alone = file.floors.iter().all(|floor| floor.branch.is_some());
    if !alone || (branch == Branch::Gdr && !both) {
        return None;
    }
    let (own, other) = if branch == Branch::Qfe { ("QFE", "GDR") } else { ("GDR", "QFE") };
    let message = format!(
        "`{}` has a floor of the branch {own} only, and files of {other} are measured by it too",
        file.path.file_name()
    );
    let place = file.floors.first().and_then(|floor| context.span(floor.origin));
    let problem = report(Code::BRANCH_WINDOW, message, place, "");
    Some(problem.help(format!("add the floor of {other}, or leave out the branch if there is but one")))
}

/// The versions between the first and the last range of a file that lie in none, where servicing
/// branches meet.
fn window(context: &Context<'_>, file: &PackageFile) -> Option<Diagnostic> {
    let mut branched = file.floors.iter().filter(|floor| floor.branch.is_some());
    let ranges: Vec<&VersionSet> = branched.clone().filter_map(|floor| floor.within.as_ref()).collect();
    if ranges.len() < 2 || ranges.len() < branched.clone().count() {
        return None;
    }
    let all = ranges.iter().fold(VersionSet::all().complement(), |all, range| all.union(range));
    let (first, last) = (all.intervals().first()?, all.intervals().last()?);
    let span = VersionSet::between(first.low, last.high.next());
    let gap = span.intersection(&all.complement());
    let hole = gap.intervals().first()?;
    // Files above the floor of the branch below are fixed there, not lost.
    let floor = branched.clone().map(|floor| floor.version).filter(|version| *version < hole.low).max()?;
    let place = branched.next_back().and_then(|floor| context.span(floor.origin));
    let message = format!(
        "versions of `{}` from {} to {} belong to no branch, and count as fixed",
        file.path.file_name(),
        hole.low,
        hole.high
    );
    let problem = report(Code::BRANCH_WINDOW, message, place, "");
    Some(problem.note(format!("the floor below the window is {floor}")).help(format!(
        "let the ranges meet: end the one and begin the next at one version, such as {}",
        hole.high.next().unwrap_or(FileVersion::MAX)
    )))
}
