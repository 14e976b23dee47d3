//! What has to be known of the folders of Windows: which hosts have which, and names that are slips
//! of the pen.

use std::collections::BTreeSet;

use caveat_diag::suggest::did_you_mean;
use caveat_ir::value::WindowsPath;

use crate::data::{is_file, variables};
use crate::slips::nearest;

/// Files that programs of Windows keep in a folder of their own, outside the system root.
const PROGRAMS: &[(&str, &str)] = &[
    ("iexplore.exe", r"%ProgramFiles%\Internet Explorer"),
    ("msimn.exe", r"%ProgramFiles%\Outlook Express"),
    ("wab.exe", r"%ProgramFiles%\Outlook Express"),
    ("wmplayer.exe", r"%ProgramFiles%\Windows Media Player"),
    ("conf.exe", r"%ProgramFiles%\NetMeeting"),
    ("vgx.dll", r"%CommonProgramFiles%\Microsoft Shared\VGX"),
];

/// Folders below the system root whose names are often mistyped.
const ROOT: &[&str] = &[
    "System32",
    "SysWOW64",
    "PCHealth",
    "WinSxS",
    "ServicePackFiles",
    "Microsoft.NET",
    "Driver Cache",
    "AppPatch",
    "MSAgent",
];

/// Names like those that are right as well.
const OTHERS: &[&str] = &["System", "SysArm32"];

/// Folders below `System32` whose names are often mistyped.
const SYSTEM: &[&str] = &["drivers", "inetsrv", "dllcache"];

/// A folder that hosts do not have, or not all of them.
pub(crate) struct Wrong {
    pub(crate) message: String,
    pub(crate) help: String,
}

/// What is wrong with the folder of a path. `narrow` says that all hosts it is for are of 32 bits.
pub(crate) fn wrong(path: &WindowsPath, narrow: bool) -> Option<Wrong> {
    misspelt_variable(path)
        .or_else(|| fixed_root(path))
        .or_else(|| redirected(path))
        .or_else(|| emulation(path).filter(|_| narrow))
        .or_else(|| below_root(path))
}

/// A path that begins with a variable that no host sets, but one of nearly that name.
fn misspelt_variable(path: &WindowsPath) -> Option<Wrong> {
    let variable = path.variable()?;
    if variables().iter().any(|known| known.eq_ignore_ascii_case(variable)) {
        return None;
    }
    let near = nearest(variable, variables().iter().copied())?;
    Some(Wrong {
        message: format!("Windows sets no variable `%{variable}%`"),
        help: did_you_mean(&format!("%{near}%")),
    })
}

/// The name that programs of 32 bits have for `System32`, and nobody else.
fn redirected(path: &WindowsPath) -> Option<Wrong> {
    let of_windows = path.variable().is_some_and(is_root);
    (of_windows && first(path).eq_ignore_ascii_case("Sysnative")).then(|| Wrong {
        message: r"`%SystemRoot%\Sysnative` is there for 32-bit programs only".to_owned(),
        help: r"write `%SystemRoot%\System32\…`: it names the folder of the 64-bit files on every host"
            .to_owned(),
    })
}

fn is_root(variable: &str) -> bool {
    ["SystemRoot", "windir"].iter().any(|root| root.eq_ignore_ascii_case(variable))
}

/// The file that a name is the package's name of the 32-bit copy of: a `w` before the name that both have
/// when they are installed. `others` are the files that are listed besides, in small letters.
pub(crate) fn copied(path: &WindowsPath, others: &BTreeSet<String>) -> Option<Wrong> {
    let name = path.file_name().to_ascii_lowercase();
    let installed =
        name.strip_prefix('w').filter(|_| path.variable().is_some_and(is_root) && !is_file(&name))?;
    let narrow = first(path).eq_ignore_ascii_case("SysWOW64");
    (others.contains(installed) || (narrow && is_file(installed))).then(|| Wrong {
        message: format!("`{}` is what a package calls the 32-bit copy of `{installed}`", path.file_name()),
        help: format!(r"write `%SystemRoot%\SysWOW64\{installed}`, where it is installed"),
    })
}

/// A path that names the drive and folder that Windows has on many hosts.
fn fixed_root(path: &WindowsPath) -> Option<Wrong> {
    let mut parts = path.as_str().split('\\');
    let (drive, root) = (parts.next()?, parts.next()?);
    let rest = parts.collect::<Vec<_>>().join("\\");
    let is_root = ["windows", "winnt"].iter().any(|name| root.eq_ignore_ascii_case(name));
    (drive.ends_with(':') && is_root && !rest.is_empty()).then(|| Wrong {
        message: format!(r"not every host keeps Windows in `{drive}\{root}`"),
        help: format!(r"write `%SystemRoot%\{rest}`"),
    })
}

/// A folder that only 64-bit Windows has, for the 32-bit programs on it.
fn emulation(path: &WindowsPath) -> Option<Wrong> {
    let variable = path.variable()?;
    let (folder, right) = match variable.to_ascii_lowercase().as_str() {
        "programfiles(x86)" => ("%ProgramFiles(x86)%", "%ProgramFiles%"),
        "commonprogramfiles(x86)" => ("%CommonProgramFiles(x86)%", "%CommonProgramFiles%"),
        root if is_root(root) && first(path).eq_ignore_ascii_case("SysWOW64") => {
            (r"%SystemRoot%\SysWOW64", r"%SystemRoot%\System32")
        }
        _ => return None,
    };
    Some(Wrong {
        message: format!("`{folder}` is a folder of 64-bit Windows, but only 32-bit hosts are asked"),
        help: format!(r"write `{right}\…`, or leave the file out"),
    })
}

fn below_root(path: &WindowsPath) -> Option<Wrong> {
    let variable = path.variable()?.to_ascii_lowercase();
    if !is_root(&variable) {
        return None;
    }
    let name = path.file_name();
    let folder = path.folder();
    let is_copy = ["dllcache", "servicepackfiles", "$", "winsxs", "driver cache"]
        .iter()
        .any(|part| folder.to_ascii_lowercase().contains(part));
    if let Some((_, place)) = PROGRAMS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
        && !is_copy
    {
        return Some(Wrong {
            message: format!("Windows keeps `{name}` in `{place}`, not in `{folder}`"),
            help: "a file that is looked for in the wrong folder is never there, and so never outdated"
                .to_owned(),
        });
    }
    let mut folders = folder.split('\\').skip(1);
    let outer = folders.next()?;
    let near = match mistyped(outer, ROOT, OTHERS) {
        Some(near) => near,
        None if outer.eq_ignore_ascii_case("System32") => mistyped(folders.next()?, SYSTEM, &[])?,
        None => return None,
    };
    Some(Wrong { message: format!("Windows has no folder `{folder}`"), help: did_you_mean(near) })
}

fn mistyped(written: &str, names: &[&'static str], others: &[&str]) -> Option<&'static str> {
    let known = names.iter().chain(others).any(|name| name.eq_ignore_ascii_case(written));
    nearest(written, names.iter().copied()).filter(|_| !known)
}

/// The folder right below the variable.
fn first(path: &WindowsPath) -> &str {
    path.as_str().split('\\').nth(1).unwrap_or("")
}
