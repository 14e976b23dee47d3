//! The lock file: ids and versions that stay as they were given out, and what bulletins meant when they were
//! last revised.

use std::collections::BTreeMap;
use std::path::Path;

use caveat_backend::{Ledger, digest};
use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Bulletin, RuleSet};
use caveat_ir::value::{BulletinId, Date};
use caveat_ir::{Checked, canonical};
use serde::{Deserialize, Serialize};

use crate::build::placed;
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
    /// What each bulletin meant on its last day.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    bulletins: BTreeMap<BulletinId, Dated>,
}

/// What a bulletin meant, and the day that it gave for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dated {
    /// The digest of its claims.
    meaning: String,
    /// The day of the last revision, else that of the publication.
    day: Option<Date>,
}

impl Dated {
    fn of(rules: &RuleSet, bulletin: &Bulletin) -> Self {
        let cases = rules.cases(bulletin).map(|case| {
            let formula = canonical::formula(rules, &rules.spelled_out(&case.vulnerable()));
            canonical::fields(&[case.vulnerability.id.as_str(), &case.package.name, &formula])
        });
        let meaning = digest(&canonical::fields(&cases.collect::<Vec<_>>()));
        let revised = bulletin.revisions.iter().map(|revision| revision.date).max();
        Self { meaning, day: revised.max(bulletin.published.map(|date| date.value)) }
    }
}

impl Default for Lock {
    fn default() -> Self {
        Self { schema: SCHEMA.to_owned(), targets: BTreeMap::new(), bulletins: BTreeMap::new() }
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

    /// Takes in what the rules mean, and finds the bulletins that mean something else than before and give no
    /// later day for it: their artifacts would not show that they changed. Such a bulletin keeps its entry
    /// until it gives one.
    pub fn revise(&mut self, rules: &Checked) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for bulletin in &rules.rules().bulletins {
            let now = Dated::of(rules.rules(), bulletin);
            let before = self.bulletins.get(&bulletin.id);
            match before.filter(|before| before.meaning != now.meaning && now.day <= before.day) {
                Some(_) => found.push(unrevised(rules, bulletin)),
                None => {
                    self.bulletins.insert(bulletin.id.clone(), now);
                }
            }
        }
        found
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

fn unrevised(rules: &Checked, bulletin: &Bulletin) -> Diagnostic {
    let message = format!(
        "the bulletin `{}` means something else than the lock file knows, and gives no later day",
        bulletin.id
    );
    let problem = Diagnostic::new(Code::UNREVISED_CHANGE, message);
    placed(rules, problem, bulletin.origin)
        .help("add `revised` with the day and what changed: readers of the artifacts go by the day")
}
