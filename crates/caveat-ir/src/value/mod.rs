//! The values rules speak about. Each is made by a parser that says what is wrong
//! with a malformed one; none can hold a state that has no meaning.

mod date;
mod ids;
mod language;
mod number;
mod path;
mod registry;
mod version;
mod words;

use std::fmt;

pub use date::Date;
pub use ids::{BulletinId, CveId, Kb};
pub use language::Language;
pub use number::NumberSet;
pub use path::{KnownFolder, WindowsPath};
pub use registry::{Hive, RegistryPath, View};
pub use version::{FileVersion, OsVersion, VersionInterval, VersionSet};
pub use words::{
    Architecture, Branch, BranchPolicy, Digest, Impact, ProductType, Protocol, Rating, Restart, StartType,
    Unlisted,
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
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
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

/// Serialises as the text that [`std::str::FromStr`] reads back.
macro_rules! serde_as_text {
    ($type:ty) => {
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
    };
}
pub(crate) use serde_as_text;
