//! Stable numeric ids, derived from content.
//!
//! An id is a 31-bit hash of what it names, so adding a rule changes no other rule's ids and
//! two machines agree. Two things that hash alike are told apart in the order of their keys,
//! and reported. A ledger that is kept (the lock file) makes the numbers permanent, retires
//! those of things that went away, and counts up a version when a thing's meaning changes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The highest number, and the highest version.
const MAX_NUMBER: u32 = 0x7fff_ffff;

/// What is known of one id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The number: 1 to 2^31 - 1, unique within its kind.
    pub id: u32,
    /// Goes up when the digest changes.
    pub version: u32,
    /// The digest of the meaning.
    pub digest: String,
    /// The id that goes by it, in formats whose ids are no numbers, such as the UUID of a Sigma rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a key of the ledger stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The digest of it.
    pub digest: String,
    /// Its id, in formats whose ids are no numbers: what the ledger has counts before it.
    pub name: Option<String>,
}

impl From<String> for Meaning {
    fn from(digest: String) -> Self {
        Self { digest, name: None }
    }
}

/// Ids by kind (`def`, `tst`, …) and key. Keys say what a thing is and never change while it lives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Ledger {
    kinds: BTreeMap<String, BTreeMap<String, Entry>>,
    #[serde(skip)]
    collisions: Vec<(String, String)>,
}

impl Ledger {
    /// Gives every key of `wanted` its entry. Keys that are in the ledger already keep their number and
    /// name; entries that are not wanted stay, so that their numbers are never used again.
    pub fn assign(&mut self, kind: &str, wanted: &BTreeMap<String, Meaning>) -> BTreeMap<String, Entry> {
        let entries = self.kinds.entry(kind.to_owned()).or_default();
        let mut taken: BTreeSet<u32> = entries.values().map(|entry| entry.id).collect();
        for (key, Meaning { digest, name }) in wanted {
            if let Some(entry) = entries.get_mut(key) {
                entry.name = entry.name.take().or_else(|| name.clone());
                if entry.digest != *digest {
                    entry.version = entry.version.saturating_add(1).min(MAX_NUMBER);
                    entry.digest.clone_from(digest);
                }
                continue;
            }
            let (id, collided) = free_number(kind, key, &taken);
            if collided {
                self.collisions.push((kind.to_owned(), key.clone()));
            }
            taken.insert(id);
            entries.insert(key.clone(), Entry { id, version: 1, digest: digest.clone(), name: name.clone() });
        }
        wanted.keys().filter_map(|key| Some((key.clone(), entries.get(key)?.clone()))).collect()
    }

    /// Whether every number and version is one, and no two things of a kind have the same number.
    ///
    /// # Errors
    /// What does not hold, in words.
    pub fn check(&self) -> Result<(), String> {
        for (kind, entries) in &self.kinds {
            let mut taken: BTreeMap<u32, &str> = BTreeMap::new();
            let mut names: BTreeMap<&str, &str> = BTreeMap::new();
            for (key, entry) in entries {
                for (what, number) in [("number", entry.id), ("version", entry.version)] {
                    if !(1..=MAX_NUMBER).contains(&number) {
                        return Err(format!(
                            "the {what} of `{kind}` `{key}` is {number}, not 1 to {MAX_NUMBER}"
                        ));
                    }
                }
                if let Some(other) = taken.insert(entry.id, key) {
                    return Err(format!("`{kind}` `{other}` and `{key}` have the same number, {}", entry.id));
                }
                let name = entry.name.as_deref();
                if let Some((name, other)) = name.and_then(|name| Some((name, names.insert(name, key)?))) {
                    return Err(format!("`{kind}` `{other}` and `{key}` have the same id, {name}"));
                }
            }
        }
        Ok(())
    }

    /// Whether this can come after `before`: nothing was dropped or given another number, and whatever means
    /// something else has a higher version.
    ///
    /// # Errors
    /// What does not hold, in words.
    pub fn succeeds(&self, before: &Self) -> Result<(), String> {
        self.check()?;
        for (kind, entries) in &before.kinds {
            for (key, old) in entries {
                let new = self.kinds.get(kind).and_then(|entries| entries.get(key));
                let new = new.ok_or_else(|| format!("the number of `{kind}` `{key}` is dropped"))?;
                let floor = old.version + u32::from(old.digest != new.digest && old.version < MAX_NUMBER);
                if new.id != old.id {
                    return Err(format!(
                        "the number of `{kind}` `{key}` was {}, and is {} now",
                        old.id, new.id
                    ));
                }
                if old.name.is_some() && new.name != old.name {
                    return Err(format!("the id of `{kind}` `{key}` is another than it was"));
                }
                if new.version < floor {
                    return Err(format!(
                        "the version of `{kind}` `{key}` is {}, less than {floor}",
                        new.version
                    ));
                }
            }
        }
        Ok(())
    }

    /// Kind and key of things whose number was taken by another, since the last call.
    pub fn take_collisions(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.collisions)
    }
}

/// The first number of the key's sequence of hashes that is not taken.
fn free_number(kind: &str, key: &str, taken: &BTreeSet<u32>) -> (u32, bool) {
    let mut round = 0_u32;
    loop {
        let id = number(kind, key, round);
        if !taken.contains(&id) {
            return (id, round > 0);
        }
        round += 1;
    }
}

fn number(kind: &str, key: &str, round: u32) -> u32 {
    let hash = Sha256::digest(format!("{kind}\n{round}\n{key}"));
    let word = hash.iter().take(4).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    (word & MAX_NUMBER).max(1)
}

/// The digest of a text, in hexadecimal: the first 128 bits of its SHA-256.
#[must_use]
pub fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let halves = hash.iter().take(16).flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves.filter_map(|half| char::from_digit(half.into(), 16)).collect()
}
