//! Registry keys of host files, whichever way they are written.

use std::collections::BTreeSet;

use caveat_ir::host::{FactKind, HostFile};

use super::os::{FACTS, FOLDERS, Place};

const SERVICES: &str = r"hklm\system\currentcontrolset\services\";
const HOTFIXES: &str = r"hklm\software\microsoft\windows nt\currentversion\hotfix\";
const HIVES: [(&str, &str); 5] = [
    ("hkey_local_machine", "hklm"),
    ("hkey_classes_root", "hkcr"),
    ("hkey_current_user", "hkcu"),
    ("hkey_users", "hku"),
    ("hkey_current_config", "hkcc"),
];

/// The key in lower case, with its short hive, the same in both views.
pub(super) fn bare(key: &str) -> String {
    let key = key.to_lowercase();
    let (hive, path) = key.split_once('\\').unwrap_or((&key, ""));
    let hive = HIVES.iter().find(|(long, _)| *long == hive).map_or(hive, |(_, short)| short);
    format!(r"{hive}\{path}").replace(r"\wow6432node", "")
}

/// Removes a value wherever it is listed. Whether it was.
pub(super) fn drop_value(host: &mut HostFile, (key, name): (&str, &str)) -> bool {
    let mut found = false;
    for entry in host.registry.iter_mut().filter(|entry| bare(&entry.key) == key) {
        let before = entry.values.len();
        entry.values.retain(|other, _| other.to_lowercase() != name);
        found |= entry.values.len() < before;
    }
    found
}

/// Removes keys. Whether there were any.
pub(super) fn drop_keys(host: &mut HostFile, which: impl Fn(&str) -> bool) -> bool {
    let before = host.registry.len();
    host.registry.retain(|entry| !which(&bare(&entry.key)));
    host.registry.len() < before
}

/// Whether the value is listed in any view.
pub(super) fn is_listed(host: &HostFile, (key, name): Place) -> bool {
    let mut entries = host.registry.iter().filter(|entry| bare(&entry.key) == key);
    entries.any(|entry| entry.values.keys().any(|other| other.to_lowercase() == name))
}

/// Whether the value is listed, in the view of the host itself.
pub(super) fn lists(host: &HostFile, (key, name): Place) -> bool {
    let native = host.registry.iter().filter(|entry| entry.view.is_none());
    let mut here = native.filter(|entry| bare(&entry.key) == key && !is_redirected(&entry.key));
    here.any(|entry| entry.values.keys().any(|other| other.to_lowercase() == name))
}

fn is_redirected(key: &str) -> bool {
    key.to_lowercase().contains(r"\wow6432node")
}

/// Whether the key is that of a service, or of any, or lies below it.
pub(super) fn is_of_service(key: &str, name: Option<&str>) -> bool {
    let tail = key.strip_prefix(SERVICES).map(|tail| tail.split('\\').next().unwrap_or(tail));
    tail.is_some_and(|tail| name.is_none_or(|name| name.to_lowercase() == tail))
}

/// The key of a service.
pub(super) fn service_key(name: &str) -> String {
    format!("{SERVICES}{}", name.to_lowercase())
}

/// Whether the key is that of an update, or of any, or lies below it.
pub(super) fn is_of_update(key: &str, update: Option<&str>) -> bool {
    let tail = key.strip_prefix(HOTFIXES).map(|tail| tail.split('\\').next().unwrap_or(tail));
    tail.is_some_and(|tail| update.is_none_or(|update| self::update(tail) == update))
}

/// What tells an update from others: its digits, however it is written.
pub(super) fn update(text: &str) -> String {
    let digits: String =
        text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    if digits.is_empty() { text.to_lowercase() } else { digits.trim_start_matches('0').to_owned() }
}

/// Whether a value tells a fact of the system or a folder; without a name, whether one of the key does.
pub(super) fn tells_another(key: &str, name: Option<&str>) -> bool {
    let is = |(at, value): &Place| *at == key && name.is_none_or(|name| name == *value);
    let mut facts = FACTS.iter().flat_map(|fact| fact.places.iter().chain(fact.beside));
    facts.any(is) || FOLDERS.iter().any(|(_, place)| is(place))
}

/// The kinds of facts that a key of the registry tells. Services and updates that the file lists are all that
/// there are, but those of the registry; where it lists none, the registry tells them all.
pub(super) fn kinds(host: &HostFile, key: &str) -> BTreeSet<FactKind> {
    let mut kinds = BTreeSet::from([FactKind::Registry]);
    if is_of_service(key, None) && !host.services.is_empty() {
        kinds.insert(FactKind::Services);
    }
    if is_of_update(key, None) && !host.hotfixes.is_empty() {
        kinds.insert(FactKind::Hotfixes);
    }
    kinds
}
