//! Folders that every Windows knows, and a path as hosts are asked for it.

use super::name;

/// Folders whose place every Windows records in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KnownFolder {
    /// `%SystemRoot%`, also called `%windir%`.
    SystemRoot,
    /// `%ProgramFiles%`
    ProgramFiles,
    /// `%ProgramFiles(x86)%`
    ProgramFilesX86,
    /// `%CommonProgramFiles%`
    CommonProgramFiles,
    /// `%CommonProgramFiles(x86)%`
    CommonProgramFilesX86,
    /// `%SystemDrive%`, the drive of the system root
    SystemDrive,
    /// `%ProgramData%`
    ProgramData,
    /// `%PUBLIC%`
    Public,
}

impl KnownFolder {
    /// Whether only a 64-bit Windows has it.
    #[must_use]
    pub const fn is_of_64_bit(self) -> bool {
        matches!(self, Self::ProgramFilesX86 | Self::CommonProgramFilesX86)
    }

    /// Whether Windows has it from version 6.0 on only.
    #[must_use]
    pub const fn is_since_vista(self) -> bool {
        matches!(self, Self::ProgramData | Self::Public)
    }

    /// The folder that an environment variable names, without percent signs.
    #[must_use]
    pub fn from_variable(variable: &str) -> Option<Self> {
        match variable.to_ascii_lowercase().as_str() {
            "systemroot" | "windir" => Some(Self::SystemRoot),
            "programfiles" => Some(Self::ProgramFiles),
            "programfiles(x86)" => Some(Self::ProgramFilesX86),
            "commonprogramfiles" => Some(Self::CommonProgramFiles),
            "commonprogramfiles(x86)" => Some(Self::CommonProgramFilesX86),
            "systemdrive" => Some(Self::SystemDrive),
            "programdata" => Some(Self::ProgramData),
            "public" => Some(Self::Public),
            _ => None,
        }
    }

    /// The variable's usual spelling, without percent signs.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::SystemRoot => "SystemRoot",
            Self::ProgramFiles => "ProgramFiles",
            Self::ProgramFilesX86 => "ProgramFiles(x86)",
            Self::CommonProgramFiles => "CommonProgramFiles",
            Self::CommonProgramFilesX86 => "CommonProgramFiles(x86)",
            Self::SystemDrive => "SystemDrive",
            Self::ProgramData => "ProgramData",
            Self::Public => "PUBLIC",
        }
    }

    /// Key below `HKLM` and value that hold the folder; that of the system's drive is the system root.
    ///
    /// Windows makes `ProgramData` and `PUBLIC` from the list of profiles, which has them from the
    /// version on that has the variables. `Shell Folders` holds the same folder as `Common AppData`
    /// on older versions, too, where the variable does not exist.
    #[must_use]
    pub const fn registry_value(self) -> (&'static str, &'static str) {
        const NT: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
        const WINDOWS: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion";
        const PROFILES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
        match self {
            Self::SystemRoot | Self::SystemDrive => (NT, "SystemRoot"),
            Self::ProgramFiles => (WINDOWS, "ProgramFilesDir"),
            Self::ProgramFilesX86 => (WINDOWS, "ProgramFilesDir (x86)"),
            Self::CommonProgramFiles => (WINDOWS, "CommonFilesDir"),
            Self::CommonProgramFilesX86 => (WINDOWS, "CommonFilesDir (x86)"),
            Self::ProgramData => (PROFILES, "ProgramData"),
            Self::Public => (PROFILES, "Public"),
        }
    }

    /// The folder in what its registry value holds.
    #[must_use]
    pub fn held_by(self, value: &str) -> &str {
        match self {
            Self::SystemDrive => value.get(..2).unwrap_or(value),
            _ => value,
        }
    }
}

/// An absolute Windows path that may begin with an environment variable, as a rule writes it.
/// Paths compare as [`name`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathRef<'a>(pub &'a str);

impl<'a> PathRef<'a> {
    /// The leading environment variable, without percent signs.
    #[must_use]
    pub fn variable(self) -> Option<&'a str> {
        self.0.strip_prefix('%')?.split('%').next()
    }

    /// What follows the leading variable or drive, with its backslash.
    #[must_use]
    pub fn tail(self) -> &'a str {
        let start = self.variable().map_or(2, |variable| variable.len() + 2);
        self.0.get(start..).unwrap_or("")
    }

    /// The path as comparisons see it.
    #[must_use]
    pub fn folded(self) -> String {
        name::folded(self.0)
    }
}
