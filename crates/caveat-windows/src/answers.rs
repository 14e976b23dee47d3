//! The answers of a system as facts, each remembered from the first time it was asked for: what
//! changes on the machine meanwhile cannot make two tests of one evaluation disagree.
//!
//! What an answer means for the host is decided elsewhere.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::sync::{Mutex, PoisonError};

use caveat_runtime::value::{Digest, FileVersion, Hive, KeyRef, View, name};
use caveat_runtime::{Fact, RegistryValue};

use crate::system::{ServiceState, System};
use crate::{digest, registry, version};

/// The answers to one kind of question.
#[derive(Debug)]
struct Memory<Q, A>(Mutex<BTreeMap<Q, Fact<A>>>);

impl<Q, A> Default for Memory<Q, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<Q: Ord, A: Clone> Memory<Q, A> {
    /// The first answer to the question. Asking takes time, so others need not wait for it; of two
    /// that ask at once, the one who is back first is believed.
    fn recall(&self, question: Q, ask: impl FnOnce() -> Fact<A>) -> Fact<A> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = known().get(&question).cloned();
        remembered.unwrap_or_else(|| {
            let answer = ask();
            known().entry(question).or_insert(answer).clone()
        })
    }
}

/// A registry key as questions are remembered by it.
type Place = (Hive, View, String);

/// A system, and what it has said so far.
#[derive(Debug, Default)]
pub(crate) struct Answers<S> {
    system: S,
    keys: Memory<Place, ()>,
    subkeys: Memory<Place, Vec<String>>,
    values: Memory<(Place, String), RegistryValue<'static>>,
    variables: Memory<String, String>,
    sizes: Memory<String, u64>,
    versions: Memory<String, FileVersion>,
    digests: Memory<(String, Digest), String>,
    services: Memory<String, ServiceState>,
    quick_fixes: Memory<(), Vec<String>>,
}

impl<S: System> Answers<S> {
    pub(crate) fn of(system: S) -> Self {
        Self {
            system,
            keys: Memory::default(),
            subkeys: Memory::default(),
            values: Memory::default(),
            variables: Memory::default(),
            sizes: Memory::default(),
            versions: Memory::default(),
            digests: Memory::default(),
            services: Memory::default(),
            quick_fixes: Memory::default(),
        }
    }

    pub(crate) fn is_32_bit_process(&self) -> bool {
        self.system.is_32_bit_process()
    }

    pub(crate) fn key(&self, key: KeyRef<'_>) -> Fact<()> {
        let key = native(key);
        self.keys.recall(place(key), || {
            possible(&[key.key], || fact(registry::shown(key), self.system.registry_key(key)))
        })
    }

    pub(crate) fn subkeys(&self, key: KeyRef<'_>) -> Fact<Vec<String>> {
        let key = native(key);
        self.subkeys.recall(place(key), || {
            possible(&[key.key], || fact(registry::shown(key), self.system.subkeys(key)))
        })
    }

    pub(crate) fn value(&self, key: KeyRef<'_>, name: &str) -> Fact<RegistryValue<'static>> {
        let key = native(key);
        self.values.recall((place(key), name::folded(name)), || {
            let shown = || format!("{}!{name}", registry::shown(key));
            let raw = possible(&[key.key, name], || fact(shown(), self.system.registry_value(key, name)));
            raw.and_then(|raw| match registry::decoded(&raw) {
                Ok(value) => Fact::Present(value),
                Err(reason) => Fact::error(format!("{}: {reason}", shown())),
            })
        })
    }

    pub(crate) fn variable(&self, name: &str) -> Fact<String> {
        self.variables.recall(name::folded(name), || {
            possible(&[name], || fact(format!("%{name}%"), self.system.variable(name)))
        })
    }

    pub(crate) fn file_size(&self, path: &str) -> Fact<u64> {
        self.sizes
            .recall(name::folded(path), || possible(&[path], || fact(path, self.system.file_size(path))))
    }

    pub(crate) fn file_version(&self, path: &str) -> Fact<FileVersion> {
        self.versions.recall(name::folded(path), || {
            self.open(path).and_then(|file| match version::file_version(file) {
                Ok(found) => found,
                Err(reason) => Fact::error(format!("{path}: {reason}")),
            })
        })
    }

    pub(crate) fn file_digest(&self, path: &str, algorithm: Digest) -> Fact<String> {
        self.digests.recall((name::folded(path), algorithm), || {
            self.open(path).and_then(|file| fact(path, digest::of(file, algorithm)))
        })
    }

    /// Opens a file; a folder is none.
    fn open(&self, path: &str) -> Fact<S::File> {
        self.file_size(path).and_then(|_| fact(path, self.system.open(path)))
    }

    pub(crate) fn service_state(&self, name: &str) -> Fact<ServiceState> {
        self.services.recall(name::folded(name), || {
            possible(&[name], || fact(format!("the service {name}"), self.system.service_state(name)))
        })
    }

    pub(crate) fn quick_fixes(&self) -> Fact<Vec<String>> {
        self.quick_fixes.recall((), || fact("Win32_QuickFixEngineering", self.system.quick_fixes()))
    }
}

/// The key with the view that it is seen in: unless a rule says otherwise, that of the machine, and
/// not that of the process.
fn native(key: KeyRef<'_>) -> KeyRef<'_> {
    KeyRef { view: key.view.or(Some(View::Bits64)), ..key }
}

fn place(key: KeyRef<'_>) -> Place {
    (key.hive, key.view.unwrap_or(View::Bits64), name::folded(key.key))
}

/// Asks, unless a name holds a NUL. Nothing has such a name, but Windows would look for something
/// else, whose name ends there.
fn possible<T>(names: &[&str], ask: impl FnOnce() -> Fact<T>) -> Fact<T> {
    if names.iter().any(|name| name.contains('\0')) { Fact::Absent } else { ask() }
}

/// What was found, is not there, may not be looked at, or failed.
fn fact<T>(what: impl Display, found: io::Result<T>) -> Fact<T> {
    match found {
        Ok(value) => Fact::Present(value),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename => Fact::Absent,
            ErrorKind::PermissionDenied | ErrorKind::ResourceBusy => Fact::Unknown,
            _ => Fact::error(format!("{what}: {error}")),
        },
    }
}
