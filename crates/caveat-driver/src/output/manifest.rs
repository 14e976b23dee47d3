//! The list of artifacts that lies beside them. It may come from a stranger, with the repository that it
//! lies in: no entry is believed that Caveat could not have written, and none leads out of its target's folder.

use std::collections::BTreeSet;
use std::io::{self, Read as _};

use caveat_backend::{Artifact, ArtifactRole, Fidelity, is_plain_path};
use caveat_ir::value::BulletinId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::folder::Folder;

/// The file's name.
pub(super) const MANIFEST: &str = "manifest.json";
const SCHEMA: &str = "caveat/manifest/v1";
/// The list of a million artifacts is below.
const MAX_BYTES: u64 = 256 * 1024 * 1024;
/// Larger files are no artifacts.
const MAX_ARTIFACT: u64 = 1024 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    schema: String,
    pub(super) artifacts: Vec<Listed>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) target: String,
    role: Role,
    bulletins: Vec<BulletinId>,
    fidelity: Fidelity,
    sha256: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Main,
    Companion,
}

impl Manifest {
    /// Reads the manifest of a folder; none is an empty one.
    ///
    /// # Errors
    /// When it is no manifest of Caveat: then it is somebody else's, or nobody knows what is stale.
    pub(super) fn read(folder: &Folder) -> io::Result<Self> {
        let file = match folder.open_file(MANIFEST, MAX_BYTES) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::of(&[])),
            Err(error) => return Err(error),
        };
        let manifest = serde_json::from_reader(io::BufReader::new(file))
            .ok()
            .filter(|manifest: &Self| manifest.schema == SCHEMA);
        let foreign = || io::Error::new(io::ErrorKind::InvalidData, "it is not a manifest of Caveat");
        let mut manifest = manifest.ok_or_else(foreign)?;
        manifest.artifacts.retain(Listed::is_possible);
        Ok(manifest)
    }

    /// The manifest of these artifacts, each with its target.
    pub(super) fn of(artifacts: &[(String, Artifact)]) -> Self {
        let artifacts = artifacts.iter().map(|(target, artifact)| Listed::of(target, artifact));
        Self { schema: SCHEMA.to_owned(), artifacts: artifacts.collect() }.sorted()
    }

    /// Keeps what earlier runs made for other targets than `targets`; what they made for those is stale,
    /// unless it was made again.
    pub(super) fn succeed(mut self, old: Self, targets: &[&str]) -> (Self, Vec<Listed>) {
        let (before, others): (Vec<_>, Vec<_>) =
            old.artifacts.into_iter().partition(|listed| targets.contains(&listed.target.as_str()));
        let made: BTreeSet<&str> = self.artifacts.iter().map(|listed| listed.path.as_str()).collect();
        let mut stale: Vec<Listed> =
            before.into_iter().filter(|listed| !made.contains(listed.path.as_str())).collect();
        stale.sort();
        stale.dedup_by(|a, b| a.path == b.path);
        self.artifacts.extend(others);
        (self.sorted(), stale)
    }

    fn sorted(mut self) -> Self {
        self.artifacts.sort();
        self.artifacts.dedup_by(|a, b| a.path == b.path);
        self
    }

    /// The file's text.
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }
}

impl Listed {
    fn of(target: &str, artifact: &Artifact) -> Self {
        Self {
            path: artifact.path.clone(),
            target: target.to_owned(),
            role: match artifact.role {
                ArtifactRole::Main => Role::Main,
                ArtifactRole::Companion => Role::Companion,
            },
            bulletins: artifact.bulletins.clone(),
            fidelity: artifact.fidelity,
            sha256: hexadecimal(&Sha256::digest(artifact.text.as_bytes())),
        }
    }

    /// Whether it could be an artifact: a plain path below the folder of its target.
    fn is_possible(&self) -> bool {
        let below = self.path.strip_prefix(&self.target).is_some_and(|rest| rest.starts_with('/'));
        below && is_plain_path(&self.path)
    }

    /// Whether the file at its path is still the one that was written.
    pub(super) fn is_unchanged(&self, folder: &Folder) -> io::Result<bool> {
        let mut file = folder.open_file(&self.path, MAX_ARTIFACT)?;
        let (mut hash, mut chunk) = (Sha256::new(), vec![0; 64 * 1024]);
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(hexadecimal(&hash.finalize()) == self.sha256),
                read => hash.update(chunk.get(..read).unwrap_or_default()),
            }
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
