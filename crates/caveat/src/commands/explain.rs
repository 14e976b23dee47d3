//! `caveat explain`: a diagnostic's page, or how a verdict came about.

use std::fmt::Write as _;

use caveat_eval::{Derivation, Evaluator, Host, Outcome as Verdicts};
use caveat_ir::value::BulletinId;
use caveat_ir::{RuleSet, Truth};

use super::hosts;
use crate::cli::Explain;
use crate::session;
use crate::ui::{Outcome, Ui, one_line};

pub(super) fn run(ui: &Ui, arguments: &Explain) -> Result<Outcome, Outcome> {
    if let Some(code) = caveat_diag::code(&arguments.subject) {
        ui.data(code.page);
        return Ok(Outcome::Clean);
    }
    if arguments.host.is_empty() {
        let subject = &arguments.subject;
        let message = if subject.to_ascii_uppercase().starts_with("CAV") {
            format!("there is no diagnostic code `{subject}`")
        } else {
            format!("add `--host FILE` to explain what `{subject}` says of a host")
        };
        ui.failure(&message);
        return Err(Outcome::Usage);
    }
    let session = session::open_clean(ui, &arguments.paths.paths)?;
    let rules = session.rules.rules();
    let bulletin = find(ui, rules, &arguments.subject)?;
    let hosts = hosts::load(ui, &arguments.host, rules);
    let evaluator = Evaluator::new(&session.rules);
    for (index, one) in hosts.hosts.iter().enumerate() {
        ui.data(if index == 0 { "" } else { "\n" });
        ui.data(&explanation(&evaluator, &bulletin, &one.host, ui.is_verbose()));
    }
    Ok(Outcome::findings(hosts.broken))
}

/// The bulletin with this id, or with a vulnerability of this id.
fn find(ui: &Ui, rules: &RuleSet, subject: &str) -> Result<BulletinId, Outcome> {
    let is = |id: &str| id.eq_ignore_ascii_case(subject);
    let found = rules.bulletins.iter().find(|bulletin| {
        is(bulletin.id.as_str())
            || bulletin
                .vulnerabilities
                .iter()
                .any(|one| is(one.id.as_str()) || one.aliases.iter().any(|alias| is(alias)))
    });
    found.map(|bulletin| bulletin.id.clone()).ok_or_else(|| {
        let known: Vec<&str> = rules.bulletins.iter().take(12).map(|bulletin| bulletin.id.as_str()).collect();
        ui.failure(&format!("no rule is called `{subject}`; there are: {}", known.join(", ")));
        Outcome::Usage
    })
}

fn explanation(evaluator: &Evaluator<'_>, bulletin: &BulletinId, host: &Host, all: bool) -> String {
    let mut out = String::new();
    if let Some(outcome) = evaluator.outcome(bulletin, host) {
        headline(&mut out, &outcome);
    }
    let (near, far): (Vec<_>, Vec<_>) = evaluator.derivations(bulletin, host).into_iter().partition(concerns);
    for derivation in near.iter().chain(far.iter().filter(|_| all)) {
        let _ = write!(out, "\n{derivation}");
    }
    if !all && !far.is_empty() {
        let packages = if far.len() == 1 { "package is" } else { "packages are" };
        let _ = writeln!(out, "\n{} {packages} for other platforms; -v shows why", far.len());
    }
    out
}

/// Whether the package of a derivation is for the platform of the host, as far as is known. The
/// platform comes first in every derivation.
fn concerns(derivation: &Derivation) -> bool {
    derivation.children.first().is_none_or(|platform| platform.truth != Truth::False)
}

fn headline(out: &mut String, outcome: &Verdicts) {
    let _ = writeln!(out, "{} on {}: {}", outcome.bulletin, one_line(&outcome.host), outcome.verdict);
    for one in &outcome.vulnerabilities {
        let _ = writeln!(out, "  {}: {}", one.id, one.verdict);
    }
    for fact in &outcome.missing {
        let _ = writeln!(out, "  missing: {}", one_line(fact));
    }
    for fact in &outcome.malformed {
        let _ = writeln!(out, "  malformed: {}", one_line(fact));
    }
    for contradiction in &outcome.inconsistencies {
        let _ = writeln!(out, "  inconsistent: {}", one_line(contradiction));
    }
}
