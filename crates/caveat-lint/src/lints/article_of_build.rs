//! Floors of builds whose article is that of an update which makes another revision.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::BuildFloor;
use caveat_ir::updates::Updates;

use crate::context::{Context, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let floors = package.package.builds.iter();
        found.extend(floors.filter_map(|floor| finding(context, floor)));
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
    let help = "correct the revision or the article: with the update installed, a host of a lower revision counts as \
                outdated, and one of a higher as fixed without it";
    let place = context.span(floor.origin);
    Some(report(Code::ARTICLE_OF_ANOTHER_BUILD, message, place, "").help(help))
}

/// The revisions that the article's update makes of the builds of the floor.
fn revisions(updates: &Updates, floor: &BuildFloor) -> BTreeSet<u32> {
    let builds = floor.line.ranges().iter().flat_map(|(low, high)| *low..=*high);
    let made = builds.take(MOST_BUILDS).flat_map(|build| updates.of(build));
    made.filter(|(_, kb)| Some(*kb) == floor.kb).map(|(revision, _)| revision).collect()
}

/// No line has more builds.
const MOST_BUILDS: usize = 64;
