//! `caveat eval`

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use caveat_diag::render::sarif::{artifact, log, with};
use caveat_eval::{Evaluator, Host, Outcome as Verdicts};
use caveat_ir::RuleSet;
use caveat_ir::rule::Verdict;
use caveat_ir::value::Rating;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::hosts::{self, Loaded};
use crate::cli::{Eval, EvalFormat};
use crate::progress::Progress;
use crate::session;
use crate::ui::{Outcome, Ui, one_line};

/// The verdicts on one host.
struct OnHost {
    /// The file it came from.
    file: String,
    outcomes: Vec<Verdicts>,
    /// What decided each of the outcomes, where the user wants to know.
    evidence: Vec<Vec<String>>,
}

impl OnHost {
    fn new(evaluator: &Evaluator<'_>, host: &Host, file: &str, verbose: bool) -> Self {
        let outcomes = evaluator.outcomes(host);
        let decided = |outcome: &Verdicts| {
            let reasons = evaluator.reasons(&outcome.bulletin, host).filter(|_| !is_settled(outcome));
            reasons.map_or_else(Vec::new, |reasons| reasons.evidence)
        };
        let evidence = if verbose { outcomes.iter().map(decided).collect() } else { Vec::new() };
        Self { file: file.to_owned(), outcomes, evidence }
    }
}

pub(super) fn run(ui: &Ui, arguments: &Eval) -> Result<Outcome, Outcome> {
    let session = session::open_clean(ui, &arguments.paths.paths)?;
    let hosts = hosts::load(ui, &arguments.host, session.rules.rules());
    let evaluator = Evaluator::new(&session.rules);
    let results: Vec<OnHost> = {
        let _progress = Progress::start(ui, "evaluating");
        let verbose = ui.is_verbose();
        let on = |one: &Loaded| OnHost::new(&evaluator, &one.host, &one.shown, verbose);
        hosts.hosts.par_iter().map(on).collect()
    };
    match arguments.format {
        EvalFormat::Human if results.is_empty() => {}
        EvalFormat::Human => ui.data(&human(&results, ui.colors_stdout())),
        EvalFormat::Json => ui.data(&format!("{:#}\n", json(&results))),
        EvalFormat::Sarif => ui.data(&format!("{:#}\n", sarif(&results, session.rules.rules()))),
    }
    let hit = results
        .iter()
        .flat_map(|one| &one.outcomes)
        .any(|outcome| arguments.fail_on.contains(&outcome.verdict));
    Ok(Outcome::findings(hit || hosts.broken))
}

fn human(results: &[OnHost], color: bool) -> String {
    let mut out = String::new();
    for OnHost { outcomes, evidence, .. } in results {
        let Some(first) = outcomes.first() else { continue };
        let _ = writeln!(out, "{}", one_line(&first.host));
        let evidence = evidence.iter().map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
        for (outcome, evidence) in outcomes.iter().zip(evidence).filter(|(outcome, _)| !is_settled(outcome)) {
            bulletin(&mut out, outcome, evidence, color);
        }
        let brief: Vec<&Verdicts> = outcomes.iter().filter(|outcome| is_settled(outcome)).collect();
        for verdict in [Verdict::Fixed, Verdict::NotApplicable] {
            together(&mut out, verdict, &brief, color);
        }
        out.push('\n');
    }
    out + &totals(results)
}

/// Whether the outcome asks for nothing to be done or looked at.
fn is_settled(outcome: &Verdicts) -> bool {
    matches!(outcome.verdict, Verdict::Fixed | Verdict::NotApplicable) && outcome.inconsistencies.is_empty()
}

fn bulletin(out: &mut String, outcome: &Verdicts, evidence: &[String], color: bool) {
    row(out, 2, outcome.bulletin.as_str(), outcome.verdict, outcome.package.as_deref(), color);
    let open = outcome.vulnerabilities.iter();
    for one in open.filter(|one| !matches!(one.verdict, Verdict::Fixed | Verdict::NotApplicable)) {
        row(out, 4, one.id.as_str(), one.verdict, one.severity.map(Rating::as_str), color);
        for text in &one.exposure {
            let _ = writeln!(out, "      exposed: {}", one_line(text));
        }
    }
    for fact in evidence {
        let _ = writeln!(out, "    because: {}", one_line(fact));
    }
    for fact in &outcome.missing {
        let _ = writeln!(out, "    missing: {}", one_line(fact));
    }
    for fact in &outcome.malformed {
        let _ = writeln!(out, "    malformed: {}", one_line(fact));
    }
    for contradiction in &outcome.inconsistencies {
        let _ = writeln!(out, "    inconsistent: {}", one_line(contradiction));
    }
}

/// The settled bulletins of one verdict, on one line.
fn together(out: &mut String, verdict: Verdict, outcomes: &[&Verdicts], color: bool) {
    let same = outcomes.iter().filter(|outcome| outcome.verdict == verdict);
    let ids: Vec<&str> = same.map(|outcome| outcome.bulletin.as_str()).collect();
    if !ids.is_empty() {
        let _ = writeln!(out, "  {} {}", styled(verdict, color), ids.join(", "));
    }
}

/// An id, its verdict and a remark, in columns.
fn row(out: &mut String, indent: usize, id: &str, verdict: Verdict, remark: Option<&str>, color: bool) {
    let (width, verdict) = (22 - indent, styled(verdict, color));
    let line = format!("{:indent$}{id:<width$} {verdict}  {}", "", one_line(remark.unwrap_or("")));
    let _ = writeln!(out, "{}", line.trim_end());
}

fn styled(verdict: Verdict, color: bool) -> String {
    let style = match verdict {
        _ if !color => Style::new(),
        Verdict::Vulnerable => AnsiColor::Red.on_default().bold(),
        Verdict::Error | Verdict::Unknown => AnsiColor::Yellow.on_default(),
        Verdict::Mitigated => AnsiColor::Cyan.on_default(),
        Verdict::Fixed => AnsiColor::Green.on_default(),
        Verdict::NotApplicable => Style::new().dimmed(),
    };
    format!("{style}{verdict:<14}{style:#}")
}

/// `14 hosts: 7 vulnerable, 1 mitigated, …`
fn totals(results: &[OnHost]) -> String {
    let count = |wanted| {
        results.iter().flat_map(|one| &one.outcomes).filter(|outcome| outcome.verdict == wanted).count()
    };
    let parts: Vec<String> = Verdict::ALL
        .iter()
        .map(|verdict| (count(*verdict), verdict))
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{count} {verdict}"))
        .collect();
    let hosts = results.len();
    format!("{hosts} {}: {}\n", if hosts == 1 { "host" } else { "hosts" }, parts.join(", "))
}

fn json(results: &[OnHost]) -> Value {
    let outcomes: Vec<&Verdicts> = results.iter().flat_map(|one| &one.outcomes).collect();
    json!({ "schema": super::schema::EVAL_SCHEMA, "results": outcomes })
}

fn sarif(results: &[OnHost], rules: &RuleSet) -> Value {
    let descriptors: Vec<Value> = rules
        .bulletins
        .iter()
        .map(|bulletin| {
            let rule = json!({ "id": bulletin.id, "shortDescription": { "text": bulletin.title() } });
            match bulletin.references.first() {
                Some(reference) => with(rule, "helpUri", json!(reference)),
                None => rule,
            }
        })
        .collect();
    let found = results.iter().flat_map(|one| one.outcomes.iter().map(move |outcome| (&one.file, outcome)));
    let reported =
        found.filter(|(_, outcome)| !matches!(outcome.verdict, Verdict::Fixed | Verdict::NotApplicable));
    let results: Vec<Value> = reported.map(|(file, outcome)| sarif_result(file, outcome)).collect();
    log(&descriptors, &results)
}

fn sarif_result(file: &str, outcome: &Verdicts) -> Value {
    let worst = outcome
        .vulnerabilities
        .iter()
        .filter(|one| one.verdict == outcome.verdict)
        .filter_map(|one| one.severity);
    let level = match (outcome.verdict, worst.max()) {
        (Verdict::Vulnerable, None | Some(Rating::Critical | Rating::Important)) => "error",
        (Verdict::Vulnerable, _) => "warning",
        _ => "note",
    };
    let ids: Vec<&str> = outcome.vulnerabilities.iter().map(|one| one.id.as_str()).collect();
    let text =
        format!("{} is {} for {} ({})", outcome.host, outcome.verdict, outcome.bulletin, ids.join(", "));
    json!({
        "ruleId": outcome.bulletin,
        "level": level,
        "message": { "text": text },
        "locations": [{ "physicalLocation": { "artifactLocation": artifact(file) } }],
        "properties": { "host": outcome.host, "verdict": outcome.verdict },
    })
}
