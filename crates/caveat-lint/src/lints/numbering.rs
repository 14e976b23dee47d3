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
        found.extend(exchanged(context, package));
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

/// Floors of the branches the wrong way round: every one of GDR that differs from that of QFE is higher, or
/// one has a number of the other branch.
fn exchanged(context: &Context<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
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
    let pairs: Vec<(&PackageFile, &Floor, FileVersion)> = pairs(package).collect();
    let packs: BTreeSet<Option<&NumberSet>> =
        pairs.iter().map(|(_, floor, _)| floor.service_packs.as_ref()).collect();
    packs.into_iter().find_map(|packs| {
        let mut own = pairs.iter().filter(|(_, floor, _)| floor.service_packs.as_ref() == packs);
        let (file, floor, other) = own.clone().next()?;
        own.all(|(_, floor, other)| floor.version > *other).then(|| {
            let message = format!(
                "the floor of `{}` is higher in the branch GDR, {}, than in QFE, {other}",
                file.path.file_name(),
                floor.version
            );
            let problem = report(Code::EXCHANGED_BRANCHES, message, context.span(floor.origin), "");
            problem.help("files of QFE are built after those of GDR: the floors are probably exchanged")
        })
    })
}

/// Floors of GDR that differ from that of QFE for the same hosts, each with its file and the other.
fn pairs<'a>(
    package: &PackageView<'a>,
) -> impl Iterator<Item = (&'a PackageFile, &'a Floor, FileVersion)> + use<'a> {
    package.floors().filter(|(_, floor)| floor.branch == Some(Branch::Gdr)).filter_map(|(file, floor)| {
        let other = file.floors.iter().find(|other| {
            let hosts = |one: &Floor| (one.service_packs.clone(), one.architecture, one.languages.clone());
            other.branch == Some(Branch::Qfe) && hosts(other) == hosts(floor)
        })?;
        let told = floor.within.is_some() || other.within.is_some() || floor.version == other.version;
        (!told).then_some((file, floor, other.version))
    })
}

fn names(branch: Branch) -> (&'static str, &'static str) {
    match branch {
        Branch::Gdr => ("GDR", "QFE"),
        Branch::Qfe => ("QFE", "GDR"),
    }
}
