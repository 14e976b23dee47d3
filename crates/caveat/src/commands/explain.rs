//! `caveat explain`: a diagnostic's page, or how a verdict came about.

use std::fmt::Write as _;

use caveat_eval::{Evaluator, Host, Outcome as Verdicts};
use caveat_ir::RuleSet;
use caveat_ir::value::BulletinId;

use super::hosts;
use crate::cli::Explain;
use crate::session;
use crate::ui::{Outcome, Ui};

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
    for (host, _) in &hosts.hosts {
        ui.data(&explanation(&evaluator, &bulletin, host));
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

fn explanation(evaluator: &Evaluator<'_>, bulletin: &BulletinId, host: &Host) -> String {
    let mut out = String::new();
    if let Some(outcome) = evaluator.outcome(bulletin, host) {
        headline(&mut out, &outcome);
    }
    for derivation in evaluator.derivations(bulletin, host) {
        let _ = writeln!(out, "\n{derivation}");
    }
    out
}

fn headline(out: &mut String, outcome: &Verdicts) {
    let _ = writeln!(out, "{} on {}: {}", outcome.bulletin, outcome.host, outcome.verdict);
    for one in &outcome.vulnerabilities {
        let _ = writeln!(out, "  {}: {}", one.id, one.verdict);
    }
    for fact in &outcome.missing {
        let _ = writeln!(out, "  missing: {fact}");
    }
    for contradiction in &outcome.inconsistencies {
        let _ = writeln!(out, "  inconsistent: {contradiction}");
    }
}
