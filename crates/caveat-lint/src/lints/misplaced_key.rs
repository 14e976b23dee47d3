//! Registry keys in places where Windows keeps none of the kind.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::Leaf;
use caveat_ir::expr::Test;
use caveat_ir::value::RegistryPath;

use super::misplaced_service;
use crate::context::{Context, Reported, report};
use crate::registry::{Misplaced, misplaced};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut reported = Reported::default();
    for expr in view.conditions() {
        expr.leaves(&mut |leaf| {
            if let Some((key, wrong)) = wrong(leaf)
                && let span = context.span(leaf.origin)
                && reported.is_new(span, &wrong.message)
            {
                let problem = report(Code::MISPLACED_KEY, wrong.message.clone(), span, "").help(&wrong.help);
                found.push(context.mended(problem, span, key, &wrong));
            }
        });
    }
}

fn wrong(leaf: &Leaf) -> Option<(&RegistryPath, Misplaced)> {
    let (Test::RegistryKey(key) | Test::RegistryValue(key, ..)) = &leaf.test else { return None };
    // What is known to be meant as a service is reported as one.
    misplaced(key).filter(|_| !misplaced_service::reports(leaf)).map(|wrong| (key, wrong))
}
