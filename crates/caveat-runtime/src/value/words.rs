//! Closed lists of words: architectures, ratings, start types and the like.

use std::fmt;

/// A word that is not on its list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// What the list is of, such as `an architecture`.
    pub what: &'static str,
    /// The word.
    pub word: String,
    /// What may stand there.
    pub allowed: &'static [&'static str],
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {} (known: {})", self.word, self.what, self.allowed.join(", "))
    }
}

impl std::error::Error for Unlisted {}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$variant_doc])* #[cfg_attr(feature = "serde", serde(rename = $word))] $variant),+
        }

        impl $name {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their words, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = Unlisted;

            fn from_str(text: &str) -> Result<Self, Unlisted> {
                let unlisted = || Unlisted { what: $what, word: text.to_owned(), allowed: Self::WORDS };
                Self::ALL.iter().find(|word| word.as_str() == text).copied().ok_or_else(unlisted)
            }
        }
    };
}

words! {
    /// A family of operating systems.
    Family, "a family of operating systems" {
        /// Windows
        Windows = "windows",
        /// macOS, and Mac OS before it
        MacOs = "macos",
        /// Unix and what is like it
        Unix = "unix",
    }
}

words! {
    /// A type of registry values.
    RegistryType, "a type of registry values" {
        /// A string
        Text = "reg_sz",
        /// A string with variables that programs expand
        ExpandText = "reg_expand_sz",
        /// A list of strings
        Multi = "reg_multi_sz",
        /// A number of 32 bits
        Dword = "reg_dword",
        /// The same, its highest byte first
        DwordBigEndian = "reg_dword_big_endian",
        /// A number of 64 bits
        Qword = "reg_qword",
        /// Bytes
        Binary = "reg_binary",
        /// Bytes without a type, often none at all
        None = "reg_none",
        /// The key that a symbolic link leads to
        Link = "reg_link",
        /// The resources of a device, as bytes
        ResourceList = "reg_resource_list",
        /// The resources of hardware, as bytes
        FullResourceDescriptor = "reg_full_resource_descriptor",
        /// The resources that a device may have, as bytes
        ResourceRequirementsList = "reg_resource_requirements_list",
    }
}

words! {
    /// A type of registry values of which only the bytes are known.
    RawType, "a type of bytes" {
        /// [`RegistryType::None`]
        None = "reg_none",
        /// [`RegistryType::ResourceList`]
        ResourceList = "reg_resource_list",
        /// [`RegistryType::FullResourceDescriptor`]
        FullResourceDescriptor = "reg_full_resource_descriptor",
        /// [`RegistryType::ResourceRequirementsList`]
        ResourceRequirementsList = "reg_resource_requirements_list",
    }
}

impl From<RawType> for RegistryType {
    fn from(raw: RawType) -> Self {
        match raw {
            RawType::None => Self::None,
            RawType::ResourceList => Self::ResourceList,
            RawType::FullResourceDescriptor => Self::FullResourceDescriptor,
            RawType::ResourceRequirementsList => Self::ResourceRequirementsList,
        }
    }
}

impl RegistryType {
    /// The number that Windows gives it.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Text => 1,
            Self::ExpandText => 2,
            Self::Binary => 3,
            Self::Dword => 4,
            Self::DwordBigEndian => 5,
            Self::Link => 6,
            Self::Multi => 7,
            Self::ResourceList => 8,
            Self::FullResourceDescriptor => 9,
            Self::ResourceRequirementsList => 10,
            Self::Qword => 11,
        }
    }

    /// Windows' name of it.
    #[must_use]
    pub fn windows_name(self) -> String {
        self.as_str().to_ascii_uppercase()
    }
}

words! {
    /// A processor architecture.
    Architecture, "an architecture" {
        /// 32-bit Intel
        X86 = "x86",
        /// Itanium
        Ia64 = "ia64",
        /// 64-bit AMD and Intel
        X64 = "x64",
        /// 64-bit ARM
        Arm64 = "arm64",
        /// 32-bit ARM, as of Windows RT
        Arm = "arm",
        /// Alpha, up to Windows NT 4.0
        Alpha = "alpha",
        /// MIPS, up to Windows NT 4.0
        Mips = "mips",
        /// PowerPC, of Windows NT 3.51 and 4.0
        PowerPc = "powerpc",
    }
}

impl Architecture {
    /// What `PROCESSOR_ARCHITECTURE` says.
    #[must_use]
    pub const fn processor_name(self) -> &'static str {
        match self {
            Self::X86 => "x86",
            Self::Ia64 => "IA64",
            Self::X64 => "AMD64",
            Self::Arm64 => "ARM64",
            Self::Arm => "ARM",
            Self::Alpha => "ALPHA",
            Self::Mips => "MIPS",
            Self::PowerPc => "PPC",
        }
    }

    /// Whether its Windows is a 64-bit one, with a registry view and folders of their own for 32-bit
    /// programs.
    #[must_use]
    pub const fn is_64_bit(self) -> bool {
        match self {
            Self::Ia64 | Self::X64 | Self::Arm64 => true,
            Self::X86 | Self::Arm | Self::Alpha | Self::Mips | Self::PowerPc => false,
        }
    }
}

words! {
    /// The role a Windows was installed for.
    ProductType, "a product type" {
        /// A desktop edition
        Workstation = "workstation",
        /// A server that is not a domain controller
        Server = "server",
        /// A domain controller
        DomainController = "domain-controller",
    }
}

impl ProductType {
    /// What the value `ProductType` of `ProductOptions` says.
    #[must_use]
    pub const fn registry_name(self) -> &'static str {
        match self {
            Self::Workstation => "WinNT",
            Self::Server => "ServerNT",
            Self::DomainController => "LanmanNT",
        }
    }
}

words! {
    /// What of a Windows was installed. Those before 6.0 do not tell.
    InstallationType, "an installation type" {
        /// A desktop edition
        Client = "client",
        /// A server with its desktop
        Server = "server",
        /// A server without one
        ServerCore = "server-core",
        /// The smallest server
        NanoServer = "nano-server",
        /// Windows Embedded
        Embedded = "embedded",
        /// Windows PE, from which Windows is installed or mended
        WindowsPe = "windows-pe",
    }
}

impl InstallationType {
    /// What the value `InstallationType` says.
    #[must_use]
    pub const fn registry_name(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::Server => "Server",
            Self::ServerCore => "Server Core",
            Self::NanoServer => "Nano Server",
            Self::Embedded => "Embedded",
            Self::WindowsPe => "WindowsPE",
        }
    }
}

words! {
    /// When a service starts.
    StartType, "a start type" {
        /// By the boot loader
        Boot = "boot",
        /// While the kernel starts
        System = "system",
        /// At start-up
        Automatic = "automatic",
        /// On demand
        Manual = "manual",
        /// Never
        Disabled = "disabled",
    }
}

impl StartType {
    /// The value `Start` of the service's registry key.
    #[must_use]
    pub const fn registry_number(self) -> u32 {
        match self {
            Self::Boot => 0,
            Self::System => 1,
            Self::Automatic => 2,
            Self::Manual => 3,
            Self::Disabled => 4,
        }
    }
}

words! {
    /// Microsoft's severity ratings.
    Rating, "a severity rating" {
        /// Not affected
        None = "none",
        /// Low
        Low = "low",
        /// Moderate
        Moderate = "moderate",
        /// Important
        Important = "important",
        /// Critical
        Critical = "critical",
    }
}

words! {
    /// What an attacker gains.
    Impact, "an impact" {
        /// Runs code from afar
        RemoteCodeExecution = "remote-code-execution",
        /// Stops a service
        DenialOfService = "denial-of-service",
        /// Gains rights
        ElevationOfPrivilege = "elevation-of-privilege",
        /// Reads what is not for them
        InformationDisclosure = "information-disclosure",
        /// Passes for another
        Spoofing = "spoofing",
        /// Changes what is not theirs
        Tampering = "tampering",
        /// Gets round a protection
        SecurityFeatureBypass = "security-feature-bypass",
    }
}

words! {
    /// Whether installing an update restarts the host.
    Restart, "a restart behaviour" {
        /// Always
        Required = "required",
        /// Only when files are in use
        Maybe = "maybe",
        /// Never
        None = "none",
    }
}

words! {
    /// A servicing branch.
    Branch, "a servicing branch" {
        /// General distribution release
        Gdr = "gdr",
        /// Quick-fix engineering, later called LDR
        Qfe = "qfe",
    }
}

words! {
    /// Which floor counts where those of the branches differ and nothing tells the branches apart.
    BranchPolicy, "a branch policy" {
        /// The lower: may miss an outdated file of the other branch
        Lowest = "lowest",
        /// The higher: may flag a fixed file of the other branch
        Highest = "highest",
        /// Neither: between the two the verdict stays open
        Unknown = "unknown",
    }
}

words! {
    /// What a version means that lies below or between the ranges of a file's floors.
    Outside, "a meaning of versions outside" {
        /// As if it were at the floor
        Fixed = "fixed",
        /// As if it were below the floor
        Outdated = "outdated",
        /// Neither: the verdict stays open
        Unknown = "unknown",
    }
}

words! {
    /// A transport protocol.
    Protocol, "a protocol" {
        /// TCP
        Tcp = "tcp",
        /// UDP
        Udp = "udp",
        /// Not stated
        Unstated = "port",
    }
}

words! {
    /// A digest algorithm.
    Digest, "a digest algorithm" {
        /// MD5
        Md5 = "md5",
        /// SHA-1
        Sha1 = "sha1",
        /// SHA-256
        Sha256 = "sha256",
    }
}

impl Digest {
    /// How many hexadecimal digits a digest has.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha256 => 64,
        }
    }
}
