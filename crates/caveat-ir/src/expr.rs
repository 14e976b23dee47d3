//! Formulas over tests of a host.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use caveat_runtime::{Comparison, Integer, ServiceCheck};

use crate::Feature;
use crate::placed::Origin;
use crate::selector::SelectorId;
use crate::value::{
    Architecture, Digest, Family, Hive, InstallationType, Kb, Language, NumberSet, OsVersion, ProductType,
    RegistryPath, RegistryType, TextVersionSet, Variable, VersionSet, WindowsPath,
};

/// A formula.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Expr {
    /// Every part holds.
    All(Vec<Expr>),
    /// At least one part holds.
    Any(Vec<Expr>),
    /// The part does not hold.
    Not(Box<Expr>),
    /// The host is of this platform.
    Platform(SelectorId),
    /// A test of a fact.
    Test(Leaf),
}

/// A test and where it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Leaf {
    /// The test.
    pub test: Test,
    /// Where it was written.
    #[serde(skip)]
    pub origin: Origin,
}

/// A test of one fact of a host. What is not there makes it false.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// The operating system is of this family.
    Family(Family),
    /// The NT version is this.
    OsVersion(OsVersion),
    /// The build number is one of these.
    OsBuild(NumberSet),
    /// The revision of the build is one of these.
    OsRevision(NumberSet),
    /// The service pack is one of these; 0 is none.
    ServicePack(NumberSet),
    /// The product type is one of these.
    ProductType(BTreeSet<ProductType>),
    /// The installation type is one of these.
    InstallationType(BTreeSet<InstallationType>),
    /// The product suites contain this name.
    Suite(String),
    /// The architecture is one of these.
    Architecture(BTreeSet<Architecture>),
    /// The language is covered by this one.
    Language(Language),
    /// The file is there.
    FileExists(WindowsPath),
    /// The file's version is one of these.
    FileVersion(WindowsPath, VersionSet),
    /// The file's size in bytes compares so.
    FileSize(WindowsPath, Comparison, u64),
    /// The file has this digest, in lower-case hexadecimal digits.
    FileDigest(WindowsPath, Digest, String),
    /// The registry key is there.
    RegistryKey(RegistryPath),
    /// The registry value passes the check.
    RegistryValue(RegistryPath, String, ValueCheck),
    /// All parts hold of one of the keys that match the pattern: `*` is any text within a component, `[*]` a star.
    AnyKey(RegistryPath, Vec<KeyPart>),
    /// The service passes the check.
    Service(String, ServiceCheck),
    /// The update is listed as installed.
    Hotfix(Kb),
    /// No collected fact can tell; the reason says why.
    Unknowable(Reason),
}

/// Why no collected fact can tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The author says so, in these words.
    Stated(String),
    /// Whether the file is fixed depends on its branch, which these versions do not tell.
    Branch(WindowsPath, VersionSet),
    /// Whether the file is fixed in these versions is not known: no floor measures them.
    Unmeasured(WindowsPath, VersionSet),
    /// Whether the host is fixed is not known: it is of none of these builds, which floors measure.
    Builds(NumberSet),
    /// Which folder the environment variable names is not known: its value begins with another variable.
    Variable(String),
}

/// What is asked of each of several keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyPart {
    /// What of it.
    pub subject: Subject,
    /// What is asked.
    pub check: ValueCheck,
    /// Whether it must not pass.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub negated: bool,
}

/// What of a key is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// The value of this name; the default value's is empty.
    Value(String),
    /// The text that the star of this number stands for, from 1 on: a string.
    Star(u8),
}

/// What is asked of a registry value. A multi-string value passes when one of its strings does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ValueCheck {
    /// It is there.
    Exists,
    /// It is a string that equals this one.
    Text(String),
    /// It is a string that equals this one but for the case of letters, which differ as in names.
    TextIgnoringCase(String),
    /// It is a string in which this expression matches.
    Matches(String),
    /// It is a single string that holds one of these versions; what holds none is an error.
    Version(TextVersionSet),
    /// It is a number of this type that compares so.
    Number(Comparison, Integer),
    /// It is a number of this type that has all bits of this one, which is not 0.
    Bits(Integer),
    /// It is of one of these types; of none, if there is none.
    Type(BTreeSet<RegistryType>),
    /// It is these bytes, in lower-case hexadecimal digits.
    Binary(String),
}

impl Expr {
    /// Every part holds. Nested conjunctions are flattened, which OVAL's tables allow.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        single(flat, Self::All)
    }

    /// At least one part holds. Nested disjunctions are flattened.
    #[must_use]
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        single(flat, Self::Any)
    }

    /// The part does not hold. A double negation vanishes.
    #[must_use]
    pub fn negate(part: Self) -> Self {
        match part {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// A test written at `origin`.
    #[must_use]
    pub fn test(test: Test, origin: Origin) -> Self {
        Self::Test(Leaf { test, origin })
    }

    /// Calls `visit` for every test, left to right.
    pub fn leaves<'a>(&'a self, visit: &mut impl FnMut(&'a Leaf)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.leaves(visit)),
            Self::Not(part) => part.leaves(visit),
            Self::Test(leaf) => visit(leaf),
            Self::Platform(_) => {}
        }
    }

    /// Calls `visit` for every platform, left to right.
    pub fn platforms(&self, visit: &mut impl FnMut(SelectorId)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.platforms(visit)),
            Self::Not(part) => part.platforms(visit),
            Self::Platform(selector) => visit(*selector),
            Self::Test(_) => {}
        }
    }
}

fn single(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

impl Test {
    /// What a target must be able to observe for this test.
    #[must_use]
    pub fn features(&self) -> Vec<Feature> {
        let mut features = vec![match self {
            Self::Family(_) => Feature::OsFamily,
            Self::OsVersion(_) => Feature::OsVersion,
            Self::OsBuild(_) => Feature::OsBuild,
            Self::OsRevision(_) => Feature::OsRevision,
            Self::ServicePack(_) => Feature::ServicePack,
            Self::ProductType(_) => Feature::ProductType,
            Self::InstallationType(_) => Feature::InstallationType,
            Self::Suite(_) => Feature::Suite,
            Self::Architecture(_) => Feature::Architecture,
            Self::Language(_) => Feature::Language,
            Self::FileExists(_) => Feature::FileExists,
            Self::FileVersion(..) => Feature::FileVersion,
            Self::FileSize(..) => Feature::FileSize,
            Self::FileDigest(..) => Feature::FileDigest,
            Self::RegistryKey(_) | Self::RegistryValue(_, _, ValueCheck::Exists) => Feature::RegistryExists,
            Self::RegistryValue(_, _, ValueCheck::Matches(_)) => Feature::RegistryPattern,
            Self::RegistryValue(_, _, ValueCheck::Bits(_)) => Feature::RegistryBits,
            Self::RegistryValue(_, _, ValueCheck::Type(_)) => Feature::RegistryType,
            Self::RegistryValue(..) => Feature::RegistryValue,
            Self::AnyKey(..) => Feature::SeveralKeys,
            Self::Service(_, ServiceCheck::Running | ServiceCheck::Stopped) => Feature::ServiceState,
            Self::Service(..) => Feature::ServiceStart,
            Self::Hotfix(_) => Feature::Hotfix,
            Self::Unknowable(_) => Feature::Unknowable,
        }];
        if self.key().is_some_and(|key| key.view.is_some()) {
            features.push(Feature::RegistryView);
        }
        if let Self::AnyKey(_, parts) = self {
            features.extend(of_parts(parts));
        }
        match self.path().and_then(WindowsPath::variable).map(Variable::named) {
            None | Some(Variable::Folder(_)) => {}
            Some(Variable::Machine) => features.push(Feature::MachineVariable),
            Some(Variable::User | Variable::Process) => features.push(Feature::OtherVariable),
        }
        if self.is_of_a_user() {
            features.push(Feature::CurrentUser);
        }
        features
    }

    /// Whether the test asks what system the host has, and nothing of what is on it.
    #[must_use]
    pub const fn is_of_the_system(&self) -> bool {
        match self {
            Self::Family(_)
            | Self::OsVersion(_)
            | Self::OsBuild(_)
            | Self::OsRevision(_)
            | Self::ServicePack(_)
            | Self::ProductType(_)
            | Self::InstallationType(_)
            | Self::Suite(_)
            | Self::Architecture(_)
            | Self::Language(_) => true,
            Self::FileExists(_)
            | Self::FileVersion(..)
            | Self::FileSize(..)
            | Self::FileDigest(..)
            | Self::RegistryKey(_)
            | Self::RegistryValue(..)
            | Self::AnyKey(..)
            | Self::Service(..)
            | Self::Hotfix(_)
            | Self::Unknowable(_) => false,
        }
    }

    /// Whether each user of a host has their own of what the test looks at.
    fn is_of_a_user(&self) -> bool {
        let in_profile = |path: &WindowsPath| path.variable().map(Variable::named) == Some(Variable::User);
        match self.key() {
            Some(key) => key.hive == Hive::CurrentUser,
            None => self.path().is_some_and(in_profile),
        }
    }

    /// The registry key that the test looks at, or the pattern of several.
    #[must_use]
    pub fn key(&self) -> Option<&RegistryPath> {
        match self {
            Self::RegistryKey(key) | Self::RegistryValue(key, ..) | Self::AnyKey(key, _) => Some(key),
            _ => None,
        }
    }

    /// The file the test looks at.
    #[must_use]
    pub fn path(&self) -> Option<&WindowsPath> {
        match self {
            Self::FileExists(path)
            | Self::FileVersion(path, _)
            | Self::FileSize(path, ..)
            | Self::FileDigest(path, ..) => Some(path),
            _ => None,
        }
    }
}

/// What a target must be able to observe for parts of a test of several keys.
fn of_parts(parts: &[KeyPart]) -> BTreeSet<Feature> {
    let is_there = |subject: &Subject| parts.iter().any(|part| part.subject == *subject && !part.negated);
    let of = |part: &KeyPart| match (&part.subject, &part.check) {
        (Subject::Value(_), _) if !is_there(&part.subject) => Feature::KeysWithoutValue,
        (_, ValueCheck::Exists) => Feature::RegistryExists,
        (_, ValueCheck::Matches(_)) => Feature::RegistryPattern,
        _ => Feature::RegistryValue,
    };
    parts.iter().map(of).collect()
}
