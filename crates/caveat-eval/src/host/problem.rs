//! What is wrong with a host file, and the texts that could not be read.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::value::{Malformed, Unlisted};
use caveat_runtime::Fact;

/// How far a problem reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The file cannot be read, or its facts contradict each other.
    Host,
    /// One fact is malformed; rules that do not ask for it are not concerned.
    Fact,
}

/// Something wrong with a host file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostProblem {
    /// How far it reaches.
    pub kind: ProblemKind,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where in the file, such as `files[3].version`; empty for the file as a whole.
    pub path: String,
    /// The same in bytes, where it is known; else [`HostPlaces`](crate::HostPlaces) tells.
    pub place: Option<Range<u32>>,
}

impl HostProblem {
    /// A problem that keeps the file or one of its hosts from being read.
    pub(crate) fn of_file(message: &str) -> Self {
        let message = message.to_owned();
        Self { kind: ProblemKind::Host, message, help: None, path: String::new(), place: None }
    }

    pub(crate) fn help(self, help: &str) -> Self {
        Self { help: Some(help.to_owned()), ..self }
    }

    /// The problem as a diagnostic about the file or host called `host`.
    #[must_use]
    pub fn diagnostic(&self, host: &str) -> Diagnostic {
        let code = match self.kind {
            ProblemKind::Host => Code::MALFORMED_HOST,
            ProblemKind::Fact => Code::MALFORMED_FACT,
        };
        let place = if self.path.is_empty() { String::new() } else { format!(", `{}`", self.path) };
        let diagnostic = Diagnostic::new(code, &self.message).note(format!("in the host `{host}`{place}"));
        self.help.iter().fold(diagnostic, Diagnostic::help)
    }
}

impl fmt::Display for HostProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

impl std::error::Error for HostProblem {}

/// Why a text could not be read.
#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Trouble {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<Malformed> for Trouble {
    fn from(malformed: Malformed) -> Self {
        Self { message: malformed.message, help: malformed.help }
    }
}

impl From<Unlisted> for Trouble {
    fn from(unlisted: Unlisted) -> Self {
        let help = format!("write one of {}", unlisted.allowed.join(", "));
        Self::new(format!("`{}` is not {}", unlisted.word, unlisted.what)).help(help)
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub(crate) Vec<HostProblem>);

impl Problems {
    /// The value that was read at `path`, or its error after it was reported.
    pub(crate) fn read<T>(&mut self, path: &str, read: Result<T, Trouble>) -> Fact<T> {
        match read {
            Ok(value) => Fact::Present(value),
            Err(trouble) => Fact::Error(self.report(ProblemKind::Fact, path, trouble)),
        }
    }

    /// Two facts exclude each other: the error that takes the place of both.
    pub(crate) fn contradiction(&mut self, path: &str, message: String) -> Arc<str> {
        let trouble = Trouble::new(message).help("leave one of the two out, or mend it");
        self.report(ProblemKind::Host, path, trouble)
    }

    /// Remembers the problem and returns its message.
    pub(crate) fn report(&mut self, kind: ProblemKind, path: &str, trouble: Trouble) -> Arc<str> {
        let Trouble { message, help } = trouble;
        let path = path.to_owned();
        self.0.push(HostProblem { kind, message: message.clone(), help, path, place: None });
        message.into()
    }
}
