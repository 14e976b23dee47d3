//! What a target must be able to observe or say.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $title:literal;)+) => {
        /// A kind of fact that rules may test. Every back end decides each: see `Backend::support`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum Feature { $($(#[$doc])* #[serde(rename = $word)] $name),+ }

        impl Feature {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable name, as in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// A few words for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }
        }
    };
}

features! {
    /// Windows, macOS or another family.
    OsFamily = "os-family", "family of operating systems";
    /// The NT version.
    OsVersion = "os-version", "version of Windows";
    /// The build number.
    OsBuild = "os-build", "build of Windows";
    /// The revision of the build.
    OsRevision = "os-revision", "revision of Windows";
    /// The service pack.
    ServicePack = "service-pack", "service pack";
    /// Workstation, server or domain controller.
    ProductType = "product-type", "product type";
    /// What of Windows was installed, such as Server Core.
    InstallationType = "installation-type", "installation type";
    /// A product suite such as Terminal Server.
    Suite = "suite", "product suite";
    /// The processor architecture.
    Architecture = "architecture", "architecture";
    /// The installed language.
    Language = "language", "installed language";
    /// Whether a file is there.
    FileExists = "file-exists", "existence of a file";
    /// A file's version.
    FileVersion = "file-version", "version of a file";
    /// A file's size.
    FileSize = "file-size", "size of a file";
    /// A file's digest.
    FileDigest = "file-digest", "digest of a file";
    /// Whether a registry key or value is there.
    RegistryExists = "registry-exists", "existence of a registry key or value";
    /// A registry value's data.
    RegistryValue = "registry-value", "data of a registry value";
    /// A regular expression on a registry value.
    RegistryPattern = "registry-pattern", "pattern in a registry value";
    /// Bits of a number in the registry.
    RegistryBits = "registry-bits", "bits of a registry value";
    /// The type of a registry value.
    RegistryType = "registry-type", "type of a registry value";
    /// The 32- or 64-bit view of the registry.
    RegistryView = "registry-view", "32- and 64-bit registry views";
    /// One of several registry keys, of which all parts of a test hold.
    SeveralKeys = "several-keys", "one of several registry keys";
    /// One of several registry keys, which must not have a value.
    KeysWithoutValue = "keys-without-value", "one of several registry keys without a value";
    /// Whether a service is there, and its start type.
    ServiceStart = "service-start", "start type of a service";
    /// Whether a service runs.
    ServiceState = "service-state", "state of a service";
    /// Whether an update is listed as installed.
    Hotfix = "hotfix", "installed update";
    /// A path that begins with a variable of the machine.
    MachineVariable = "machine-variable", "environment variables of the machine";
    /// A path that begins with a variable of a user or of a process.
    OtherVariable = "other-variable", "environment variables of users and processes";
    /// A key or folder that each user has of their own.
    CurrentUser = "current-user", "what each user has of their own";
    /// A condition that no fact can decide.
    Unknowable = "unknowable", "conditions left open";
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
