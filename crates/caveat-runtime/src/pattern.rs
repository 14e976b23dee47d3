//! Regular expressions, compiled when they are first needed.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

use crate::Truth;

/// A regular expression.
#[derive(Debug)]
pub struct Pattern {
    text: Cow<'static, str>,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// The expression that a text stands for.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), regex: OnceLock::new() }
    }

    /// The expression as rules write it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches somewhere in a text; an error when it is not an expression.
    pub(crate) fn matches(&self, text: &str) -> Truth {
        let regex = self.regex.get_or_init(|| Regex::new(&self.text).ok());
        regex.as_ref().map_or(Truth::Error, |regex| regex.is_match(text).into())
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self { text: Cow::Owned(text), regex: OnceLock::new() }
    }
}
