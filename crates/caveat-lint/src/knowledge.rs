//! What has to be known of Windows: where it keeps its files, which services protect, how it
//! numbers its builds.
//!
//! Only what is the same on every Windows that has the thing stands here; the folder of 32-bit
//! copies on a 64-bit Windows and those of caches and backups are always accepted.

use caveat_ir::value::{FileVersion, OsVersion, WindowsPath};

/// Files and the folders that Windows keeps them in, below the system root.
const PLACES: &[(&str, &str)] = &[
    ("helpctr.exe", r"PCHealth\HelpCtr\Binaries"),
    ("helpsvc.exe", r"PCHealth\HelpCtr\Binaries"),
    ("explorer.exe", ""),
    ("hh.exe", ""),
    ("regedit.exe", ""),
    ("lsasrv.dll", "System32"),
    ("lsass.exe", "System32"),
    ("kernel32.dll", "System32"),
    ("ntdll.dll", "System32"),
    ("ntoskrnl.exe", "System32"),
    ("ntkrnlmp.exe", "System32"),
    ("ntkrnlpa.exe", "System32"),
    ("ntkrpamp.exe", "System32"),
    ("user32.dll", "System32"),
    ("gdi32.dll", "System32"),
    ("advapi32.dll", "System32"),
    ("winlogon.exe", "System32"),
    ("msgina.dll", "System32"),
    ("msasn1.dll", "System32"),
    ("schannel.dll", "System32"),
    ("rpcrt4.dll", "System32"),
    ("rpcss.dll", "System32"),
    ("netapi32.dll", "System32"),
    ("ntdsa.dll", "System32"),
    ("wins.exe", "System32"),
    ("mshtml.dll", "System32"),
    ("shdocvw.dll", "System32"),
    ("urlmon.dll", "System32"),
    ("wininet.dll", "System32"),
    ("browseui.dll", "System32"),
    ("spoolsv.exe", "System32"),
    ("svchost.exe", "System32"),
    ("services.exe", "System32"),
    ("tcpip.sys", r"System32\Drivers"),
    ("srv.sys", r"System32\Drivers"),
    ("mrxsmb.sys", r"System32\Drivers"),
    ("http.sys", r"System32\Drivers"),
    ("afd.sys", r"System32\Drivers"),
    ("nscm.exe", r"System32\Windows Media\Server"),
    ("nspmon.exe", r"System32\Windows Media\Server"),
    ("wmserver.exe", r"System32\Windows Media\Server"),
    ("win32k.sys", "System32"),
    ("hal.dll", "System32"),
    ("csrss.exe", "System32"),
    ("smss.exe", "System32"),
    ("crypt32.dll", "System32"),
    ("ole32.dll", "System32"),
    ("oleaut32.dll", "System32"),
    ("shell32.dll", "System32"),
    ("shlwapi.dll", "System32"),
    ("vbscript.dll", "System32"),
    ("jscript.dll", "System32"),
    ("itss.dll", "System32"),
    ("itircl.dll", "System32"),
    ("hhctrl.ocx", "System32"),
    ("dnsapi.dll", "System32"),
    ("dns.exe", "System32"),
    ("quartz.dll", "System32"),
    ("secur32.dll", "System32"),
    ("samsrv.dll", "System32"),
    ("kerberos.dll", "System32"),
    ("msv1_0.dll", "System32"),
    ("wintrust.dll", "System32"),
    ("mswsock.dll", "System32"),
    ("ws2_32.dll", "System32"),
    ("wkssvc.dll", "System32"),
    ("srvsvc.dll", "System32"),
    ("mstask.dll", "System32"),
    ("msxml3.dll", "System32"),
    ("mf3216.dll", "System32"),
    ("query.dll", "System32"),
    ("cmd.exe", "System32"),
    ("mstsc.exe", "System32"),
    ("termsrv.dll", "System32"),
    ("userinit.exe", "System32"),
    ("lsm.exe", "System32"),
    ("tcpip6.sys", r"System32\Drivers"),
    ("netbt.sys", r"System32\Drivers"),
    ("rdpwd.sys", r"System32\Drivers"),
    ("termdd.sys", r"System32\Drivers"),
    ("ndis.sys", r"System32\Drivers"),
    ("ntfs.sys", r"System32\Drivers"),
    ("fltmgr.sys", r"System32\Drivers"),
    ("rdbss.sys", r"System32\Drivers"),
    ("mrxdav.sys", r"System32\Drivers"),
    ("srv2.sys", r"System32\Drivers"),
    ("srvnet.sys", r"System32\Drivers"),
    ("mrxsmb10.sys", r"System32\Drivers"),
    ("mrxsmb20.sys", r"System32\Drivers"),
    ("ipnat.sys", r"System32\Drivers"),
    ("w3svc.dll", r"System32\inetsrv"),
    ("inetinfo.exe", r"System32\inetsrv"),
    ("asp.dll", r"System32\inetsrv"),
    ("httpext.dll", r"System32\inetsrv"),
    ("smtpsvc.dll", r"System32\inetsrv"),
    ("nntpsvc.dll", r"System32\inetsrv"),
    ("w3core.dll", r"System32\inetsrv"),
    ("w3wp.exe", r"System32\inetsrv"),
    ("wbemcore.dll", r"System32\wbem"),
    ("wmiprvse.exe", r"System32\wbem"),
];

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
    let (_, place) = PLACES.iter().find(|(known, _)| *known == name)?;
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
    const VERBS: [&str; 9] = [
        "disable",
        "stop",
        "remove",
        "unregister",
        "delete",
        "uninstall",
        "turn",
        "deactivate",
        "deregister",
    ];
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
