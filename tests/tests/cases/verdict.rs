//! `verdict/**/*.caveat`: what the evaluator says of hosts. The head of each has lines
//!
//! - `//@ host: hosts.yaml#wins-01 => MS04-006 vulnerable, CVE-2003-0825 vulnerable`: the host of
//!   this name in a file beside the case (without a name: the only one), and the verdict of
//!   bulletins and vulnerabilities; `inconsistent` or `consistent` in place of a verdict for a
//!   bulletin's contradictions.
//!
//! The rules must be free of errors, and the tests inside them must pass as well.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use caveat_eval::{Evaluator, Host, Outcome, load_hosts, run_tests};
use caveat_ir::Checked;
use caveat_sema::Rules;
use caveat_tests::rules::{below, compile_text, files_below, read, rendered};
use libtest_mimic::Trial;

use crate::header::directives;
use crate::{folder, trial};

/// A host and what is expected of it.
struct Expected<'t> {
    file: &'t str,
    host: Option<&'t str>,
    /// What it is about, and the verdict.
    verdicts: Vec<(&'t str, &'t str)>,
}

pub(crate) fn trials() -> Vec<Trial> {
    let folder = folder("verdict");
    let cases = files_below(&folder, "caveat");
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let mut trials = Vec::new();
    for case in cases.clone() {
        let name = format!("verdict::{}", below(&case.with_extension(""), &folder));
        trials.push(trial(name, move || run(&case)));
    }
    trials.push(trial("verdict: every host has a case".to_owned(), move || no_orphans(&cases, &folder)));
    trials
}

fn header(text: &str) -> Vec<Expected<'_>> {
    let expected: Vec<Expected<'_>> = directives(text)
        .into_iter()
        .map(|(name, value)| match name {
            "host" => expected(value),
            other => panic!("unknown directive `{other}`; known: host"),
        })
        .collect();
    assert!(!expected.is_empty(), "the case says nothing: begin with `//@ host: FILE => ID VERDICT`");
    expected
}

fn expected(value: &str) -> Expected<'_> {
    let (host, verdicts) = value.split_once("=>").expect("`FILE => ID VERDICT`");
    let (file, host) =
        host.trim().split_once('#').map_or((host.trim(), None), |(file, host)| (file, Some(host)));
    let verdicts = verdicts.split(',').map(|one| one.trim().split_once(' ').expect("`ID VERDICT`"));
    Expected { file, host, verdicts: verdicts.collect() }
}

fn run(case: &Path) {
    let text = read(case);
    let beside = case.parent().unwrap();
    let compiled = compile_text("rule.caveat", beside, &text);
    let shown = rendered(&compiled.diagnostics, &compiled.sources);
    let Rules::Checked(rules) = &compiled.rules else { panic!("{shown}") };
    let evaluator = Evaluator::new(rules);
    let mut wrong = Vec::new();
    for expected in header(&text) {
        let outcomes = evaluator.outcomes(&host(&beside.join(expected.file), expected.host, rules));
        for (subject, verdict) in &expected.verdicts {
            let (found, why) = found(&outcomes, subject, verdict);
            if found != *verdict {
                let whose = expected.host.unwrap_or(expected.file);
                wrong.push(format!("{subject} on {whose}: expected {verdict}, found {found}; {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for result in run_tests(&evaluator) {
        assert!(result.passed(), "{result:#?}");
    }
}

fn host(file: &Path, name: Option<&str>, rules: &Checked) -> Host {
    let hosts = load_hosts(&file.to_string_lossy(), &read(file)).into_iter();
    let mut wanted: Vec<_> = hosts
        .map(|loaded| loaded.unwrap_or_else(|problem| panic!("{}: {problem:?}", file.display())))
        .filter(|host| name.is_none_or(|name| host.name.as_deref() == Some(name)))
        .collect();
    assert_eq!(wanted.len(), 1, "hosts called {name:?} in {}", file.display());
    Host::new(&wanted.remove(0), rules.rules()).0
}

/// The verdict on a subject, and what the evaluator says was missing or contradictory.
fn found(outcomes: &[Outcome], subject: &str, wanted: &str) -> (String, String) {
    let is = |outcome: &&Outcome| {
        outcome.bulletin.as_str() == subject
            || outcome.vulnerabilities.iter().any(|one| one.id.as_str() == subject)
    };
    let outcome = outcomes.iter().find(is).unwrap_or_else(|| panic!("there is no `{subject}`"));
    let why = format!("missing {:?}, inconsistent {:?}", outcome.missing, outcome.inconsistencies);
    let one = outcome.vulnerabilities.iter().find(|one| one.id.as_str() == subject);
    let verdict = match (wanted, one) {
        (_, Some(one)) => one.verdict.as_str(),
        ("consistent" | "inconsistent", None) if outcome.inconsistencies.is_empty() => "consistent",
        ("consistent" | "inconsistent", None) => "inconsistent",
        (_, None) => outcome.verdict.as_str(),
    };
    (verdict.to_owned(), why)
}

fn no_orphans(cases: &[PathBuf], folder: &Path) {
    let mut used = BTreeSet::new();
    for case in cases {
        let text = read(case);
        let beside = case.parent().unwrap();
        used.extend(header(&text).iter().map(|expected| beside.join(expected.file)));
    }
    let there = ["yaml", "json", "ndjson"].map(|extension| files_below(folder, extension));
    let orphans: Vec<PathBuf> = there.into_iter().flatten().filter(|file| !used.contains(file)).collect();
    assert!(orphans.is_empty(), "hosts without a case: {orphans:?}");
}
