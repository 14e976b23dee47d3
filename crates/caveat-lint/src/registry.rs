//! What has to be known of the registry: which keys Windows itself keeps at the top, where anything
//! that no Windows has is a slip of the pen.

use caveat_ir::value::{Hive, OsVersion, RegistryPath, View};

/// What stands directly below HKLM, on any Windows.
const ROOTS: &[&str] = &[
    "SOFTWARE",
    "SYSTEM",
    "HARDWARE",
    "SAM",
    "SECURITY",
    "BCD00000000",
    "COMPONENTS",
    "DRIVERS",
    "SCHEMA",
    "ELAM",
    "OSDATA",
    "WindowsAppLockerCache",
    // Of Windows 98 and Me:
    "CONFIG",
    "DRIVER",
    "ENUM",
    "NETWORK",
];

/// What stands directly below a control set.
const CONTROL_SET: &[&str] = &["Control", "Enum", "Hardware Profiles", "Policies", "Services", "Software"];

/// What stands below `Control`, and is sometimes written one key too high.
const CONTROL: &[&str] = &[
    "Class",
    "ComputerName",
    "CrashControl",
    "FileSystem",
    "Keyboard Layouts",
    "Lsa",
    "MediaProperties",
    "NetworkProvider",
    "Nls",
    "Print",
    "ProductOptions",
    "SafeBoot",
    "SecureBoot",
    "SecurityProviders",
    "Session Manager",
    "Terminal Server",
    "TimeZoneInformation",
    "WMI",
];

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
    (!known(root, ROOTS) && !root.starts_with('{')).then(|| {
        let near = nearest(root, ROOTS);
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
        let near = nearest(set, &[CURRENT])?;
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
        [first, others @ ..] if !known(first, CONTROL_SET) => Some(beside_control(first, others)),
        _ => None,
    }
}

/// A key directly below the control set that no Windows has there.
fn beside_control(first: &str, others: &[&str]) -> Misplaced {
    let near = nearest(first, CONTROL_SET);
    let help = match near {
        Some(near) => did_you_mean(near),
        None if known(first, CONTROL) => format!(r"write `HKLM\SYSTEM\CurrentControlSet\Control\{first}…`"),
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

fn did_you_mean(near: &str) -> String {
    format!("did you mean `{near}`?")
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn known(component: &str, names: &[&str]) -> bool {
    names.iter().any(|name| same(name, component))
}

fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    same(start, prefix).then_some(rest)
}

/// The name that differs from what was written by a slip or two.
pub(crate) fn nearest(written: &str, names: &[&'static str]) -> Option<&'static str> {
    let written = written.to_ascii_lowercase();
    let distance = |name: &str| strsim::osa_distance(&written, &name.to_ascii_lowercase());
    let scored = names.iter().map(|name| (distance(name), *name));
    // Two slips in a short name make another name.
    let close =
        |(distance, name): &(usize, &str)| *distance > 0 && *distance <= if name.len() > 6 { 2 } else { 1 };
    scored.filter(close).min().map(|(_, name)| name)
}

/// The hosts whose updates leave their keys in a place.
pub(crate) struct UpdatesOf {
    pub(crate) windows: &'static str,
    /// The versions that call themselves so.
    pub(crate) versions: &'static [OsVersion],
    /// The service pack that was to have the update: the first after those of the hosts.
    pub(crate) next_pack: Option<u32>,
}

/// Whose updates leave a key like this.
pub(crate) fn updates_of(key: &RegistryPath) -> Option<UpdatesOf> {
    const fn version(major: u16, minor: u16) -> OsVersion {
        OsVersion { major, minor }
    }
    // The 64-bit editions of Windows XP are of 5.1 and of 5.2.
    const WINDOWS: [(&str, &[OsVersion]); 4] = [
        ("Windows 2000", &[version(5, 0)]),
        ("Windows XP", &[version(5, 1), version(5, 2)]),
        ("Windows XP Version 2003", &[version(5, 2)]),
        ("Windows Server 2003", &[version(5, 2)]),
    ];
    let mut parts = key.key.split('\\').skip_while(|part| !same(part, "Updates")).skip(1);
    let name = parts.next()?;
    let (windows, versions) = WINDOWS.into_iter().find(|(windows, _)| same(windows, name))?;
    let next_pack = parts.next().and_then(|part| strip(part, "SP")?.parse().ok());
    Some(UpdatesOf { windows, versions, next_pack })
}
