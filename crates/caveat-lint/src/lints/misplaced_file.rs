//! Files that Windows keeps elsewhere, or under another name.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::value::WindowsPath;

use crate::context::{Context, report};
use crate::knowledge::{Misplaced, misplaced};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = std::collections::BTreeSet::new();
    let mut look = |path: &WindowsPath, old: bool, span: Option<Span>| {
        if let Some(wrong) = misplaced(path, old)
            && seen.insert(span)
        {
            found.push(diagnostic(path, &wrong, span));
        }
    };
    for package in &view.packages {
        let old = package.package.platforms.iter().any(|id| is_old(context, *id));
        for file in &package.package.files {
            look(&file.path, old, context.span(file.origin));
        }
        for expr in package.package.requires.iter().chain(&package.package.vulnerable_when) {
            expr.leaves(&mut |leaf| {
                leaf.test.path().into_iter().for_each(|path| look(path, old, context.span(leaf.origin)));
            });
        }
    }
    for exposure in view.bulletin.vulnerabilities.iter().flat_map(|one| &one.exposures) {
        exposure.when.leaves(&mut |leaf| {
            leaf.test.path().into_iter().for_each(|path| look(path, true, context.span(leaf.origin)));
        });
    }
}

/// Whether the platform is Windows 98 or Me, or any: those keep in `System` what others keep in `System32`.
fn is_old(context: &Context<'_>, id: caveat_ir::rule::SelectorId) -> bool {
    let version = context.rules.selector(id).and_then(|selector| context.rules.facts(selector).version);
    version.is_none_or(|version| version.major == 4 && version.minor > 0)
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
