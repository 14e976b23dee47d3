//! Facts of the operating system as Windows writes them into its registry. Whoever finds them there,
//! in a host file or on a machine, reads them here, so that no two readings differ.
//!
//! [`Place`] says where each fact stands and what Windows writes there. Every function takes the data of the value and
//! returns the fact; none for what no Windows writes.

mod place;

use std::collections::BTreeSet;

pub use place::{
    BUILDS, FIRST_BUILD_OF_10, FIRST_WITHOUT_UPDATES, LAST_AS_TEXT, Place, SERVICES, START, System, UPDATES,
    WINDOWS_NT, has_installation_type, updates_are_keys,
};

use crate::value::{Architecture, InstallationType, Language, OsVersion, ProductType};
use crate::{RegistryValue, Suites};

/// The most digits of a number in a text. No Windows has ever needed half as many.
const MOST_DIGITS: usize = 9;

/// What precedes the number of a service pack.
const SERVICE_PACK: &str = "Service Pack ";

/// The NT version in `CurrentVersion`, which stays at 6.3 from 10.0 on.
#[must_use]
pub fn os_version(value: &RegistryValue<'_>) -> Option<OsVersion> {
    let (major, minor) = text(value)?.split_once('.')?;
    let part = |part: &str| u16::try_from(number(part).filter(|_| part.len() <= 4)?).ok();
    Some(OsVersion { major: part(major)?, minor: part(minor)? })
}

/// A half of the NT version, in `CurrentMajorVersionNumber` or `CurrentMinorVersionNumber`.
#[must_use]
pub fn version_part(value: &RegistryValue<'_>) -> Option<u16> {
    match value {
        RegistryValue::Dword(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}

/// The build number in `CurrentBuildNumber`.
#[must_use]
pub fn build(value: &RegistryValue<'_>) -> Option<u32> {
    number(text(value)?)
}

/// The revision of the build in `UBR`.
#[must_use]
pub fn revision(value: &RegistryValue<'_>) -> Option<u32> {
    match value {
        RegistryValue::Dword(number) => Some(*number),
        _ => None,
    }
}

/// The service pack in `CSDVersion`: that of a re-release (`Service Pack 6a`) or of a version for
/// testers (`Service Pack 2, v.2096`) is the number; an empty text is none.
#[must_use]
pub fn service_pack(value: &RegistryValue<'_>) -> Option<u32> {
    let text = text(value)?;
    if text.is_empty() {
        return Some(0);
    }
    let named = text.strip_prefix(SERVICE_PACK)?;
    let digits = named.split(|c: char| !c.is_ascii_digit()).next()?;
    number(digits).filter(|number| *number > 0)
}

/// The product type in `ProductType`.
#[must_use]
pub fn product_type(value: &RegistryValue<'_>) -> Option<ProductType> {
    let name = text(value)?;
    let named = |kind: &&ProductType| kind.registry_name().eq_ignore_ascii_case(name);
    ProductType::ALL.iter().find(named).copied()
}

/// The installation type in `InstallationType`.
#[must_use]
pub fn installation_type(value: &RegistryValue<'_>) -> Option<InstallationType> {
    let name = text(value)?;
    let named = |kind: &&InstallationType| kind.registry_name().eq_ignore_ascii_case(name);
    InstallationType::ALL.iter().find(named).copied()
}

/// The product suites in `ProductSuite`, each once.
#[must_use]
pub fn suites(value: &RegistryValue<'_>) -> Option<Suites<'static>> {
    match value {
        RegistryValue::Multi(names) => {
            let names: BTreeSet<&String> = names.iter().filter(|name| !name.is_empty()).collect();
            Some(Suites(names.into_iter().cloned().collect::<Vec<_>>().into()))
        }
        _ => None,
    }
}

/// The architecture in `PROCESSOR_ARCHITECTURE`.
#[must_use]
pub fn architecture(value: &RegistryValue<'_>) -> Option<Architecture> {
    let name = text(value)?;
    let named = |one: &&Architecture| one.processor_name().eq_ignore_ascii_case(name);
    Architecture::ALL.iter().find(named).copied()
}

/// The language in `InstallLanguage`; one that Caveat does not know is another than all it knows.
#[must_use]
pub fn language(value: &RegistryValue<'_>) -> Option<Language> {
    let digits = text(value).filter(|text| text.len() == 4)?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let identifier = u16::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
    Some(Language::from_identifier(identifier).unwrap_or_else(Language::another))
}

/// The string of a plain string value: Windows keeps none of its facts in strings to be expanded.
fn text<'v>(value: &'v RegistryValue<'_>) -> Option<&'v str> {
    match value {
        RegistryValue::Text(text) => Some(text),
        _ => None,
    }
}

/// A number as Windows writes it, without zeros before it.
fn number(text: &str) -> Option<u32> {
    let digits = (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits && (text == "0" || !text.starts_with('0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sz(text: &str) -> RegistryValue<'_> {
        RegistryValue::Text(text.into())
    }

    #[test]
    fn service_packs_count_by_their_number() {
        let known = [
            ("", 0),
            ("Service Pack 4", 4),
            ("Service Pack 6a", 6),
            ("Service Pack 1 RC 1.2.", 1),
            ("Service Pack 2, v.2096", 2),
            ("Service Pack 12\u{a0}beta", 12),
            ("Service Pack 3\n", 3),
        ];
        for (text, pack) in known {
            assert_eq!(service_pack(&sz(text)), Some(pack), "{text}");
        }
        let others = [
            " ",
            "Service Pack",
            "Service Pack ",
            "Service Pack a",
            "Service Pack 0",
            "Service Pack 04",
            "Service Pack 1234567890",
            "Service Pack \u{664}",
            "service pack 4",
            "Dodatek Service Pack 2",
        ];
        for text in others {
            assert_eq!(service_pack(&sz(text)), None, "{text}");
        }
        assert_eq!(service_pack(&RegistryValue::Dword(4)), None);
        assert_eq!(service_pack(&RegistryValue::ExpandText("Service Pack 4".into())), None);
    }

    #[test]
    fn versions_and_builds_are_numbers_as_windows_writes_them() {
        assert_eq!(os_version(&sz("6.3")), Some(OsVersion { major: 6, minor: 3 }));
        assert_eq!(os_version(&sz("3.51")), Some(OsVersion { major: 3, minor: 51 }));
        for text in ["", "6", "6.", "6.3.1", "06.3", "6.03", "+6.3", "six.three", "6.12345", "6.3 "] {
            assert_eq!(os_version(&sz(text)), None, "{text}");
        }
        assert_eq!(build(&sz("2195")), Some(2195));
        for text in ["", "02195", "2195 ", "-1", "2195.1", "1234567890"] {
            assert_eq!(build(&sz(text)), None, "{text}");
        }
        assert_eq!(build(&RegistryValue::Dword(2195)), None);
        assert_eq!(revision(&RegistryValue::Dword(4291)), Some(4291));
        assert_eq!(revision(&sz("4291")), None);
    }

    #[test]
    fn names_are_those_that_windows_writes() {
        assert_eq!(architecture(&sz("Alpha")), Some(Architecture::Alpha));
        assert_eq!(architecture(&sz("ppc")), Some(Architecture::PowerPc));
        assert_eq!(architecture(&sz("sparc")), None);
        assert_eq!(product_type(&sz("LANMANNT")), Some(ProductType::DomainController));
        assert_eq!(product_type(&sz("server")), None);
        assert_eq!(installation_type(&sz("server core")), Some(InstallationType::ServerCore));
        assert_eq!(installation_type(&sz("server-core")), None);
        assert_eq!(language(&sz("0411")).map(|language| language.as_str()), Some("ja-JP"));
        assert_eq!(language(&sz("0476")), Some(Language::another()));
        for text in ["411", "00411", "+411", "japan"] {
            assert_eq!(language(&sz(text)), None, "{text}");
        }
    }
}
