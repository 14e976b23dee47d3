//! Tests of the facts of a host.
//!
//! This module says which fact a test asks for; [`crate::compare`] says when a value passes.

use std::borrow::Cow;
use std::fmt::{self, Display};

use crate::instances::{KeyPart, any_key};
use crate::value::{
    Architecture, Digest, Family, InstallationType, Kb, KeyRef, OsVersion, PathRef, ProductType, StartType,
    VersionInterval, language,
};
use crate::value_check::ValueCheck;
use crate::witness::Witness;
use crate::{Fact, HostFacts, RegistryValue, Truth, compare};

/// A test of one fact of a host. What is not there makes it false.
#[derive(Debug, Clone, Copy)]
pub enum Test<'a> {
    /// The operating system is of this family.
    Family(Family),
    /// The NT version is this.
    OsVersion(OsVersion),
    /// The build number lies in one of these ranges, both ends included.
    OsBuild(&'a [(u32, u32)]),
    /// The revision of the build lies in one of these ranges, both ends included.
    OsRevision(&'a [(u32, u32)]),
    /// The service pack lies in one of these ranges, both ends included; 0 is none.
    ServicePack(&'a [(u32, u32)]),
    /// The product type is one of these.
    ProductType(&'a [ProductType]),
    /// The installation type is one of these.
    InstallationType(&'a [InstallationType]),
    /// The product suites contain this name.
    Suite(&'a str),
    /// The architecture is one of these.
    Architecture(&'a [Architecture]),
    /// The language is covered by that of this tag.
    Language(&'a str),
    /// The file is there.
    FileExists(PathRef<'a>),
    /// The file's version lies in one of these intervals.
    FileVersion(PathRef<'a>, &'a [VersionInterval]),
    /// The file's size in bytes compares so.
    FileSize(PathRef<'a>, Comparison, u64),
    /// The file has this digest, in lower-case hexadecimal digits.
    FileDigest(PathRef<'a>, Digest, &'a str),
    /// The registry key is there.
    RegistryKey(KeyRef<'a>),
    /// The registry value passes the check.
    RegistryValue(KeyRef<'a>, &'a str, ValueCheck<'a>),
    /// All parts hold of one of the keys that match, whose stars stand for any text: see [`crate::value::stars`].
    AnyKey(KeyRef<'a>, &'a [KeyPart<'a>]),
    /// The service passes the check.
    Service(&'a str, ServiceCheck),
    /// The update is listed as installed.
    Hotfix(Kb),
    /// No fact can tell, for this reason.
    Unknowable(&'a str),
}

/// A comparison of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Comparison {
    /// =
    #[cfg_attr(feature = "serde", serde(rename = "="))]
    Equal,
    /// !=
    #[cfg_attr(feature = "serde", serde(rename = "!="))]
    NotEqual,
    /// <
    #[cfg_attr(feature = "serde", serde(rename = "<"))]
    Less,
    /// <=
    #[cfg_attr(feature = "serde", serde(rename = "<="))]
    LessOrEqual,
    /// >
    #[cfg_attr(feature = "serde", serde(rename = ">"))]
    Greater,
    /// >=
    #[cfg_attr(feature = "serde", serde(rename = ">="))]
    GreaterOrEqual,
}

impl Comparison {
    /// Whether `left` compares so with `right`.
    #[must_use]
    pub fn holds<T: Ord>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

/// What is asked of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum ServiceCheck {
    /// It is there.
    Installed,
    /// It is there and its start type is not disabled.
    Enabled,
    /// It is there and has this start type.
    Start(StartType),
    /// It is there and runs.
    Running,
    /// It is there and does not run.
    Stopped,
}

impl Test<'_> {
    /// Whether the test holds on the host; the witness sees the fact that decides.
    pub fn truth<H: HostFacts + ?Sized>(&self, host: &H, witness: &mut impl Witness) -> Truth {
        match *self {
            Self::Family(family) => decided(&host.os_family(), witness, |found| *found == family),
            Self::OsVersion(version) => decided(&host.os_version(), witness, |found| *found == version),
            Self::OsBuild(ranges) => {
                decided(&host.build(), witness, |found| compare::in_ranges(ranges, *found))
            }
            Self::OsRevision(ranges) => revision(host, ranges, witness),
            Self::ServicePack(ranges) => {
                decided(&host.service_pack(), witness, |found| compare::in_ranges(ranges, *found))
            }
            Self::ProductType(types) => decided(&host.product_type(), witness, |found| types.contains(found)),
            Self::InstallationType(types) => {
                decided(&host.installation_type(), witness, |found| types.contains(found))
            }
            Self::Suite(name) => decided(&host.suites(), witness, |found| found.contains(name)),
            Self::Architecture(list) => decided(&host.architecture(), witness, |found| list.contains(found)),
            Self::Language(tag) => decided(&host.language(), witness, |found| language::covers(tag, *found)),
            Self::FileExists(path) => there(&host.file(path), witness),
            Self::FileVersion(path, intervals) => {
                decided(&host.file_version(path), witness, |found| compare::in_intervals(intervals, *found))
            }
            Self::FileSize(path, comparison, size) => {
                decided(&host.file_size(path), witness, |found| comparison.holds(found, &size))
            }
            Self::FileDigest(path, algorithm, digest) => {
                decided(&host.file_digest(path, algorithm), witness, |found: &Cow<'_, str>| found == digest)
            }
            Self::RegistryKey(key) => there(&host.registry_key(key), witness),
            Self::RegistryValue(key, name, check) => {
                registry_value(&host.registry_value(key, name), check, witness)
            }
            Self::AnyKey(pattern, parts) => any_key(host, pattern, parts, witness),
            Self::Service(name, check) => service(host, name, check, witness),
            Self::Hotfix(kb) => there(&host.hotfix(kb), witness),
            Self::Unknowable(_) => there(&Fact::Unknown, witness),
        }
    }
}

/// A revision of which it is known that it is at least so high decides what holds of all that it may be, or of none.
fn revision<H: HostFacts + ?Sized>(host: &H, ranges: &[(u32, u32)], witness: &mut impl Witness) -> Truth {
    let exact = host.revision();
    match (&exact, host.revision_at_least()) {
        (Fact::Unknown, Fact::Present(least)) => {
            let truth = compare::all_in_ranges(ranges, least);
            match truth {
                Truth::Unknown => witness.saw(&exact),
                _ => witness.saw(&Fact::Present(AtLeast(least))),
            }
            truth
        }
        (Fact::Unknown, bound @ Fact::Error(_)) => decided(&bound, witness, |_| false),
        _ => decided(&exact, witness, |found| compare::in_ranges(ranges, *found)),
    }
}

fn service<H: HostFacts + ?Sized>(
    host: &H,
    name: &str,
    check: ServiceCheck,
    witness: &mut impl Witness,
) -> Truth {
    match check {
        ServiceCheck::Installed => there(&host.service(name), witness),
        ServiceCheck::Enabled => {
            decided(&host.service_start(name), witness, |found| *found != StartType::Disabled)
        }
        ServiceCheck::Start(wanted) => decided(&host.service_start(name), witness, |found| *found == wanted),
        ServiceCheck::Running | ServiceCheck::Stopped => {
            let state = host.service_running(name).map(State);
            decided(&state, witness, |found| found.0 == (check == ServiceCheck::Running))
        }
    }
}

fn registry_value(
    fact: &Fact<RegistryValue<'_>>,
    check: ValueCheck<'_>,
    witness: &mut impl Witness,
) -> Truth {
    let truth = fact.truth(|found| check.truth(found));
    match fact {
        Fact::Present(value) if truth == Truth::Error => witness.saw_malformed(&Unread { value, check }),
        _ => witness.saw(fact),
    }
    truth
}

fn there(fact: &Fact<()>, witness: &mut impl Witness) -> Truth {
    decided(&fact.as_ref().map(|()| There), witness, |_| true)
}

fn decided<T: Display>(fact: &Fact<T>, witness: &mut impl Witness, holds: impl FnOnce(&T) -> bool) -> Truth {
    witness.saw(fact);
    fact.truth(|value| holds(value).into())
}

/// That something is there.
struct There;

impl Display for There {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there")
    }
}

/// A registry value that a check cannot read.
struct Unread<'a> {
    value: &'a RegistryValue<'a>,
    check: ValueCheck<'a>,
}

impl Display for Unread<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.check, self.value.as_text()) {
            (ValueCheck::Version(_), Some(text)) => write!(f, "\"{text}\" is no version"),
            (ValueCheck::Version(_), None) => {
                write!(f, "the {} {} is no version", self.value.kind().windows_name(), self.value)
            }
            _ => f.write_str("the regular expression makes no sense"),
        }
    }
}

/// A number that is known as a bound.
struct AtLeast(u32);

impl Display for AtLeast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at least {}", self.0)
    }
}

/// Whether a service runs.
struct State(bool);

impl Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "running" } else { "stopped" })
    }
}
