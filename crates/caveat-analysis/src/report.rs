//! What is to be said of one file: everything that was found in it, but for echoes of other problems and for what
//! its comments allow.

use std::collections::BTreeSet;
use std::sync::Arc;

use caveat_diag::{Code, Diagnostic, Span};

use crate::library::Said;
use crate::units::Known;

/// How many problems of one file are shown.
const MAX_SHOWN: usize = 100;

/// What is to be said of a file.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// What it was made of.
    stamp: u64,
    said: Said,
    unread: Vec<Diagnostic>,
    pub(crate) has_errors: bool,
    /// In the order in which it is shown.
    certain: Vec<Diagnostic>,
    /// With comments that allow nothing, which is only known when no file has an error.
    complete: Vec<Diagnostic>,
}

impl Report {
    /// Says what is to be said of a file; `before` is what was said of it the last time.
    pub(crate) fn new(
        file: &Known,
        said: Said,
        unread: Vec<Diagnostic>,
        codes: &[&'static Code],
        before: Option<Arc<Self>>,
    ) -> Arc<Self> {
        if let Some(before) = before
            && (before.stamp, &before.said, &before.unread) == (file.stamp, &said, &unread)
        {
            return before;
        }
        let found = found(file, &said, &unread);
        let silenced = file.allowances.silence(found, file.module.source(), codes);
        let has_errors = silenced.kept.iter().any(Diagnostic::is_error);
        let complete = if silenced.idle.is_empty() {
            Vec::new()
        } else {
            readable(silenced.kept.iter().cloned().chain(silenced.idle).collect())
        };
        let certain = readable(silenced.kept);
        Arc::new(Self { stamp: file.stamp, said, unread, has_errors, certain, complete })
    }

    /// What is shown, by whether all rules were looked at in full.
    pub(crate) fn shown(&self, complete: bool) -> &[Diagnostic] {
        if complete && !self.complete.is_empty() { &self.complete } else { &self.certain }
    }
}

fn found(file: &Known, said: &Said, unread: &[Diagnostic]) -> Vec<Diagnostic> {
    let (own, syntax) = (file.module.file(), file.module.syntax());
    let is_own = |problem: &&Diagnostic| problem.span().is_none_or(|span| span.file == own);
    let meaning = file.unit.diagnostics.iter().filter(is_own).chain(&said.names).cloned();
    let meaning = each_once(meaning.map(|problem| with_home(problem, &said.strangers)));
    let meaning = without_unread(without_echoes(meaning, syntax), unread);
    let found = &file.found;
    let lints = found.bulletins.iter().chain(&found.conditions).chain(&said.lints);
    let lints = lints.chain(&file.unit.lints).chain(&file.hooked).filter(is_own).cloned();
    syntax.iter().chain(unread).cloned().chain(meaning).chain(lints).collect()
}

/// Says which module defines a platform that nobody knows who is seen.
fn with_home(problem: Diagnostic, strangers: &[(Span, String)]) -> Diagnostic {
    let place = problem.span().filter(|_| problem.code == Code::UNKNOWN_PLATFORM);
    match place.and_then(|place| strangers.iter().find(|(other, _)| *other == place)) {
        Some((_, home)) => problem.help(format!("`{home}` defines it: add `use {home}`")),
        None => problem,
    }
}

/// One mistake in a condition that is used twice is one mistake.
fn each_once(found: impl Iterator<Item = Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    found.filter(|one| seen.insert((one.span(), one.code.id, one.message.clone()))).collect()
}

/// The problems that do not lie where an error of syntax was found: what is misspelt has no meaning.
fn without_echoes(found: Vec<Diagnostic>, syntax: &[Diagnostic]) -> Vec<Diagnostic> {
    let flaws: BTreeSet<Span> = syntax.iter().filter_map(Diagnostic::span).collect();
    let echoes = |span: Span| flaws.range(span_start(span)..).next().is_some_and(|flaw| lies_in(*flaw, span));
    found.into_iter().filter(|problem| !problem.span().is_some_and(echoes)).collect()
}

/// The problems that do not come from modules that could not be read: nobody knows what these define.
fn without_unread(found: Vec<Diagnostic>, unread: &[Diagnostic]) -> Vec<Diagnostic> {
    let uses: BTreeSet<Span> = unread.iter().filter_map(Diagnostic::span).collect();
    let names = [Code::UNKNOWN_CONDITION, Code::UNKNOWN_PLATFORM, Code::UNUSED_USE];
    let follows = |problem: &Diagnostic| {
        let of_use = problem.span().is_some_and(|span| uses.contains(&span));
        of_use && problem.code == Code::UNKNOWN_MODULE || !uses.is_empty() && names.contains(&problem.code)
    };
    found.into_iter().filter(|problem| !follows(problem)).collect()
}

/// The first problems of a file, errors before warnings: no more than a person would read.
fn readable(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|problem| (!problem.is_error(), problem.span()));
    if found.len() > MAX_SHOWN {
        found.truncate(MAX_SHOWN);
        if let Some(last) = found.last_mut() {
            last.notes.push("further problems in this file are not shown".to_owned());
        }
    }
    found
}

fn span_start(span: Span) -> Span {
    Span { end: span.start, ..span }
}

fn lies_in(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && inner.start >= outer.start && inner.end <= outer.end
}
