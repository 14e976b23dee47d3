//! Where Windows keeps facts in its registry. All keys lie below `HKLM`.

use caveat_ir::value::{Variable, name};

pub(super) const WINDOWS_NT: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
pub(super) const PRODUCT_OPTIONS: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";
pub(super) const ENVIRONMENT: &str = Variable::MACHINE;
pub(super) const LANGUAGE: &str = r"SYSTEM\CurrentControlSet\Control\Nls\Language";
pub(super) const SERVICES: &str = r"SYSTEM\CurrentControlSet\Services";
pub(super) const HOTFIXES: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix";

/// A value's place, for messages.
pub(super) fn value_path(key: &str, value: &str) -> String {
    format!(r"HKLM\{key}!{value}")
}

/// The key as the registry's index has it.
pub(super) fn folded(key: &str) -> String {
    format!(r"hklm\{}", name::folded(key))
}
