//! What the rules of a script need of the code, in the words that the sources of the code know.

use caveat_ir::Test;
use caveat_ir::recorded::{self, Place};
use caveat_ir::value::{Hive, KnownFolder, RegistryPath, Variable, name};

use crate::runtime::Needs;
use crate::tests_table::{check, kind};

/// The facts that Windows keeps in its registry, too: the word for code that puts them there, and the keys.
fn backed() -> [(&'static str, Vec<&'static str>); 4] {
    let folders = KnownFolder::ALL.iter().map(|folder| folder.registry_value().0);
    [
        ("os-backed", Place::ALL.iter().map(|place| place.key()).collect()),
        ("folders-backed", folders.chain([Variable::MACHINE]).collect()),
        ("services-backed", vec![recorded::SERVICES]),
        ("updates", vec![recorded::UPDATES]),
    ]
}

/// Takes in what a test needs.
pub(crate) fn add(needs: &mut Needs, test: &Test) {
    needs.insert(kind(test));
    needs.extend(check(test));
    match test {
        Test::FileExists(_) | Test::FileVersion(..) | Test::FileSize(..) | Test::FileDigest(..) => {
            needs.insert("file");
        }
        Test::RegistryKey(path) | Test::RegistryValue(path, ..) => add_backed(needs, path),
        Test::Service(..) => {
            needs.insert("services");
        }
        Test::Hotfix(_) => {
            needs.insert("updates");
        }
        _ => {}
    }
}

/// What a key needs that other facts tell something of.
fn add_backed(needs: &mut Needs, path: &RegistryPath) {
    if path.hive != Hive::LocalMachine {
        return;
    }
    for (word, keys) in backed() {
        // Values lie in the key or below it; a service or an update is a key that others lie in, too.
        let is_owner = ["services-backed", "updates"].contains(&word);
        if keys.iter().any(|key| lies_in(key, &path.key) || is_owner && lies_in(&path.key, key)) {
            needs.insert(word);
            if is_owner {
                needs.extend(["owned", "services", "updates"]);
            }
        }
    }
}

/// Whether a key is the other, or lies in it.
fn lies_in(key: &str, other: &str) -> bool {
    (name::folded(key) + "\\").starts_with(&(name::folded(other) + "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str) -> Vec<&'static str> {
        let mut needs = Needs::new();
        add(&mut needs, &Test::RegistryKey(RegistryPath::parse(key, None).unwrap()));
        needs.into_iter().collect()
    }

    #[test]
    fn a_key_needs_what_lies_in_it_and_around_it() {
        assert_eq!(of(r"HKLM\SOFTWARE\Contoso"), ["registry-key"]);
        assert_eq!(of(r"HKCU\SYSTEM\CurrentControlSet\Services\A"), ["registry-key"]);
        let services = ["owned", "registry-key", "services", "services-backed", "updates"];
        assert_eq!(of(r"HKLM\system\currentcontrolset\services\WINS"), services);
        let update = of(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix\KB1");
        assert_eq!(update, ["owned", "registry-key", "services", "updates"]);
        let all = of(r"HKLM\SYSTEM\CurrentControlSet");
        assert!(all.contains(&"os-backed") && all.contains(&"folders-backed") && all.contains(&"owned"));
    }
}
