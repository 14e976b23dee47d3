//! Files that one package lacks while those that are like it have them.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::value::OsVersion;

use crate::context::{Context, report};
use crate::view::{PackageView, View};

/// Fewer files than these tell nothing.
const FEWEST: usize = 4;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for narrow in [false, true] {
        let packages = view.packages.iter();
        let lists: Vec<List<'_>> = packages.map(|package| List::new(context, package, narrow)).collect();
        found.extend(lists.iter().filter_map(|own| missing(own, &lists)));
    }
}

/// The files of a package, in small letters: those of the hosts' own width, or the 32-bit copies besides.
struct List<'v> {
    package: &'v PackageView<'v>,
    windows: BTreeSet<Option<OsVersion>>,
    files: BTreeSet<String>,
}

impl<'v> List<'v> {
    fn new(context: &Context<'_>, package: &'v PackageView<'v>, narrow: bool) -> Self {
        let ids = package.package.platforms.iter().filter_map(|id| context.rules.selector(*id));
        let windows = ids.map(|selector| context.rules.facts(selector).version).collect();
        let paths = package.package.files.iter().map(|file| file.path.folded());
        let paths = paths.filter(|path| path.contains(r"\syswow64\") == narrow);
        let files = paths.map(|path| path.rsplit('\\').next().unwrap_or_default().to_owned()).collect();
        Self { package, windows, files }
    }

    /// Whether this list is of the same Windows as another, and has one file more.
    fn has_one_more(&self, other: &Self) -> bool {
        self.files.len() >= FEWEST
            && self.files.len() == other.files.len() + 1
            && self.windows == other.windows
            && other.files.is_subset(&self.files)
    }
}

fn missing(own: &List<'_>, lists: &[List<'_>]) -> Option<Diagnostic> {
    let fuller = lists.iter().find(|other| other.has_one_more(own))?;
    let mut alike = lists.iter().filter(|one| one.files == fuller.files && one.windows == fuller.windows);
    let (first, second) = (alike.next()?, alike.next()?);
    let name = fuller.files.difference(&own.files).next()?;
    let message = format!(
        "the package `{}` has every file that `{}` and `{}` have, but not `{name}`",
        own.package.package.name, first.package.package.name, second.package.package.name
    );
    let problem = report(Code::MISSING_FILE, message, Some(own.package.ast.name.span), "");
    Some(problem.help("add the file, or allow this where the update does not ship it"))
}
