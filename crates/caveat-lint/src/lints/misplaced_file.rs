//! Files that Windows keeps elsewhere, or under another name, and folders that hosts do not have.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::rule::SelectorId;
use caveat_ir::value::{Architecture, WindowsPath};
use caveat_ir::{Expr, Leaf};

use crate::context::{Context, report};
use crate::folders;
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
    let mut seen = std::collections::BTreeSet::new();
    let mut look = |path: &WindowsPath, hosts: Hosts, span: Option<Span>| {
        if let Some(problem) = problem(path, hosts, span)
            && seen.insert(span)
        {
            found.push(problem);
        }
    };
    let mut every = |expr: &Expr, hosts: Hosts| {
        expr.leaves(&mut |leaf: &Leaf| {
            leaf.test.path().into_iter().for_each(|path| look(path, hosts, context.span(leaf.origin)));
        });
    };
    for package in &view.packages {
        let hosts = hosts(context, &package.package.platforms);
        for expr in package.package.requires.iter().chain(&package.package.vulnerable_when) {
            every(expr, hosts);
        }
    }
    for exposure in view.bulletin.vulnerabilities.iter().flat_map(|one| &one.exposures) {
        let narrow = hosts(context, &exposure.on).narrow;
        every(&exposure.when, Hosts { old: true, narrow });
    }
    for package in &view.packages {
        let hosts = hosts(context, &package.package.platforms);
        for file in &package.package.files {
            look(&file.path, hosts, context.span(file.origin));
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

fn problem(path: &WindowsPath, hosts: Hosts, span: Option<Span>) -> Option<Diagnostic> {
    // A folder that is nowhere says more than a file that is elsewhere.
    if let Some(wrong) = folders::wrong(path, hosts.narrow) {
        return Some(report(Code::MISPLACED_FILE, wrong.message, span, "").help(wrong.help));
    }
    misplaced(path, hosts.old).map(|wrong| diagnostic(path, &wrong, span))
}

fn diagnostic(path: &WindowsPath, wrong: &Misplaced, span: Option<Span>) -> Diagnostic {
    match wrong {
        Misplaced::Folder(folder) => {
            let message =
                format!("Windows keeps `{}` in `{folder}`, not in `{}`", path.file_name(), path.folder());
            report(Code::MISPLACED_FILE, message, span, "")
                .help("a file that is looked for in the wrong folder is never there, and so never outdated")
        }
        Misplaced::Name(name) => {
            let message = format!("Windows has no `{}`; the file is called `{name}`", path.file_name());
            report(Code::MISPLACED_FILE, message, span, "").help(format!("write `{name}`"))
        }
    }
}
