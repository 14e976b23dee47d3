//! Files that stand twice in a package, with the same floor for the same hosts.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Floor, PackageFile};

use crate::context::{Context, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        found.extend(package.package.files.iter().filter_map(|file| repeated(context, file)));
    }
}

fn repeated(context: &Context<'_>, file: &PackageFile) -> Option<Diagnostic> {
    let hosts = |floor: &Floor| {
        let range = (floor.within.clone(), floor.branch);
        (floor.version, floor.service_packs.clone(), floor.architecture, floor.languages.clone(), range)
    };
    let mut seen = BTreeSet::new();
    let again = file.floors.iter().find(|floor| !seen.insert(hosts(floor)))?;
    let first = file.floors.iter().find(|floor| hosts(floor) == hosts(again));
    let message = format!("`{}` stands twice in the package, with the same floor", file.path.file_name());
    let problem = report(Code::REPEATED_FILE, message, context.span(again.origin), "");
    let place = first.and_then(|first| context.span(first.origin));
    let problem = place.into_iter().fold(problem, |all, place| all.because(place, "first here"));
    Some(problem.help("remove one, or correct the name: perhaps another file is forgotten"))
}
