//! Registry keys with their hive and view.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Hive, KeyRef, Malformed, View};

/// A registry key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

    /// The first component with a `*`, as if it stood for other text; not the key of that name that Windows
    /// has below the roots of classes, for files of every type.
    #[must_use]
    pub fn wildcard(&self) -> Option<&str> {
        let classes = match self.hive {
            Hive::ClassesRoot => Some(""),
            Hive::LocalMachine | Hive::CurrentUser => Some(r"software\classes\"),
            Hive::Users | Hive::CurrentConfig => None,
        };
        let folded = self.key.to_ascii_lowercase();
        let below = classes.and_then(|classes| folded.strip_prefix(classes));
        let named_so = below.is_some_and(|below| below == "*" || below.starts_with(r"*\"));
        let mut stars = self.key.split('\\').filter(|component| component.contains('*'));
        stars.nth(usize::from(named_so))
    }

    /// The key as comparisons see it: short hive name and key in lower case, without the view.
    #[must_use]
    pub fn folded(&self) -> String {
        self.borrowed().folded()
    }

    /// The key as hosts are asked for it.
    #[must_use]
    pub fn borrowed(&self) -> KeyRef<'_> {
        KeyRef { hive: self.hive, key: &self.key, view: self.view }
    }
}

impl fmt::Display for RegistryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.borrowed().fmt(f)
    }
}
