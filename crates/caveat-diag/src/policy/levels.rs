//! How bad problems are taken, where a repository or a run says so.

use std::collections::BTreeMap;

use crate::{Code, Diagnostic, Severity};

/// How the problems of a code are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// They are not told.
    Allow,
    /// They are told for information.
    Note,
    /// Something is probably not what was meant.
    Warning,
    /// The run ends without output.
    Error,
}

impl Level {
    /// All levels, from the least.
    pub const ALL: [Self; 4] = [Self::Allow, Self::Note, Self::Warning, Self::Error];

    /// `allow`, `note`, `warning` or `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }

    const fn severity(self) -> Option<Severity> {
        match self {
            Self::Allow => None,
            Self::Note => Some(Severity::Note),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Note => Self::Note,
        }
    }
}

impl Code {
    /// Whether it is about rules that compile and are probably not what was meant. Only those can be allowed.
    #[must_use]
    pub fn is_lint(&self) -> bool {
        self.id.starts_with("CAV04") || self.id.starts_with("CAV08")
    }

    /// The least that its problems can be taken for: rules that cannot be compiled stay so, and what output, hosts
    /// and files lose is told.
    #[must_use]
    pub fn least(&self) -> Level {
        match self.severity {
            _ if self.is_lint() => Level::Allow,
            Severity::Error => Level::Error,
            Severity::Warning | Severity::Note => Level::Note,
        }
    }
}

/// The codes that are taken for something else than they say themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    codes: BTreeMap<&'static str, Level>,
    denies_warnings: bool,
}

impl Levels {
    /// Takes a code for this; never for less than its [`least`](Code::least).
    pub fn set(&mut self, code: &'static Code, level: Level) {
        self.codes.insert(code.id, level.max(code.least()));
    }

    /// Takes whatever is a warning for an error.
    pub fn deny_warnings(&mut self) {
        self.denies_warnings = true;
    }

    /// What the problems of a code are taken for.
    #[must_use]
    pub fn of(&self, code: &Code) -> Level {
        match self.codes.get(code.id).copied().unwrap_or(code.severity.into()) {
            Level::Warning if self.denies_warnings => Level::Error,
            level => level,
        }
    }

    /// The problems that are told, each as bad as it is taken.
    #[must_use]
    pub fn apply(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        found.retain_mut(|problem| {
            let severity = self.of(problem.code).severity();
            problem.severity = severity.unwrap_or(problem.severity);
            severity.is_some()
        });
        found
    }
}
