//! Where Windows keeps facts in its registry, and what it writes there. All keys lie below `HKLM`.

use std::fmt::Display;

use crate::value::{
    Architecture, Family, Hive, InstallationType, KeyRef, Language, OsVersion, ProductType, Variable, View,
    name,
};
use crate::{Fact, HostFacts, RegistryValue, Suites};

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
/// The first version that tells its installation type: Windows Vista.
const FIRST_WITH_INSTALLATION_TYPE: OsVersion = OsVersion { major: 6, minor: 0 };
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

macro_rules! places {
    ($($(#[$doc:meta])* $name:ident = $key:expr, $value:literal;)+) => {
        /// A value in which Windows keeps a fact of the system.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Place { $($(#[$doc])* $name),+ }

        impl Place {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The key.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$name => $key),+ }
            }

            /// The name of the value.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $value),+ }
            }
        }
    };
}

/// The key of what was bought.
const PRODUCT: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";

places! {
    /// The NT version, up to 6.3.
    Version = WINDOWS_NT, "CurrentVersion";
    /// The first number of the version, from 10.0 on.
    Major = WINDOWS_NT, "CurrentMajorVersionNumber";
    /// The second number of the version, from 10.0 on.
    Minor = WINDOWS_NT, "CurrentMinorVersionNumber";
    /// The build number.
    Build = WINDOWS_NT, "CurrentBuildNumber";
    /// The revision of the build.
    Revision = WINDOWS_NT, "UBR";
    /// The service pack, where there is one.
    ServicePack = WINDOWS_NT, "CSDVersion";
    /// The product type.
    ProductType = PRODUCT, "ProductType";
    /// The installation type.
    InstallationType = WINDOWS_NT, "InstallationType";
    /// The product suites.
    Suites = PRODUCT, "ProductSuite";
    /// The architecture of Windows.
    Architecture = Variable::MACHINE, "PROCESSOR_ARCHITECTURE";
    /// The language that Windows was installed in.
    Language = r"SYSTEM\CurrentControlSet\Control\Nls\Language", "InstallLanguage";
}

/// The facts of the system, as far as they are known: what [`Place`]s hold, and the family.
#[derive(Debug, Clone)]
pub struct System<'a> {
    /// The family of the operating system.
    pub family: Fact<Family>,
    /// The NT version.
    pub version: Fact<OsVersion>,
    /// The build number.
    pub build: Fact<u32>,
    /// The revision of the build.
    pub revision: Fact<u32>,
    /// The service pack.
    pub service_pack: Fact<u32>,
    /// The product type.
    pub product_type: Fact<ProductType>,
    /// The installation type.
    pub installation_type: Fact<InstallationType>,
    /// The product suites.
    pub suites: Fact<Suites<'a>>,
    /// The architecture.
    pub architecture: Fact<Architecture>,
    /// The language.
    pub language: Fact<Language>,
}

impl<'a> System<'a> {
    /// Those of a host.
    #[must_use]
    pub fn of<H: HostFacts + ?Sized>(host: &'a H) -> Self {
        Self {
            family: host.os_family(),
            version: host.os_version(),
            build: host.build(),
            revision: host.revision(),
            service_pack: host.service_pack(),
            product_type: host.product_type(),
            installation_type: host.installation_type(),
            suites: host.suites(),
            architecture: host.architecture(),
            language: host.language(),
        }
    }
}

impl Place {
    /// The place that a value is, if it is one. Programs of 32 bits see the same key of `SYSTEM`, and on a 64-bit
    /// Windows another one of `SOFTWARE`, which is none.
    #[must_use]
    pub fn of(key: KeyRef<'_>, value: &str) -> Option<Self> {
        let elsewhere = key.view == Some(View::Bits32) && name::after(key.key, r"SOFTWARE\").is_some();
        let is = |place: &&Self| name::same(place.key(), key.key) && name::same(place.name(), value);
        Self::ALL.iter().find(is).copied().filter(|_| key.hive == Hive::LocalMachine && !elsewhere)
    }

    /// What Windows has written there on a host of these facts.
    #[must_use]
    pub fn holds<'s>(self, system: &'s System<'_>) -> Fact<RegistryValue<'s>> {
        match self {
            Self::Version => system.version.as_ref().map(|version| text(&shown(*version))),
            Self::Major => system.version.as_ref().and_then(|version| part(*version, version.major)),
            Self::Minor => system.version.as_ref().and_then(|version| part(*version, version.minor)),
            Self::Build => system.build.as_ref().map(|build| text(build)),
            Self::Revision => system.revision.as_ref().map(|revision| RegistryValue::Dword(*revision)),
            Self::ServicePack => system.service_pack.as_ref().and_then(|pack| match pack {
                0 => Fact::Absent,
                number => Fact::Present(text(&format_args!("Service Pack {number}"))),
            }),
            Self::ProductType => system.product_type.as_ref().map(|kind| text(&kind.registry_name())),
            Self::InstallationType => {
                system.installation_type.as_ref().map(|kind| text(&kind.registry_name()))
            }
            Self::Suites => system.suites.as_ref().map(|suites| RegistryValue::Multi(suites.borrowed().0)),
            Self::Architecture => system.architecture.as_ref().map(|one| text(&one.processor_name())),
            Self::Language => system.language.as_ref().and_then(|language| match language.identifier() {
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

/// Whether a version tells its installation type.
#[must_use]
pub fn has_installation_type(version: OsVersion) -> bool {
    version >= FIRST_WITH_INSTALLATION_TYPE
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
