//! Tests of rules as those of `caveat_runtime`, which decides whether they hold.

use std::collections::BTreeSet;
use std::ops::Deref;

use caveat_runtime::{self as runtime, Pattern};

use crate::describe;
use crate::expr::{Test, ValueCheck};

impl Test {
    /// Calls `ask` with the test as the runtime has it; `pattern` makes the regular expression of a text.
    pub fn asked<P: Deref<Target = Pattern>, T>(
        &self,
        pattern: impl FnOnce(&str) -> P,
        ask: impl FnOnce(runtime::Test<'_>) -> T,
    ) -> T {
        use runtime::Test as Asked;
        match self {
            Self::Family(family) => ask(Asked::Family(*family)),
            Self::OsVersion(version) => ask(Asked::OsVersion(*version)),
            Self::OsBuild(builds) => ask(Asked::OsBuild(builds.ranges())),
            Self::OsRevision(revisions) => ask(Asked::OsRevision(revisions.ranges())),
            Self::ServicePack(set) => ask(Asked::ServicePack(set.ranges())),
            Self::ProductType(types) => ask(Asked::ProductType(&listed(types))),
            Self::InstallationType(types) => ask(Asked::InstallationType(&listed(types))),
            Self::Suite(name) => ask(Asked::Suite(name)),
            Self::Architecture(list) => ask(Asked::Architecture(&listed(list))),
            Self::Language(language) => ask(Asked::Language(language.as_str())),
            Self::FileExists(path) => ask(Asked::FileExists(path.borrowed())),
            Self::FileVersion(path, versions) => {
                ask(Asked::FileVersion(path.borrowed(), versions.intervals()))
            }
            Self::FileSize(path, comparison, size) => {
                ask(Asked::FileSize(path.borrowed(), *comparison, *size))
            }
            Self::FileDigest(path, algorithm, digest) => {
                ask(Asked::FileDigest(path.borrowed(), *algorithm, digest))
            }
            Self::RegistryKey(key) => ask(Asked::RegistryKey(key.borrowed())),
            Self::RegistryValue(key, name, check) => {
                check.asked(pattern, |check| ask(Asked::RegistryValue(key.borrowed(), name, check)))
            }
            Self::Service(name, check) => ask(Asked::Service(name, *check)),
            Self::Hotfix(kb) => ask(Asked::Hotfix(*kb)),
            Self::Unknowable(why) => ask(Asked::Unknowable(&describe::reason(why))),
        }
    }
}

impl ValueCheck {
    /// Calls `ask` with the check as the runtime has it; `pattern` makes the regular expression of a text.
    pub fn asked<P: Deref<Target = Pattern>, T>(
        &self,
        pattern: impl FnOnce(&str) -> P,
        ask: impl FnOnce(runtime::ValueCheck<'_>) -> T,
    ) -> T {
        use runtime::ValueCheck as Asked;
        match self {
            Self::Exists => ask(Asked::Exists),
            Self::Text(text) => ask(Asked::Text(text)),
            Self::TextIgnoringCase(text) => ask(Asked::TextIgnoringCase(text)),
            Self::Matches(text) => ask(Asked::Matches(&pattern(text))),
            Self::Version(versions) => ask(Asked::Version(&versions.intervals())),
            Self::Number(comparison, number) => ask(Asked::Number(*comparison, *number)),
            Self::Bits(bits) => ask(Asked::Bits(*bits)),
            Self::Type(types) => ask(Asked::Type(&listed(types))),
            Self::Binary(bytes) => ask(Asked::Binary(bytes)),
        }
    }
}

fn listed<T: Copy>(set: &BTreeSet<T>) -> Vec<T> {
    set.iter().copied().collect()
}
