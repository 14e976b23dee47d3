//! Where the file of a rule's path lies on the machine, as the asking process has to name it.
//!
//! A rule means the machine's own folders. A 64-bit Windows shows a 32-bit process others in their
//! place, and `Sysnative` is how such a process names the machine's own `System32`.

use caveat_runtime::value::{Architecture, KnownFolder, PathRef, name};
use caveat_runtime::{Fact, RegistryValue};

use crate::answers::Answers;
use crate::os;
use crate::system::System;

/// Below the system root: what a 32-bit process sees other files of, and how it names the real ones.
const REDIRECTED: [(&str, Option<&str>); 3] =
    [(r"\system32\", Some(r"\Sysnative\")), (r"\lastgood\system32\", None), (r"\regedit.exe", None)];

/// The full path.
pub(crate) fn resolved<S: System>(answers: &Answers<S>, path: PathRef<'_>) -> Fact<String> {
    expanded(answers, path).and_then(|path| native(answers, path))
}

/// The path without its variable: known folders are where the machine's registry says, so that a
/// 32-bit process does not get its own, other variables are those of the process.
fn expanded<S: System>(answers: &Answers<S>, path: PathRef<'_>) -> Fact<String> {
    let Some(variable) = path.variable() else { return Fact::Present(path.0.to_owned()) };
    let root = match KnownFolder::from_variable(variable) {
        Some(folder) => known_folder(answers, folder),
        None => answers.variable(variable),
    };
    root.and_then(|root| match root.trim_end_matches('\\') {
        folder if is_place(folder) => Fact::Present(format!("{folder}{}", path.tail())),
        _ => Fact::error(format!("%{variable}% is `{root}`, which is not the full path of a folder")),
    })
}

/// Whether a path begins with a drive or a share. Any other depends on the process' current folder.
fn is_place(folder: &str) -> bool {
    let [drive, colon, rest @ ..] = folder.as_bytes() else { return false };
    let is_drive = drive.is_ascii_alphabetic() && *colon == b':';
    folder.starts_with(r"\\") || is_drive && matches!(rest, [] | [b'\\', ..])
}

/// Every Windows has a system root; other folders may be missing, and may begin with it or its drive.
fn known_folder<S: System>(answers: &Answers<S>, folder: KnownFolder) -> Fact<String> {
    let (key, name) = folder.registry_value();
    let found = answers.value(os::machine(key), name).and_then(|value| match value {
        RegistryValue::ExpandText(path) if may_be_expanded(folder, PathRef(&path)) => {
            expanded(answers, PathRef(&path))
        }
        RegistryValue::Text(path) | RegistryValue::ExpandText(path) => {
            Fact::Present(folder.held_by(&path).to_owned())
        }
        other => Fact::error(format!(r"HKLM\{key}!{name}: {other} is not a folder")),
    });
    if is_of_root(folder) { os::certain(found) } else { found }
}

const fn is_of_root(folder: KnownFolder) -> bool {
    matches!(folder, KnownFolder::SystemRoot | KnownFolder::SystemDrive)
}

/// Whether what a folder begins with is known without it.
fn may_be_expanded(folder: KnownFolder, path: PathRef<'_>) -> bool {
    path.variable().is_some_and(|name| match KnownFolder::from_variable(name) {
        Some(first) => is_of_root(first) && !is_of_root(folder),
        None => true,
    })
}

/// The name by which this process gets at the machine's own file; not known where there is none.
fn native<S: System>(answers: &Answers<S>, path: String) -> Fact<String> {
    if !answers.is_32_bit_process() {
        return Fact::Present(path);
    }
    os::architecture(answers).and_then(|architecture| {
        if architecture == Architecture::X86 {
            return Fact::Present(path);
        }
        known_folder(answers, KnownFolder::SystemRoot).and_then(|root| {
            let root = root.trim_end_matches('\\');
            let Some(tail) = name::after(&path, root) else { return Fact::Present(path) };
            let redirected = REDIRECTED.iter().find_map(|(from, to)| Some((name::after(tail, from)?, to)));
            match redirected {
                None => Fact::Present(path),
                Some((rest, Some(to))) => Fact::Present(format!("{root}{to}{rest}")),
                Some((_, None)) => Fact::Unknown,
            }
        })
    })
}
