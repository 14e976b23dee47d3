//! Registry keys: their hive and view, and a key as hosts are asked for it.

use std::fmt;

use super::name;

/// A root of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Hive {
    /// `HKEY_LOCAL_MACHINE`
    #[cfg_attr(feature = "serde", serde(rename = "HKLM"))]
    LocalMachine,
    /// `HKEY_CLASSES_ROOT`
    #[cfg_attr(feature = "serde", serde(rename = "HKCR"))]
    ClassesRoot,
    /// `HKEY_CURRENT_USER`
    #[cfg_attr(feature = "serde", serde(rename = "HKCU"))]
    CurrentUser,
    /// `HKEY_USERS`
    #[cfg_attr(feature = "serde", serde(rename = "HKU"))]
    Users,
    /// `HKEY_CURRENT_CONFIG`
    #[cfg_attr(feature = "serde", serde(rename = "HKCC"))]
    CurrentConfig,
}

impl Hive {
    /// All, in order.
    pub const ALL: [Self; 5] =
        [Self::LocalMachine, Self::ClassesRoot, Self::CurrentUser, Self::Users, Self::CurrentConfig];

    /// The full name, as OVAL and Windows write it.
    #[must_use]
    pub const fn long_name(self) -> &'static str {
        match self {
            Self::LocalMachine => "HKEY_LOCAL_MACHINE",
            Self::ClassesRoot => "HKEY_CLASSES_ROOT",
            Self::CurrentUser => "HKEY_CURRENT_USER",
            Self::Users => "HKEY_USERS",
            Self::CurrentConfig => "HKEY_CURRENT_CONFIG",
        }
    }

    /// The short name.
    #[must_use]
    pub const fn short_name(self) -> &'static str {
        match self {
            Self::LocalMachine => "HKLM",
            Self::ClassesRoot => "HKCR",
            Self::CurrentUser => "HKCU",
            Self::Users => "HKU",
            Self::CurrentConfig => "HKCC",
        }
    }
}

/// Which registry a 64-bit Windows shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum View {
    /// What 32-bit programs see.
    #[cfg_attr(feature = "serde", serde(rename = "32"))]
    Bits32,
    /// What 64-bit programs see.
    #[cfg_attr(feature = "serde", serde(rename = "64"))]
    Bits64,
}

/// A registry key, borrowed. Keys compare as [`name`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRef<'a> {
    /// The hive.
    pub hive: Hive,
    /// The key below the hive, without a backslash at either end.
    pub key: &'a str,
    /// The view, when it matters.
    pub view: Option<View>,
}

impl KeyRef<'_> {
    /// The key as comparisons see it: short hive name and key in lower case, without the view.
    #[must_use]
    pub fn folded(self) -> String {
        name::folded(&format!("{}\\{}", self.hive.short_name(), self.key))
    }
}

impl fmt::Display for KeyRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\\{}", self.hive.short_name(), self.key)?;
        match self.view {
            Some(View::Bits32) => f.write_str(" (32-bit view)"),
            Some(View::Bits64) => f.write_str(" (64-bit view)"),
            None => Ok(()),
        }
    }
}
