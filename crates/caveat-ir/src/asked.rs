//! Tests of rules as those of `caveat_runtime`, which decides whether they hold.

use std::collections::BTreeSet;
use std::ops::Deref;

use caveat_runtime::{self as runtime, Pattern};

use crate::describe;
use crate::expr::{KeyPart, Subject, Test, ValueCheck};
use crate::value::{RegistryType, TextInterval};

impl Test {
    /// Calls `ask` with the test as the runtime has it; `pattern` makes the regular expression of a text.
    pub fn asked<P: Deref<Target = Pattern>, T>(
        &self,
        pattern: impl Fn(&str) -> P,
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
            Self::AnyKey(key, parts) => {
                let held: Vec<_> = parts.iter().map(|part| part.check.held(&pattern)).collect();
                let parts: Vec<_> = parts.iter().zip(&held).map(|(part, held)| part.lent(held)).collect();
                ask(Asked::AnyKey(key.borrowed(), &parts))
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
        ask(self.held(pattern).lent())
    }

    fn held<P: Deref<Target = Pattern>>(&self, pattern: impl FnOnce(&str) -> P) -> Held<'_, P> {
        use runtime::ValueCheck as Asked;
        Held::Plain(match self {
            Self::Matches(text) => return Held::Pattern(pattern(text)),
            Self::Version(versions) => return Held::Versions(versions.intervals()),
            Self::Exists => Asked::Exists,
            Self::Text(text) => Asked::Text(text),
            Self::TextIgnoringCase(text) => Asked::TextIgnoringCase(text),
            Self::Number(comparison, number) => Asked::Number(*comparison, *number),
            Self::Bits(bits) => Asked::Bits(*bits),
            Self::Type(types) => return Held::Types(listed(types)),
            Self::Binary(bytes) => Asked::Binary(bytes),
        })
    }
}

/// What a check of the runtime borrows.
enum Held<'c, P> {
    Plain(runtime::ValueCheck<'c>),
    Pattern(P),
    Versions(Vec<TextInterval<'c>>),
    Types(Vec<RegistryType>),
}

impl<P: Deref<Target = Pattern>> Held<'_, P> {
    fn lent(&self) -> runtime::ValueCheck<'_> {
        match self {
            Self::Plain(check) => *check,
            Self::Pattern(pattern) => runtime::ValueCheck::Matches(pattern),
            Self::Versions(versions) => runtime::ValueCheck::Version(versions),
            Self::Types(types) => runtime::ValueCheck::Type(types),
        }
    }
}

impl KeyPart {
    fn lent<'p, P: Deref<Target = Pattern>>(&'p self, held: &'p Held<'_, P>) -> runtime::KeyPart<'p> {
        runtime::KeyPart { subject: self.subject.asked(), check: held.lent(), holds: !self.negated }
    }
}

impl Subject {
    fn asked(&self) -> runtime::Subject<'_> {
        match self {
            Self::Value(name) => runtime::Subject::Value(name),
            Self::Star(number) => runtime::Subject::Star(usize::from(*number)),
        }
    }
}

fn listed<T: Copy>(set: &BTreeSet<T>) -> Vec<T> {
    set.iter().copied().collect()
}
