//! Folders where systems offer nothing but paths: each name is looked at just before it is used.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::Kind;

/// A folder that was there.
#[derive(Debug)]
pub(in super::super) struct Folder(PathBuf);

impl Folder {
    /// The folder at a path, which may lead through links.
    pub(in super::super) fn open(path: &Path) -> io::Result<Self> {
        if path.is_dir() { Ok(Self(path.to_owned())) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    pub(super) fn here(&self) -> io::Result<Self> {
        Ok(Self(self.0.clone()))
    }

    /// The folder of this name, if that is no link.
    pub(in super::super) fn below(&self, name: &str) -> io::Result<Self> {
        match self.kind_of(name)? {
            Some(Kind::Folder) => Ok(Self(self.0.join(name))),
            Some(_) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn kind_of(&self, name: &str) -> io::Result<Option<Kind>> {
        match fs::symlink_metadata(self.0.join(name)) {
            Ok(about) if about.is_symlink() => Ok(Some(Kind::Link)),
            Ok(about) if about.is_dir() => Ok(Some(Kind::Folder)),
            Ok(about) if about.is_file() => Ok(Some(Kind::File)),
            Ok(_) => Ok(Some(Kind::Other)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn make(&self, name: &str) -> io::Result<()> {
        fs::create_dir(self.0.join(name))
    }

    pub(super) fn open_name(&self, name: &str) -> io::Result<File> {
        File::open(self.0.join(name))
    }

    pub(super) fn rename(&self, name: &str, to: &Self) -> io::Result<()> {
        fs::rename(self.0.join(name), to.0.join(name))
    }

    pub(super) fn remove_name(&self, name: &str) -> io::Result<()> {
        fs::remove_dir(self.0.join(name))
    }
}
