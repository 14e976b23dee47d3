//! Names of files that a slip of the pen made of others.

use std::collections::{BTreeMap, BTreeSet};

use caveat_diag::suggest::did_you_mean;
use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::PackageFile;
use caveat_ir::value::name;

use crate::context::{Context, report};
use crate::data::{files, is_file};
use crate::slips::{Slip, between};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let listed = Listed::new(view);
    let mut seen = BTreeSet::new();
    for (name, (file, packages)) in &listed.names {
        let right = listed.exchanged(name, packages).or_else(|| listed.of_others(name, packages));
        if let Some(right) = right.filter(|_| seen.insert(name)) {
            let message = format!("`{}` is a slip away from `{right}`", file.path.file_name());
            let problem = report(Code::SLIP_IN_NAME, message, context.span(file.origin), "");
            found.push(problem.help(did_you_mean(&right) + " a file that no host has is never outdated"));
        }
    }
}

/// The names of all files, in small letters, each with one of its files and the packages that list it.
struct Listed<'a> {
    names: BTreeMap<String, (&'a PackageFile, BTreeSet<usize>)>,
}

impl<'a> Listed<'a> {
    fn new(view: &View<'a>) -> Self {
        let mut names: BTreeMap<String, (&PackageFile, BTreeSet<usize>)> = BTreeMap::new();
        for (at, package) in view.packages.iter().enumerate() {
            for file in &package.package.files {
                let name = name::folded(file.path.file_name());
                names.entry(name).or_insert_with(|| (file, BTreeSet::new())).1.insert(at);
            }
        }
        Self { names }
    }

    /// A name that Windows or the bulletin has with two letters the other way round.
    fn exchanged(&self, name: &str, packages: &BTreeSet<usize>) -> Option<String> {
        let is = |other: &str| {
            between(name, other).is_some_and(|slip| matches!(slip, Slip::Exchanged(..)) && !slip.in_digits())
        };
        if is_file(name) {
            return None;
        }
        let known = files().find(|known| is(known)).map(str::to_owned);
        known.or_else(|| {
            let mut others = self.names.iter().filter(|(other, _)| is(other));
            // Of two that nobody knows, the one in fewer packages is wrong, or the later.
            let wrong = |other: &str, count: usize| (packages.len(), other) < (count, name);
            others
                .find(|(other, (_, all))| is_file(other) || wrong(other, all.len()))
                .map(|(other, _)| other.clone())
        })
    }

    /// A name that several packages have, of which one alone has this one in its place. What is longer by
    /// its last letter is another file of the same program.
    fn of_others(&self, name: &str, packages: &BTreeSet<usize>) -> Option<String> {
        let (stem, extension) = parts(name);
        let alike = |other: &str| {
            let (other_stem, other_extension) = parts(other);
            let slip = between(stem, other_stem);
            extension == other_extension
                && slip
                    .is_some_and(|slip| !slip.in_digits() && !matches!(slip, Slip::Added { last: true, .. }))
                && name.strip_prefix('w') != Some(other)
                && other.strip_prefix('w') != Some(name)
        };
        if packages.len() != 1 || is_file(name) {
            return None;
        }
        let mut others = self.names.iter();
        let other =
            others.find(|(other, (_, all))| all.len() >= 2 && all.is_disjoint(packages) && alike(other));
        other.map(|(other, _)| other.clone())
    }
}

fn parts(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or((name, ""))
}
