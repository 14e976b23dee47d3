//! Versions below or between the ranges of a file's floors: no floor measures them, so they count as fixed.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::PackageFile;

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
    if branches::has_window(file) {
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
