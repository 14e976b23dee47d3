//! Writing artifacts: all of them or none.
//!
//! Everything is first written to a staging folder on the same file system; only then are the
//! files moved to their places. If a move fails, those already made are undone.
//!
//! What lies in the output folder may come from a stranger, with the repository of rules. So nothing is
//! read, replaced or removed there through a link, and nothing is removed but what Caveat wrote.

mod folder;
mod manifest;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use caveat_backend::Artifact;
use caveat_diag::{Code, Diagnostic};
use tempfile::TempDir;

use crate::inputs::{display, plain};
use folder::{Folder, Kind};
use manifest::{Listed, MANIFEST, Manifest};

/// Writes artifacts below `folder` with a manifest, and removes those that an earlier run for the same
/// `targets` left there and this one did not make. Returns warnings of those that stay.
///
/// # Errors
/// When something cannot be written, or the manifest that is there is none; nothing is changed then.
pub fn write(
    folder: &Path,
    targets: &[&str],
    artifacts: &[(String, Artifact)],
) -> Result<Vec<Diagnostic>, Diagnostic> {
    let made = Manifest::of(artifacts);
    if !folder.exists() {
        return create(folder, &files(artifacts, &made))
            .map(|()| Vec::new())
            .map_err(|error| unwritable(folder, &error));
    }
    let out = Folder::open(folder).map_err(|error| unwritable(folder, &error))?;
    let old = Manifest::read(&out).map_err(|error| unreadable(&folder.join(MANIFEST), &error))?;
    let (manifest, stale) = made.succeed(old, targets);
    let (stale, warnings) = removable(folder, &out, &stale);
    replace(folder, &out, &files(artifacts, &manifest), &stale)
        .map(|()| warnings)
        .map_err(|error| unwritable(folder, &error))
}

fn unwritable(folder: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("the artifacts cannot be written to `{}`: {}", display(folder), plain(error));
    Diagnostic::new(Code::UNWRITABLE_OUTPUT, message).help("nothing was changed there")
}

/// Without a manifest that can be believed, nobody knows what is stale; and the file may be another program's.
fn unreadable(manifest: &Path, error: &io::Error) -> Diagnostic {
    let message = format!("`{}` cannot be replaced: {}", display(manifest), plain(error));
    let help = "nothing was written; remove it, or name another folder with `-o`";
    Diagnostic::new(Code::UNWRITABLE_OUTPUT, message).help(help)
}

/// The first part of a path below `folder` that is a symbolic link.
#[must_use]
pub fn link_below(folder: &Path, path: &Path) -> Option<PathBuf> {
    let mut reached = folder.to_owned();
    path.components().find_map(|part| {
        reached.push(part);
        reached.is_symlink().then(|| reached.clone())
    })
}

/// The targets that would write through a symbolic link below `folder`, and so perhaps elsewhere.
#[must_use]
pub fn through_links(folder: &Path, artifacts: &[(String, Artifact)]) -> BTreeMap<String, Diagnostic> {
    let mut found = BTreeMap::new();
    for (target, artifact) in artifacts {
        if let Some(link) = link_below(folder, Path::new(&artifact.path)) {
            let message = format!("{target}: `{}` is a symbolic link", display(&link));
            let problem = Diagnostic::new(Code::UNWRITABLE_OUTPUT, message);
            let help = "remove it: artifacts are written below the output folder and nowhere else";
            found.entry(target.clone()).or_insert_with(|| problem.help(help));
        }
    }
    found
}

/// The paths of the stale artifacts that are still what Caveat wrote, and warnings of the others.
fn removable<'s>(folder: &Path, out: &Folder, stale: &'s [Listed]) -> (Vec<&'s str>, Vec<Diagnostic>) {
    let (mut paths, mut warnings) = (Vec::new(), Vec::new());
    for listed in stale {
        match stays(folder, out, listed) {
            None => paths.push(listed.path.as_str()),
            Some(why) => warnings.push(kept(&folder.join(&listed.path), &listed.target, &why)),
        }
    }
    (paths, warnings)
}

/// Why a stale artifact is not removed, if it is not.
fn stays(folder: &Path, out: &Folder, listed: &Listed) -> Option<String> {
    if let Some(link) = link_below(folder, Path::new(&listed.path)) {
        return Some(format!("`{}` {}", display(&link), Kind::Link.words()));
    }
    match out.kind(&listed.path) {
        Ok(None) => None,
        Ok(Some(Kind::File)) => match listed.is_unchanged(out) {
            Ok(true) => None,
            Ok(false) => Some("it is not what was written".to_owned()),
            Err(error) => Some(format!("it cannot be read: {}", plain(&error))),
        },
        Ok(Some(kind)) => Some(format!("it {}", kind.words())),
        Err(error) => Some(format!("it cannot be looked at: {}", plain(&error))),
    }
}

fn kept(path: &Path, target: &str, why: &str) -> Diagnostic {
    let message = format!("{target}: `{}` is made no more, but stays: {why}", display(path));
    let help = "see whether it is still needed, and remove it otherwise; Caveat forgets it now";
    Diagnostic::new(Code::STALE_ARTIFACT, message).help(help).data("target", [target.to_owned()])
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

/// Paths below the output folder, and texts.
type Files<'a> = Vec<(&'a str, Cow<'a, str>)>;

fn files<'a>(artifacts: &'a [(String, Artifact)], manifest: &Manifest) -> Files<'a> {
    let artifacts =
        artifacts.iter().map(|(_, artifact)| (artifact.path.as_str(), artifact.text.as_str().into()));
    artifacts.chain(std::iter::once((MANIFEST, manifest.to_text().into()))).collect()
}

/// A folder beside the places of the files, which goes away with all that is left in it.
fn staging(folder: &Path) -> io::Result<TempDir> {
    tempfile::Builder::new().prefix(".caveat-").tempdir_in(folder)
}

/// Writes files below `new`, a folder of nobody else.
fn stage(new: &Path, files: &Files<'_>) -> io::Result<()> {
    for (path, text) in files {
        let path = new.join(path);
        fs::create_dir_all(path.parent().unwrap_or(new))?;
        fs::write(&path, text.as_bytes())?;
    }
    Ok(())
}

/// Makes the folder with all of its files at once.
fn create(folder: &Path, files: &Files<'_>) -> io::Result<()> {
    let staging = staging(&existing_parent(folder)?)?;
    let new = staging.path().join("new");
    stage(&new, files)?;
    fs::create_dir_all(folder.parent().unwrap_or(folder))?;
    fs::rename(&new, folder)
}

/// The nearest folder above that is there already.
fn existing_parent(folder: &Path) -> io::Result<PathBuf> {
    let absolute = std::path::absolute(folder)?;
    let found = absolute.ancestors().skip(1).find(|parent| parent.is_dir());
    found.map(Path::to_owned).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

/// Puts files in their places, and takes the stale ones away.
fn replace(folder: &Path, out: &Folder, files: &Files<'_>, stale: &[&str]) -> io::Result<()> {
    let staging = staging(folder)?;
    stage(&staging.path().join("new"), files)?;
    fs::create_dir(staging.path().join("old"))?;
    let name = staging.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let staged = out.below(&name)?;
    let (new, old) = (staged.below("new")?, staged.below("old")?);
    let mut moves = Moves { folder, out, new, old, done: Vec::new() };
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let outcome = moves.all(&paths, stale);
    if outcome.is_err() {
        moves.undo();
    }
    outcome
}

/// The folders that a path leads through, the innermost first.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// Moves made so far, so that they can be undone.
struct Moves<'a> {
    folder: &'a Path,
    out: &'a Folder,
    new: Folder,
    old: Folder,
    done: Vec<Move<'a>>,
}

enum Move<'a> {
    SetAside(&'a str),
    Placed(&'a str),
}

impl<'a> Moves<'a> {
    /// Stale files go first: where systems tell no case apart, one may stand in the way.
    fn all(&mut self, paths: &[&'a str], stale: &[&'a str]) -> io::Result<()> {
        stale.iter().try_for_each(|path| self.set_aside(path))?;
        let needed: BTreeSet<&str> = paths.iter().flat_map(|path| folders(path)).collect();
        for path in stale {
            self.prune(path, &needed);
        }
        for path in paths {
            self.set_aside(path)?;
            self.new.move_to(self.out, path)?;
            self.done.push(Move::Placed(path));
        }
        Ok(())
    }

    /// Moves the old file, if there is one, into the staging folder.
    fn set_aside(&mut self, path: &'a str) -> io::Result<()> {
        match self.out.kind(path)? {
            None => return Ok(()),
            Some(Kind::File | Kind::Other) => self.out.move_to(&self.old, path)?,
            Some(kind @ (Kind::Folder | Kind::Link)) => {
                let message = format!("`{}` {}", display(&self.folder.join(path)), kind.words());
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
            }
        }
        self.done.push(Move::SetAside(path));
        Ok(())
    }

    /// Removes the folders that a stale file has left empty, unless they are needed.
    fn prune(&self, stale: &str, needed: &BTreeSet<&str>) {
        let mut folders = folders(stale).take_while(|folder| !needed.contains(folder));
        while folders.next().is_some_and(|folder| self.out.remove_empty(folder).is_ok()) {}
    }

    /// Puts everything back. What cannot be put back stays in place as it is; there is nothing
    /// better to do with a file system that fails twice.
    fn undo(&mut self) {
        for done in self.done.drain(..).rev() {
            let _ = match done {
                Move::SetAside(path) => self.old.move_to(self.out, path),
                Move::Placed(path) => self.out.move_to(&self.new, path),
            };
        }
    }
}
