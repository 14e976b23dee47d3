//! Facts of the operating system: given under `os`, else kept in the registry, else implied
//! by the platform.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::sync::Arc;

use caveat_ir::host::{OsEntry, Scalar};
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{Architecture, Family, InstallationType, Language, NumberSet, OsVersion, ProductType};
use caveat_runtime::recorded::{self, Place, System};
use caveat_runtime::{Fact, RegistryValue, Suites};

use super::problem::{Problems, Trouble};
use super::registry::Registry;
use super::{read, revision, well_known};

/// The facts of the system.
pub(super) fn read_all(
    entry: &OsEntry,
    complete: bool,
    platform: Option<&OsFacts>,
    registry: &mut Registry,
    problems: &mut Problems,
) -> System<'static> {
    let anything = OsFacts::default();
    let mut reader =
        Reader { entry, all_stated: complete, platform: platform.unwrap_or(&anything), registry, problems };
    let stated = reader.family();
    let family = stated.clone().unwrap_or(Fact::Present(Family::Windows));
    if family.as_ref().present().is_some_and(|family| *family != Family::Windows) {
        return elsewhere(family, reader.architecture(), reader.language());
    }
    let build = reader.build();
    let version = reader.version(&build);
    let may_be_another = stated.is_none() && !complete && version == Fact::Unknown;
    System {
        family: if may_be_another { Fact::Unknown } else { family },
        revision: reader.revision(&version),
        installation_type: reader.installation_type(&version),
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
fn elsewhere(
    family: Fact<Family>,
    architecture: Fact<Architecture>,
    language: Fact<Language>,
) -> System<'static> {
    System {
        family,
        version: Fact::Absent,
        build: Fact::Absent,
        revision: Fact::Absent,
        service_pack: Fact::Absent,
        product_type: Fact::Absent,
        installation_type: Fact::Absent,
        suites: Fact::Absent,
        architecture,
        language,
    }
}

/// Puts the facts where Windows keeps them.
pub(super) fn back(system: &System<'_>, registry: &mut Registry) {
    for place in Place::ALL {
        registry.back(place.key(), place.name(), place.holds(system).map(RegistryValue::into_owned));
    }
}

struct Reader<'a> {
    entry: &'a OsEntry,
    /// Whether what is left out under `os` is as the platform has it.
    all_stated: bool,
    platform: &'a OsFacts,
    registry: &'a mut Registry,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    /// Whether a fact that is left out, under `os` and in the registry, is not there.
    fn lists_all(&self, place: Place) -> bool {
        self.all_stated && self.registry.lists_all(&well_known::folded(place.key()))
    }

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
        let known = self.agreed("version", given, listed, &[Place::Version, Place::Major, Place::Minor]);
        let implied = self.platform.version;
        self.concluded("version", known, implied, |found| implied.is_none_or(|version| version == *found))
    }

    /// The version in the registry: in two numbers from 10.0 on, which `CurrentVersion` hides.
    fn listed_version(
        &mut self,
        build: &Fact<u32>,
        given: Option<&Fact<OsVersion>>,
    ) -> Option<Fact<OsVersion>> {
        let major = self.listed(Place::Major, recorded::version_part);
        let minor = self.listed(Place::Minor, recorded::version_part);
        let listed = self.listed(Place::Version, recorded::os_version);
        let error = [error(major.as_ref()), error(minor.as_ref()), error(listed.as_ref())];
        if let Some(error) = error.into_iter().flatten().next() {
            return Some(Fact::Error(error));
        }
        if let (Some(major), Some(minor)) = (major, minor) {
            return Some(major.and_then(|major| minor.map(|minor| OsVersion { major, minor })));
        }
        let listed = listed?;
        let given = given.and_then(|given| given.as_ref().present()).filter(|given| given.major >= 10);
        let hidden = matches!(build, Fact::Present(build) if *build >= recorded::FIRST_BUILD_OF_10);
        Some(match listed {
            Fact::Present(recorded::LAST_AS_TEXT) if given.is_some() || hidden => {
                Fact::Present(given.copied().unwrap_or(OsVersion { major: 10, minor: 0 }))
            }
            other => other,
        })
    }

    fn build(&mut self) -> Fact<u32> {
        let given = self.given("build", self.entry.build.as_ref(), read::number);
        let listed = self.listed(Place::Build, recorded::build);
        let known = self.agreed("build", given, listed, &[Place::Build]);
        let builds = self.platform.builds.as_ref();
        self.concluded("build", known, builds.and_then(only), |build| {
            builds.is_none_or(|set| set.contains(*build))
        })
    }

    /// Every Windows from 10.0 on has a revision; of those before, not all.
    fn revision(&mut self, version: &Fact<OsVersion>) -> Fact<u32> {
        let stated = self.entry.revision.as_ref().filter(|_| !revision::is_bound(self.entry));
        let given = self.given("revision", stated, read::revision);
        let listed = self.listed(Place::Revision, recorded::revision);
        let none = self.lists_all(Place::Revision) && !revision::is_bound(self.entry);
        let unlisted = |version: OsVersion| match version.major {
            ..10 if none => Fact::Absent,
            _ => Fact::Unknown,
        };
        let unlisted = version.clone().and_then(unlisted);
        self.agreed("revision", given, listed, &[Place::Revision]).unwrap_or(unlisted)
    }

    fn service_pack(&mut self) -> Fact<u32> {
        let given = self.given("service_pack", self.entry.service_pack.as_ref(), read::service_pack);
        let listed = self.listed(Place::ServicePack, recorded::service_pack);
        let known = self.agreed("service_pack", given, listed, &[Place::ServicePack]);
        let packs = self.platform.service_packs.as_ref();
        // What is left out is none, but on a platform that was never without.
        let none = self.lists_all(Place::ServicePack) && packs.is_none_or(|set| set.contains(0));
        let implied = packs.and_then(only).or(none.then_some(0));
        let fits = |pack: &u32| packs.is_none_or(|set| set.contains(*pack));
        self.concluded("service_pack", known, implied, fits)
    }

    fn product_type(&mut self) -> Fact<ProductType> {
        let given = self.given("product_type", self.entry.product_type.as_ref(), read::parsed);
        let listed = self.listed(Place::ProductType, recorded::product_type);
        let known = self.agreed("product_type", given, listed, &[Place::ProductType]);
        let types = self.platform.types.as_ref();
        let implied = self.first(types);
        self.concluded("product_type", known, implied, |kind| types.is_none_or(|set| set.contains(kind)))
    }

    /// What Windows does not tell before 6.0. From then on each has one.
    fn installation_type(&mut self, version: &Fact<OsVersion>) -> Fact<InstallationType> {
        let given = self.given("installation_type", self.entry.installation_type.as_ref(), read::parsed);
        let listed = self.listed(Place::InstallationType, recorded::installation_type);
        let unlisted = |version: OsVersion| {
            let none = self.lists_all(Place::InstallationType) && !recorded::has_installation_type(version);
            if none { Fact::Absent } else { Fact::Unknown }
        };
        let unlisted = version.clone().and_then(unlisted);
        self.agreed("installation_type", given, listed, &[Place::InstallationType]).unwrap_or(unlisted)
    }

    fn suites(&mut self) -> Fact<Suites<'static>> {
        let set = |names: &[String]| suites(names.iter().filter(|name| !name.is_empty()).cloned().collect());
        let given = self.entry.suites.as_deref().map(|names| Fact::Present(set(names)));
        let listed = self.listed(Place::Suites, recorded::suites);
        let known = self.agreed("suites", given, listed, &[Place::Suites]);
        let (with, without) = (&self.platform.suites, &self.platform.without_suites);
        let implied = (self.lists_all(Place::Suites) || self.all_stated && !with.is_empty())
            .then(|| suites(with.clone()));
        let has = |found: &Suites<'_>, name: &String| found.contains(name);
        let fits = |found: &Suites<'_>| {
            with.iter().all(|name| has(found, name)) && !without.iter().any(|name| has(found, name))
        };
        self.concluded("suites", known, implied, fits)
    }

    fn architecture(&mut self) -> Fact<Architecture> {
        let given = self.given("architecture", self.entry.architecture.as_ref(), read::parsed);
        let listed = self.listed(Place::Architecture, recorded::architecture);
        let known = self.agreed("architecture", given, listed, &[Place::Architecture]);
        let list = self.platform.architectures.as_ref();
        let implied = self.first(list);
        self.concluded("architecture", known, implied, |one| list.is_none_or(|set| set.contains(one)))
    }

    fn language(&mut self) -> Fact<Language> {
        let given = self
            .given("language", self.entry.language.as_ref(), |scalar| Ok(with_region(read::parsed(scalar)?)));
        let listed = self.listed(Place::Language, recorded::language);
        let known = self.agreed("language", given, listed, &[Place::Language]);
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
        place: Place,
        read: impl FnOnce(&RegistryValue<'_>) -> Option<T>,
    ) -> Option<Fact<T>> {
        let listed = self.registry.listed(place.key(), place.name())?;
        let read = |value| read(value).ok_or_else(|| not_understood(value));
        let path = well_known::value_path(place.key(), place.name());
        Some(listed.and_then(|value| self.problems.read(&path, read(value))))
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
                for place in places {
                    self.registry.spoil(place.key(), place.name(), &error);
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
