//! What is known of the hosts of a platform besides the facts that tell it.

use serde::{Deserialize, Serialize};

use crate::value::{FileVersion, NumberSet, WindowsPath};

/// Data for whoever judges rules or facts; no host is tested for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Knowledge {
    /// The service packs that there were; 0 is none.
    pub service_packs: Option<NumberSet>,
    /// How files are numbered that come with it and with its updates; empty when that is not known.
    pub numbering: Vec<NumberLine>,
    /// Files that every host of it has.
    pub always: Vec<WindowsPath>,
}

/// How files are numbered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NumberLine {
    /// The first three numbers of their versions; the fourth is 0.
    pub numbers: FileVersion,
    /// The service packs on which files are numbered so; all when none.
    pub service_packs: Option<NumberSet>,
}

impl NumberLine {
    /// Whether a file of this version is numbered so.
    #[must_use]
    pub fn has(&self, version: FileVersion) -> bool {
        let ([a, b, c, _], [major, minor, build, _]) = (self.numbers.0, version.0);
        [a, b, c] == [major, minor, build]
    }
}
