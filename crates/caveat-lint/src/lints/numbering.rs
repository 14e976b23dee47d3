//! Floors numbered after another service pack than those of the hosts, and branches whose floors are
//! exchanged.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Floor, PackageFile};
use caveat_ir::value::{Branch, FileVersion, NumberSet};

use crate::context::{Context, report};
use crate::knowledge::{is_of_hotfixes, pack_of, travels};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let reported: BTreeSet<_> = found.iter().filter_map(Diagnostic::span).collect();
    for package in &view.packages {
        // A file that was reported for one floor needs no word about another.
        let known = |floor: &Floor| context.span(floor.origin).is_some_and(|span| reported.contains(&span));
        let mut floors = package.floors().filter(|(file, _)| !file.floors.iter().any(known));
        found.extend(floors.find_map(|(file, floor)| of_another_pack(context, package, file, floor)));
        found.extend(exchanged(context, view, package));
    }
}

/// A floor that no file of the hosts can have: it is numbered after a service pack that they do not have, or
/// before the one that they have.
fn of_another_pack(
    context: &Context<'_>,
    package: &PackageView<'_>,
    file: &PackageFile,
    floor: &Floor,
) -> Option<Diagnostic> {
    let (windows, pack, rises) = pack_of(floor.version)?;
    if travels(file.path.file_name()) {
        return None;
    }
    let (mut first, mut last) = (u32::MAX, 0);
    for id in &package.package.platforms {
        let facts = context.rules.facts(context.rules.selector(*id)?);
        let own = floor.service_packs.as_ref().or(facts.service_packs.as_ref())?;
        if facts.version != Some(windows) {
            return None;
        }
        first = first.min(own.first()?);
        last = last.max(end(own)?);
    }
    let what = if pack > last {
        "later than the hosts have"
    } else if rises && pack < first {
        "earlier than the hosts have"
    } else {
        return None;
    };
    let which = if pack == 0 { "no service pack".to_owned() } else { format!("service pack {pack}") };
    let message = format!(
        "the floor {} of `{}` is numbered as files of Windows {windows} with {which} are, {what}",
        floor.version,
        file.path.file_name()
    );
    let problem = report(Code::FLOOR_OF_ANOTHER_PLATFORM, message, context.span(floor.origin), "");
    let problem = package.for_these(problem);
    Some(problem.help("correct the floor, or the service packs that it is for"))
}

fn end(packs: &NumberSet) -> Option<u32> {
    packs.ranges().last().map(|(_, high)| *high)
}

/// Floors of the branches the wrong way round: one has a number or a range of the other branch, or one of
/// GDR is higher than that of QFE.
fn exchanged(context: &Context<'_>, view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let foreign = package.floors().find(|(_, floor)| {
        let of_hotfixes = is_of_hotfixes(floor.version);
        floor.branch.zip(of_hotfixes).is_some_and(|(branch, fixes)| (branch == Branch::Qfe) != fixes)
    });
    if let Some((file, floor)) = foreign {
        let (own, other) = names(floor.branch?);
        let message = format!(
            "the floor {} of `{}` is one of {own}, but numbered as files of {other} are",
            floor.version,
            file.path.file_name()
        );
        let problem = report(Code::EXCHANGED_BRANCHES, message, context.span(floor.origin), "");
        return Some(problem.help("the floors of the two branches are probably exchanged"));
    }
    let ranges = exchanged_ranges(context, package).or_else(|| range_of_the_other(context, view, package));
    ranges.or_else(|| falling(context, view, package))
}

/// A floor of GDR whose range begins where that of QFE ends, or above.
fn exchanged_ranges(context: &Context<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let of = |floor: &Floor| floor.within.as_ref().and_then(|range| Some(range.intervals().first()?.low));
    let (file, gdr) =
        package.floors().filter(|(_, floor)| floor.branch == Some(Branch::Gdr)).find(|(file, gdr)| {
            let mut others = file.floors.iter().filter(|other| {
                other.branch == Some(Branch::Qfe) && hosts(other) == hosts(gdr) && other.version < gdr.version
            });
            others.any(|other| of(gdr).zip(of(other)).is_some_and(|(gdr, qfe)| qfe < gdr))
        })?;
    let message = format!(
        "the floor {} of `{}` is one of GDR, but its range lies above that of QFE",
        gdr.version,
        file.path.file_name()
    );
    let problem = report(Code::EXCHANGED_BRANCHES, message, context.span(gdr.origin), "");
    Some(problem.help("files of QFE are numbered above those of GDR: the branches are probably exchanged"))
}

/// A floor whose range several others have, all of the other branch.
fn range_of_the_other(
    context: &Context<'_>,
    view: &View<'_>,
    package: &PackageView<'_>,
) -> Option<Diagnostic> {
    const SEVERAL: usize = 2;
    let ranged = |(_, floor): &(&PackageFile, &Floor)| floor.within.is_some() && floor.branch.is_some();
    let (file, floor) = package.floors().filter(ranged).find(|(_, floor)| {
        let all = view.packages.iter().flat_map(PackageView::floors).filter(ranged);
        let same = all.map(|(_, other)| other).filter(|other| other.within == floor.within);
        let others: Vec<&Floor> = same.filter(|other| !std::ptr::eq(*other, *floor)).collect();
        others.len() >= SEVERAL && others.iter().all(|other| other.branch != floor.branch)
    })?;
    let (own, other) = names(floor.branch?);
    let message = format!(
        "the floor {} of `{}` is one of {own}, but its range is that of {other} everywhere else",
        floor.version,
        file.path.file_name()
    );
    let problem = report(Code::EXCHANGED_BRANCHES, message, context.span(floor.origin), "");
    Some(problem.help(format!("write `branch {}`, or correct the range", other.to_ascii_lowercase())))
}

/// A floor of GDR that is higher than that of QFE, where the file has not the same two in another package.
fn falling(context: &Context<'_>, view: &View<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let others = view.packages.iter().filter(|other| !std::ptr::eq(other.package, package.package));
    let elsewhere: Vec<(&PackageFile, &Floor, FileVersion)> = others.flat_map(pairs).collect();
    let (file, floor, other) = pairs(package).find(|(file, floor, other)| {
        let again = |(one, gdr, qfe): &(&PackageFile, &Floor, FileVersion)| {
            (gdr.version, *qfe) == (floor.version, *other)
                && one.path.file_name().eq_ignore_ascii_case(file.path.file_name())
        };
        floor.version > *other && !elsewhere.iter().any(again)
    })?;
    let message = format!(
        "the floor of `{}` is higher in the branch GDR, {}, than in QFE, {other}",
        file.path.file_name(),
        floor.version
    );
    let problem = report(Code::EXCHANGED_BRANCHES, message, context.span(floor.origin), "");
    Some(problem.help("files of QFE are built after those of GDR: the floors are probably exchanged"))
}

/// Floors of GDR that differ from that of QFE for the same hosts, each with its file and the other.
fn pairs<'a>(
    package: &PackageView<'a>,
) -> impl Iterator<Item = (&'a PackageFile, &'a Floor, FileVersion)> + use<'a> {
    package.floors().filter(|(_, floor)| floor.branch == Some(Branch::Gdr)).filter_map(|(file, floor)| {
        let other = file
            .floors
            .iter()
            .find(|other| other.branch == Some(Branch::Qfe) && hosts(other) == hosts(floor))?;
        let told = floor.within.is_some() || other.within.is_some() || floor.version == other.version;
        (!told).then_some((file, floor, other.version))
    })
}

/// The hosts that a floor is for, whatever their branch.
fn hosts(floor: &Floor) -> impl PartialEq + use<'_> {
    (floor.service_packs.as_ref(), floor.architecture, &floor.languages)
}

fn names(branch: Branch) -> (&'static str, &'static str) {
    match branch {
        Branch::Gdr => ("GDR", "QFE"),
        Branch::Qfe => ("QFE", "GDR"),
    }
}
