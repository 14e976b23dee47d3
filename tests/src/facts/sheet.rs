//! A sheet of facts: what one bulletin says, with the lines it says it in.
//!
//! Where the rules say something else on purpose, the reason stands behind the fact: `… but REASON`.

use std::collections::BTreeMap;

use caveat_ir::value::{BulletinId, CveId, Date, Rating};
use serde::Deserialize;

use super::row::Row;
use crate::rules::{files_below, read, root};

/// What a bulletin says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sheet {
    /// The bulletin.
    pub bulletin: BulletinId,
    /// Its articles.
    pub kb: Vec<u32>,
    /// Its Japanese title, without the article's number.
    pub title: String,
    /// When it was published.
    pub published: Date,
    /// The days of its revision history.
    pub revised: Vec<Date>,
    /// Its highest severity.
    pub severity: Rating,
    /// The platforms it concerns.
    pub affected: Vec<Noted>,
    /// The platforms it does not concern.
    pub unaffected: Vec<Noted>,
    /// What has to be there on some platforms.
    #[serde(default)]
    pub components: Vec<Component>,
    /// What is not concerned on some platforms.
    #[serde(default)]
    pub unaffected_components: Vec<Component>,
    /// Its vulnerabilities.
    pub vulnerabilities: BTreeMap<CveId, Flaw>,
    /// What it replaces.
    pub supersedes: Vec<Replaced>,
    /// The registry keys that show the update.
    pub markers: Vec<Marker>,
    /// Whether the update restarts the host.
    pub restart: Vec<Restarts>,
    /// The service packs that were to include the fix.
    pub included: Vec<Included>,
    /// Updates that have to be there before.
    #[serde(default)]
    pub needs: Vec<Needed>,
    /// Command lines that install the update.
    pub commands: Vec<Command>,
    /// Programs that remove it.
    pub uninstall: Vec<Command>,
    /// The tables of files.
    pub tables: Vec<Table>,
}

/// A fact, and why the rules say something else.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Noted {
    /// The fact as the bulletin has it.
    pub fact: String,
    /// Why the rules do not.
    pub but: Option<String>,
}

impl From<String> for Noted {
    fn from(text: String) -> Self {
        match text.split_once(" but ") {
            Some((fact, but)) => Self { fact: fact.to_owned(), but: Some(but.to_owned()) },
            None => Self { fact: text, but: None },
        }
    }
}

/// A component of Windows, or a product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Component {
    /// Where the bulletin says so.
    pub line: u32,
    /// On which platforms.
    pub on: String,
    /// Part of the name of a fact by which rules tell it.
    pub told_by: String,
    /// Its name.
    pub name: String,
}

/// A vulnerability.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Flaw {
    /// Its name as a candidate.
    pub alias: String,
    /// `PLATFORMS = RATING`
    pub severity: Vec<Noted>,
    /// The ports that its workarounds block: `tcp 42`.
    #[serde(default)]
    pub blocks: Vec<String>,
    /// The registry keys by which its workarounds can be seen.
    #[serde(default)]
    pub checkable: Vec<String>,
}

/// What is replaced on some platforms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Replaced {
    /// On which platforms.
    pub on: String,
    /// These are.
    pub replaced: Vec<BulletinId>,
    /// These are not.
    #[serde(default)]
    pub not_replaced: Vec<BulletinId>,
    /// These have nothing to do with the platform.
    #[serde(default)]
    pub not_applicable: Vec<BulletinId>,
}

/// A registry key that shows the update.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marker {
    /// Where the bulletin says so.
    pub line: u32,
    /// On which platforms.
    pub on: String,
    /// The key.
    pub key: String,
    /// The value that is 1; the key alone when none.
    pub value: Option<String>,
}

/// Whether the update restarts hosts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restarts {
    /// On which platforms.
    pub on: String,
    /// The word for it.
    pub is: caveat_ir::value::Restart,
}

/// A service pack that was to include the fix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Included {
    /// On which platforms.
    pub on: String,
    /// Its number.
    pub sp: u32,
    /// Why the rules name another.
    pub but: Option<String>,
}

/// An update that has to be there before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needed {
    /// Where the bulletin says so.
    pub line: u32,
    /// On which platforms.
    pub on: String,
    /// Its article.
    pub kb: u32,
}

/// A command line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Where the bulletin says so.
    pub line: u32,
    /// On which platforms.
    pub on: String,
    /// The command.
    pub run: String,
}

/// A table of files.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Where it begins.
    pub line: u32,
    /// Where the table of the English files begins, in the reference.
    pub english: Option<u32>,
    /// What stands above it.
    pub label: String,
    /// The platforms it is for.
    #[serde(rename = "for")]
    pub platforms: String,
    /// The packages of the rules that ship these files.
    pub packages: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Rows that the rules have and the table does not, each with its reason.
    #[serde(default)]
    pub added: Vec<Row>,
}

/// All sheets, in order.
#[must_use]
pub fn sheets() -> Vec<Sheet> {
    let files = files_below(&root().join("tests/facts"), "yaml");
    let sheet = |path: &std::path::PathBuf| {
        serde_yaml::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.iter().map(sheet).collect()
}
