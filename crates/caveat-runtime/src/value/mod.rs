//! The values that a host is asked for. Each is made by a parser that says what is wrong with a
//! malformed one.

mod kb;
pub(crate) mod language;
pub mod name;
mod path;
mod registry;
mod sets;
pub mod stars;
mod text_version;
mod version;
mod words;

use std::fmt;

pub use kb::Kb;
pub use language::Language;
pub use path::{KnownFolder, PathRef, Variable};
pub use registry::{Hive, KeyRef, View};
pub use sets::{Numbers, TextVersions, Versions};
pub use text_version::{TextInterval, VersionText};
pub use version::{FileVersion, OsVersion, VersionInterval};
pub use words::{
    Architecture, Branch, BranchPolicy, Digest, Family, Impact, InstallationType, Outside, ProductType,
    Protocol, Rating, RawType, RegistryType, Restart, StartType, Unlisted,
};

/// Why a text is not the value it should be: in the user's words, for a diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Malformed {
    /// What is wrong.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    /// Adds what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, " ({help})"))
    }
}

impl std::error::Error for Malformed {}

/// Serialises as the text that [`std::str::FromStr`] reads back; its schema says in words what form the text has,
/// by a pattern what texts are read, and by examples what is written.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! serde_as_text {
    ($type:ty, $form:literal, $pattern:expr, $examples:expr) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "description": $form, "type": "string", "pattern": $pattern, "examples": $examples,
                })
            }
        }
    };
}
