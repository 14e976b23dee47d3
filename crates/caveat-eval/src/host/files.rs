//! The files of a host by resolved path.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use caveat_ir::host::FileEntry;
use caveat_ir::value::{Digest, FileVersion, WindowsPath};
use caveat_runtime::Fact;

use super::environment::{Environment, Resolved};
use super::problem::Problems;
use super::read;

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileFacts {
    /// The version of its version resource.
    pub(super) version: Fact<FileVersion>,
    /// Its size in bytes.
    pub(super) size: Fact<u64>,
    /// Its MD5 digest, in lower-case hexadecimal digits.
    md5: Fact<String>,
    sha1: Fact<String>,
    sha256: Fact<String>,
}

impl FileFacts {
    pub(super) fn digest(&self, algorithm: Digest) -> Fact<Cow<'_, str>> {
        let digest = match algorithm {
            Digest::Md5 => &self.md5,
            Digest::Sha1 => &self.sha1,
            Digest::Sha256 => &self.sha256,
        };
        digest.as_ref().map(|digits| digits.as_str().into())
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Files {
    files: HashMap<String, Fact<FileFacts>>,
    complete: bool,
}

impl Files {
    pub(super) fn read(
        entries: &[FileEntry],
        complete: bool,
        environment: &Environment,
        problems: &mut Problems,
    ) -> Self {
        let mut files = Self { files: HashMap::with_capacity(entries.len()), complete };
        for (index, entry) in entries.iter().enumerate() {
            let at = format!("files[{index}]");
            let parsed = entry.path.parse::<WindowsPath>().map_err(Into::into);
            let Fact::Present(path) = problems.read(&format!("{at}.path"), parsed) else { continue };
            let facts = if is_unread(entry) { Fact::Unknown } else { file(entry, complete, &at, problems) };
            files.add(environment.resolve(path.borrowed()).path(), facts, &entry.path, &at, problems);
        }
        files
    }

    fn add(&mut self, path: &str, facts: Fact<FileFacts>, written: &str, at: &str, problems: &mut Problems) {
        match self.files.get_mut(path) {
            None => {
                self.files.insert(path.to_owned(), facts);
            }
            Some(first) if *first != facts => {
                let message = format!("the file `{written}` is listed twice, with different facts");
                *first = Fact::Error(problems.contradiction(at, message));
            }
            Some(_) => {}
        }
    }

    pub(super) fn get(&self, path: &Resolved) -> Fact<&FileFacts> {
        match (self.files.get(path.path()), path) {
            (Some(listed), _) => listed.as_ref(),
            (None, Resolved::Partial(_, Fact::Error(message))) => Fact::Error(message.clone()),
            (None, Resolved::Partial(_, Fact::Absent)) => Fact::Absent,
            (None, Resolved::Full(_)) if self.complete => Fact::Absent,
            (None, _) => Fact::Unknown,
        }
    }
}

/// Whether nothing at all is known of a file.
fn is_unread(entry: &FileEntry) -> bool {
    let FileEntry { path: _, version, size, md5, sha1, sha256, partial } = entry;
    *partial && [version, size, md5, sha1, sha256].into_iter().all(Option::is_none)
}

/// The facts of a file; one that is malformed spoils them all.
fn file(entry: &FileEntry, complete: bool, at: &str, problems: &mut Problems) -> Fact<FileFacts> {
    let version = entry
        .version
        .as_ref()
        .map(|version| problems.read(&format!("{at}.version"), read::parsed::<FileVersion>(version)));
    let size = entry.size.as_ref().map(|size| problems.read(&format!("{at}.size"), read::number(size)));
    let mut digest = |scalar: &Option<_>, algorithm: Digest| {
        let read = |scalar| problems.read(&format!("{at}.{algorithm}"), read::digest(scalar, algorithm));
        scalar.as_ref().map_or(Fact::Unknown, read)
    };
    let facts = FileFacts {
        version: version.unwrap_or(if complete && !entry.partial { Fact::Absent } else { Fact::Unknown }),
        size: size.unwrap_or(Fact::Unknown),
        md5: digest(&entry.md5, Digest::Md5),
        sha1: digest(&entry.sha1, Digest::Sha1),
        sha256: digest(&entry.sha256, Digest::Sha256),
    };
    let error = error(&facts.version)
        .or(error(&facts.size))
        .or(error(&facts.md5))
        .or(error(&facts.sha1))
        .or(error(&facts.sha256));
    error.map_or(Fact::Present(facts), Fact::Error)
}

fn error<T>(fact: &Fact<T>) -> Option<Arc<str>> {
    match fact {
        Fact::Error(message) => Some(message.clone()),
        _ => None,
    }
}
