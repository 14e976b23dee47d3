//! Environment variables, and the paths that begin with one.
//!
//! Only a leading variable is resolved, as only that can stand in a rule's path. `SystemRoot`
//! and `windir` are two names of one variable.

use std::collections::BTreeMap;

use caveat_ir::value::{Family, KnownFolder, PathRef, WindowsPath, name};
use caveat_runtime::{Fact, RegistryValue};

use super::os::Os;
use super::problem::{Problems, Trouble};
use super::registry::Registry;
use super::well_known;

/// The variables of a host by folded name.
#[derive(Debug, Clone)]
pub(super) struct Environment {
    variables: BTreeMap<String, Fact<String>>,
    complete: bool,
}

impl Environment {
    /// Reads the listed variables, and the known folders that the registry holds.
    pub(super) fn read(
        listed: &BTreeMap<String, String>,
        complete: bool,
        os: &Os,
        registry: &mut Registry,
        problems: &mut Problems,
    ) -> Self {
        let mut environment = Self { variables: BTreeMap::new(), complete };
        let left = environment.add_listed(listed.iter().collect(), problems);
        for folder in well_known::FOLDERS {
            environment.add_folder(folder, registry, problems);
        }
        for (name, _) in environment.add_listed(left, problems) {
            environment.variables.entry(folded(name)).or_insert(Fact::Unknown);
        }
        let known = complete && registry.is_complete();
        for folder in well_known::FOLDERS {
            let unlisted = unlisted(folder, os, known);
            environment.variables.entry(folded(folder.variable())).or_insert(unlisted);
        }
        environment
    }

    /// Adds variables; those that begin with another one after it, in as many rounds as that takes.
    /// Returns those that begin with one that is not there.
    fn add_listed<'l>(
        &mut self,
        mut waiting: Vec<(&'l String, &'l String)>,
        problems: &mut Problems,
    ) -> Vec<(&'l String, &'l String)> {
        let mut before = usize::MAX;
        while waiting.len() < before {
            before = waiting.len();
            waiting.retain(|(name, value)| match self.expand(value) {
                Some(value) => {
                    self.add(name, value, problems);
                    false
                }
                None => true,
            });
        }
        waiting
    }

    fn add(&mut self, name: &str, value: String, problems: &mut Problems) {
        let path = format!("environment.{name}");
        let fact = problems.read(&path, checked(name, value));
        match (self.variables.get(&folded(name)), &fact) {
            (Some(Fact::Present(first)), Fact::Present(second)) if !same_folder(first, second) => {
                let message = format!("`%{name}%` is both `{first}` and `{second}`");
                let error = problems.contradiction(&path, message);
                self.variables.insert(folded(name), Fact::Error(error));
            }
            (Some(Fact::Error(_)), _) => {}
            _ => {
                self.variables.insert(folded(name), fact);
            }
        }
    }

    fn add_folder(&mut self, folder: KnownFolder, registry: &mut Registry, problems: &mut Problems) {
        if folder == KnownFolder::SystemDrive {
            return self.add_drive(problems);
        }
        let (key, value) = folder.registry_value();
        let listed = registry.listed(key, value).and_then(Fact::present).and_then(|value| value.as_text());
        let Some(listed) = listed.and_then(|text| self.expand(text)) else { return };
        let (name, path) = (folder.variable(), well_known::value_path(key, value));
        match self.variables.get(&folded(name)) {
            Some(Fact::Present(given)) if !same_folder(given, &listed) => {
                let message = format!("`%{name}%` is `{given}`, but the registry says `{listed}`");
                let error = problems.contradiction(&path, message);
                registry.spoil(key, value, &error);
                self.variables.insert(folded(name), Fact::Error(error));
            }
            Some(_) => {}
            None => {
                let fact = problems.read(&path, checked(name, listed));
                self.variables.insert(folded(name), fact);
            }
        }
    }

    /// The drive of the system is that of its root.
    fn add_drive(&mut self, problems: &mut Problems) {
        let folder = KnownFolder::SystemDrive;
        let Some(root) = self.variables.get(&folded(KnownFolder::SystemRoot.variable())) else { return };
        match root.clone() {
            Fact::Present(root) => self.add(folder.variable(), folder.held_by(&root).to_owned(), problems),
            other => {
                self.variables.insert(folded(folder.variable()), other);
            }
        }
    }

    /// The value with its leading variable resolved; none when that is not defined.
    fn expand(&self, value: &str) -> Option<String> {
        match value.strip_prefix('%').and_then(|rest| rest.split_once('%')) {
            None => Some(value.to_owned()),
            Some((name, rest)) => match self.variables.get(&folded(name))? {
                Fact::Present(root) => Some(format!("{}{rest}", root.trim_end_matches('\\'))),
                _ => None,
            },
        }
    }

    /// The value of a variable by its folded name.
    fn value(&self, name: &str) -> Fact<String> {
        let unlisted = if self.complete { Fact::Absent } else { Fact::Unknown };
        self.variables.get(name).cloned().unwrap_or(unlisted)
    }

    /// Whether a variable has a value.
    pub(super) fn variable(&self, name: &str) -> Fact<()> {
        self.value(&folded(name)).map(|_| ())
    }

    /// Puts the known folders into the registry.
    pub(super) fn back(&self, registry: &mut Registry) {
        for folder in well_known::FOLDERS.into_iter().filter(|folder| *folder != KnownFolder::SystemDrive) {
            let (key, value) = folder.registry_value();
            registry.back(
                key,
                value,
                self.value(&folded(folder.variable())).map(|folder| RegistryValue::Text(folder.into())),
            );
        }
    }

    /// The path as comparisons see it, with its variable resolved where it is defined.
    pub(super) fn resolve(&self, path: PathRef<'_>) -> Resolved {
        let Some(variable) = path.variable() else { return Resolved::Full(path.folded()) };
        let unresolved = || format!("%{}%{}", folded(variable), name::folded(path.tail()));
        match self.value(&folded(variable)) {
            Fact::Present(root) => {
                Resolved::Full(name::folded(&format!("{}{}", root.trim_end_matches('\\'), path.tail())))
            }
            other => Resolved::Partial(unresolved(), other.map(|_| ())),
        }
    }
}

/// A path without its variable.
pub(super) enum Resolved {
    /// The whole path.
    Full(String),
    /// The path with a variable that has no value, and what that makes of an unlisted file.
    Partial(String, Fact<()>),
}

impl Resolved {
    /// The path to look under.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Full(path) | Self::Partial(path, _) => path,
        }
    }
}

/// The value, which must be a place if the variable names a known folder.
fn checked(name: &str, value: String) -> Result<String, Trouble> {
    let root = value.trim_end_matches('\\');
    let is_place = root.starts_with(r"\\") || format!(r"{root}\x").parse::<WindowsPath>().is_ok();
    if KnownFolder::from_variable(name).is_some() && !is_place {
        return Err(
            Trouble::new(format!("`{value}` is not a folder")).help(r"write a path such as `C:\WINNT`")
        );
    }
    Ok(value)
}

/// What a known folder comes to that is not listed: it is there if the host's Windows has it.
fn unlisted(folder: KnownFolder, os: &Os, known: bool) -> Fact<String> {
    let is_without = match (os.family.as_ref(), os.architecture.as_ref(), os.version.as_ref()) {
        (Fact::Present(family), ..) if *family != Family::Windows => return Fact::Absent,
        (_, Fact::Present(one), _) if folder.is_of_64_bit() => !one.is_64_bit(),
        (.., Fact::Present(version)) if folder.is_since_vista() => version.major < 6,
        _ => false,
    };
    if is_without && known { Fact::Absent } else { Fact::Unknown }
}

fn folded(name: &str) -> String {
    match KnownFolder::from_variable(name) {
        Some(folder) => folder.variable().to_ascii_lowercase(),
        None => name::folded(name),
    }
}

fn same_folder(a: &str, b: &str) -> bool {
    name::same(a.trim_end_matches('\\'), b.trim_end_matches('\\'))
}
