//! Keys below `HKLM` and their values, as messages and the host's tables have them.

use caveat_ir::value::name;

/// A value's place, for messages.
pub(super) fn value_path(key: &str, value: &str) -> String {
    format!(r"HKLM\{key}!{value}")
}

/// The key as the registry's index has it.
pub(super) fn folded(key: &str) -> String {
    format!(r"hklm\{}", name::folded(key))
}
