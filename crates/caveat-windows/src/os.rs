//! Facts of the operating system from where Windows keeps them in its registry.
//!
//! Every Windows has a version, a build, a type, an architecture and a language, from 6.0 on an installation type and
//! from 10.0 on a revision: where the registry has none, it is not known. A service pack and product suites may well be missing: then there are
//! none.

use caveat_runtime::recorded::{self, Place};
use caveat_runtime::value::{
    Architecture, Hive, InstallationType, KeyRef, Language, OsVersion, ProductType, View,
};
use caveat_runtime::{Fact, RegistryValue, Suites};

use crate::answers::Answers;
use crate::registry::shown;
use crate::system::System;

const COMPUTER_NAME: &str = r"SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName";

/// A key of the machine, as the machine's own programs see it.
pub(crate) fn machine(key: &str) -> KeyRef<'_> {
    KeyRef { hive: Hive::LocalMachine, key, view: Some(View::Bits64) }
}

/// The version. From 10.0 on it stands in two numbers, while `CurrentVersion` stays at 6.3.
pub(crate) fn version<S: System>(answers: &Answers<S>) -> Fact<OsVersion> {
    let part = |place| of_system(answers, place, recorded::version_part);
    let told = of_system(answers, Place::Version, recorded::os_version);
    match (part(Place::Major), part(Place::Minor), told) {
        (Fact::Error(error), ..) | (_, Fact::Error(error), _) | (.., Fact::Error(error)) => {
            Fact::Error(error)
        }
        (Fact::Absent, _, told) | (_, Fact::Absent, told) => certain(told),
        (major, minor, _) => major.and_then(|major| minor.map(|minor| OsVersion { major, minor })),
    }
}

pub(crate) fn build<S: System>(answers: &Answers<S>) -> Fact<u32> {
    certain(of_system(answers, Place::Build, recorded::build))
}

/// The revision, which every Windows from 10.0 on has, and some before it.
pub(crate) fn revision<S: System>(answers: &Answers<S>) -> Fact<u32> {
    match of_system(answers, Place::Revision, recorded::revision) {
        Fact::Absent => version(answers).and_then(|version| match version.major {
            ..10 => Fact::Absent,
            _ => Fact::Unknown,
        }),
        found => found,
    }
}

/// The service pack: none where `CSDVersion` is missing.
pub(crate) fn service_pack<S: System>(answers: &Answers<S>) -> Fact<u32> {
    or_else(of_system(answers, Place::ServicePack, recorded::service_pack), || 0)
}

pub(crate) fn product_type<S: System>(answers: &Answers<S>) -> Fact<ProductType> {
    certain(of_system(answers, Place::ProductType, recorded::product_type))
}

/// The installation type, which every Windows from 6.0 on has.
pub(crate) fn installation_type<S: System>(answers: &Answers<S>) -> Fact<InstallationType> {
    match of_system(answers, Place::InstallationType, recorded::installation_type) {
        Fact::Absent => version(answers).and_then(|version| {
            if recorded::has_installation_type(version) { Fact::Unknown } else { Fact::Absent }
        }),
        found => found,
    }
}

pub(crate) fn suites<S: System>(answers: &Answers<S>) -> Fact<Suites<'static>> {
    or_else(of_system(answers, Place::Suites, recorded::suites), Suites::default)
}

/// The architecture of Windows, not of the process: the machine's own environment says it.
pub(crate) fn architecture<S: System>(answers: &Answers<S>) -> Fact<Architecture> {
    certain(of_system(answers, Place::Architecture, recorded::architecture))
}

pub(crate) fn language<S: System>(answers: &Answers<S>) -> Fact<Language> {
    certain(of_system(answers, Place::Language, recorded::language))
}

/// The name of the computer.
pub(crate) fn computer_name<S: System>(answers: &Answers<S>) -> Option<String> {
    let name = |value: &RegistryValue<'_>| value.as_text().map(str::to_owned);
    read(answers, COMPUTER_NAME, "ComputerName", name).present().filter(|name| !name.is_empty())
}

fn of_system<S: System, T>(
    answers: &Answers<S>,
    place: Place,
    understood: impl FnOnce(&RegistryValue<'_>) -> Option<T>,
) -> Fact<T> {
    read(answers, place.key(), place.name(), understood)
}

/// The value of a key of the machine, if it is what Windows writes there.
fn read<S: System, T>(
    answers: &Answers<S>,
    key: &str,
    name: &str,
    understood: impl FnOnce(&RegistryValue<'_>) -> Option<T>,
) -> Fact<T> {
    answers.value(machine(key), name).and_then(|value| match understood(&value) {
        Some(found) => Fact::Present(found),
        None => {
            let place = shown(machine(key));
            Fact::error(format!("{place}!{name}: {value} is nothing that Windows writes here"))
        }
    })
}

/// What every Windows has is not known where it is missing.
pub(crate) fn certain<T>(fact: Fact<T>) -> Fact<T> {
    match fact {
        Fact::Absent => Fact::Unknown,
        other => other,
    }
}

fn or_else<T>(fact: Fact<T>, default: impl FnOnce() -> T) -> Fact<T> {
    match fact {
        Fact::Absent => Fact::Present(default()),
        other => other,
    }
}
