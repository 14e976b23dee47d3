//! Platforms that another one of the same list covers: probably another was meant.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::PlacedList;
use caveat_ir::rule::{Bulletin, SelectorId};

use crate::context::{Context, because, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    found.extend(lists(view.bulletin).flat_map(|list| covered(context, list)));
}

/// Every list of platforms in a bulletin.
fn lists(bulletin: &Bulletin) -> impl Iterator<Item = &PlacedList<SelectorId>> {
    let own = bulletin.supersedes.iter().map(|one| &one.on);
    let own = own.chain(bulletin.unaffected.iter().map(|one| &one.platforms));
    let packages = bulletin.packages.iter().map(|package| &package.platforms);
    let vulnerabilities = bulletin.vulnerabilities.iter();
    let of_vulnerabilities = vulnerabilities.clone().flat_map(|one| {
        let ratings = one.ratings.iter().map(|rated| &rated.on);
        let affects = one.affects.iter().map(|affects| &affects.on);
        ratings.chain(affects).chain(one.exposures.iter().map(|exposure| &exposure.on))
    });
    let workarounds = vulnerabilities.flat_map(|one| &one.workarounds).chain(&bulletin.workarounds);
    own.chain(packages).chain(of_vulnerabilities).chain(workarounds.map(|one| &one.on))
}

fn covered(context: &Context<'_>, list: &PlacedList<SelectorId>) -> Vec<Diagnostic> {
    let placed = || list.placed().enumerate();
    let problems = placed().filter_map(|(at, (id, origin))| {
        // Of two that cover each other, the later one is too many.
        let covers = |(other, wide): (usize, SelectorId)| {
            other != at
                && context.rules.implies(*id, wide)
                && (other < at || !context.rules.implies(wide, *id))
        };
        let (_, (wide, reason)) = placed().find(|(other, (wide, _))| covers((*other, **wide)))?;
        let (own, whole) = (context.platforms(&[*id]), context.platforms(&[*wide]));
        let message = if own == whole {
            format!("{own} stands twice in one list")
        } else {
            format!("{own} is part of {whole}, which the same list names")
        };
        let problem = report(Code::COVERED_PLATFORM, message, context.span(origin), "adds nothing");
        let problem = because(problem, context.span(reason), "covers it");
        Some(problem.help("remove it, or correct it: perhaps another platform was meant"))
    });
    problems.collect()
}
