//! Problems that only follow from others: one mistake is told once.

use std::collections::BTreeSet;

use crate::{Code, Diagnostic, Span};

/// What was found in one file, by how.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// In its text.
    pub syntax: Vec<Diagnostic>,
    /// Where it uses modules that are there and cannot be read.
    pub unread: Vec<Diagnostic>,
    /// In its meaning.
    pub meaning: Vec<Diagnostic>,
    /// By lints of sound rules.
    pub lints: Vec<Diagnostic>,
}

/// Names that nobody knows.
const UNKNOWN: [&Code; 2] = [Code::UNKNOWN_CONDITION, Code::UNKNOWN_PLATFORM];
/// What is said of something that no name means.
const UNUSED: [&Code; 2] = [Code::UNUSED_USE, Code::UNUSED_CONDITION];

impl Findings {
    /// All of it, but for what follows from something else.
    #[must_use]
    pub fn without_echoes(mut self) -> Vec<Diagnostic> {
        self.each_once();
        self.drop_misread();
        self.drop_unread();
        self.drop_unused();
        let Self { syntax, unread, meaning, lints } = self;
        [syntax, unread, meaning, lints].into_iter().flatten().collect()
    }

    /// One mistake in a condition that is used twice is one mistake.
    fn each_once(&mut self) {
        let mut seen = BTreeSet::new();
        self.meaning.retain(|one| seen.insert((one.span(), one.code.id, one.message.clone())));
    }

    /// What is misspelt has no meaning: nothing is said of it where an error of syntax was found.
    fn drop_misread(&mut self) {
        let flaws: BTreeSet<Span> = self.syntax.iter().filter_map(Diagnostic::span).collect();
        let holds_flaw = |span: Span| {
            let start = Span { end: span.start, ..span };
            flaws.range(start..).next().is_some_and(|flaw| flaw.file == span.file && flaw.end <= span.end)
        };
        self.meaning.retain(|problem| !problem.span().is_some_and(holds_flaw));
    }

    /// Nobody knows what modules define that could not be read.
    fn drop_unread(&mut self) {
        let uses: BTreeSet<Span> = self.unread.iter().filter_map(Diagnostic::span).collect();
        if uses.is_empty() {
            return;
        }
        self.meaning.retain(|problem| {
            let is_of_use = problem.span().is_some_and(|span| uses.contains(&span));
            let may_be_there = UNKNOWN.contains(&problem.code) || UNUSED.contains(&problem.code);
            !(may_be_there || is_of_use && problem.code == Code::UNKNOWN_MODULE)
        });
    }

    /// What is not used may be what a name means that nobody knows, that means several things, or that could not
    /// be read.
    fn drop_unused(&mut self) {
        let is_open =
            |problem: &Diagnostic| UNKNOWN.contains(&problem.code) || problem.code == Code::AMBIGUOUS_NAME;
        if !self.syntax.is_empty() || self.meaning.iter().any(is_open) {
            self.meaning.retain(|problem| !UNUSED.contains(&problem.code));
        }
    }
}
