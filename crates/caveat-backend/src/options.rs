//! Options of a back end: `--option oval.namespace=org.example`.

use std::collections::BTreeMap;
use std::fmt;

/// An option a back end has.
#[derive(Debug, Clone)]
pub struct OptionSpec {
    /// Its name, without the back end's id.
    pub name: &'static str,
    /// Its value when the user gives none.
    pub default: &'static str,
    /// The values it may have; any when empty.
    pub values: &'static [&'static str],
    /// Whether a value is acceptable, for options without a list.
    pub accepts: fn(&str) -> bool,
    /// What it does.
    pub help: &'static str,
}

/// Values for all options of one back end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    values: BTreeMap<&'static str, String>,
}

impl Options {
    /// The defaults, overlaid with what the user gave.
    ///
    /// # Errors
    /// When an option is unknown or its value not acceptable.
    pub fn new<'a>(
        specs: &'static [OptionSpec],
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, OptionError> {
        let mut values: BTreeMap<_, _> =
            specs.iter().map(|spec| (spec.name, spec.default.to_owned())).collect();
        for (name, value) in given {
            let spec = specs.iter().find(|spec| spec.name == name).ok_or_else(|| OptionError::Unknown {
                name: name.to_owned(),
                known: specs.iter().map(|spec| spec.name).collect(),
            })?;
            let listed = spec.values.is_empty() || spec.values.contains(&value);
            if !listed || !(spec.accepts)(value) {
                return Err(OptionError::Value { value: value.to_owned(), spec: spec.clone() });
            }
            values.insert(spec.name, value.to_owned());
        }
        Ok(Self { values })
    }

    /// All options with their values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The value of an option; empty for one the back end does not have.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
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
        known: Vec<&'static str>,
    },
    /// The value is not acceptable.
    Value {
        /// What the user wrote.
        value: String,
        /// The option.
        spec: OptionSpec,
    },
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
