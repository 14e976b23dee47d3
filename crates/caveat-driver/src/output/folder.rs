//! A folder that is written to, and what lies below it. No link below it is ever followed: whoever could
//! put one there would choose what is read, replaced or removed.
//!
//! On Unix every folder on the way is opened without following links, and all that is done is done in what
//! was opened, so that nothing can be exchanged between a look and a deed. Elsewhere each part of a path is
//! looked at just before.

use std::fs::File;
use std::io::{self, Read as _};

#[cfg(not(unix))]
#[path = "by_path.rs"]
mod system;
#[cfg(unix)]
#[path = "opened.rs"]
mod system;

pub(super) use system::Folder;

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    /// A device, a pipe, a socket.
    Other,
}

impl Folder {
    /// The folder that a path leads to. Folders that are not there are made, if `make` says so.
    fn walk<'p>(&self, mut parts: impl Iterator<Item = &'p str>, make: bool) -> io::Result<Self> {
        parts.try_fold(self.here()?, |folder, part| {
            if make && folder.kind_of(part)?.is_none() {
                folder.make(part)?;
            }
            folder.below(part)
        })
    }

    /// The folder that a path lies in, and its last part.
    fn parent<'p>(&self, path: &'p str, make: bool) -> io::Result<(Self, &'p str)> {
        let (folders, name) =
            path.rsplit_once('/').map_or((None, path), |(folders, name)| (Some(folders), name));
        Ok((self.walk(folders.into_iter().flat_map(|folders| folders.split('/')), make)?, name))
    }

    /// What lies at a path; nothing when a folder on the way is not there.
    pub(super) fn kind(&self, path: &str) -> io::Result<Option<Kind>> {
        match self.parent(path, false) {
            Ok((folder, name)) => folder.kind_of(name),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The file at a path, to be read up to `limit` bytes. Nothing else is opened: a device may do
    /// something then, and a pipe wait for ever.
    pub(super) fn open_file(&self, path: &str, limit: u64) -> io::Result<io::Take<File>> {
        let (folder, name) = self.parent(path, false)?;
        let refused = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it {what}")));
        match folder.kind_of(name)? {
            None => return Err(io::ErrorKind::NotFound.into()),
            Some(Kind::File) => {}
            Some(kind) => return refused(kind.words()),
        }
        let file = folder.open_name(name)?;
        let about = file.metadata()?;
        if !about.is_file() {
            return refused(Kind::Other.words());
        }
        if about.len() > limit {
            return refused(&format!("is larger than {} MiB", limit / 1024 / 1024));
        }
        Ok(file.take(limit))
    }

    /// Moves what lies at a path to the same path below another folder, whose folders are made.
    pub(super) fn move_to(&self, to: &Self, path: &str) -> io::Result<()> {
        let (from, name) = self.parent(path, false)?;
        from.rename(name, &to.parent(path, true)?.0)
    }

    /// Removes a folder, if it is empty.
    pub(super) fn remove_empty(&self, path: &str) -> io::Result<()> {
        let (folder, name) = self.parent(path, false)?;
        folder.remove_name(name)
    }
}

impl Kind {
    /// For messages that say why something is not a file to be read or replaced.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::File => "is a file",
            Self::Folder => "is a folder",
            Self::Link => "is a symbolic link",
            Self::Other => "is not a regular file",
        }
    }
}
