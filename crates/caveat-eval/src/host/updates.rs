//! The installed updates of a host, by the names that Windows lists them under.
//!
//! Before Windows Vista the list is the keys below `Hotfix`, so that list and registry complete each
//! other. From then on the list is kept elsewhere, and the key says nothing of it. Where the version
//! is not known, what both readings say holds, and the rest is unknown.

use std::collections::BTreeSet;

use caveat_ir::host::Scalar;
use caveat_ir::value::{Kb, OsVersion, name};
use caveat_runtime::{Fact, recorded};

use super::problem::Problems;
use super::registry::Registry;
use super::{read, well_known};

/// Installed updates by folded name.
#[derive(Debug, Clone)]
pub(super) struct Updates {
    listed: BTreeSet<String>,
    /// Those that the registry lists.
    keys: BTreeSet<String>,
    /// Those whose key could not be read.
    open: BTreeSet<String>,
    /// What can be said of an update that is not listed.
    unlisted: Fact<()>,
    /// What can be said of it if the list is the keys below `Hotfix`.
    unlisted_key: Fact<()>,
    /// Whether the list is the keys below `Hotfix`.
    in_registry: Fact<bool>,
}

impl Updates {
    pub(super) fn read(
        entries: &[Scalar],
        complete: bool,
        version: &Fact<OsVersion>,
        registry: &Registry,
        problems: &mut Problems,
    ) -> Self {
        let mut listed = BTreeSet::new();
        let mut unlisted = if complete { Fact::Absent } else { Fact::Unknown };
        for (index, entry) in entries.iter().enumerate() {
            match problems.read(&format!("hotfixes[{index}]"), read::text(entry)) {
                Fact::Present(name) => drop(listed.insert(name::folded(&name))),
                other => unlisted = other.map(|_| ()),
            }
        }
        // Updates that are not listed here may be keys that are not listed there.
        let is_told = registry.is_complete() || !entries.is_empty();
        let unlisted_key = match &unlisted {
            Fact::Absent if !is_told => Fact::Unknown,
            unlisted => unlisted.clone(),
        };
        let in_registry = match version {
            Fact::Absent => Fact::Present(false),
            version => version.clone().map(recorded::updates_are_keys),
        };
        let is_open = |name: &String| {
            registry.key(&well_known::folded(&format!(r"{}\{name}", recorded::UPDATES))) == Fact::Unknown
        };
        let (open, keys) = registry.below(recorded::UPDATES).into_iter().partition(is_open);
        Self { listed, keys, open, unlisted, unlisted_key, in_registry }
    }

    /// Whether an update of this article is listed.
    pub(super) fn get(&self, kb: Kb) -> Fact<()> {
        let there = |in_registry: bool| {
            let keys = self.keys.iter().filter(|_| in_registry);
            let is_named = |name: &String| Kb::of_update(name) == Some(kb);
            let found = self.listed.iter().chain(keys).any(is_named);
            let unlisted = if in_registry { &self.unlisted_key } else { &self.unlisted };
            match found {
                true => Fact::Present(()),
                false if in_registry && self.open.iter().any(is_named) => Fact::Unknown,
                false => unlisted.clone(),
            }
        };
        match (self.reading(there), &self.in_registry) {
            (Fact::Unknown, Fact::Error(message)) => Fact::Error(message.clone()),
            (found, _) => found,
        }
    }

    /// The articles of the listed updates, and whether they are those of all that are installed.
    pub(super) fn articles(&self) -> (BTreeSet<Kb>, bool) {
        let named = self.listed.iter().map(|name| Kb::of_update(name));
        let all = self.unlisted == Fact::Absent && named.clone().all(|kb| kb.is_some());
        (named.flatten().collect(), all)
    }

    /// What is so as the list is in the registry, or is not; what both say where nobody knows.
    pub(super) fn reading<T: PartialEq>(&self, read: impl Fn(bool) -> Fact<T>) -> Fact<T> {
        let open = match &self.in_registry {
            Fact::Present(in_registry) => return read(*in_registry),
            Fact::Error(message) => Fact::Error(message.clone()),
            Fact::Absent | Fact::Unknown => Fact::Unknown,
        };
        match (open, read(true), read(false)) {
            (_, one, other) if one == other => one,
            (error @ Fact::Error(_), ..) | (_, error @ Fact::Error(_), _) | (.., error @ Fact::Error(_)) => {
                error
            }
            _ => Fact::Unknown,
        }
    }

    /// Whether a key below `Hotfix` is there, if that is where the list is.
    pub(super) fn key(&self, name: &str) -> Fact<()> {
        let found = self.listed.contains(name) || self.keys.contains(name);
        match found {
            true => Fact::Present(()),
            false if self.open.contains(name) => Fact::Unknown,
            false => self.unlisted_key.clone(),
        }
    }

    /// Whether there is any key below `Hotfix`, if that is where the list is.
    pub(super) fn any_key(&self) -> Fact<()> {
        if self.listed.is_empty() { self.unlisted_key.clone() } else { Fact::Present(()) }
    }
}
