//! What is to be said of one file: everything that was found in it, as far as `caveat_diag::policy` has it told.

use std::sync::Arc;

use caveat_diag::policy::{Findings, Levels, limited};
use caveat_diag::{Code, Diagnostic, Severity, Span};

use crate::library::Said;
use crate::units::{Hook, Known};

/// What is to be said of a file.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What it was made of.
    stamp: u64,
    said: Said,
    unread: Vec<Diagnostic>,
    /// Whether something keeps rules from being looked at in full.
    pub(crate) is_flawed: bool,
    /// In the order in which it is told.
    certain: Vec<Diagnostic>,
    /// With comments that allow nothing, which is only known when no file is flawed.
    complete: Vec<Diagnostic>,
}

impl Report {
    /// Says what is to be said of a file; `before` is what was said of it the last time.
    pub(crate) fn new(
        file: &Known,
        said: Said,
        unread: Vec<Diagnostic>,
        hook: &Hook<'_>,
        levels: &Levels,
        before: Option<Arc<Self>>,
    ) -> Arc<Self> {
        if let Some(before) = before
            && (before.stamp, &before.said, &before.unread) == (file.stamp, &said, &unread)
        {
            return before;
        }
        let found = findings(file, &said, &unread).without_echoes();
        let silenced = file.allowances.silence(found, file.module.source(), &hook.codes);
        let is_flawed = silenced.kept.iter().any(|problem| problem.code.severity == Severity::Error);
        let told = |found| limited(levels.apply(found));
        let complete = if silenced.idle.is_empty() {
            Vec::new()
        } else {
            told(silenced.kept.iter().cloned().chain(silenced.idle).collect())
        };
        let certain = told(silenced.kept);
        Arc::new(Self { stamp: file.stamp, said, unread, is_flawed, certain, complete })
    }

    /// What is told, by whether all rules were looked at in full.
    pub(crate) fn told(&self, complete: bool) -> &[Diagnostic] {
        if complete && !self.complete.is_empty() { &self.complete } else { &self.certain }
    }
}

fn findings(file: &Known, said: &Said, unread: &[Diagnostic]) -> Findings {
    let own = file.module.file();
    let is_own = |problem: &&Diagnostic| problem.span().is_none_or(|span| span.file == own);
    let meaning = file.unit.diagnostics.iter().filter(is_own).chain(&said.names).cloned();
    let found = &file.found;
    let lints = found.bulletins.iter().chain(&found.conditions).chain(&said.lints);
    let lints = lints.chain(&file.unit.lints).chain(&file.hooked).filter(is_own).cloned();
    Findings {
        syntax: file.module.syntax().to_vec(),
        unread: unread.to_vec(),
        meaning: meaning.map(|problem| with_home(problem, &said.strangers)).collect(),
        lints: lints.collect(),
    }
}

/// Says which module defines a platform that nobody knows who is seen.
fn with_home(problem: Diagnostic, strangers: &[(Span, String)]) -> Diagnostic {
    let place = problem.span().filter(|_| problem.code == Code::UNKNOWN_PLATFORM);
    match place.and_then(|place| strangers.iter().find(|(other, _)| *other == place)) {
        Some((_, home)) => problem.help(format!("`{home}` defines it: add `use {home}`")),
        None => problem,
    }
}
