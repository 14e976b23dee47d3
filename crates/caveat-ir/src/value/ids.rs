//! Identifiers: bulletins and CVEs.

use std::fmt;
use std::str::FromStr;

use super::{Malformed, serde_as_text};

/// A bulletin's id, such as `MS04-006`: letters, digits, `-`, `_` and `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BulletinId(String);

impl BulletinId {
    /// The id as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BulletinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BulletinId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let named = text.starts_with(|c: char| c.is_ascii_alphabetic());
        if plain && named && text.len() <= 64 && !is_device_name(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Malformed::new(format!("`{text}` cannot be the id of a bulletin"))
            .help("begin with a letter and use letters, digits, `-`, `_` and `.` only, at most 64; it becomes a file name"))
    }
}

/// Names that Windows gives to devices, with any extension, and so to no file.
#[must_use]
pub fn is_device_name(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text).to_ascii_uppercase();
    let numbered =
        |prefix: &str| stem.strip_prefix(prefix).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

serde_as_text!(
    BulletinId,
    "The id of a bulletin, at most 64 characters. It can be the stem of a file on every system: it is no name of a \
     device, and no two in a set of rules differ in case only.",
    "^[A-Za-z][A-Za-z0-9_.-]{0,63}$",
    ["MS04-006"]
);

/// A CVE id, such as `CVE-2003-0825`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CveId(String);

impl CveId {
    /// The id in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CveId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let upper = text.to_ascii_uppercase();
        let numbers = upper.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        match numbers {
            Some((year, number))
                if year.len() == 4 && (4..=19).contains(&number.len()) && digits(year) && digits(number) =>
            {
                Ok(Self(upper))
            }
            _ => Err(malformed_cve(text, &upper)),
        }
    }
}

fn malformed_cve(text: &str, upper: &str) -> Malformed {
    let malformed = Malformed::new(format!("`{text}` is not a CVE id"));
    match upper.strip_prefix("CAN-") {
        Some(rest) => malformed
            .help(format!("CAN names became CVE names: write `CVE-{rest}`, and the old name as `alias`")),
        None => {
            malformed.help("write `CVE-`, the year, `-` and at least four digits, such as `CVE-2003-0825`")
        }
    }
}

serde_as_text!(CveId, "A CVE id.", "^[Cc][Vv][Ee]-[0-9]{4}-[0-9]{4,19}$", ["CVE-2003-0825"]);
