//! Folders that every Windows knows, environment variables, and a path as hosts are asked for it.

use std::fmt;

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
    /// All of them, those that others may begin with first.
    pub const ALL: [Self; 8] = [
        Self::SystemRoot,
        Self::SystemDrive,
        Self::ProgramFiles,
        Self::ProgramFilesX86,
        Self::CommonProgramFiles,
        Self::CommonProgramFilesX86,
        Self::ProgramData,
        Self::Public,
    ];

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
        let named = |folder: &Self| folder.names().iter().any(|name| name.eq_ignore_ascii_case(variable));
        Self::ALL.into_iter().find(named)
    }

    /// The names of its variable, the usual one first.
    #[must_use]
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::SystemRoot => &["SystemRoot", "windir"],
            Self::ProgramFiles => &["ProgramFiles"],
            Self::ProgramFilesX86 => &["ProgramFiles(x86)"],
            Self::CommonProgramFiles => &["CommonProgramFiles"],
            Self::CommonProgramFilesX86 => &["CommonProgramFiles(x86)"],
            Self::SystemDrive => &["SystemDrive"],
            Self::ProgramData => &["ProgramData"],
            Self::Public => &["PUBLIC"],
        }
    }

    /// Whether its registry value may begin with the variable of another folder. A value that begins with any other
    /// variable is not known.
    #[must_use]
    pub const fn may_begin_with(self, first: Self) -> bool {
        matches!((self, first), (Self::ProgramData | Self::Public, Self::SystemDrive))
    }

    /// The variable's usual spelling, without percent signs.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self.names() {
            [usual, ..] => usual,
            [] => "",
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

/// Where the value of an environment variable comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// Windows sets it to a folder that its registry records.
    Folder(KnownFolder),
    /// The machine has it, in its registry: see [`Variable::MACHINE`].
    Machine,
    /// Each user has their own.
    User,
    /// Windows or a shell makes it for each process, or joins it from several others.
    Process,
}

impl Variable {
    /// The key below `HKLM` that holds the machine's variables as values of their names.
    pub const MACHINE: &'static str = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment";

    /// The variables that Windows sets for each user. `TEMP` and `TMP` of the machine are for services only.
    pub const OF_USERS: [&str; 11] = [
        "APPDATA",
        "LOCALAPPDATA",
        "USERPROFILE",
        "HOMEDRIVE",
        "HOMEPATH",
        "HOMESHARE",
        "TEMP",
        "TMP",
        "OneDrive",
        "OneDriveConsumer",
        "OneDriveCommercial",
    ];

    /// The variables that are made for a process: from other facts, from the session, from several variables of one
    /// name, or by a shell.
    pub const OF_PROCESSES: [&str; 26] = [
        "ALLUSERSPROFILE",
        "ProgramW6432",
        "CommonProgramW6432",
        "COMPUTERNAME",
        "USERNAME",
        "USERDOMAIN",
        "USERDOMAIN_ROAMINGPROFILE",
        "USERDNSDOMAIN",
        "LOGONSERVER",
        "SESSIONNAME",
        "CLIENTNAME",
        "PROCESSOR_ARCHITECTURE",
        "PROCESSOR_ARCHITEW6432",
        "PROCESSOR_IDENTIFIER",
        "PROCESSOR_LEVEL",
        "PROCESSOR_REVISION",
        "NUMBER_OF_PROCESSORS",
        "Path",
        "LibPath",
        "Os2LibPath",
        "PSModulePath",
        "PROMPT",
        "CD",
        "DATE",
        "TIME",
        "RANDOM",
    ];

    /// The known folders that a variable of the machine may begin with, where its value is stored to be expanded. One
    /// that begins with any other variable is not known.
    pub const BEGINNINGS: [KnownFolder; 4] = [
        KnownFolder::SystemRoot,
        KnownFolder::SystemDrive,
        KnownFolder::ProgramFiles,
        KnownFolder::ProgramFilesX86,
    ];

    /// What a variable is by its name, without percent signs.
    ///
    /// A variable of which nothing else is known is the machine's: that is what installers set.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        match KnownFolder::from_variable(name) {
            Some(folder) => Self::Folder(folder),
            None if is(&Self::OF_USERS) => Self::User,
            None if is(&Self::OF_PROCESSES) => Self::Process,
            None => Self::Machine,
        }
    }

    /// Whether a path can begin with this value of a variable: it is a drive, or begins with one or with a share.
    #[must_use]
    pub fn is_place(value: &str) -> bool {
        let [drive, colon, rest @ ..] = value.as_bytes() else { return false };
        let is_drive = drive.is_ascii_alphabetic() && *colon == b':' && matches!(rest, [] | [b'\\', ..]);
        is_drive || value.starts_with(r"\\") && !value.trim_start_matches('\\').is_empty()
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

impl fmt::Display for PathRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
