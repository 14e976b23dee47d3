//! An answer about a host.

use std::sync::Arc;

use crate::Truth;

/// An answer about a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is this.
    Present(T),
    /// It is not there.
    Absent,
    /// It was not collected.
    Unknown,
    /// It was collected, but makes no sense, or collecting it failed; the text says why.
    Error(Arc<str>),
}

impl<T> Fact<T> {
    /// It makes no sense, for this reason.
    #[must_use]
    pub fn error(reason: impl Into<Arc<str>>) -> Self {
        Self::Error(reason.into())
    }

    /// The same answer about something borrowed.
    #[must_use]
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Self::Present(value) => Fact::Present(value),
            Self::Absent => Fact::Absent,
            Self::Unknown => Fact::Unknown,
            Self::Error(message) => Fact::Error(Arc::clone(message)),
        }
    }

    /// The answer to a question that depends on this one.
    #[must_use]
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Self::Present(value) => next(value),
            Self::Absent => Fact::Absent,
            Self::Unknown => Fact::Unknown,
            Self::Error(message) => Fact::Error(message),
        }
    }

    /// The answer with another value.
    #[must_use]
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Fact<U> {
        self.and_then(|found| Fact::Present(value(found)))
    }

    /// The value, if there is one.
    #[must_use]
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Unknown | Self::Error(_) => None,
        }
    }

    /// Whether a test of the fact holds: `judge` decides on a value, and what is not there fails.
    #[must_use]
    pub fn truth(&self, judge: impl FnOnce(&T) -> Truth) -> Truth {
        match self {
            Self::Present(value) => judge(value),
            Self::Absent => Truth::False,
            Self::Unknown => Truth::Unknown,
            Self::Error(_) => Truth::Error,
        }
    }
}
