//! Windows paths that may begin with an environment variable.

use std::fmt;
use std::str::FromStr;

use super::{Malformed, PathRef, serde_as_text};

/// An absolute Windows path, kept as written, compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowsPath(String);

impl WindowsPath {
    /// The path as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as hosts are asked for it.
    #[must_use]
    pub fn borrowed(&self) -> PathRef<'_> {
        PathRef(&self.0)
    }

    /// The leading environment variable, without percent signs.
    #[must_use]
    pub fn variable(&self) -> Option<&str> {
        self.borrowed().variable()
    }

    /// What follows the leading variable or drive, with its backslash.
    #[must_use]
    pub fn tail(&self) -> &str {
        self.borrowed().tail()
    }

    /// The folder, without a backslash at its end.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('\\').map_or("", |(folder, _)| folder)
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('\\').next().unwrap_or("")
    }

    /// The path as comparisons see it.
    #[must_use]
    pub fn folded(&self) -> String {
        self.borrowed().folded()
    }
}

impl fmt::Display for WindowsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WindowsPath {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let rest = after_root(text)?;
        let mut components = rest.split('\\');
        if components.next() != Some("") || rest.is_empty() {
            return Err(Malformed::new(format!("`{text}` has no `\\` after its beginning")));
        }
        for component in components {
            check_component(text, component)?;
        }
        Ok(Self(text.to_owned()))
    }
}

fn after_root(text: &str) -> Result<&str, Malformed> {
    if let Some(variable) = text.strip_prefix('%') {
        let (name, rest) = variable.split_once('%').ok_or_else(|| {
            Malformed::new(format!("the environment variable in `{text}` has no second `%`"))
        })?;
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_()".contains(c));
        return if plain {
            Ok(rest)
        } else {
            Err(Malformed::new(format!("`%{name}%` is not an environment variable")))
        };
    }
    match text.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => Ok(text.get(2..).unwrap_or("")),
        _ if text.contains('/') => {
            Err(Malformed::new(format!("`{text}` is not a Windows path")).help("write `\\` between folders"))
        }
        _ => Err(Malformed::new(format!("`{text}` does not say where it begins"))
            .help(r"begin with a drive (`C:\`) or an environment variable (`%SystemRoot%\`)")),
    }
}

fn check_component(text: &str, component: &str) -> Result<(), Malformed> {
    if component.is_empty() {
        return Err(Malformed::new(format!("`{text}` has an empty component"))
            .help(r"write one `\` between components and none at the end"));
    }
    if matches!(component, "." | "..") {
        return Err(
            Malformed::new(format!("`{text}` has a `{component}` component")).help("write the path in full")
        );
    }
    match component.chars().find(|c| c.is_control() || r#"<>:"/|?*%"#.contains(*c)) {
        Some(bad) => {
            let malformed =
                Malformed::new(format!("`{}` cannot stand in a Windows path", bad.escape_default()));
            Err(match bad {
                '*' | '?' => {
                    malformed.help("a path is that of one file: write a path for each that there can be")
                }
                _ => malformed,
            })
        }
        None => Ok(()),
    }
}

serde_as_text!(
    WindowsPath,
    "An absolute path that begins with a drive or an environment variable, and ends without a backslash.",
    r"^([A-Za-z]:|%[A-Za-z0-9_()]+%)(\\[^\\/:*?%|<>\u0022]+)+$",
    [r"%SystemRoot%\system32\wins.exe", r"C:\Acme\a.dll"]
);
