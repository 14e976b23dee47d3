//! What has to be known of the registry: which keys Windows itself keeps at the top, where anything
//! that no Windows has is a slip of the pen, and how those are spelt that it keeps further down.

use std::collections::BTreeSet;

use caveat_diag::suggest::did_you_mean;
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{Hive, OsVersion, ProductType, RegistryPath, View};

use crate::data::{is_key, keys_below, services};
use crate::guids;
use crate::slips::{meant, nearest};

const CURRENT: &str = "CurrentControlSet";

/// A key that no host has, or that not every host has in this place.
pub(crate) struct Misplaced {
    pub(crate) message: String,
    pub(crate) help: String,
    /// The component that is wrong, and what to write in its place.
    pub(crate) mend: Option<(usize, &'static str)>,
    /// Whether that mends it and does nothing else.
    pub(crate) safe: bool,
}

/// Whether the component names a numbered control set, of which the current one is a view.
pub(crate) fn is_numbered_set(component: &str) -> bool {
    let digits = strip(component, "ControlSet");
    digits.is_some_and(|digits| digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A key by number: other hosts run from another copy.
pub(crate) fn numbered(component: &str) -> Misplaced {
    Misplaced {
        message: format!("`{component}` is one of several copies, and hosts run from different ones"),
        help: format!("write `{CURRENT}`, which is the copy in use"),
        mend: Some((1, CURRENT)),
        safe: true,
    }
}

/// What is wrong with a key.
pub(crate) fn misplaced(key: &RegistryPath) -> Option<Misplaced> {
    at_the_top(key).or_else(|| misspelt(key)).or_else(|| guid(key))
}

fn at_the_top(key: &RegistryPath) -> Option<Misplaced> {
    if key.hive != Hive::LocalMachine {
        return None;
    }
    let parts: Vec<&str> = key.key.split('\\').collect();
    let (root, rest) = parts.split_first()?;
    if same(root, "SOFTWARE") {
        return in_software(key, rest);
    }
    if same(root, "SYSTEM") {
        return in_system(rest);
    }
    // Windows loads hives of applications under names in braces.
    let roots = keys_below(&["HKLM"]);
    (!known(root, &roots) && !root.starts_with('{')).then(|| {
        let near = nearest(root, roots);
        Misplaced {
            message: format!("Windows keeps no key `{root}` directly below HKLM"),
            help: near.map_or_else(
                || r"write the whole key: most begin with `HKLM\SOFTWARE` or `HKLM\SYSTEM`, classes with `HKCR`".to_owned(),
                did_you_mean,
            ),
            mend: near.map(|near| (0, near)),
            safe: false,
        }
    })
}

fn in_software(key: &RegistryPath, rest: &[&str]) -> Option<Misplaced> {
    let plain = |message: String, help: String| Misplaced { message, help, mend: None, safe: false };
    match rest {
        [node, ..] if key.view == Some(View::Bits32) && same(node, "Wow6432Node") => {
            let message = format!("`32` and `{node}` both ask for the 32-bit view");
            Some(plain(message, format!(r"leave out one of them: `{node}\`, or `32`")))
        }
        [microsoft, windows, hotfix, ..]
            if same(microsoft, "Microsoft") && same(windows, "Windows") && same(hotfix, "Hotfix") =>
        {
            let message = r"Windows keeps no key `Hotfix` below `Microsoft\Windows`".to_owned();
            Some(plain(message, r"write `Microsoft\Windows NT\CurrentVersion\Hotfix\…`".to_owned()))
        }
        _ => None,
    }
}

fn in_system(rest: &[&str]) -> Option<Misplaced> {
    let (set, below) = rest.split_first()?;
    if is_numbered_set(set) {
        return Some(numbered(set));
    }
    if !same(set, CURRENT) {
        let near = nearest(set, [CURRENT])?;
        return Some(Misplaced {
            message: format!(r"Windows keeps no key `{set}` below HKLM\SYSTEM"),
            help: did_you_mean(near),
            mend: Some((1, near)),
            safe: false,
        });
    }
    match below {
        [control, services, name, ..] if same(control, "Control") && same(services, "Services") => {
            Some(Misplaced {
                message: format!(r"Windows keeps the service `{name}` beside `Control`, not below it"),
                help: format!(r"write `HKLM\SYSTEM\CurrentControlSet\Services\{name}…`"),
                mend: None,
                safe: false,
            })
        }
        [first, others @ ..] if !known(first, &keys_below(&["SYSTEM", CURRENT])) => {
            Some(beside_control(first, others))
        }
        _ => None,
    }
}

/// A key directly below the control set that no Windows has there.
fn beside_control(first: &str, others: &[&str]) -> Misplaced {
    let near = nearest(first, keys_below(&["SYSTEM", CURRENT]));
    let help = match near {
        Some(near) => did_you_mean(near),
        None if known(first, &keys_below(&["SYSTEM", CURRENT, "Control"])) => {
            format!(r"write `HKLM\SYSTEM\CurrentControlSet\Control\{first}…`")
        }
        None if others.first().is_some_and(|next| same(next, "Parameters")) => {
            format!(r"write `HKLM\SYSTEM\CurrentControlSet\Services\{first}\…`, where services keep theirs")
        }
        None => "services stand below `Services`, what all of Windows goes by below `Control`".to_owned(),
    };
    Misplaced {
        message: format!(r"Windows keeps no key `{first}` directly below HKLM\SYSTEM\CurrentControlSet"),
        help,
        mend: near.map(|near| (2, near)),
        safe: false,
    }
}

/// A component that is misspelt where Windows and its updates keep a key of nearly that name.
fn misspelt(key: &RegistryPath) -> Option<Misplaced> {
    let mut above: Vec<&str> = match key.hive {
        Hive::LocalMachine | Hive::CurrentUser => Vec::new(),
        Hive::ClassesRoot => vec!["HKCR"],
        _ => return None,
    };
    for (at, part) in key.key.split('\\').enumerate() {
        let names = keys_below(&above);
        let near = match above.as_slice() {
            [_, _, services] if same(services, "Services") => meant(part, &self::services().collect()),
            _ => meant(part, &names),
        };
        if let Some(near) = near {
            return Some(Misplaced {
                message: format!("`{part}` in the key is probably misspelt"),
                help: did_you_mean(near),
                mend: Some((at, near)),
                safe: false,
            });
        }
        // Programs of 32 bits have the same keys a level deeper.
        if !(at == 1 && same(part, "Wow6432Node")) {
            above.push(part);
        }
    }
    None
}

/// A component whose braces hold no GUID, or that begins in the middle of another.
fn guid(key: &RegistryPath) -> Option<Misplaced> {
    let mut above = None;
    for part in key.key.split('\\') {
        if let Some((message, help)) = guids::wrong(part, above, is_key) {
            return Some(Misplaced { message, help, mend: None, safe: false });
        }
        above = Some(part);
    }
    None
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn known(component: &str, names: &BTreeSet<&str>) -> bool {
    names.iter().any(|name| same(name, component))
}

fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    same(start, prefix).then_some(rest)
}

/// The hosts whose updates leave their keys in a place.
pub(crate) struct UpdatesOf {
    pub(crate) windows: &'static str,
    versions: &'static [OsVersion],
    /// The type of all hosts that call themselves so, where that tells them from others of the version.
    kind: Option<ProductType>,
    /// The service pack that was to have the update: the first after those of the hosts. Updates of
    /// components that come with no service pack name number 0.
    pub(crate) next_pack: Option<u32>,
}

impl UpdatesOf {
    /// Whether no host of these facts is one of them.
    pub(crate) fn excludes(&self, facts: &OsFacts) -> bool {
        facts.version.is_some_and(|version| !self.versions.contains(&version))
            || self.kind.zip(facts.types.as_ref()).is_some_and(|(kind, types)| !types.contains(&kind))
    }
}

const fn version(major: u16, minor: u16) -> OsVersion {
    OsVersion { major, minor }
}

/// What calls itself so in the keys of updates: the versions, and the type where all are of one. The 64-bit
/// editions of Windows XP are of 5.1 and of 5.2, and the first of 5.2 has the updates of Windows Server 2003.
const UPDATES: [(&str, &[OsVersion], Option<ProductType>); 4] = [
    ("Windows 2000", &[version(5, 0)], None),
    ("Windows XP", &[version(5, 1), version(5, 2)], Some(ProductType::Workstation)),
    ("Windows XP Version 2003", &[version(5, 2)], Some(ProductType::Workstation)),
    ("Windows Server 2003", &[version(5, 2)], None),
];

/// Whose updates leave a key like this.
pub(crate) fn updates_of(key: &RegistryPath) -> Option<UpdatesOf> {
    let mut parts = key.key.split('\\').skip_while(|part| !same(part, "Updates")).skip(1);
    let name = parts.next()?;
    let (windows, versions, kind) = UPDATES.into_iter().find(|(windows, ..)| same(windows, name))?;
    let pack = parts.next().and_then(|part| strip(part, "SP")?.parse().ok());
    Some(UpdatesOf { windows, versions, kind, next_pack: pack.filter(|pack| *pack > 0) })
}
