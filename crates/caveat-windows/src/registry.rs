//! Registry values from the bytes that the registry keeps.
//!
//! The registry checks nothing that programs write into it: strings may lack their final NUL, and
//! numbers may be too short. What has one sensible reading gets it, all else is malformed.

use caveat_runtime::RegistryValue;
use caveat_runtime::value::{KeyRef, View};

use crate::system::RawValue;

const REG_SZ: u32 = 1;
const REG_EXPAND_SZ: u32 = 2;
const REG_DWORD: u32 = 4;
const REG_MULTI_SZ: u32 = 7;

/// The value, or why it makes no sense. Types that rules have no word for, such as `reg_none` and
/// `reg_qword`, are their bytes.
pub(crate) fn decoded(raw: &RawValue) -> Result<RegistryValue<'static>, String> {
    match raw.kind {
        REG_SZ => Ok(RegistryValue::Text(first(&text(&raw.data)?).into())),
        REG_EXPAND_SZ => Ok(RegistryValue::ExpandText(first(&text(&raw.data)?).into())),
        REG_MULTI_SZ => Ok(RegistryValue::Multi(strings(&text(&raw.data)?).into())),
        REG_DWORD => number(&raw.data).map(RegistryValue::Dword),
        _ => Ok(RegistryValue::Binary(hexadecimal(&raw.data).into())),
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

fn number(data: &[u8]) -> Result<u32, String> {
    let bytes = data.try_into().map_err(|_| format!("a reg_dword of {} bytes", data.len()))?;
    Ok(u32::from_le_bytes(bytes))
}
