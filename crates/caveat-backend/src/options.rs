//! Options of a back end: `--option oval.namespace=org.example`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use caveat_ir::text::forbidden_char;

use crate::{Text, text};

/// An option a back end has.
#[derive(Debug, Clone)]
pub struct OptionSpec {
    /// Its name, without the back end's id.
    pub name: Text,
    /// Its value when the user gives none.
    pub default: Text,
    /// The values it may have; any when empty.
    pub values: Cow<'static, [Text]>,
    /// Whether a value is acceptable, for options without a list.
    pub accepts: fn(&str) -> bool,
    /// What it does.
    pub help: Text,
}

impl OptionSpec {
    /// An option that takes any value that `accepts` takes.
    #[must_use]
    pub const fn free(
        name: &'static str,
        default: &'static str,
        accepts: fn(&str) -> bool,
        help: &'static str,
    ) -> Self {
        let values = Cow::Borrowed(&[] as &[Text]);
        Self { name: text(name), default: text(default), values, accepts, help: text(help) }
    }

    /// The author whom rules name.
    pub const AUTHOR: Self = Self::free(
        "author",
        "Caveat",
        |text| forbidden_char(text).is_none(),
        "the author of the rules; none when empty",
    );

    /// An option that takes one of `values`.
    #[must_use]
    pub const fn listed(
        name: &'static str,
        default: &'static str,
        values: &'static [Text],
        help: &'static str,
    ) -> Self {
        let values = Cow::Borrowed(values);
        Self { name: text(name), default: text(default), values, accepts: |_| true, help: text(help) }
    }
}

/// Values for all options of one back end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    values: BTreeMap<String, String>,
}

impl Options {
    /// The defaults, overlaid with what the user gave.
    ///
    /// # Errors
    /// When an option is unknown or its value not acceptable.
    pub fn new<'a>(
        specs: &[OptionSpec],
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, OptionError> {
        let mut values: BTreeMap<_, _> =
            specs.iter().map(|spec| (spec.name.to_string(), spec.default.to_string())).collect();
        for (name, value) in given {
            let spec = specs.iter().find(|spec| spec.name == name).ok_or_else(|| OptionError::Unknown {
                name: name.to_owned(),
                known: specs.iter().map(|spec| spec.name.clone()).collect(),
            })?;
            let listed = spec.values.is_empty() || spec.values.iter().any(|one| one == value);
            if !listed || !(spec.accepts)(value) {
                return Err(OptionError::Value { value: value.to_owned(), spec: spec.clone() });
            }
            values.insert(spec.name.to_string(), value.to_owned());
        }
        Ok(Self { values })
    }

    /// All options with their values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The value of an option; empty for one the back end does not have.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The value of an option for which an empty text is none.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }
}

/// An option that cannot be used.
#[derive(Debug, Clone)]
pub enum OptionError {
    /// There is no such option.
    Unknown {
        /// What the user wrote.
        name: String,
        /// What there is.
        known: Vec<Text>,
    },
    /// The value is not acceptable.
    Value {
        /// What the user wrote.
        value: String,
        /// The option.
        spec: OptionSpec,
    },
}

impl OptionError {
    /// The option that it speaks of.
    #[must_use]
    pub fn option(&self) -> &str {
        match self {
            Self::Unknown { name, .. } => name,
            Self::Value { spec, .. } => &spec.name,
        }
    }
}

impl fmt::Display for OptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, known } => {
                write!(f, "there is no option `{name}`; known: {}", known.join(", "))
            }
            Self::Value { value, spec } if spec.values.is_empty() => {
                write!(f, "`{value}` is not a value of `{}`: {}", spec.name, spec.help)
            }
            Self::Value { value, spec } => {
                write!(f, "`{value}` is not a value of `{}`; it may be {}", spec.name, spec.values.join(", "))
            }
        }
    }
}

impl std::error::Error for OptionError {}
