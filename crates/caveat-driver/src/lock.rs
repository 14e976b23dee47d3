//! The lock file: ids and versions that stay as they were given out.

use std::collections::BTreeMap;
use std::path::Path;

use caveat_backend::Ledger;
use caveat_diag::{Code, Diagnostic};
use serde::{Deserialize, Serialize};

use crate::inputs::{display, read_found};

/// A lock file of a million ids is far below.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

const SCHEMA: &str = "caveat/lock/v1";

/// The ledgers of all targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    schema: String,
    /// By target.
    pub targets: BTreeMap<String, Ledger>,
}

impl Default for Lock {
    fn default() -> Self {
        Self { schema: SCHEMA.to_owned(), targets: BTreeMap::new() }
    }
}

impl Lock {
    /// Reads a lock file; one that is not there is empty.
    ///
    /// # Errors
    /// When it cannot be read or is not a lock file.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = read_found(path, MAX_BYTES)?;
        let invalid = |why: String| {
            let message = format!("`{}` is not a lock file of Caveat: {why}", display(path));
            let help =
                "restore it from version control; without it, ids that were moved by a collision may change";
            Diagnostic::new(Code::INVALID_CONFIGURATION, message).help(help)
        };
        let lock: Self = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        if lock.schema != SCHEMA {
            return Err(invalid(format!("its schema is `{}`", lock.schema)));
        }
        for (target, ledger) in &lock.targets {
            ledger.check().map_err(|flaw| invalid(format!("{target}: {flaw}")))?;
        }
        Ok(lock)
    }

    /// Whether a file with this text could be read again.
    #[must_use]
    pub fn fits(text: &str) -> bool {
        text.len() as u64 <= MAX_BYTES
    }

    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }
}
