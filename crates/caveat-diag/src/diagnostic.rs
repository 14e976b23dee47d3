//! The diagnostic: what is wrong, where, and what to do about it.
//!
//! Message style: lower case, no final stop, backticks round what the user wrote,
//! advice apart in `help`, no names of Rust types.

use std::collections::BTreeMap;

use crate::{Code, Span};

/// How bad a diagnostic is. Errors stop the run from producing output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rules cannot be compiled or evaluated.
    Error,
    /// The rules compile, but something is probably not what was meant.
    Warning,
    /// For information.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place in the source with a few words on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to say about it; may be empty.
    pub text: String,
    /// Whether this is where the problem is, or only something that explains it.
    pub primary: bool,
}

/// One replacement of source text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// The new text.
    pub replacement: String,
}

/// A change that would mend the problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What the change does.
    pub message: String,
    /// The replacements, which do not overlap.
    pub edits: Vec<Edit>,
    /// Whether the change may be made without looking: it mends the problem and nothing else.
    pub safe: bool,
}

/// A problem, ready to be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code and its page.
    pub code: &'static Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in the user's words.
    pub message: String,
    /// Where.
    pub labels: Vec<Label>,
    /// Facts that explain.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// Changes that would mend it.
    pub fixes: Vec<Fix>,
    /// The same for programs: what a message says in words, by name.
    pub data: BTreeMap<&'static str, Vec<String>>,
}

impl Diagnostic {
    /// A diagnostic with the severity of its code.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
            data: BTreeMap::new(),
        }
    }

    /// Adds the place of the problem.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: true });
        self
    }

    /// Adds a place that explains the problem.
    #[must_use]
    pub fn because(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), primary: false });
        self
    }

    /// Adds a fact that explains.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a change that would mend the problem by replacing `span`.
    #[must_use]
    pub fn fix(mut self, message: impl Into<String>, span: Span, replacement: impl Into<String>) -> Self {
        let edits = vec![Edit { span, replacement: replacement.into() }];
        self.fixes.push(Fix { message: message.into(), edits, safe: false });
        self
    }

    /// As [`Diagnostic::fix`], for a change that may be made without looking.
    #[must_use]
    pub fn safe_fix(
        mut self,
        message: impl Into<String>,
        span: Span,
        replacement: impl Into<String>,
    ) -> Self {
        let edits = vec![Edit { span, replacement: replacement.into() }];
        self.fixes.push(Fix { message: message.into(), edits, safe: true });
        self
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn data(mut self, name: &'static str, values: impl IntoIterator<Item = String>) -> Self {
        self.data.insert(name, values.into_iter().collect());
        self
    }

    /// Whether this stops the run from producing output.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The place of the problem: the first primary label, else the first label.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.split_labels().0.map(|label| label.span)
    }

    /// The label of the place of the problem, and the others.
    pub(crate) fn split_labels(&self) -> (Option<&Label>, impl Iterator<Item = &Label>) {
        let own = self.labels.iter().position(|label| label.primary).unwrap_or(0);
        let others = self.labels.iter().enumerate().filter(move |(index, _)| *index != own);
        (self.labels.get(own), others.map(|(_, label)| label))
    }
}
