//! Scalars of a host file, read as what they stand for.
//!
//! YAML reads `5.10` without quotes as the number 5.1, so a number with a fraction is
//! never taken for a text; an integer is, as no digit of it gets lost.

use std::str::FromStr;

use caveat_ir::host::{DataEntry, RegistryData, Scalar};
use caveat_ir::value::{Digest, RegistryType, StartType, View};
use caveat_runtime::RegistryValue;
use caveat_runtime::value::RawType;

use super::problem::Trouble;

pub(super) fn text(scalar: &Scalar) -> Result<String, Trouble> {
    match scalar {
        Scalar::Text(text) => Ok(text.clone()),
        Scalar::Integer(number) => Ok(number.to_string()),
        Scalar::Float(_) | Scalar::Bool(_) => Err(unquoted(scalar)),
    }
}

/// A value made of the text.
pub(super) fn parsed<T: FromStr>(scalar: &Scalar) -> Result<T, Trouble>
where
    Trouble: From<T::Err>,
{
    Ok(text(scalar)?.parse::<T>()?)
}

fn unquoted(scalar: &Scalar) -> Trouble {
    let kind = if matches!(scalar, Scalar::Bool(_)) { "a truth value" } else { "a number" };
    Trouble::new(format!("`{scalar}` was read as {kind}, not as text")).help("write it in quotes")
}

/// A number that is not negative, at most `T`'s greatest.
pub(super) fn number<T: FromStr>(scalar: &Scalar) -> Result<T, Trouble> {
    let text = text(scalar)?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.ok_or_else(|| {
        Trouble::new(format!("`{text}` is not a number that can stand here"))
            .help("write a whole number that is not negative")
    })
}

/// The revision of a build.
pub(super) fn revision(scalar: &Scalar) -> Result<u32, Trouble> {
    let text = text(scalar)?;
    number(scalar).map_err(|_| {
        Trouble::new(format!("`{text}` is not a revision"))
            .help("write its number, or `at least 5737` where only the lowest that it may be is known")
    })
}

/// A service pack's number; that of a re-release such as 6a is the number before the letter.
pub(super) fn service_pack(scalar: &Scalar) -> Result<u32, Trouble> {
    let text = text(scalar)?;
    number(&Scalar::from(text.strip_suffix('a').unwrap_or(&text))).map_err(|_| {
        Trouble::new(format!("`{text}` is not a service pack")).help("write its number; 0 is none")
    })
}

pub(super) fn digest(scalar: &Scalar, algorithm: Digest) -> Result<String, Trouble> {
    let Scalar::Text(text) = scalar else { return Err(unquoted(scalar)) };
    if text.len() == algorithm.length() && is_hexadecimal(text) {
        return Ok(text.to_ascii_lowercase());
    }
    let length = algorithm.length();
    Err(Trouble::new(format!("`{text}` is not a digest")).help(format!("write {length} hexadecimal digits")))
}

pub(super) fn view(scalar: &Scalar) -> Result<View, Trouble> {
    match text(scalar)?.as_str() {
        "32" => Ok(View::Bits32),
        "64" => Ok(View::Bits64),
        other => Err(Trouble::new(format!("`{other}` is not a view of the registry")).help("write 32 or 64")),
    }
}

pub(super) fn running(scalar: &Scalar) -> Result<bool, Trouble> {
    match text(scalar)?.as_str() {
        "running" => Ok(true),
        "stopped" => Ok(false),
        other => {
            Err(Trouble::new(format!("`{other}` is not a service's state"))
                .help("write `running` or `stopped`"))
        }
    }
}

/// The start type behind the value `Start` of a service's key.
pub(super) fn start_type(value: &RegistryValue<'_>) -> Result<StartType, Trouble> {
    let named = |start: &&StartType| *value == RegistryValue::Dword(start.registry_number());
    let start = StartType::ALL.iter().find(named).copied();
    start.ok_or_else(|| {
        Trouble::new(format!("{value} is not a service's start type")).help("write a reg_dword of 0 to 4")
    })
}

pub(super) fn registry_value(entry: &RegistryData) -> Result<RegistryValue<'static>, Trouble> {
    let kind: RegistryType = entry.kind.to_ascii_lowercase().parse().map_err(|_| {
        Trouble::new(format!("`{}` is not a type of registry values", entry.kind))
            .help(format!("write one of {}", RegistryType::WORDS.join(", ")))
    })?;
    match (kind, &entry.data) {
        (RegistryType::Multi, DataEntry::Many(data)) => {
            let texts: Vec<String> = data.iter().map(text).collect::<Result<_, _>>()?;
            Ok(RegistryValue::Multi(texts.into()))
        }
        (RegistryType::Multi, DataEntry::One(_)) => {
            Err(Trouble::new("a reg_multi_sz holds a list").help("write its strings as a list"))
        }
        (kind, DataEntry::One(data)) => single_value(kind, data),
        (kind, DataEntry::Many(_)) => {
            Err(Trouble::new(format!("a {kind} holds one value, not a list"))
                .help("lists are for reg_multi_sz"))
        }
    }
}

/// A value that is no list.
fn single_value(kind: RegistryType, data: &Scalar) -> Result<RegistryValue<'static>, Trouble> {
    let raw = |kind| binary(data).map(|digits| RegistryValue::Raw(kind, digits.into()));
    match kind {
        RegistryType::Text => text(data).map(|text| RegistryValue::Text(text.into())),
        RegistryType::ExpandText => text(data).map(|text| RegistryValue::ExpandText(text.into())),
        RegistryType::Link => text(data).map(|text| RegistryValue::Link(text.into())),
        RegistryType::Multi => text(data).map(|text| RegistryValue::Multi(vec![text].into())),
        RegistryType::Dword => dword(data).map(RegistryValue::Dword),
        RegistryType::DwordBigEndian => dword(data).map(RegistryValue::DwordBigEndian),
        RegistryType::Qword => quad_word(data).map(RegistryValue::Qword),
        RegistryType::Binary => binary(data).map(|digits| RegistryValue::Binary(digits.into())),
        RegistryType::None => raw(RawType::None),
        RegistryType::ResourceList => raw(RawType::ResourceList),
        RegistryType::FullResourceDescriptor => raw(RawType::FullResourceDescriptor),
        RegistryType::ResourceRequirementsList => raw(RawType::ResourceRequirementsList),
    }
}

fn dword(scalar: &Scalar) -> Result<u32, Trouble> {
    let value = of_registry(scalar)?.and_then(|number| u32::try_from(number).ok());
    value.ok_or_else(|| {
        Trouble::new(format!("`{scalar}` is not a double word")).help("it is at most 4294967295")
    })
}

fn quad_word(scalar: &Scalar) -> Result<u64, Trouble> {
    if let Scalar::Float(_) = scalar {
        return Err(Trouble::new(format!("`{scalar}` is not read as a whole number"))
            .help("write numbers above 9223372036854775807 in quotes"));
    }
    of_registry(scalar)?.ok_or_else(|| {
        Trouble::new(format!("`{scalar}` is not a quad word")).help("it is at most 18446744073709551615")
    })
}

/// A number in decimal digits, or in hexadecimal ones after `0x`.
fn of_registry(scalar: &Scalar) -> Result<Option<u64>, Trouble> {
    let text = text(scalar)?;
    let hexadecimal = text.strip_prefix("0x").filter(|digits| is_hexadecimal(digits));
    Ok(match hexadecimal {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => number(scalar).ok(),
    })
}

fn binary(scalar: &Scalar) -> Result<String, Trouble> {
    match scalar {
        Scalar::Text(text) if text.len().is_multiple_of(2) && is_hexadecimal(text) => {
            Ok(text.to_ascii_lowercase())
        }
        Scalar::Text(text) => Err(Trouble::new(format!("`{text}` are not bytes"))
            .help("write two hexadecimal digits for each byte, without spaces")),
        other => Err(unquoted(other)),
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
