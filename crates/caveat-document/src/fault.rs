//! What is wrong with a file, and where.

use std::fmt;

use caveat_diag::suggest::{did_you_mean, nearest};
use caveat_diag::{Code, Diagnostic, Span};
use serde::de::{self, Expected, Unexpected};

/// Something that does not fit into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    message: String,
    help: Option<String>,
    /// The word that was to stand there.
    near: Option<&'static str>,
    span: Option<Span>,
}

impl Fault {
    /// A fault in some place.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, near: None, span: None }
    }

    /// The place, unless a narrower one is known.
    #[must_use]
    pub fn within(mut self, span: Span) -> Self {
        self.span = self.span.or(Some(span));
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        self.near.map(did_you_mean).or(self.help.clone())
    }

    /// Where, as far as is known.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// What is wrong, as a diagnostic of this code.
    #[must_use]
    pub fn diagnostic(self, code: &'static Code) -> Diagnostic {
        let problem = Diagnostic::new(code, self.message);
        let problem = match self.span {
            Some(span) => problem.at(span, ""),
            None => problem,
        };
        let problem = match self.near.zip(self.span) {
            Some((near, span)) => problem.did_you_mean(near, span),
            None => problem,
        };
        self.help.into_iter().fold(problem, Diagnostic::help)
    }

    /// A word that is not one of those that may stand there.
    fn unknown(what: &str, written: &str, known: &'static [&'static str]) -> Self {
        let fault = Self::new(format!("unknown {what} `{written}`"));
        let near = nearest(written, known.iter().copied());
        let quoted: Vec<String> = known.iter().map(|one| format!("`{one}`")).collect();
        let help = (!known.is_empty()).then(|| format!("here may stand {}", quoted.join(", ")));
        Self { near, help: help.filter(|_| near.is_none()), ..fault }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let expected = match expected.as_str() {
            "a string" => "a text",
            "a sequence" => "a list",
            "a map" => "keys with values",
            "a boolean" => "`true` or `false`",
            "u64" | "i64" | "u32" => "a whole number",
            other => other,
        };
        Self::new(format!("{expected} must stand here, not {}", in_words(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown("word", variant, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::unknown("key", field, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("the key `{field}` is missing here"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("the key `{field}` stands here twice"))
    }
}

fn in_words(found: &Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(number) => format!("the number `{number}`"),
        Unexpected::Signed(number) => format!("the number `{number}`"),
        Unexpected::Float(number) => format!("the number `{number}`"),
        Unexpected::Str(text) => format!("the text `{text}`"),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "keys with values".to_owned(),
        _ => "this".to_owned(),
    }
}
