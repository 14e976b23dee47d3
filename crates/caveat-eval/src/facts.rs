//! What the evaluator asks of a host, and the four ways in which a host can answer.
//!
//! This module does not say where facts come from: [`crate::Host`] reads them from a host
//! file, and tests may answer in any way they like.

use std::collections::BTreeSet;
use std::fmt;

use caveat_ir::Truth;
use caveat_ir::value::{
    Architecture, FileVersion, Kb, Language, OsVersion, ProductType, RegistryPath, StartType, WindowsPath,
};

/// An answer about a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// It is this.
    Present(T),
    /// It is not there.
    Absent,
    /// It was not collected.
    Unknown,
    /// It was collected, but makes no sense; the text says why.
    Error(String),
}

impl<T> Fact<T> {
    /// The same answer about something borrowed.
    #[must_use]
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Self::Present(value) => Fact::Present(value),
            Self::Absent => Fact::Absent,
            Self::Unknown => Fact::Unknown,
            Self::Error(message) => Fact::Error(message.clone()),
        }
    }

    /// The answer to a question that depends on this one.
    #[must_use]
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Fact<U>) -> Fact<U> {
        match self {
            Self::Present(value) => next(value),
            Self::Absent => Fact::Absent,
            Self::Unknown => Fact::Unknown,
            Self::Error(message) => Fact::Error(message),
        }
    }

    /// The answer with another value.
    #[must_use]
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Fact<U> {
        self.and_then(|found| Fact::Present(value(found)))
    }

    /// The value, if there is one.
    #[must_use]
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::Unknown | Self::Error(_) => None,
        }
    }

    /// Whether a test of the fact holds: `judge` decides on a value, and what is not there fails.
    #[must_use]
    pub fn truth(&self, judge: impl FnOnce(&T) -> Truth) -> Truth {
        match self {
            Self::Present(value) => judge(value),
            Self::Absent => Truth::False,
            Self::Unknown => Truth::Unknown,
            Self::Error(_) => Truth::Error,
        }
    }
}

/// A host, as the evaluator sees it. Names, keys and paths compare without regard to the
/// case of ASCII letters.
pub trait HostFacts {
    /// Its name, for reports.
    fn name(&self) -> &str;
    /// The NT version.
    fn os_version(&self) -> Fact<OsVersion>;
    /// The build number.
    fn build(&self) -> Fact<u32>;
    /// The service pack; 0 is none.
    fn service_pack(&self) -> Fact<u32>;
    /// The product type.
    fn product_type(&self) -> Fact<ProductType>;
    /// The product suites.
    fn suites(&self) -> Fact<&Suites>;
    /// The architecture.
    fn architecture(&self) -> Fact<Architecture>;
    /// The language, with its region.
    fn language(&self) -> Fact<&Language>;
    /// A file.
    fn file(&self, path: &WindowsPath) -> Fact<&FileFacts>;
    /// Whether a registry key is there.
    fn registry_key(&self, key: &RegistryPath) -> Fact<()>;
    /// A registry value; the default value's name is empty.
    fn registry_value(&self, key: &RegistryPath, name: &str) -> Fact<&RegistryValue>;
    /// A service.
    fn service(&self, name: &str) -> Fact<&ServiceFacts>;
    /// Whether an update is listed as installed.
    fn hotfix(&self, kb: Kb) -> Fact<()>;
}

/// The names of product suites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suites(pub BTreeSet<String>);

impl fmt::Display for Suites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        list(f, &self.0)
    }
}

/// A file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// The version of its version resource.
    pub version: Fact<FileVersion>,
    /// Its size in bytes.
    pub size: Fact<u64>,
    /// Its MD5 digest, in lower-case hexadecimal digits.
    pub md5: Fact<String>,
    /// Its SHA-1 digest.
    pub sha1: Fact<String>,
    /// Its SHA-256 digest.
    pub sha256: Fact<String>,
}

/// The data of a registry value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryValue {
    /// `reg_sz`
    Text(String),
    /// `reg_expand_sz`, not expanded
    ExpandText(String),
    /// `reg_multi_sz`
    Multi(Vec<String>),
    /// `reg_dword`
    Dword(u32),
    /// `reg_binary`, in lower-case hexadecimal digits
    Binary(String),
}

impl RegistryValue {
    /// The one string of a value that is a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::ExpandText(text) => Some(text),
            Self::Multi(_) | Self::Dword(_) | Self::Binary(_) => None,
        }
    }
}

impl fmt::Display for RegistryValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::ExpandText(text) => write!(f, "\"{text}\""),
            Self::Multi(texts) if texts.is_empty() => f.write_str("an empty list"),
            Self::Multi(texts) => list(f, texts),
            Self::Dword(number) => write!(f, "{number}"),
            Self::Binary(digits) => write!(f, "the bytes {digits}"),
        }
    }
}

fn list<'a>(f: &mut fmt::Formatter<'_>, texts: impl IntoIterator<Item = &'a String>) -> fmt::Result {
    for (index, text) in texts.into_iter().enumerate() {
        write!(f, "{}\"{text}\"", if index == 0 { "" } else { ", " })?;
    }
    Ok(())
}

/// A service that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    /// When it starts.
    pub start: Fact<StartType>,
    /// Whether it runs.
    pub running: Fact<bool>,
}
