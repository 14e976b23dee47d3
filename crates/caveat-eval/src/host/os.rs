//! Facts of the operating system: given under `os`, else kept in the registry, else implied
//! by the platform.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use caveat_ir::host::{OsEntry, Scalar};
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{Architecture, Family, Language, NumberSet, OsVersion, ProductType};
use caveat_runtime::{Fact, RegistryValue, Suites, recorded};

use super::problem::{Problems, Trouble};
use super::registry::Registry;
use super::{read, well_known};

/// The version that Windows keeps as `CurrentVersion` from 10.0 on.
const FROZEN_VERSION: OsVersion = OsVersion { major: 6, minor: 3 };

/// The first build of version 10.0.
const FIRST_BUILD_OF_10: u32 = 10240;

#[derive(Debug, Clone)]
pub(super) struct Os {
    pub(super) family: Fact<Family>,
    pub(super) version: Fact<OsVersion>,
    pub(super) build: Fact<u32>,
    pub(super) revision: Fact<u32>,
    pub(super) service_pack: Fact<u32>,
    pub(super) product_type: Fact<ProductType>,
    pub(super) suites: Fact<Suites<'static>>,
    pub(super) architecture: Fact<Architecture>,
    pub(super) language: Fact<Language>,
}

/// A value of a key below `HKLM`.
type Place = (&'static str, &'static str);

const CURRENT_VERSION: Place = (well_known::WINDOWS_NT, "CurrentVersion");
const MAJOR: Place = (well_known::WINDOWS_NT, "CurrentMajorVersionNumber");
const MINOR: Place = (well_known::WINDOWS_NT, "CurrentMinorVersionNumber");
const BUILD: Place = (well_known::WINDOWS_NT, "CurrentBuildNumber");
const REVISION: Place = (well_known::WINDOWS_NT, "UBR");
const CSD_VERSION: Place = (well_known::WINDOWS_NT, "CSDVersion");
const PRODUCT_TYPE: Place = (well_known::PRODUCT_OPTIONS, "ProductType");
const PRODUCT_SUITE: Place = (well_known::PRODUCT_OPTIONS, "ProductSuite");
const PROCESSOR: Place = (well_known::ENVIRONMENT, "PROCESSOR_ARCHITECTURE");
const INSTALL_LANGUAGE: Place = (well_known::LANGUAGE, "InstallLanguage");

impl Os {
    pub(super) fn read(
        entry: &OsEntry,
        complete: bool,
        platform: Option<&OsFacts>,
        registry: &mut Registry,
        problems: &mut Problems,
    ) -> Self {
        let anything = OsFacts::default();
        let mut reader = Reader {
            entry,
            // What is kept in the registry may be left out of it.
            complete: complete && registry.is_complete(),
            all_stated: complete,
            platform: platform.unwrap_or(&anything),
            registry,
            problems,
        };
        let stated = reader.family();
        let family = stated.clone().unwrap_or(Fact::Present(Family::Windows));
        if family.as_ref().present().is_some_and(|family| *family != Family::Windows) {
            return Self::elsewhere(family, reader.architecture(), reader.language());
        }
        let build = reader.build();
        let version = reader.version(&build);
        let may_be_another = stated.is_none() && !complete && version == Fact::Unknown;
        Self {
            family: if may_be_another { Fact::Unknown } else { family },
            revision: reader.revision(&version),
            version,
            build,
            service_pack: reader.service_pack(),
            product_type: reader.product_type(),
            suites: reader.suites(),
            architecture: reader.architecture(),
            language: reader.language(),
        }
    }

    /// The facts of a system that is no Windows, and so has none of what only Windows has.
    fn elsewhere(family: Fact<Family>, architecture: Fact<Architecture>, language: Fact<Language>) -> Self {
        Self {
            family,
            version: Fact::Absent,
            build: Fact::Absent,
            revision: Fact::Absent,
            service_pack: Fact::Absent,
            product_type: Fact::Absent,
            suites: Fact::Absent,
            architecture,
            language,
        }
    }

    /// Puts the facts where Windows keeps them.
    pub(super) fn back(&self, registry: &mut Registry) {
        let text = |text: String| RegistryValue::Text(text.into());
        let newer = |number: fn(OsVersion) -> u16| {
            self.version.clone().and_then(|version| match version.major {
                ..10 => Fact::Absent,
                _ => Fact::Present(RegistryValue::Dword(number(version).into())),
            })
        };
        let suites = self.suites.clone().map(|suites| RegistryValue::Multi(suites.0));
        for ((key, name), fact) in [
            (CURRENT_VERSION, self.version.clone().map(|version| text(shown(version).to_string()))),
            (MAJOR, newer(|version| version.major)),
            (MINOR, newer(|version| version.minor)),
            (BUILD, self.build.clone().map(|build| text(build.to_string()))),
            (REVISION, self.revision.clone().map(RegistryValue::Dword)),
            (CSD_VERSION, self.service_pack.clone().and_then(csd_version)),
            (PRODUCT_TYPE, self.product_type.clone().map(|kind| text(kind.registry_name().to_owned()))),
            (PRODUCT_SUITE, suites),
            (PROCESSOR, self.architecture.clone().map(|one| text(one.processor_name().to_owned()))),
            (INSTALL_LANGUAGE, self.language.clone().and_then(|language| install_language(&language))),
        ] {
            registry.back(key, name, fact);
        }
    }
}

/// What `CurrentVersion` says of a version.
fn shown(version: OsVersion) -> OsVersion {
    if version.major >= 10 { FROZEN_VERSION } else { version }
}

fn csd_version(service_pack: u32) -> Fact<RegistryValue<'static>> {
    match service_pack {
        0 => Fact::Absent,
        number => Fact::Present(RegistryValue::Text(format!("Service Pack {number}").into())),
    }
}

fn install_language(language: &Language) -> Fact<RegistryValue<'static>> {
    let text =
        language.identifier().map(|identifier| RegistryValue::Text(format!("{identifier:04x}").into()));
    text.map_or(Fact::Unknown, Fact::Present)
}

struct Reader<'a> {
    entry: &'a OsEntry,
    /// Whether what is left out is not there.
    complete: bool,
    /// Whether what is left out under `os` is as the platform has it.
    all_stated: bool,
    platform: &'a OsFacts,
    registry: &'a mut Registry,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    /// The family, where it is stated.
    fn family(&mut self) -> Option<Fact<Family>> {
        let known = self.given("family", self.entry.family.as_ref(), read::parsed);
        let implied = self.platform.family;
        let stated = known.is_some() || implied.is_some();
        let fits = |found: &Family| implied.is_none_or(|family| family == *found);
        stated.then(|| self.concluded("family", known, implied, fits))
    }

    fn version(&mut self, build: &Fact<u32>) -> Fact<OsVersion> {
        let given = self.given("version", self.entry.version.as_ref(), read::parsed);
        let listed = self.listed_version(build, given.as_ref());
        let known = self.agreed("version", given, listed, &[CURRENT_VERSION, MAJOR, MINOR]);
        let implied = self.platform.version;
        self.concluded("version", known, implied, |found| implied.is_none_or(|version| version == *found))
    }

    /// The version in the registry: in two numbers from 10.0 on, which `CurrentVersion` hides.
    fn listed_version(
        &mut self,
        build: &Fact<u32>,
        given: Option<&Fact<OsVersion>>,
    ) -> Option<Fact<OsVersion>> {
        let major = self.listed(MAJOR, recorded::version_part);
        let minor = self.listed(MINOR, recorded::version_part);
        let listed = self.listed(CURRENT_VERSION, recorded::os_version);
        let error = [error(major.as_ref()), error(minor.as_ref()), error(listed.as_ref())];
        if let Some(error) = error.into_iter().flatten().next() {
            return Some(Fact::Error(error));
        }
        if let (Some(major), Some(minor)) = (major, minor) {
            return Some(major.and_then(|major| minor.map(|minor| OsVersion { major, minor })));
        }
        let listed = listed?;
        let given = given.and_then(|given| given.as_ref().present()).filter(|given| given.major >= 10);
        let hidden = matches!(build, Fact::Present(build) if *build >= FIRST_BUILD_OF_10);
        Some(match listed {
            Fact::Present(FROZEN_VERSION) if given.is_some() || hidden => {
                Fact::Present(given.copied().unwrap_or(OsVersion { major: 10, minor: 0 }))
            }
            other => other,
        })
    }

    fn build(&mut self) -> Fact<u32> {
        let given = self.given("build", self.entry.build.as_ref(), read::number);
        let listed = self.listed(BUILD, recorded::build);
        let known = self.agreed("build", given, listed, &[BUILD]);
        let builds = self.platform.builds.as_ref();
        self.concluded("build", known, builds.and_then(only), |build| {
            builds.is_none_or(|set| set.contains(*build))
        })
    }

    /// Every Windows from 10.0 on has a revision; of those before, not all.
    fn revision(&mut self, version: &Fact<OsVersion>) -> Fact<u32> {
        let given = self.given("revision", self.entry.revision.as_ref(), read::number);
        let listed = self.listed(REVISION, recorded::revision);
        let unlisted = |version: OsVersion| match version.major {
            ..10 if self.complete => Fact::Absent,
            _ => Fact::Unknown,
        };
        let unlisted = version.clone().and_then(unlisted);
        self.agreed("revision", given, listed, &[REVISION]).unwrap_or(unlisted)
    }

    fn service_pack(&mut self) -> Fact<u32> {
        let given = self.given("service_pack", self.entry.service_pack.as_ref(), read::service_pack);
        let listed = self.listed(CSD_VERSION, recorded::service_pack);
        let known = self.agreed("service_pack", given, listed, &[CSD_VERSION]);
        let packs = self.platform.service_packs.as_ref();
        // What is left out is none, but on a platform that was never without.
        let none = self.complete && packs.is_none_or(|set| set.contains(0));
        let implied = packs.and_then(only).or(none.then_some(0));
        let fits = |pack: &u32| packs.is_none_or(|set| set.contains(*pack));
        self.concluded("service_pack", known, implied, fits)
    }

    fn product_type(&mut self) -> Fact<ProductType> {
        let given = self.given("product_type", self.entry.product_type.as_ref(), read::parsed);
        let listed = self.listed(PRODUCT_TYPE, recorded::product_type);
        let known = self.agreed("product_type", given, listed, &[PRODUCT_TYPE]);
        let types = self.platform.types.as_ref();
        let implied = self.first(types);
        self.concluded("product_type", known, implied, |kind| types.is_none_or(|set| set.contains(kind)))
    }

    fn suites(&mut self) -> Fact<Suites<'static>> {
        let set = |names: &[String]| suites(names.iter().filter(|name| !name.is_empty()).cloned().collect());
        let given = self.entry.suites.as_deref().map(|names| Fact::Present(set(names)));
        let listed = self.listed(PRODUCT_SUITE, recorded::suites);
        let known = self.agreed("suites", given, listed, &[PRODUCT_SUITE]);
        let (with, without) = (&self.platform.suites, &self.platform.without_suites);
        let implied = (self.complete || self.all_stated && !with.is_empty()).then(|| suites(with.clone()));
        let has = |found: &Suites<'_>, name: &String| found.contains(name);
        let fits = |found: &Suites<'_>| {
            with.iter().all(|name| has(found, name)) && !without.iter().any(|name| has(found, name))
        };
        self.concluded("suites", known, implied, fits)
    }

    fn architecture(&mut self) -> Fact<Architecture> {
        let given = self.given("architecture", self.entry.architecture.as_ref(), read::parsed);
        let listed = self.listed(PROCESSOR, recorded::architecture);
        let known = self.agreed("architecture", given, listed, &[PROCESSOR]);
        let list = self.platform.architectures.as_ref();
        let implied = self.first(list);
        self.concluded("architecture", known, implied, |one| list.is_none_or(|set| set.contains(one)))
    }

    fn language(&mut self) -> Fact<Language> {
        let given = self
            .given("language", self.entry.language.as_ref(), |scalar| Ok(with_region(read::parsed(scalar)?)));
        let listed = self.listed(INSTALL_LANGUAGE, recorded::language);
        let known = self.agreed("language", given, listed, &[INSTALL_LANGUAGE]);
        let language = self.platform.language.as_ref();
        let implied = language.copied().map(with_region);
        self.concluded("language", known, implied, |found| language.is_none_or(|one| one.covers(found)))
    }

    /// What the platform implies: the first of several only if the host file leaves nothing open.
    fn first<T: Copy + Ord>(&self, set: Option<&BTreeSet<T>>) -> Option<T> {
        set.filter(|set| self.all_stated || set.len() == 1).and_then(|set| set.first().copied())
    }

    fn given<T>(
        &mut self,
        name: &str,
        scalar: Option<&Scalar>,
        read: impl FnOnce(&Scalar) -> Result<T, Trouble>,
    ) -> Option<Fact<T>> {
        scalar.map(|scalar| self.problems.read(&format!("os.{name}"), read(scalar)))
    }

    fn listed<T>(
        &mut self,
        (key, name): Place,
        read: impl FnOnce(&RegistryValue<'_>) -> Option<T>,
    ) -> Option<Fact<T>> {
        let listed = self.registry.listed(key, name)?;
        let read = |value| read(value).ok_or_else(|| not_understood(value));
        Some(listed.and_then(|value| self.problems.read(&well_known::value_path(key, name), read(value))))
    }

    /// What is given, else what the registry lists; an error for both when they contradict each other.
    fn agreed<T: Display + PartialEq>(
        &mut self,
        name: &str,
        given: Option<Fact<T>>,
        listed: Option<Fact<T>>,
        places: &[Place],
    ) -> Option<Fact<T>> {
        match (&given, &listed) {
            (Some(Fact::Present(ours)), Some(Fact::Present(theirs))) if ours != theirs => {
                let message = format!("`os.{name}` is `{ours}`, but the registry says `{theirs}`");
                let error = self.problems.contradiction(&format!("os.{name}"), message);
                for (key, value) in places {
                    self.registry.spoil(key, value, &error);
                }
                Some(Fact::Error(error))
            }
            (_, Some(Fact::Error(_))) => listed,
            _ => given.or(listed),
        }
    }

    /// What is known, else what is implied. What is known stands even if the platform says otherwise.
    fn concluded<T: Display>(
        &mut self,
        name: &str,
        known: Option<Fact<T>>,
        implied: Option<T>,
        fits: impl FnOnce(&T) -> bool,
    ) -> Fact<T> {
        match known {
            Some(Fact::Present(value)) => {
                if !fits(&value) {
                    let message =
                        format!("`os.platform` cannot have `{value}` as its {}", name.replace('_', " "));
                    self.problems.contradiction(&format!("os.{name}"), message);
                }
                Fact::Present(value)
            }
            Some(other) => other,
            None => implied.map_or(Fact::Unknown, Fact::Present),
        }
    }
}

fn error<T>(fact: Option<&Fact<T>>) -> Option<Arc<str>> {
    match fact {
        Some(Fact::Error(message)) => Some(Arc::clone(message)),
        _ => None,
    }
}

fn not_understood(value: &RegistryValue<'_>) -> Trouble {
    Trouble::new(format!("{value} is nothing that Windows writes here"))
}

/// Each suite once.
fn suites(names: BTreeSet<String>) -> Suites<'static> {
    Suites(names.into_iter().collect::<Vec<_>>().into())
}

/// The one number of a set that has one.
fn only(set: &NumberSet) -> Option<u32> {
    match set.ranges() {
        [(low, high)] if low == high => Some(*low),
        _ => None,
    }
}

/// Every host has a region: that of the first where the tag names none.
fn with_region(language: Language) -> Language {
    language.identifier().and_then(Language::from_identifier).unwrap_or(language)
}
