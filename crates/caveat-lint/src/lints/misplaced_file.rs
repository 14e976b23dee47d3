//! Files that Windows keeps elsewhere, or under another name, and folders that hosts do not have.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::rule::SelectorId;
use caveat_ir::value::{Architecture, WindowsPath, name};
use caveat_ir::{Expr, Leaf};

use crate::context::{Context, Reported, report};
use crate::folders::{self, Wrong};
use crate::knowledge::{Misplaced, misplaced};
use crate::view::View;

/// The hosts that a path is looked for on.
#[derive(Clone, Copy)]
struct Hosts {
    /// Some are of Windows 98 or Me, which keep in `System` what others keep in `System32`.
    old: bool,
    /// All are of 32 bits.
    narrow: bool,
}

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut looker = Looker { context, reported: Reported::default(), found };
    for package in &view.packages {
        let hosts = hosts(context, &package.package.platforms);
        for expr in package.package.requires.iter().chain(package.package.vulnerable_when.as_deref()) {
            looker.condition(expr, hosts);
        }
    }
    for exposure in view.bulletin.vulnerabilities.iter().flat_map(|one| &one.exposures) {
        let narrow = hosts(context, &exposure.on).narrow;
        looker.condition(&exposure.when, Hosts { old: true, narrow });
    }
    for expr in view.conditions() {
        looker.condition(expr, Hosts { old: true, narrow: false });
    }
    for package in &view.packages {
        let hosts = hosts(context, &package.package.platforms);
        let files = &package.package.files;
        let names: BTreeSet<String> = files.iter().map(|file| name::folded(file.path.file_name())).collect();
        for file in files {
            // A file that is only listed is not looked for.
            let copied = folders::copied(&file.path, &names).filter(|_| !file.floors.is_empty());
            let copied = copied.map(of_folder);
            let problem = copied.or_else(|| problem(&file.path, hosts));
            looker.report(problem, context.span(file.origin));
        }
    }
}

/// Looks at paths, and reports what is wrong with them once for each place.
struct Looker<'c, 'a> {
    context: &'c Context<'a>,
    reported: Reported,
    found: &'c mut Vec<Diagnostic>,
}

impl Looker<'_, '_> {
    fn condition(&mut self, expr: &Expr, hosts: Hosts) {
        expr.leaves(&mut |leaf: &Leaf| {
            let problem = leaf.test.path().and_then(|path| problem(path, hosts));
            self.report(problem, self.context.span(leaf.origin));
        });
    }

    fn report(&mut self, problem: Option<(String, String)>, span: Option<Span>) {
        if let Some((message, help)) = problem
            && self.reported.is_new(span, &message)
        {
            self.found.push(report(Code::MISPLACED_FILE, message, span, "").help(help));
        }
    }
}

fn hosts(context: &Context<'_>, platforms: &[SelectorId]) -> Hosts {
    let facts = || {
        platforms.iter().map(|id| context.rules.selector(*id).map(|selector| context.rules.facts(selector)))
    };
    let narrow = |set: &std::collections::BTreeSet<Architecture>| !set.iter().any(|one| one.is_64_bit());
    Hosts {
        old: facts().any(|facts| {
            let version = facts.and_then(|facts| facts.version);
            version.is_none_or(|version| version.major == 4 && version.minor > 0)
        }),
        narrow: !platforms.is_empty()
            && facts()
                .all(|facts| facts.and_then(|facts| facts.architectures).is_some_and(|set| narrow(&set))),
    }
}

/// What is wrong with a path, and what to do.
fn problem(path: &WindowsPath, hosts: Hosts) -> Option<(String, String)> {
    // A folder that is nowhere says more than a file that is elsewhere.
    let folder = folders::wrong(path, hosts.narrow).map(of_folder);
    folder.or_else(|| misplaced(path, hosts.old).map(|wrong| of_file(path, &wrong)))
}

fn of_folder(wrong: Wrong) -> (String, String) {
    (wrong.message, wrong.help)
}

fn of_file(path: &WindowsPath, wrong: &Misplaced) -> (String, String) {
    let (name, folder) = (path.file_name(), path.folder());
    match wrong {
        Misplaced::Folder(right) => (
            format!("Windows keeps `{name}` in `{right}`, not in `{folder}`"),
            "a file that is looked for in the wrong folder is never there, and so never outdated".to_owned(),
        ),
        Misplaced::Name(right) => {
            (format!("Windows has no `{name}`; the file is called `{right}`"), format!("write `{right}`"))
        }
    }
}
