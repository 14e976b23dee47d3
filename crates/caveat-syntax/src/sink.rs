//! Where diagnostics of one file gather: in the order of the text, and no more
//! than a person would read.

use caveat_diag::Diagnostic;

/// How many diagnostics of one file are shown.
const LIMIT: usize = 100;

/// The diagnostics of one file so far.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    diagnostics: Vec<Diagnostic>,
    overflow: bool,
}

impl Sink {
    /// Adds a diagnostic unless there are too many already.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < LIMIT {
            self.diagnostics.push(diagnostic);
        } else {
            self.overflow = true;
        }
    }

    /// Puts the diagnostics of two passes over the same text together.
    pub(crate) fn merge(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(other);
    }

    /// The first diagnostics in the order of the text; the last says when more were left out.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let Self { mut diagnostics, overflow } = self;
        diagnostics.sort_by_key(|diagnostic| diagnostic.span().map_or(0, |span| span.start));
        let overflow = overflow || diagnostics.len() > LIMIT;
        diagnostics.truncate(LIMIT);
        if overflow
            && let Some(last) = diagnostics.last_mut()
            && last.notes.iter().all(|note| note != LEFT_OUT)
        {
            last.notes.push(LEFT_OUT.to_owned());
        }
        diagnostics
    }
}

/// What the last diagnostic says when more were left out.
const LEFT_OUT: &str = "further errors in this file are not shown";
