//! Files a back end makes.

use std::collections::BTreeMap;

use caveat_ir::value::{BulletinId, is_device_name};
use serde::{Deserialize, Serialize};

use crate::{EmitBug, Fidelity};

/// A file to be written below the output folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its path: relative, `/` between components, no `.` or `..`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// What it is for.
    pub role: ArtifactRole,
    /// The bulletins in it.
    pub bulletins: Vec<BulletinId>,
    /// How its verdicts relate to the rules'.
    pub fidelity: Fidelity,
}

/// What an artifact is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactRole {
    /// What the user asked for.
    #[default]
    Main,
    /// Goes with a main artifact: a source map, a collector.
    Companion,
}

/// The artifacts of one run of a back end, by path.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    artifacts: BTreeMap<String, Artifact>,
    /// The folders as they are written, by their names in small letters.
    folders: BTreeMap<String, String>,
}

impl Outputs {
    /// Adds an artifact.
    ///
    /// # Errors
    /// When its path is not a plain relative one, equals another's but for case, lies below another, or has
    /// a folder in it that another writes in another case.
    pub fn add(&mut self, artifact: Artifact) -> Result<(), EmitBug> {
        if !is_plain_path(&artifact.path) {
            return Err(EmitBug(format!(
                "the artifact path `{}` is not a plain relative path",
                artifact.path
            )));
        }
        let key = artifact.path.to_ascii_lowercase();
        if let Some(other) = self.across(&key) {
            return Err(EmitBug(format!("the artifact path `{}` crosses `{}`", artifact.path, other.path)));
        }
        self.enter(&artifact.path)?;
        match self.artifacts.insert(key, artifact) {
            Some(other) => Err(EmitBug(format!("two artifacts have the path `{}`", other.path))),
            None => Ok(()),
        }
    }

    /// Remembers how the folders of a path are written.
    fn enter(&mut self, path: &str) -> Result<(), EmitBug> {
        for folder in path.match_indices('/').filter_map(|(at, _)| path.get(..at)) {
            let known = self.folders.entry(folder.to_ascii_lowercase()).or_insert_with(|| folder.to_owned());
            if known != folder {
                return Err(EmitBug(format!("the folders `{known}` and `{folder}` differ in case only")));
            }
        }
        Ok(())
    }

    /// An artifact that would have to be both a file and a folder.
    fn across(&self, key: &str) -> Option<&Artifact> {
        let above = key.match_indices('/').filter_map(|(at, _)| self.artifacts.get(key.get(..at)?));
        let folder = format!("{key}/");
        let below = self.artifacts.range(folder.clone()..).take_while(|(path, _)| path.starts_with(&folder));
        above.chain(below.map(|(_, artifact)| artifact)).next()
    }

    /// The artifacts, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = &Artifact> {
        self.artifacts.values()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.artifacts.is_empty()
    }
}

impl IntoIterator for Outputs {
    type Item = Artifact;
    type IntoIter = std::collections::btree_map::IntoValues<String, Artifact>;

    fn into_iter(self) -> Self::IntoIter {
        self.artifacts.into_values()
    }
}

/// Longer paths do not fit everywhere.
const MAX_PATH: usize = 240;

/// Whether the path names the same file below a folder on every system.
#[must_use]
pub fn is_plain_path(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_plain_part = |part: &str| {
        let named = !part.is_empty() && !part.starts_with('.') && !part.ends_with('.');
        named && part.chars().all(plain) && !is_device_name(part)
    };
    path.len() <= MAX_PATH && path.split('/').all(is_plain_part)
}
