//! File versions (the four 16-bit parts of a fixed version resource), intervals of them,
//! and the two-part version of the operating system.

use std::fmt;
use std::str::FromStr;

use super::Malformed;

/// A file version: `major.minor.build.revision`, compared numerically.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileVersion(pub [u16; 4]);

impl FileVersion {
    /// 0.0.0.0
    pub const MIN: Self = Self([0; 4]);
    /// 65535.65535.65535.65535
    pub const MAX: Self = Self([u16::MAX; 4]);

    /// The version as one number that orders alike.
    #[must_use]
    pub fn to_u64(self) -> u64 {
        self.0.iter().fold(0, |number, part| number << 16 | u64::from(*part))
    }

    /// The inverse of [`FileVersion::to_u64`].
    #[must_use]
    pub fn from_u64(number: u64) -> Self {
        let part = |shift: u32| u16::try_from(number >> shift & 0xffff).unwrap_or(u16::MAX);
        Self([part(48), part(32), part(16), part(0)])
    }

    /// The next higher version, if there is one.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.to_u64().checked_add(1).map(Self::from_u64)
    }

    /// The next lower version, if there is one.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        self.to_u64().checked_sub(1).map(Self::from_u64)
    }
}

impl fmt::Display for FileVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, build, revision] = self.0;
        write!(f, "{major}.{minor}.{build}.{revision}")
    }
}

impl FromStr for FileVersion {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut parts = [0; 4];
        let mut slots = parts.iter_mut();
        for part in text.split('.') {
            let Some(slot) = slots.next() else {
                return Err(Malformed::new(format!("`{text}` has more than four parts"))
                    .help("a file version is `major.minor.build.revision`"));
            };
            *slot = version_part(text, part)?;
        }
        Ok(Self(parts))
    }
}

fn version_part(text: &str, part: &str) -> Result<u16, Malformed> {
    if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        let malformed = Malformed::new(format!("`{text}` is not a version"));
        let dotted = text.split(',').map(str::trim).collect::<Vec<_>>().join(".");
        if dotted != text && dotted.parse::<FileVersion>().is_ok() {
            return Err(malformed.help(format!("write dots: `{dotted}`")));
        }
        return Err(malformed.help("write one to four numbers between dots, such as `5.0.2195.6870`"));
    }
    part.parse().map_err(|_| {
        Malformed::new(format!("`{part}` in the version `{text}` is too large"))
            .help("each part of a file version is at most 65535")
    })
}

#[cfg(feature = "serde")]
crate::serde_as_text!(
    FileVersion,
    "Four numbers from 0 to 65535 between dots. Missing ones are 0 where it is read.",
    r"^[0-9]+(\.[0-9]+){0,3}$",
    ["5.0.2195.6870"]
);

/// All versions from `low` to `high`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionInterval {
    /// The lowest.
    pub low: FileVersion,
    /// The highest. 65535.65535.65535.65535 means no upper bound.
    pub high: FileVersion,
}

impl VersionInterval {
    /// The first version above the interval; none when it is open upwards.
    #[must_use]
    pub fn end(self) -> Option<FileVersion> {
        self.high.next()
    }
}

impl VersionInterval {
    /// All versions from `low` to `high`, both included.
    #[must_use]
    pub const fn new(low: [u16; 4], high: [u16; 4]) -> Self {
        Self { low: FileVersion(low), high: FileVersion(high) }
    }

    /// Whether `version` lies in the interval.
    #[must_use]
    pub fn contains(self, version: FileVersion) -> bool {
        self.low <= version && version <= self.high
    }
}

impl fmt::Display for VersionInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.low, self.end()) {
            (FileVersion::MIN, None) => f.write_str("any version"),
            (FileVersion::MIN, Some(end)) => write!(f, "less than {end}"),
            (low, None) => write!(f, "at least {low}"),
            (low, _) if low == self.high => write!(f, "{low}"),
            (low, Some(end)) => write!(f, "at least {low} and less than {end}"),
        }
    }
}

/// The version of the operating system's kernel: `5.0` is Windows 2000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OsVersion {
    /// `5` of `5.0`.
    pub major: u16,
    /// `0` of `5.0`.
    pub minor: u16,
}

impl fmt::Display for OsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for OsVersion {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || {
            Malformed::new(format!("`{text}` is not the version of an operating system"))
                .help("write two numbers, such as `5.0` for Windows 2000")
        };
        let (major, minor) = text.split_once('.').ok_or_else(malformed)?;
        let part = |part: &str| version_part(text, part).map_err(|_| malformed());
        Ok(Self { major: part(major)?, minor: part(minor)? })
    }
}

#[cfg(feature = "serde")]
crate::serde_as_text!(
    OsVersion,
    "The NT version, two numbers: `5.0` is Windows 2000.",
    r"^[0-9]+\.[0-9]+$",
    ["5.0", "10.0"]
);
