//! Facts of the operating system from where Windows keeps them in its registry.
//!
//! Every Windows has a version, a build, a type, an architecture and a language: where the registry
//! has none, it is not known. A service pack and product suites may well be missing: then there are
//! none.

use std::collections::BTreeSet;

use caveat_runtime::value::{Architecture, Hive, KeyRef, Language, OsVersion, ProductType, View};
use caveat_runtime::{Fact, RegistryValue, Suites};

use crate::answers::Answers;
use crate::registry::shown;
use crate::system::System;

const WINDOWS_NT: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const PRODUCT_OPTIONS: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";
const ENVIRONMENT: &str = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
const LANGUAGE: &str = r"SYSTEM\CurrentControlSet\Control\Nls\Language";
const COMPUTER_NAME: &str = r"SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName";

/// A key of the machine, as the machine's own programs see it.
pub(crate) fn machine(key: &str) -> KeyRef<'_> {
    KeyRef { hive: Hive::LocalMachine, key, view: Some(View::Bits64) }
}

/// The version. From 10.0 on it stands in two numbers, while `CurrentVersion` stays at 6.3.
pub(crate) fn version<S: System>(answers: &Answers<S>) -> Fact<OsVersion> {
    let part = |name| read(answers, WINDOWS_NT, name, short_number);
    match (part("CurrentMajorVersionNumber"), part("CurrentMinorVersionNumber")) {
        (Fact::Absent, _) | (_, Fact::Absent) => {
            certain(read(answers, WINDOWS_NT, "CurrentVersion", |value| value.as_text()?.parse().ok()))
        }
        (major, minor) => major.and_then(|major| minor.map(|minor| OsVersion { major, minor })),
    }
}

pub(crate) fn build<S: System>(answers: &Answers<S>) -> Fact<u32> {
    certain(read(answers, WINDOWS_NT, "CurrentBuildNumber", |value| digits(value.as_text()?)))
}

/// The service pack: none where `CSDVersion` is missing or empty; that of a re-release such as 6a is
/// the number before the letter.
pub(crate) fn service_pack<S: System>(answers: &Answers<S>) -> Fact<u32> {
    let number = |value: &RegistryValue<'_>| match value.as_text()? {
        "" => Some(0),
        text => {
            let number = text.strip_prefix("Service Pack ")?;
            digits(number.strip_suffix('a').unwrap_or(number))
        }
    };
    or_else(read(answers, WINDOWS_NT, "CSDVersion", number), || 0)
}

pub(crate) fn product_type<S: System>(answers: &Answers<S>) -> Fact<ProductType> {
    certain(read(answers, PRODUCT_OPTIONS, "ProductType", |value| {
        let name = value.as_text()?;
        let named = |kind: &&ProductType| kind.registry_name().eq_ignore_ascii_case(name);
        ProductType::ALL.iter().find(named).copied()
    }))
}

pub(crate) fn suites<S: System>(answers: &Answers<S>) -> Fact<Suites<'static>> {
    let listed = read(answers, PRODUCT_OPTIONS, "ProductSuite", |value| match value {
        RegistryValue::Multi(names) => {
            let names: BTreeSet<&String> = names.iter().filter(|name| !name.is_empty()).collect();
            Some(Suites(names.into_iter().cloned().collect::<Vec<_>>().into()))
        }
        _ => None,
    });
    or_else(listed, Suites::default)
}

/// The architecture of Windows, not of the process: the machine's own environment says it.
pub(crate) fn architecture<S: System>(answers: &Answers<S>) -> Fact<Architecture> {
    certain(read(answers, ENVIRONMENT, "PROCESSOR_ARCHITECTURE", |value| {
        let name = value.as_text()?;
        let named = |one: &&Architecture| one.processor_name().eq_ignore_ascii_case(name);
        Architecture::ALL.iter().find(named).copied()
    }))
}

pub(crate) fn language<S: System>(answers: &Answers<S>) -> Fact<Language> {
    certain(read(answers, LANGUAGE, "InstallLanguage", |value| {
        let digits = value.as_text().filter(|text| text.len() == 4)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        Language::from_identifier(u16::from_str_radix(digits, 16).ok().filter(|_| is_number)?)
    }))
}

/// The name of the computer.
pub(crate) fn computer_name<S: System>(answers: &Answers<S>) -> Option<String> {
    let name = |value: &RegistryValue<'_>| value.as_text().map(str::to_owned);
    read(answers, COMPUTER_NAME, "ComputerName", name).present().filter(|name| !name.is_empty())
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

fn digits(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn short_number(value: &RegistryValue<'_>) -> Option<u16> {
    match value {
        RegistryValue::Dword(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}
