//! Packages that no test of the bulletin is about.

use caveat_diag::{Code, Diagnostic};

use crate::context::{Context, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    // A bulletin without any test is reported as such.
    if view.bulletin.tests.is_empty() || view.packages.len() < 2 {
        return;
    }
    for package in &view.packages {
        let tested = view.bulletin.tests.iter().any(|test| super::boundary::concerns(context, package, test));
        if !tested {
            let name = &package.package.name;
            let message = format!("no test of `{}` is about the package `{name}`", view.bulletin.id);
            let problem = report(Code::UNTESTED_PACKAGE, message, context.span(package.package.origin), "");
            found.push(problem.help("add a test with a host that the package is for"));
        }
    }
}
