//! Writing artifacts: all of them or none.
//!
//! Everything is first written to a staging folder on the same file system; only then are the
//! files moved to their places. If a move fails, those already made are undone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use caveat_backend::{Artifact, ArtifactRole, Fidelity};
use caveat_diag::{Code, Diagnostic};
use caveat_ir::value::BulletinId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::inputs::{display, plain};

/// The list of artifacts, written beside them.
pub const MANIFEST: &str = "manifest.json";
const SCHEMA: &str = "caveat/manifest/v1";

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    schema: String,
    artifacts: Vec<Listed>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Listed {
    path: String,
    target: String,
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

/// Writes artifacts below `folder` with a manifest, and removes those that an earlier run for
/// the same targets left there and this one did not make.
///
/// # Errors
/// When something cannot be written; nothing is changed then.
pub fn write(folder: &Path, artifacts: &[(String, Artifact)]) -> Result<(), Diagnostic> {
    let unwritable = |error: &io::Error| {
        let message = format!("the artifacts cannot be written to `{}`: {}", display(folder), plain(error));
        Diagnostic::new(Code::UNWRITABLE_OUTPUT, message).help("nothing was changed there")
    };
    let old = read_manifest(folder);
    let manifest = merge(&old, artifacts);
    let kept: BTreeSet<&str> = manifest.artifacts.iter().map(|listed| listed.path.as_str()).collect();
    let stale: Vec<&str> =
        old.iter().map(|listed| listed.path.as_str()).filter(|path| !kept.contains(path)).collect();
    replace(folder, &files(artifacts, &manifest), &stale).map_err(|error| unwritable(&error))
}

/// The targets that would write through a symbolic link below `folder`, and so perhaps elsewhere.
#[must_use]
pub fn through_links(folder: &Path, artifacts: &[(String, Artifact)]) -> BTreeMap<String, Diagnostic> {
    let mut found = BTreeMap::new();
    for (target, artifact) in artifacts {
        let mut path = folder.to_owned();
        for part in artifact.path.split('/') {
            path.push(part);
            if path.is_symlink() {
                let message = format!("{target}: `{}` is a symbolic link", display(&path));
                let problem = Diagnostic::new(Code::UNWRITABLE_OUTPUT, message);
                let help = "remove it: artifacts are written below the output folder and nowhere else";
                found.entry(target.clone()).or_insert_with(|| problem.help(help));
            }
        }
    }
    found
}

/// Writes one file, whole or not at all.
///
/// # Errors
/// When it cannot be written; the old one is still there then.
pub fn write_file(path: &Path, text: &str) -> Result<(), Diagnostic> {
    let write = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        let permissions = fs::metadata(path).map(|metadata| metadata.permissions());
        if let Ok(permissions) = permissions {
            file.as_file().set_permissions(permissions)?;
        }
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error: io::Error| {
        Diagnostic::new(
            Code::UNWRITABLE_OUTPUT,
            format!("`{}` cannot be written: {}", display(path), plain(&error)),
        )
    })
}

fn read_manifest(folder: &Path) -> Vec<Listed> {
    let text = fs::read_to_string(folder.join(MANIFEST)).unwrap_or_default();
    let manifest = serde_json::from_str::<Manifest>(&text).ok().filter(|manifest| manifest.schema == SCHEMA);
    let mut listed = manifest.map(|manifest| manifest.artifacts).unwrap_or_default();
    listed.retain(|listed| {
        Path::new(&listed.path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
    });
    listed
}

/// What this run made, and what earlier runs made for other targets.
fn merge(old: &[Listed], artifacts: &[(String, Artifact)]) -> Manifest {
    let targets: BTreeSet<&str> = artifacts.iter().map(|(target, _)| target.as_str()).collect();
    let others = old.iter().filter(|listed| !targets.contains(listed.target.as_str())).cloned();
    let mut listed: Vec<Listed> =
        artifacts.iter().map(|(target, artifact)| list(target, artifact)).chain(others).collect();
    listed.sort();
    listed.dedup_by(|a, b| a.path == b.path);
    Manifest { schema: SCHEMA.to_owned(), artifacts: listed }
}

fn list(target: &str, artifact: &Artifact) -> Listed {
    let hash = Sha256::digest(artifact.text.as_bytes());
    Listed {
        path: artifact.path.clone(),
        target: target.to_owned(),
        role: match artifact.role {
            ArtifactRole::Main => Role::Main,
            ArtifactRole::Companion => Role::Companion,
        },
        bulletins: artifact.bulletins.clone(),
        fidelity: artifact.fidelity,
        sha256: hash.iter().fold(String::new(), |out, byte| out + &format!("{byte:02x}")),
    }
}

fn files<'a>(
    artifacts: &'a [(String, Artifact)],
    manifest: &Manifest,
) -> Vec<(&'a str, std::borrow::Cow<'a, str>)> {
    let text = serde_json::to_string_pretty(manifest).map(|text| text + "\n").unwrap_or_default();
    let manifest = std::iter::once((MANIFEST, text.into()));
    artifacts
        .iter()
        .map(|(_, artifact)| (artifact.path.as_str(), artifact.text.as_str().into()))
        .chain(manifest)
        .collect()
}

fn replace(folder: &Path, files: &[(&str, std::borrow::Cow<'_, str>)], stale: &[&str]) -> io::Result<()> {
    let fresh = !folder.exists();
    let beside = if fresh { existing_parent(folder)? } else { folder.to_owned() };
    let staging = tempfile::Builder::new().prefix(".caveat-").tempdir_in(&beside)?;
    let new = staging.path().join("new");
    for (path, text) in files {
        let path = new.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&new))?;
        fs::write(&path, text.as_bytes())?;
    }
    if fresh {
        fs::create_dir_all(folder.parent().unwrap_or(folder))?;
        return fs::rename(&new, folder);
    }
    let mut moves = Moves { folder, staging: &staging, done: Vec::new() };
    let paths = files.iter().map(|(path, _)| *path);
    let outcome = moves.all(paths, stale);
    if outcome.is_err() {
        moves.undo();
    }
    outcome
}

/// The nearest folder above that is there already.
fn existing_parent(folder: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(folder)?;
    let found = absolute.ancestors().skip(1).find(|parent| parent.is_dir());
    found.map(Path::to_owned).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

/// Moves made so far, so that they can be undone.
struct Moves<'a> {
    folder: &'a Path,
    staging: &'a TempDir,
    done: Vec<(PathBuf, Option<PathBuf>)>,
}

impl Moves<'_> {
    fn all<'p>(&mut self, paths: impl Iterator<Item = &'p str>, stale: &[&str]) -> io::Result<()> {
        for path in paths {
            self.set_aside(path)?;
            let target = self.folder.join(path);
            fs::create_dir_all(target.parent().unwrap_or(self.folder))?;
            fs::rename(self.staging.path().join("new").join(path), &target)?;
        }
        stale.iter().try_for_each(|path| self.set_aside(path))
    }

    /// Moves the old file, if there is one, into the staging folder.
    fn set_aside(&mut self, path: &str) -> io::Result<()> {
        let target = self.folder.join(path);
        if target.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                format!("`{}` is a folder", display(&target)),
            ));
        }
        let backup = self.staging.path().join("old").join(path);
        let had = target.exists();
        if had {
            fs::create_dir_all(backup.parent().unwrap_or(self.folder))?;
            fs::rename(&target, &backup)?;
        }
        self.done.push((target, had.then_some(backup)));
        Ok(())
    }

    /// Puts everything back. What cannot be put back stays in place as it is; there is nothing
    /// better to do with a file system that fails twice.
    fn undo(&mut self) {
        for (target, backup) in self.done.drain(..).rev() {
            let _ = match backup {
                Some(backup) => fs::rename(backup, &target),
                None => fs::remove_file(&target),
            };
        }
    }
}
