//! What has to be known of Windows besides names: which folders hold copies of files, which services
//! protect, how it numbers its builds.
//!
//! Only what is the same on every Windows that has the thing stands here; the folder of 32-bit
//! copies on a 64-bit Windows and those of caches and backups are always accepted.

use caveat_ir::value::{FileVersion, OsVersion, WindowsPath};

use crate::data::folder_of;
use crate::slips::between;

/// Files in whose stead another extension is sometimes written.
const NAMES: &[(&str, &str)] = &[
    ("helpctr.dll", "helpctr.exe"),
    ("lsasrv.exe", "lsasrv.dll"),
    ("lsass.dll", "lsass.exe"),
    ("wins.dll", "wins.exe"),
    ("msasn1.exe", "msasn1.dll"),
    ("schannel.exe", "schannel.dll"),
    ("winlogon.dll", "winlogon.exe"),
    ("explorer.dll", "explorer.exe"),
    ("nscm.dll", "nscm.exe"),
    ("nspmon.dll", "nspmon.exe"),
    ("iexplore.dll", "iexplore.exe"),
    ("spoolsv.dll", "spoolsv.exe"),
    ("win32k.dll", "win32k.sys"),
    ("ntoskrnl.dll", "ntoskrnl.exe"),
    ("tcpip.dll", "tcpip.sys"),
    ("svchost.dll", "svchost.exe"),
];

/// What is wrong with a path.
pub(crate) enum Misplaced {
    /// The file lies in this folder.
    Folder(String),
    /// The file has this name.
    Name(&'static str),
}

/// What is wrong with a path, if Windows knows the file and keeps it elsewhere. `old` accepts the folder
/// of Windows 98 and Me as well.
pub(crate) fn misplaced(path: &WindowsPath, old: bool) -> Option<Misplaced> {
    let (name, folder) = (path.file_name().to_ascii_lowercase(), path.folder().to_ascii_lowercase());
    let root = folder.strip_prefix("%systemroot%").or_else(|| folder.strip_prefix("%windir%"))?;
    let below = root.trim_start_matches('\\');
    if let Some((_, right)) = NAMES.iter().find(|(wrong, _)| *wrong == name) {
        return Some(Misplaced::Name(right));
    }
    let place = folder_of(&name)?;
    let place_folded = place.to_ascii_lowercase();
    let narrow = match place_folded.strip_prefix("system32") {
        Some(rest) => format!("syswow64{rest}"),
        None => "syswow64".to_owned(),
    };
    if old && below == "system" && place_folded == "system32" {
        return None;
    }
    let copies = ["dllcache", "servicepackfiles", "$", "winsxs", "driver cache"];
    let is_copy = copies.iter().any(|part| below.contains(part));
    (below != place_folded && below != narrow && !is_copy)
        .then(|| Misplaced::Folder(format!(r"%SystemRoot%\{place}").trim_end_matches('\\').to_owned()))
}

/// Services that protect a host while they run: without them it is more exposed, not less.
pub(crate) fn is_protection(service: &str) -> bool {
    const PROTECTION: [&str; 6] = ["sharedaccess", "mpssvc", "policyagent", "wscsvc", "windefend", "ipsec"];
    PROTECTION.contains(&service.to_ascii_lowercase().as_str())
}

/// Whether the title of a workaround says that something is switched off or taken away.
pub(crate) fn switches_off(title: &str) -> bool {
    const VERBS: [&str; 11] = [
        "disable",
        "stop",
        "remove",
        "unregister",
        "delete",
        "uninstall",
        "turn",
        "deactivate",
        "deregister",
        "prevent",
        "kill",
    ];
    if title.to_ascii_lowercase().contains("kill bit") {
        return true;
    }
    let mut words = title.split(|c: char| !c.is_alphanumeric()).map(str::to_ascii_lowercase);
    match words.next().as_deref() {
        Some("turn") => words.next().as_deref() == Some("off"),
        Some(first) => VERBS.contains(&first),
        None => false,
    }
}

/// Whether a file of one Windows came to others with its own number.
pub(crate) fn travels(file: &str) -> bool {
    ["msasn1.dll", "winhttp.dll", "itss.dll", "itircl.dll", "hhctrl.ocx"]
        .iter()
        .any(|name| file.eq_ignore_ascii_case(name))
}

/// Versions of Windows that had one build.
const BUILDS: [([u16; 2], u16); 4] = [([4, 0], 1381), ([5, 0], 2195), ([5, 1], 2600), ([5, 2], 3790)];

/// The Windows whose files are numbered so: its version, and its one build.
pub(crate) fn windows_of(version: FileVersion) -> Option<OsVersion> {
    let [major, minor, build, _] = version.0;
    let is = |(numbers, own): &&([u16; 2], u16)| *numbers == [major, minor] && *own == build;
    BUILDS.iter().find(is).map(|_| OsVersion { major, minor })
}

/// The builds of the files of a version of Windows, those of Internet Explorer and the shell among them.
fn builds(major: u16, minor: u16) -> &'static [u16] {
    match (major, minor) {
        (5, 0) => &[2195],
        (5, 1) => &[2600],
        (5, 2) => &[3790],
        (6, 0) => &[2600, 2800, 2900, 3790, 6000, 6001, 6002, 6003],
        (6, 1) => &[7600, 7601],
        // Filters of Internet Explorer, and Windows 8.1.
        (6, 3) => &[2800, 2900, 3790, 9600],
        _ => &[],
    }
}

/// Whether files of some Windows, or of Internet Explorer and the shell, are numbered so: by the first three
/// numbers.
pub(crate) fn is_of_a_line(version: FileVersion) -> bool {
    let [major, minor, build, _] = version.0;
    builds(major, minor).contains(&build)
}

/// Whether the hosts of a Windows get files of one branch only: there are two from Service Pack 2 of 5.1 on.
/// `last` is the last service pack of the hosts.
pub(crate) fn has_one_branch(windows: OsVersion, last: Option<u32>) -> bool {
    match (windows.major, windows.minor) {
        (5, 1) => last.is_some_and(|last| last < 2),
        (major, minor) => (major, minor) < (5, 1),
    }
}

/// The revision from which on the branch that gets hotfixes has numbers of its own.
const OWN_BRANCH: u16 = 20_000;

/// Why no file has such a number: its build is a slip away from those of its Windows, or what follows the
/// build is more, or less, than any file of that Windows has.
pub(crate) fn misnumbered(version: FileVersion) -> Option<String> {
    let [major, minor, build, revision] = version.0;
    let known = builds(major, minor);
    if !known.contains(&build) {
        let near = known.iter().find(|known| between(&known.to_string(), &build.to_string()).is_some())?;
        return Some(format!("those of {major}.{minor} have the build {near}"));
    }
    let (low, high) = match (major, minor, build) {
        // Above that begin branches that count by themselves.
        (5, ..) if revision >= OWN_BRANCH => return None,
        (5, 0 | 1, _) => (0, 7_999),
        (5, 2, _) => (0, 6_999),
        (6, 0 | 1, 6000..) => (10_000, u16::MAX),
        _ => return None,
    };
    (!(low..=high).contains(&revision)).then(|| {
        let end = if revision < low { format!("begin at {low}") } else { format!("end at {high}") };
        format!("those of {major}.{minor}.{build} {end}")
    })
}

/// The first revision of each service pack, of the versions of Windows whose files have no builds of their
/// own for each.
const FIRST_REVISIONS: [([u16; 3], &[u16]); 2] =
    [([5, 1, 2600], &[0, 1106, 2180, 5508]), ([5, 2, 3790], &[0, 1830, 3959])];

/// The Windows after which a file is numbered, the service pack that its number is of, and whether files of
/// an earlier number are never those of a later service pack: files that did not change may keep theirs where
/// service packs have builds of their own.
pub(crate) fn pack_of(version: FileVersion) -> Option<(OsVersion, u32, bool)> {
    let [major, minor, build, revision] = version.0;
    let windows = OsVersion { major, minor };
    let of_revision = FIRST_REVISIONS.iter().find(|(numbers, _)| *numbers == [major, minor, build]);
    if let Some((_, firsts)) = of_revision.filter(|_| revision < OWN_BRANCH) {
        let pack = firsts.iter().rposition(|first| *first <= revision)?;
        return Some((windows, u32::try_from(pack).ok()?, true));
    }
    let packs = 0..=last_pack(windows)?;
    let pack = packs.into_iter().find(|pack| build_of_pack(windows, *pack) == Some(u32::from(build)))?;
    Some((windows, pack, false))
}

/// Whether a number is one of the branch that gets hotfixes, where numbers tell.
pub(crate) fn is_of_hotfixes(version: FileVersion) -> Option<bool> {
    let [major, minor, build, revision] = version.0;
    let told = matches!((major, minor, build), (6, 0, 6000..=6003) | (6, 1, 7600..=7601));
    told.then_some(revision >= OWN_BRANCH)
}

/// Whether a number of this version and build is one of a Windows. The shell and Internet Explorer count
/// as 6.0 on older ones, with the builds of these.
pub(crate) fn is_windows(version: OsVersion, build: u32) -> bool {
    match (version.major, version.minor) {
        (6, 0) => (6000..=6003).contains(&build),
        (6, 1) => (7600..=7601).contains(&build),
        (6, 2) => build == 9200,
        (6, 3) => build == 9600,
        (10, 0) => build >= 10240,
        numbers => {
            BUILDS.iter().any(|(known, own)| *known == [numbers.0, numbers.1] && u32::from(*own) == build)
        }
    }
}

/// The last service pack of a version; none for those of which nothing is known.
pub(crate) fn last_pack(version: OsVersion) -> Option<u32> {
    match (version.major, version.minor) {
        (4, 0) => Some(6),
        (5, 0) => Some(4),
        (5, 1) => Some(3),
        (5, 2) | (6, 0) => Some(2),
        (6, 1) => Some(1),
        (6, 2 | 3) | (10, 0) => Some(0),
        _ => None,
    }
}

/// The build that a service pack brought, on the versions whose service packs have builds of their own.
pub(crate) fn build_of_pack(version: OsVersion, pack: u32) -> Option<u32> {
    match (version.major, version.minor, pack) {
        (6, 0, 0..=2) => Some(6000 + pack),
        (6, 1, 0..=1) => Some(7600 + pack),
        _ => None,
    }
}

/// Whether files in the folder of this path came with Windows, and are numbered as it is if their first two
/// numbers are its version.
pub(crate) fn is_of_windows(path: &WindowsPath) -> bool {
    let folder = path.folder().to_ascii_lowercase();
    let below = folder.strip_prefix("%systemroot%").or_else(|| folder.strip_prefix("%windir%"));
    let first = below.map(|below| below.split('\\').nth(1).unwrap_or_default());
    first.is_some_and(|first| ["", "system32", "syswow64", "sysarm32"].contains(&first))
}
