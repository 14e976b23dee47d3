//! Registry keys in places where Windows keeps none of the kind.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::Leaf;
use caveat_ir::expr::Test;
use caveat_ir::value::RegistryPath;

use super::misplaced_service;
use crate::context::{Context, report};
use crate::registry::{Misplaced, misplaced};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    for expr in view.conditions() {
        expr.leaves(&mut |leaf| {
            if let Some((key, wrong)) = wrong(leaf)
                && let span = context.span(leaf.origin)
                && seen.insert(span)
            {
                let problem = report(Code::MISPLACED_KEY, wrong.message.clone(), span, "").help(&wrong.help);
                found.push(mended(context, problem, span, key, &wrong));
            }
        });
    }
}

fn wrong(leaf: &Leaf) -> Option<(&RegistryPath, Misplaced)> {
    let (Test::RegistryKey(key) | Test::RegistryValue(key, ..)) = &leaf.test else { return None };
    // What is known to be meant as a service is reported as one.
    misplaced(key).filter(|_| !misplaced_service::reports(leaf)).map(|wrong| (key, wrong))
}

/// The problem with the change that mends it, where the key is written out.
pub(super) fn mended(
    context: &Context<'_>,
    problem: Diagnostic,
    span: Option<Span>,
    key: &RegistryPath,
    wrong: &Misplaced,
) -> Diagnostic {
    let place = span.zip(wrong.mend).and_then(|(span, (index, right))| {
        let before: usize = key.key.split('\\').take(index).map(|part| part.len() + 1).sum();
        let length = key.key.split('\\').nth(index)?.len();
        Some((context.within(span, &key.key, before, length)?, right))
    });
    match place {
        Some((place, right)) if wrong.safe => problem.safe_fix(format!("write `{right}`"), place, right),
        Some((place, right)) => problem.fix(format!("write `{right}`"), place, right),
        None => problem,
    }
}
