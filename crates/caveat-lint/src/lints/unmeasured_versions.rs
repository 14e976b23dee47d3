//! Versions below or between the ranges of a file's floors: no floor measures them, so they count as fixed.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Floor, PackageFile};
use caveat_ir::value::Branch;

use super::branches;
use crate::context::{Context, report, with_witness, witness};
use crate::view::{PackageView, View, unmeasured};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let open = |package: &&PackageView<'_>| {
        package.package.outside.is_none() && package.package.vulnerable_when.is_none()
    };
    for package in view.packages.iter().filter(open) {
        found.extend(package.package.files.iter().find_map(|file| of_file(context, view, package, file)));
    }
}

fn of_file(
    context: &Context<'_>,
    view: &View<'_>,
    package: &PackageView<'_>,
    file: &PackageFile,
) -> Option<Diagnostic> {
    // Windows between branches are reported as such.
    if branches::has_window(file) || is_left_to_others(package, file) {
        return None;
    }
    let (versions, host) = unmeasured(file).into_iter().find_map(|(versions, host)| {
        let formula = view.world.formula(&host);
        Some((versions, witness(&view.world, "not-measured", &[&package.applicable, &formula])?))
    })?;
    let ranged = file.floors.iter().find(|floor| floor.within.is_some())?;
    let message = format!(
        "no floor measures versions of `{}` that are {versions}, so they count as fixed",
        file.path.file_name()
    );
    let problem = report(Code::UNMEASURED_VERSION, message, context.span(ranged.origin), "");
    Some(with_witness(problem, &host).help(
        "widen the ranges, or say what such versions are: `outside fixed`, `outside outdated` or `outside unknown` in the package",
    ))
}

/// Whether a file has floors of one branch only, and others of the package tell the files of the other branch: the
/// update has no file of it there, and hosts of that branch go by the others.
fn is_left_to_others(package: &PackageView<'_>, file: &PackageFile) -> bool {
    let branches: BTreeSet<Option<Branch>> = file.floors.iter().map(|floor| floor.branch).collect();
    let own = file.floors.first().and_then(|floor| floor.branch);
    let told_by = |other: &Floor| {
        let same = |floor: &Floor| {
            floor.service_packs == other.service_packs && floor.architecture == other.architecture
        };
        other.branch.is_some() && other.branch != own && file.floors.iter().all(same)
    };
    own.is_some() && branches.len() == 1 && package.floors().any(|(_, floor)| told_by(floor))
}
