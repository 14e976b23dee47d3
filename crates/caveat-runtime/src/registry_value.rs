//! The data of registry values.

use std::borrow::Cow;
use std::fmt::{self, Display};

use crate::value::{RawType, RegistryType};

/// The data of a registry value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistryValue<'a> {
    /// `reg_sz`
    Text(Cow<'a, str>),
    /// `reg_expand_sz`, not expanded
    ExpandText(Cow<'a, str>),
    /// `reg_link`: the key that a symbolic link leads to
    Link(Cow<'a, str>),
    /// `reg_multi_sz`
    Multi(Cow<'a, [String]>),
    /// `reg_dword`
    Dword(u32),
    /// `reg_dword_big_endian`
    DwordBigEndian(u32),
    /// `reg_qword`
    Qword(u64),
    /// `reg_binary`, in lower-case hexadecimal digits
    Binary(Cow<'a, str>),
    /// Bytes of another type, in lower-case hexadecimal digits
    Raw(RawType, Cow<'a, str>),
}

/// A number that a registry value is compared with. One of 32 bits and one of 64 are of different types, and never
/// equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Integer {
    /// `reg_dword`
    Dword(u32),
    /// `reg_qword`
    Qword(u64),
}

impl Integer {
    /// The number, whatever its type.
    #[must_use]
    pub const fn number(self) -> u64 {
        match self {
            Self::Dword(number) => number as u64,
            Self::Qword(number) => number,
        }
    }

    /// Its type.
    #[must_use]
    pub const fn kind(self) -> RegistryType {
        match self {
            Self::Dword(_) => RegistryType::Dword,
            Self::Qword(_) => RegistryType::Qword,
        }
    }
}

impl Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

impl RegistryValue<'_> {
    /// The one string of a value that programs read as a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::ExpandText(text) => Some(text),
            Self::Link(_)
            | Self::Multi(_)
            | Self::Dword(_)
            | Self::DwordBigEndian(_)
            | Self::Qword(_)
            | Self::Binary(_)
            | Self::Raw(..) => None,
        }
    }

    /// Its type.
    #[must_use]
    pub fn kind(&self) -> RegistryType {
        match self {
            Self::Text(_) => RegistryType::Text,
            Self::ExpandText(_) => RegistryType::ExpandText,
            Self::Link(_) => RegistryType::Link,
            Self::Multi(_) => RegistryType::Multi,
            Self::Dword(_) => RegistryType::Dword,
            Self::DwordBigEndian(_) => RegistryType::DwordBigEndian,
            Self::Qword(_) => RegistryType::Qword,
            Self::Binary(_) => RegistryType::Binary,
            Self::Raw(kind, _) => (*kind).into(),
        }
    }

    /// The same value, owned.
    #[must_use]
    pub fn into_owned(self) -> RegistryValue<'static> {
        match self {
            Self::Text(text) => RegistryValue::Text(text.into_owned().into()),
            Self::ExpandText(text) => RegistryValue::ExpandText(text.into_owned().into()),
            Self::Link(text) => RegistryValue::Link(text.into_owned().into()),
            Self::Multi(texts) => RegistryValue::Multi(texts.into_owned().into()),
            Self::Dword(number) => RegistryValue::Dword(number),
            Self::DwordBigEndian(number) => RegistryValue::DwordBigEndian(number),
            Self::Qword(number) => RegistryValue::Qword(number),
            Self::Binary(digits) => RegistryValue::Binary(digits.into_owned().into()),
            Self::Raw(kind, digits) => RegistryValue::Raw(kind, digits.into_owned().into()),
        }
    }

    /// The same value, borrowed.
    #[must_use]
    pub fn borrowed(&self) -> RegistryValue<'_> {
        match self {
            Self::Text(text) => RegistryValue::Text(Cow::Borrowed(text)),
            Self::ExpandText(text) => RegistryValue::ExpandText(Cow::Borrowed(text)),
            Self::Link(text) => RegistryValue::Link(Cow::Borrowed(text)),
            Self::Multi(texts) => RegistryValue::Multi(Cow::Borrowed(texts)),
            Self::Dword(number) => RegistryValue::Dword(*number),
            Self::DwordBigEndian(number) => RegistryValue::DwordBigEndian(*number),
            Self::Qword(number) => RegistryValue::Qword(*number),
            Self::Binary(digits) => RegistryValue::Binary(Cow::Borrowed(digits)),
            Self::Raw(kind, digits) => RegistryValue::Raw(*kind, Cow::Borrowed(digits)),
        }
    }
}

impl Display for RegistryValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::ExpandText(text) | Self::Link(text) => write!(f, "\"{text}\""),
            Self::Multi(texts) if texts.is_empty() => f.write_str("an empty list"),
            Self::Multi(texts) => list(f, texts),
            Self::Dword(number) | Self::DwordBigEndian(number) => write!(f, "{number}"),
            Self::Qword(number) => write!(f, "{number}"),
            Self::Binary(digits) | Self::Raw(_, digits) if digits.is_empty() => f.write_str("no bytes"),
            Self::Binary(digits) | Self::Raw(_, digits) => write!(f, "the bytes {digits}"),
        }
    }
}

/// The texts in quotation marks.
pub(crate) fn list(f: &mut fmt::Formatter<'_>, texts: &[String]) -> fmt::Result {
    for (index, text) in texts.iter().enumerate() {
        write!(f, "{}\"{text}\"", if index == 0 { "" } else { ", " })?;
    }
    Ok(())
}
