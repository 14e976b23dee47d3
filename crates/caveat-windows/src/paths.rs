//! Where the file of a rule's path lies on the machine, as the asking process has to name it.
//!
//! A rule means the machine's own folders. A 64-bit Windows shows a 32-bit process others in their
//! place, and `Sysnative` is how such a process names the machine's own `System32`.

use caveat_runtime::value::{Architecture, KnownFolder, PathRef, Variable, name};
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

/// The path without its variable.
fn expanded<S: System>(answers: &Answers<S>, path: PathRef<'_>) -> Fact<String> {
    let Some(variable) = path.variable() else { return Fact::Present(path.0.to_owned()) };
    root(answers, variable).map(|root| format!("{root}{}", path.tail()))
}

/// The folder that a variable names, without a backslash at its end: known folders and the machine's variables are
/// what its registry says, so that a 32-bit process does not get its own, other variables are those of the process.
pub(crate) fn root<S: System>(answers: &Answers<S>, variable: &str) -> Fact<String> {
    let root = match Variable::named(variable) {
        Variable::Folder(folder) => known_folder(answers, folder),
        Variable::Machine => machine_variable(answers, variable),
        Variable::User | Variable::Process => answers.variable(variable),
    };
    root.and_then(|root| match root.trim_end_matches('\\') {
        folder if Variable::is_place(folder) => Fact::Present(folder.to_owned()),
        _ => Fact::error(format!("%{variable}% is `{root}`, which is not the full path of a folder")),
    })
}

/// Every Windows has a system root; other folders may be missing, and may begin with its drive.
fn known_folder<S: System>(answers: &Answers<S>, folder: KnownFolder) -> Fact<String> {
    let (key, name) = folder.registry_value();
    let found = answers.value(os::machine(key), name).and_then(|value| match value {
        RegistryValue::ExpandText(path) | RegistryValue::Text(path) => {
            below_known(answers, &path, |first| folder.may_begin_with(first))
        }
        other => Fact::error(format!(r"HKLM\{key}!{name}: {other} is not a folder")),
    });
    let found = found.map(|path| folder.held_by(&path).to_owned());
    match folder {
        KnownFolder::SystemRoot | KnownFolder::SystemDrive => os::certain(found),
        _ => found,
    }
}

/// A variable of the machine, which may begin with a known folder.
fn machine_variable<S: System>(answers: &Answers<S>, name: &str) -> Fact<String> {
    let key = Variable::MACHINE;
    answers.value(os::machine(key), name).and_then(|value| match value {
        RegistryValue::ExpandText(text) => {
            below_known(answers, &text, |first| Variable::BEGINNINGS.contains(&first))
        }
        RegistryValue::Text(text) => Fact::Present(text.into_owned()),
        other => Fact::error(format!(r"HKLM\{key}!{name}: {other} is not a folder")),
    })
}

/// A stored text with the known folder that it begins with, where it may be that one. What begins with any other
/// variable is not known.
fn below_known<S: System>(
    answers: &Answers<S>,
    text: &str,
    may_be: impl FnOnce(KnownFolder) -> bool,
) -> Fact<String> {
    let Some((name, rest)) = text.strip_prefix('%').and_then(|rest| rest.split_once('%')) else {
        return Fact::Present(text.to_owned());
    };
    match KnownFolder::from_variable(name).filter(|folder| may_be(*folder)) {
        None => Fact::Unknown,
        Some(folder) => {
            known_folder(answers, folder).map(|root| format!("{}{rest}", root.trim_end_matches('\\')))
        }
    }
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
