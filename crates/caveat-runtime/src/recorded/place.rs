//! Where Windows keeps facts in its registry, and what it writes there. All keys lie below `HKLM`.

use std::fmt::Display;

use crate::value::{Hive, KeyRef, OsVersion, Variable, View, name};
use crate::{Fact, HostFacts, RegistryValue};

/// The key of what there is to know of the system.
pub const WINDOWS_NT: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
/// The key whose keys are services, by their names.
pub const SERVICES: &str = r"SYSTEM\CurrentControlSet\Services";
/// The value of a service's key that says when it starts.
pub const START: &str = "Start";
/// The key whose keys are updates, by their names, where [`updates_are_keys`].
pub const UPDATES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix";
/// The first version whose list of updates is kept elsewhere: Windows Vista.
pub const FIRST_WITHOUT_UPDATES: OsVersion = OsVersion { major: 6, minor: 0 };
/// The last version that `CurrentVersion` tells. It says so on all later ones, too.
pub const LAST_AS_TEXT: OsVersion = OsVersion { major: 6, minor: 3 };
/// The first build of version 10.0.
pub const FIRST_BUILD_OF_10: u32 = 10_240;
/// The versions that were released with one build, and those builds.
pub const BUILDS: [(OsVersion, u32); 4] = [
    (OsVersion { major: 4, minor: 0 }, 1381),
    (OsVersion { major: 5, minor: 0 }, 2195),
    (OsVersion { major: 5, minor: 1 }, 2600),
    (OsVersion { major: 5, minor: 2 }, 3790),
];

/// A value in which Windows keeps a fact of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The NT version, up to 6.3.
    Version,
    /// The first number of the version, from 10.0 on.
    Major,
    /// The second number of the version, from 10.0 on.
    Minor,
    /// The build number.
    Build,
    /// The revision of the build.
    Revision,
    /// The service pack, where there is one.
    ServicePack,
    /// The product type.
    ProductType,
    /// The product suites.
    Suites,
    /// The architecture of Windows.
    Architecture,
    /// The language that Windows was installed in.
    Language,
}

impl Place {
    /// All, in order.
    pub const ALL: [Self; 10] = [
        Self::Version,
        Self::Major,
        Self::Minor,
        Self::Build,
        Self::Revision,
        Self::ServicePack,
        Self::ProductType,
        Self::Suites,
        Self::Architecture,
        Self::Language,
    ];

    /// The key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Version | Self::Major | Self::Minor | Self::Build | Self::Revision | Self::ServicePack => {
                WINDOWS_NT
            }
            Self::ProductType | Self::Suites => r"SYSTEM\CurrentControlSet\Control\ProductOptions",
            Self::Architecture => Variable::MACHINE,
            Self::Language => r"SYSTEM\CurrentControlSet\Control\Nls\Language",
        }
    }

    /// The name of the value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Version => "CurrentVersion",
            Self::Major => "CurrentMajorVersionNumber",
            Self::Minor => "CurrentMinorVersionNumber",
            Self::Build => "CurrentBuildNumber",
            Self::Revision => "UBR",
            Self::ServicePack => "CSDVersion",
            Self::ProductType => "ProductType",
            Self::Suites => "ProductSuite",
            Self::Architecture => "PROCESSOR_ARCHITECTURE",
            Self::Language => "InstallLanguage",
        }
    }

    /// The place that a value is, if it is one. Programs of 32 bits see the same key of `SYSTEM`, and on a 64-bit
    /// Windows another one of `SOFTWARE`, which is none.
    #[must_use]
    pub fn of(key: KeyRef<'_>, value: &str) -> Option<Self> {
        let elsewhere = key.view == Some(View::Bits32) && name::after(key.key, r"SOFTWARE\").is_some();
        let is = |place: &Self| name::same(place.key(), key.key) && name::same(place.name(), value);
        Self::ALL.into_iter().find(is).filter(|_| key.hive == Hive::LocalMachine && !elsewhere)
    }

    /// What Windows has written there on a host of these facts.
    #[must_use]
    pub fn holds<H: HostFacts + ?Sized>(self, host: &H) -> Fact<RegistryValue<'_>> {
        match self {
            Self::Version => host.os_version().map(|version| text(&shown(version))),
            Self::Major => host.os_version().and_then(|version| part(version, version.major)),
            Self::Minor => host.os_version().and_then(|version| part(version, version.minor)),
            Self::Build => host.build().map(|build| text(&build)),
            Self::Revision => host.revision().map(RegistryValue::Dword),
            Self::ServicePack => host.service_pack().and_then(|pack| match pack {
                0 => Fact::Absent,
                number => Fact::Present(text(&format_args!("Service Pack {number}"))),
            }),
            Self::ProductType => host.product_type().map(|kind| text(&kind.registry_name())),
            Self::Suites => host.suites().map(|suites| RegistryValue::Multi(suites.0)),
            Self::Architecture => host.architecture().map(|one| text(&one.processor_name())),
            Self::Language => host.language().and_then(|language| match language.identifier() {
                Some(identifier) => Fact::Present(text(&format_args!("{identifier:04x}"))),
                None => Fact::Unknown,
            }),
        }
    }
}

/// Whether a version lists its updates as keys of [`UPDATES`].
#[must_use]
pub fn updates_are_keys(version: OsVersion) -> bool {
    version < FIRST_WITHOUT_UPDATES
}

fn text(text: &dyn Display) -> RegistryValue<'static> {
    RegistryValue::Text(text.to_string().into())
}

/// What `CurrentVersion` says of a version.
fn shown(version: OsVersion) -> OsVersion {
    if version.major >= 10 { LAST_AS_TEXT } else { version }
}

/// What a value of its own says of a part of a version.
fn part(version: OsVersion, number: u16) -> Fact<RegistryValue<'static>> {
    match version.major {
        ..10 => Fact::Absent,
        _ => Fact::Present(RegistryValue::Dword(number.into())),
    }
}
