//! Files a back end makes.

use std::collections::BTreeMap;

use caveat_ir::value::BulletinId;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactRole {
    /// What the user asked for.
    Main,
    /// Goes with a main artifact: a source map, a collector.
    Companion,
}

/// The artifacts of one run of a back end, by path.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    artifacts: BTreeMap<String, Artifact>,
}

impl Outputs {
    /// Adds an artifact.
    ///
    /// # Errors
    /// When its path is not a plain relative one, or equals another's but for case.
    pub fn add(&mut self, artifact: Artifact) -> Result<(), EmitBug> {
        if !is_plain(&artifact.path) {
            return Err(EmitBug(format!(
                "the artifact path `{}` is not a plain relative path",
                artifact.path
            )));
        }
        let key = artifact.path.to_ascii_lowercase();
        match self.artifacts.insert(key, artifact) {
            Some(other) => Err(EmitBug(format!("two artifacts have the path `{}`", other.path))),
            None => Ok(()),
        }
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

fn is_plain(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    path.split('/').all(|part| {
        !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && part.chars().all(plain)
    })
}
