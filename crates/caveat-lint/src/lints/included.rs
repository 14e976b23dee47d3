//! Updates that are part of a service pack, and yet for hosts that have it.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::Included;
use caveat_syntax::ast::{self, PackageStatement};

use crate::context::{Context, report};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let packs = package.package.included_in.iter().filter_map(|included| match included {
            Included::ServicePack(number) => Some(*number),
            Included::Text(_) => None,
        });
        let written = package.ast.statements.iter().filter_map(|statement| match &statement.kind {
            PackageStatement::Included(ast::Included::ServicePack(_)) => Some(statement.span),
            _ => None,
        });
        for (pack, span) in packs.zip(written) {
            if is_for_hosts_with(context, package, pack) {
                let message = format!(
                    "the update is part of service pack {pack}, but the package is for hosts with it"
                );
                let problem = report(Code::INCLUDED_IN_OWN_RANGE, message, Some(span), "");
                let problem = package.for_these(problem);
                found.push(problem.help(
                    "write the first service pack that has the fix, which the package is no longer for",
                ));
            }
        }
    }
}

/// Whether the package names this service pack, or a later one, on every platform: on one of several, the
/// number may be of another.
fn is_for_hosts_with(context: &Context<'_>, package: &PackageView<'_>, pack: u32) -> bool {
    let platforms = &package.package.platforms;
    // An open end only says that nobody counted.
    let named = |low: u32, high: u32| if high == u32::MAX { low >= pack } else { high >= pack };
    let has = |id| {
        let selector = context.rules.selector(id)?;
        let packs = selector.service_packs.as_ref()?;
        Some(packs.ranges().iter().any(|(low, high)| named(*low, *high)))
    };
    !platforms.is_empty() && platforms.iter().all(|id| has(*id) == Some(true))
}
