//! A build of Windows with its revision.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Malformed;

/// A build and its revision, as Windows 10 and later show them: `19045.5737`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BuildRevision {
    /// The build: `19045`.
    pub build: u32,
    /// The revision, which the registry calls UBR: `5737`.
    pub revision: u32,
}

impl fmt::Display for BuildRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.build, self.revision)
    }
}

impl FromStr for BuildRevision {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let number =
            |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok());
        let parts: Vec<Option<u32>> = text.split('.').map(|part| number(part).flatten()).collect();
        match parts.as_slice() {
            [Some(build), Some(revision)] => Ok(Self { build: *build, revision: *revision }),
            [Some(10), Some(0), Some(build), Some(revision)] => {
                Err(malformed(text).help(format!("leave the version of Windows out: `{build}.{revision}`")))
            }
            [Some(_)] => Err(malformed(text).help(format!("add the revision: `{text}.N`"))),
            _ => Err(malformed(text).help("write a build, a dot and its revision: `19045.5737`")),
        }
    }
}

fn malformed(text: &str) -> Malformed {
    Malformed::new(format!("`{text}` is not a build with its revision"))
}
