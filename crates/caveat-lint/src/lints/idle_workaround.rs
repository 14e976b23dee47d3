//! Workarounds that never meet a vulnerable host.

use caveat_diag::{Code, Diagnostic};
use caveat_logic::Formula;

use crate::context::{Context, report};
use crate::view::{View, any_platform};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for (workaround, condition, of) in view.workarounds() {
        let when = view.world.formula(condition);
        let on = if workaround.on.is_empty() {
            Formula::all([])
        } else {
            view.world.formula(&any_platform(&workaround.on))
        };
        let mut cases = view
            .cases
            .iter()
            .filter(|one| of.is_none_or(|of| of.id == one.case.vulnerability.id))
            .filter(|one| !view.world.never(&[&one.applicable, &one.outdated]))
            .peekable();
        // A condition that no host satisfies is reported by itself.
        if cases.peek().is_none() || view.world.never(&[&when]) {
            continue;
        }
        if cases.all(|one| view.world.never(&[&one.applicable, &one.outdated, &on, &when])) {
            let message = format!(
                "the workaround \"{}\" changes nothing: no host that lacks the update can have it",
                workaround.title
            );
            let problem = report(Code::IDLE_WORKAROUND, message, context.span(condition.origin), "");
            found.push(problem.help("correct its condition, or the platforms it is for"));
        }
    }
}
