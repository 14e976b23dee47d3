//! Where diagnostics of one file gather: no more than are told.

use caveat_diag::policy::{LIMIT, limited, say_more};
use caveat_diag::{Diagnostic, FileId};

/// The diagnostics of one file so far.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    diagnostics: Vec<Diagnostic>,
    /// The file of which more were found.
    overflow: Option<FileId>,
}

impl Sink {
    /// Adds a diagnostic unless there are too many already: a hostile file has no end of them.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < LIMIT {
            self.diagnostics.push(diagnostic);
        } else {
            self.overflow = diagnostic.span().map(|span| span.file);
        }
    }

    /// Puts the diagnostics of two passes over the same text together.
    pub(crate) fn merge(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.diagnostics.extend(other);
    }

    /// The first diagnostics in the order of the text; the last says when more were left out.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let mut told = limited(self.diagnostics);
        if let Some(file) = self.overflow {
            say_more(&mut told, file);
        }
        told
    }
}
