//! Updates that are part of a service pack, and yet for hosts that have it.

use caveat_diag::{Code, Diagnostic};

use crate::context::{Context, report};
use crate::knowledge::last_pack;
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        for (pack, origin) in package.included_packs() {
            let span = context.span(origin);
            if let Some(last) = announced(context, package).filter(|last| pack > *last) {
                let message =
                    format!("there is no service pack {pack}: the last that was announced is {last}");
                let problem = report(Code::INCLUDED_IN_OWN_RANGE, message, span, "");
                found.push(package.for_these(problem).help("correct the number of the service pack"));
            } else if is_for_hosts_with(context, package, pack) {
                let message = format!(
                    "the update is part of service pack {pack}, but the package is for hosts with it"
                );
                let problem = report(Code::INCLUDED_IN_OWN_RANGE, message, span, "");
                let problem = package.for_these(problem);
                found.push(problem.help(
                    "write the first service pack that has the fix, which the package is no longer for",
                ));
            }
        }
    }
}

/// The last service pack that its Windows had, or was to have, if that is known of every platform.
fn announced(context: &Context<'_>, package: &PackageView<'_>) -> Option<u32> {
    let ids = package.package.platforms.iter();
    let last = ids.map(|id| last_pack(context.rules.facts(context.rules.selector(*id)?).version?));
    last.collect::<Option<Vec<u32>>>()?.into_iter().max().map(|last| last + 1)
}

/// Whether the package is for hosts with this service pack, or a later one, on every platform: on one of
/// several, the number may be of another. A platform without service packs is for hosts with any that its
/// Windows had.
fn is_for_hosts_with(context: &Context<'_>, package: &PackageView<'_>, pack: u32) -> bool {
    let platforms = &package.package.platforms;
    // An open end only says that nobody counted.
    let named = |low: u32, high: u32| if high == u32::MAX { low >= pack } else { high >= pack };
    let has = |id| {
        let selector = context.rules.selector(id)?;
        let facts = context.rules.facts(selector);
        Some(match &facts.service_packs {
            Some(packs) => packs.ranges().iter().any(|(low, high)| named(*low, *high)),
            None => last_pack(facts.version?)? >= pack,
        })
    };
    !platforms.is_empty() && platforms.iter().all(|id| has(*id) == Some(true))
}
