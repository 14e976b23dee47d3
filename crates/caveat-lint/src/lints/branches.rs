//! Ranges of parallel builds between which versions are measured by no floor.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Floor, PackageFile, SelectorId};
use caveat_ir::value::{Branch, FileVersion, VersionInterval, VersionSet};

use crate::context::{Context, report};
use crate::knowledge::has_one_branch;
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let files = &package.package.files;
        // What `outside` speaks of is not lost.
        let lost = files.iter().filter(|_| package.package.outside.is_none());
        found.extend(lost.filter_map(|file| window(context, file)));
        if !have_one_branch(context, package) {
            found.extend(lone(context, files));
        }
        found.extend(files.iter().find_map(|file| half(context, file)));
    }
}

/// The branches that a file has floors of, where no range tells the files of each.
fn branches(file: &PackageFile) -> impl Iterator<Item = Branch> {
    let floors = file.floors.iter().filter(|floor| floor.within.is_none());
    floors.filter_map(|floor| floor.branch).collect::<BTreeSet<_>>().into_iter()
}

/// Whether all hosts of a package are of a Windows of which files have one branch.
fn have_one_branch(context: &Context<'_>, package: &PackageView<'_>) -> bool {
    let one = |id: &SelectorId| {
        let selector = context.rules.selector(*id)?;
        let facts = context.rules.facts(selector);
        let packs = context.rules.service_packs(selector).or(facts.service_packs);
        let last = packs.as_ref().and_then(|packs| packs.ranges().last()).map(|(_, last)| *last);
        Some(has_one_branch(facts.version?, last))
    };
    package.package.platforms.iter().all(|id| one(id) == Some(true))
}

/// Floors of one branch by which files of the other are measured as well: QFE builds are numbered above
/// GDR builds, so that a fixed GDR file counts as outdated. The other way round it matters where the
/// package knows of both.
fn lone(context: &Context<'_>, files: &[PackageFile]) -> Option<Diagnostic> {
    let both = files.iter().any(|file| branches(file).count() > 1);
    let mut lone = files.iter().filter_map(|file| {
        let mut branches = branches(file);
        let (branch, None) = (branches.next()?, branches.next()) else { return None };
        let alone = file.floors.iter().all(|floor| floor.branch.is_some());
        (alone && (branch == Branch::Qfe || both)).then_some((file, branch))
    });
    let (file, branch) = lone.next()?;
    let more = lone.count();
    let (own, other) = if branch == Branch::Qfe { ("QFE", "GDR") } else { ("GDR", "QFE") };
    let message = format!(
        "`{}` has a floor of the branch {own} only, and files of {other} are measured by it too",
        file.path.file_name()
    );
    let place = file.floors.first().and_then(|floor| context.span(floor.origin));
    let problem = report(Code::BRANCH_WINDOW, message, place, "");
    let problem = match more {
        0 => problem,
        1 => problem.note("one more file of the package has floors of one branch"),
        more => problem.note(format!("{more} more files of the package have floors of one branch")),
    };
    Some(problem.help(format!(
        "add the floor of {other}, or leave out the branch if there is but one; where the update has no file of {other}, give the floor the range (`within`) of {own}, or list the file as `unversioned` and leave it to those that tell"
    )))
}

/// A floor that says no branch beside one for the same hosts that does.
fn half(context: &Context<'_>, file: &PackageFile) -> Option<Diagnostic> {
    let hosts = |floor: &Floor| {
        (floor.service_packs.clone(), floor.architecture, floor.languages.clone(), floor.within.clone())
    };
    let branched = |floor: &&Floor| floor.branch.is_some();
    let without = file.floors.iter().find(|floor| {
        floor.branch.is_none()
            && file.floors.iter().filter(branched).any(|other| hosts(other) == hosts(floor))
    })?;
    let message = format!(
        "a floor of `{}` says no branch, while another for the same hosts does",
        file.path.file_name()
    );
    let problem = report(Code::BRANCH_WINDOW, message, context.span(without.origin), "");
    Some(problem.help("say the branch of both, or of none if there is but one"))
}

/// Whether files lie between the servicing branches.
pub(super) fn has_window(file: &PackageFile) -> bool {
    hole(file).is_some()
}

/// The versions between the first and the last range of a file that lie in none, where servicing
/// branches meet, and the floor below them.
fn hole(file: &PackageFile) -> Option<(VersionInterval, FileVersion)> {
    let branched = file.floors.iter().filter(|floor| floor.branch.is_some());
    let ranges: Vec<&VersionSet> = branched.clone().filter_map(|floor| floor.within.as_ref()).collect();
    if ranges.len() < 2 || ranges.len() < branched.clone().count() {
        return None;
    }
    let all = ranges.iter().fold(VersionSet::all().complement(), |all, range| all.union(range));
    let (first, last) = (all.intervals().first()?, all.intervals().last()?);
    let span = VersionSet::between(first.low, last.high.next());
    let gap = span.intersection(&all.complement());
    let hole = *gap.intervals().first()?;
    // Files above the floor of the branch below are fixed there, not lost.
    let floor = branched.map(|floor| floor.version).filter(|version| *version < hole.low).max()?;
    Some((hole, floor))
}

fn window(context: &Context<'_>, file: &PackageFile) -> Option<Diagnostic> {
    let (hole, floor) = hole(file)?;
    let branched = || file.floors.iter().filter(|floor| floor.branch.is_some());
    let place = branched().next_back().and_then(|floor| context.span(floor.origin));
    let message = format!(
        "versions of `{}` from {} to {} belong to no branch, and count as fixed",
        file.path.file_name(),
        hole.low,
        hole.high
    );
    let problem = report(Code::BRANCH_WINDOW, message, place, "");
    let branches: BTreeSet<_> = branched().map(|floor| floor.branch).collect();
    // Ranges of one branch do not meet: what lies between them is of the other.
    let help = if branches.len() > 1 {
        format!(
            "let the ranges meet: end the one and begin the next at one version, such as {}",
            hole.high.next().unwrap_or(FileVersion::MAX)
        )
    } else {
        "the versions between are of the other branch: add its floor, or say what they are: `outside fixed`, `outdated` or `unknown`".to_owned()
    };
    Some(problem.note(format!("the floor below the window is {floor}")).help(help))
}
