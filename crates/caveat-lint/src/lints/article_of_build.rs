//! Floors of builds whose article is that of an update which makes another revision, or is for some of the package's
//! platforms only.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::BuildFloor;
use caveat_ir::updates::Updates;
use caveat_ir::value::ProductType;

use crate::context::{Context, report};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let floors = package.package.builds.iter();
        found.extend(floors.clone().filter_map(|floor| finding(context, floor)));
        found.extend(floors.filter_map(|floor| mixed(context, package, floor)));
    }
}

fn finding(context: &Context<'_>, floor: &BuildFloor) -> Option<Diagnostic> {
    let kb = floor.kb?;
    let made = revisions(&context.rules.updates, floor);
    if made.is_empty() || made.contains(&floor.build.revision) {
        return None;
    }
    let others: Vec<String> =
        made.iter().map(|revision| format!("{}.{revision}", floor.build.build)).collect();
    let others = others.join(" and ");
    let message = format!("{kb} makes {others}, not {}", floor.build);
    let help = "correct the revision or the article: a wrong floor takes patched hosts for outdated, or \
                others for patched";
    let place = context.span(floor.origin);
    Some(report(Code::ARTICLE_OF_ANOTHER_BUILD, message, place, "").help(help))
}

/// Clients and servers of one build whose updates differ, with one floor.
fn mixed(context: &Context<'_>, package: &PackageView<'_>, floor: &BuildFloor) -> Option<Diagnostic> {
    let (build, kb) = (floor.build.build, floor.kb?);
    if !context.rules.updates.is_of_some_lines(build, kb) {
        return None;
    }
    let selectors = package.package.platforms.iter().filter_map(|id| context.rules.selector(*id));
    let facts = selectors.map(|selector| context.rules.facts(selector));
    let of_build = facts.filter(|facts| facts.builds.as_ref().is_some_and(|builds| builds.contains(build)));
    let is_client = |types: &BTreeSet<ProductType>| types.contains(&ProductType::Workstation);
    let kinds: BTreeSet<bool> = of_build.filter_map(|facts| facts.types.as_ref().map(is_client)).collect();
    if kinds.len() < 2 {
        return None;
    }
    let name = &package.package.name;
    let message = format!("{kb} is not for all hosts of the build {build} that the package `{name}` is for");
    let note = format!(
        "clients and servers of the build {build} have updates of their own, whose revisions are numbered apart"
    );
    let place = context.span(floor.origin);
    let problem = package.for_these(report(Code::FLOOR_OF_SOME_HOSTS, message, place, ""));
    Some(problem.note(note).help("write a package for the clients and one for the servers"))
}

/// The revisions that the article's update makes of the builds of the floor.
fn revisions(updates: &Updates, floor: &BuildFloor) -> BTreeSet<u32> {
    let builds = floor.line.ranges().iter().flat_map(|(low, high)| *low..=*high);
    let made = builds.take(MOST_BUILDS).flat_map(|build| updates.of(build));
    made.filter(|(_, kb)| Some(*kb) == floor.kb).map(|(revision, _)| revision).collect()
}

/// No line has more builds.
const MOST_BUILDS: usize = 64;
