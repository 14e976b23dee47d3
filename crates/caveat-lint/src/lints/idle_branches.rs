//! `branches` where no file has floors between which it would decide.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Floor, PackageFile};

use crate::context::{Context, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let Some(policy) = package.package.branch_policy else { continue };
        if package.package.files.iter().any(is_open) {
            continue;
        }
        let span = context.span(policy.origin);
        let message = "no file has two floors for the same hosts, so `branches` decides nothing";
        found.push(
            report(Code::IDLE_BRANCHES, message, span, "")
                .help("remove the line, or write the floor of the other branch"),
        );
    }
}

/// Whether a file has floors that differ in their branch only.
fn is_open(file: &PackageFile) -> bool {
    let hosts = |floor: &Floor| {
        (floor.service_packs.clone(), floor.architecture, floor.languages.clone(), floor.within.clone())
    };
    let mut seen = BTreeSet::new();
    file.floors.iter().any(|floor| !seen.insert(hosts(floor)))
}
