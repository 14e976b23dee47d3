//! Files that one package lacks while those that are like it have them.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::value::OsVersion;

use crate::context::{Context, report};
use crate::view::{PackageView, View};

/// So many other packages have to agree, or more where a package has few files.
const FEWEST: usize = 2;
const FEWEST_OF_FEW: usize = 3;
const FEW: usize = 3;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for narrow in [false, true] {
        let packages = view.packages.iter();
        let lists: Vec<List<'_>> = packages.map(|package| List::new(context, package, narrow)).collect();
        found.extend(lists.iter().filter_map(|own| missing(context, own, &lists)));
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

    /// Whether this list is of the same Windows as another.
    fn is_like(&self, other: &Self) -> bool {
        self.windows == other.windows && !self.files.is_empty()
    }
}

/// The file that one list alone lacks of all that are of its Windows, where others have the rest of it and no
/// more.
fn missing(context: &Context<'_>, own: &List<'_>, lists: &[List<'_>]) -> Option<Diagnostic> {
    let others: Vec<&List<'_>> =
        lists.iter().filter(|other| !std::ptr::eq(*other, own) && other.is_like(own)).collect();
    if own.files.is_empty() {
        return None;
    }
    let mut names = others.iter().flat_map(|other| other.files.difference(&own.files));
    let name = names.find(|name| others.iter().all(|other| other.files.contains(*name)))?;
    let mut full = own.files.clone();
    full.insert(name.clone());
    let mut alike = others.iter().filter(|other| other.files == full);
    let first = alike.next()?;
    // Lists of other Windows count as well, where one of the same is among them.
    let mut everywhere = lists.iter().filter(|other| other.files == full);
    let count = everywhere.clone().count();
    let enough = own.files.len() >= FEW && others.len() >= FEWEST && alike.next().is_some();
    if !enough && count < FEWEST_OF_FEW {
        return None;
    }
    let second = everywhere.find(|other| !std::ptr::eq(*other, *first))?;
    let message = format!(
        "the package `{}` has every file that `{}` and `{}` have, but not `{name}`",
        own.package.package.name, first.package.package.name, second.package.package.name
    );
    let problem = report(Code::MISSING_FILE, message, context.span(own.package.package.origin), "");
    Some(problem.help("add the file, or allow this where the update does not ship it"))
}
