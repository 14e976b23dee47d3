//! What is wrong with what is being lowered.

use std::collections::BTreeSet;

use caveat_diag::{Diagnostic, Span};

/// The problems so far.
#[derive(Default)]
pub(crate) struct Reporter {
    diagnostics: Vec<Diagnostic>,
    /// How often something was left out because of a problem that is reported elsewhere.
    losses: usize,
    errors: usize,
    /// Bulletins and packages of which a part was left out because of a problem: nothing can be
    /// said to be missing there.
    incomplete: BTreeSet<Span>,
    /// Platforms that nobody knows, by where they are named: another module may define them.
    strangers: Vec<(Span, String)>,
}

impl Reporter {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.is_error());
        self.diagnostics.push(diagnostic);
    }

    /// Notes that something is left out because of a problem that is reported elsewhere.
    pub(crate) fn lose(&mut self) {
        self.losses += 1;
    }

    /// How many problems there were so far, here or elsewhere.
    pub(crate) fn troubles(&self) -> usize {
        self.diagnostics.len() + self.losses
    }

    /// How much went wrong so far: whatever was lowered meanwhile does not mean what was written.
    pub(crate) fn harm(&self) -> usize {
        self.errors + self.losses
    }

    /// Notes that a part of a bulletin or package was left out.
    pub(crate) fn leave_out(&mut self, whole: Span) {
        self.incomplete.insert(whole);
    }

    pub(crate) fn is_incomplete(&self, whole: Span) -> bool {
        self.incomplete.contains(&whole)
    }

    /// Notes that nobody knows a platform.
    pub(crate) fn stranger(&mut self, place: Span, name: &str) {
        self.strangers.push((place, name.to_owned()));
    }

    pub(crate) fn take(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.diagnostics)
    }

    pub(crate) fn take_strangers(&mut self) -> Vec<(Span, String)> {
        std::mem::take(&mut self.strangers)
    }
}
