//! Registry keys with their hive and view.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Malformed;

/// A root of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Hive {
    /// `HKEY_LOCAL_MACHINE`
    #[serde(rename = "HKLM")]
    LocalMachine,
    /// `HKEY_CLASSES_ROOT`
    #[serde(rename = "HKCR")]
    ClassesRoot,
    /// `HKEY_CURRENT_USER`
    #[serde(rename = "HKCU")]
    CurrentUser,
    /// `HKEY_USERS`
    #[serde(rename = "HKU")]
    Users,
    /// `HKEY_CURRENT_CONFIG`
    #[serde(rename = "HKCC")]
    CurrentConfig,
}

impl Hive {
    const ALL: [Self; 5] =
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum View {
    /// What 32-bit programs see.
    #[serde(rename = "32")]
    Bits32,
    /// What 64-bit programs see.
    #[serde(rename = "64")]
    Bits64,
}

/// A registry key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RegistryPath {
    /// The hive.
    pub hive: Hive,
    /// The key below the hive, without a backslash at either end.
    pub key: String,
    /// The view, when it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
}

impl RegistryPath {
    /// Reads `HKLM\SOFTWARE\…` or `HKEY_LOCAL_MACHINE\SOFTWARE\…`.
    ///
    /// # Errors
    /// When the hive is unknown or a component is empty.
    pub fn parse(text: &str, view: Option<View>) -> Result<Self, Malformed> {
        let (root, key) = text.split_once('\\').ok_or_else(|| {
            Malformed::new(format!("`{text}` names no key below a hive"))
                .help(r"write the hive, `\` and the key: `HKLM\SOFTWARE\…`")
        })?;
        let named = |hive: &Hive| {
            root.eq_ignore_ascii_case(hive.short_name()) || root.eq_ignore_ascii_case(hive.long_name())
        };
        let hive = Hive::ALL.into_iter().find(named).ok_or_else(|| {
            Malformed::new(format!("`{root}` is not a registry hive"))
                .help("the hives are HKLM, HKCR, HKCU, HKU and HKCC")
        })?;
        if key.split('\\').any(str::is_empty) {
            return Err(Malformed::new(format!("`{text}` has an empty component"))
                .help(r"write one `\` between keys and none at the end"));
        }
        if key.chars().any(char::is_control) {
            return Err(Malformed::new(format!("`{}` has a control character", text.escape_default())));
        }
        Ok(Self { hive, key: key.to_owned(), view })
    }

    /// The key as comparisons see it: short hive name and key in lower case, without the view.
    #[must_use]
    pub fn folded(&self) -> String {
        format!("{}\\{}", self.hive.short_name(), self.key).to_ascii_lowercase()
    }
}

impl fmt::Display for RegistryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\\{}", self.hive.short_name(), self.key)?;
        match self.view {
            Some(View::Bits32) => f.write_str(" (32-bit view)"),
            Some(View::Bits64) => f.write_str(" (64-bit view)"),
            None => Ok(()),
        }
    }
}
