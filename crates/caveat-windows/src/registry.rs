//! Registry values from the bytes that the registry keeps.
//!
//! The registry checks nothing that programs write into it: strings may lack their final NUL, and
//! numbers may be too short. What has one sensible reading gets it, all else is malformed.

use caveat_runtime::RegistryValue;
use caveat_runtime::value::{KeyRef, RawType, RegistryType, View};

use crate::system::RawValue;

/// The value, or why it makes no sense.
pub(crate) fn decoded(raw: &RawValue) -> Result<RegistryValue<'static>, String> {
    let data = &raw.data;
    let Some(kind) = RegistryType::ALL.iter().find(|kind| kind.number() == raw.kind) else {
        return Err(format!("registry values have no type {}", raw.kind));
    };
    let bytes = |kind| Ok(RegistryValue::Raw(kind, hexadecimal(data).into()));
    match kind {
        RegistryType::Text => Ok(RegistryValue::Text(first(&text(data)?).into())),
        RegistryType::ExpandText => Ok(RegistryValue::ExpandText(first(&text(data)?).into())),
        RegistryType::Link => Ok(RegistryValue::Link(first(&text(data)?).into())),
        RegistryType::Multi => Ok(RegistryValue::Multi(strings(&text(data)?).into())),
        RegistryType::Dword => {
            number(*kind, data).map(|bytes| RegistryValue::Dword(u32::from_le_bytes(bytes)))
        }
        RegistryType::DwordBigEndian => {
            number(*kind, data).map(|bytes| RegistryValue::DwordBigEndian(u32::from_be_bytes(bytes)))
        }
        RegistryType::Qword => {
            number(*kind, data).map(|bytes| RegistryValue::Qword(u64::from_le_bytes(bytes)))
        }
        RegistryType::Binary => Ok(RegistryValue::Binary(hexadecimal(data).into())),
        RegistryType::None => bytes(RawType::None),
        RegistryType::ResourceList => bytes(RawType::ResourceList),
        RegistryType::FullResourceDescriptor => bytes(RawType::FullResourceDescriptor),
        RegistryType::ResourceRequirementsList => bytes(RawType::ResourceRequirementsList),
    }
}

/// The key for messages.
pub(crate) fn shown(key: KeyRef<'_>) -> String {
    let view = if key.view == Some(View::Bits32) { " (32-bit view)" } else { "" };
    format!(r"{}\{}{view}", key.hive.short_name(), key.key)
}

/// In lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(data: &[u8]) -> Result<String, String> {
    let (pairs, rest) = data.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(format!("{} bytes are no string of 16-bit characters", data.len()));
    }
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.map_err(|_| "the string is not UTF-16".to_owned())
}

/// What stands before the first NUL: all that programs see of a string.
fn first(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

/// The strings between NULs. Some programs keep empty ones in the midst of others.
fn strings(text: &str) -> Vec<String> {
    let text = text.trim_end_matches('\0');
    if text.is_empty() { Vec::new() } else { text.split('\0').map(str::to_owned).collect() }
}

fn number<const N: usize>(kind: RegistryType, data: &[u8]) -> Result<[u8; N], String> {
    data.try_into().map_err(|_| format!("a {kind} of {} bytes", data.len()))
}
