//! Environment variables, and the paths that begin with one.
//!
//! Only a leading variable is resolved, as only that can stand in a rule's path. `SystemRoot`
//! and `windir` are two names of one variable. The registry holds the known folders and the variables of
//! the machine; a variable of a user or process is in the list, or is not known.

use std::collections::BTreeMap;

use caveat_ir::value::{Family, KnownFolder, PathRef, Variable, WindowsPath, name};
use caveat_runtime::recorded::System;
use caveat_runtime::{Fact, RegistryValue};

use super::problem::{Problems, Trouble};
use super::registry::Registry;
use super::well_known;

/// The variables of a host by folded name.
#[derive(Debug, Clone)]
pub(super) struct Environment {
    variables: BTreeMap<String, Fact<String>>,
    /// What can be said of a variable that is not listed.
    unlisted: Fact<()>,
    /// The same of one of the machine, which may be left out here or in the registry.
    unlisted_of_machine: Fact<()>,
}

impl Environment {
    /// Reads the listed variables, and those that the registry holds.
    pub(super) fn read(
        listed: &BTreeMap<String, String>,
        complete: bool,
        os: &System<'_>,
        registry: &mut Registry,
        problems: &mut Problems,
    ) -> Self {
        let known = |registry: &Registry, key: &str| complete && registry.lists_all(&well_known::folded(key));
        let elsewhere = os.family.as_ref().present().is_some_and(|family| *family != Family::Windows);
        let unlisted = |none: bool| if none { Fact::Absent } else { Fact::Unknown };
        let mut environment = Self {
            variables: BTreeMap::new(),
            unlisted: unlisted(complete),
            unlisted_of_machine: unlisted(known(registry, Variable::MACHINE) || elsewhere),
        };
        let left = environment.add_listed(listed.iter().collect(), problems);
        for folder in KnownFolder::ALL {
            environment.add_folder(folder, registry, problems);
        }
        let left = environment.add_listed(left, problems);
        for folder in KnownFolder::ALL {
            let unlisted = unlisted_folder(folder, os, known(registry, folder.registry_value().0));
            environment.variables.entry(folded(folder.variable())).or_insert(unlisted);
        }
        for name in registry.names(Variable::MACHINE) {
            environment.add_of_machine(&name, registry, problems);
        }
        for (name, _) in environment.add_listed(left, problems) {
            let fact = environment.variables.entry(folded(name)).or_insert(Fact::Unknown);
            if *fact == Fact::Absent {
                *fact = Fact::Unknown;
            }
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
        let Some(text) = listed.map(str::to_owned) else { return };
        let Some(listed) = self.recorded_folder(folder, &text) else {
            self.variables.entry(folded(folder.variable())).or_insert(Fact::Unknown);
            return;
        };
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

    /// What a folder's registry value says. It may begin with the system's drive.
    fn recorded_folder(&self, folder: KnownFolder, text: &str) -> Option<String> {
        match leading(text).map(|(name, _)| KnownFolder::from_variable(name)) {
            None => Some(text.to_owned()),
            Some(Some(first)) if folder.may_begin_with(first) => self.expand(text),
            Some(_) => None,
        }
    }

    /// Adds a variable of the machine that the registry lists.
    fn add_of_machine(&mut self, name: &str, registry: &mut Registry, problems: &mut Problems) {
        if Variable::named(name) != Variable::Machine {
            return;
        }
        let Some(listed) = registry.listed(Variable::MACHINE, name) else { return };
        let listed = listed.and_then(|value| self.recorded(value));
        match (self.variables.get(name), &listed) {
            (Some(Fact::Present(given)), Fact::Present(listed)) if !same_folder(given, listed) => {
                let message = format!("`%{name}%` is `{given}`, but the registry says `{listed}`");
                let error = problems.contradiction(&well_known::value_path(Variable::MACHINE, name), message);
                registry.spoil(Variable::MACHINE, name, &error);
                self.variables.insert(name.to_owned(), Fact::Error(error));
            }
            (None, _) | (Some(Fact::Present(_)), Fact::Error(_)) => {
                self.variables.insert(name.to_owned(), listed);
            }
            (Some(_), _) => {}
        }
    }

    /// What the registry's value of a machine variable comes to. What is stored to be expanded may begin with a known
    /// folder.
    fn recorded(&self, value: &RegistryValue<'_>) -> Fact<String> {
        let text = match value {
            RegistryValue::Text(text) => return Fact::Present(text.clone().into_owned()),
            RegistryValue::ExpandText(text) => text,
            other => return Fact::error(format!("the {} {other} is no folder", other.kind().windows_name())),
        };
        let Some((name, rest)) = leading(text) else { return Fact::Present(text.clone().into_owned()) };
        let begins = |folder: &KnownFolder| Variable::BEGINNINGS.contains(folder);
        match KnownFolder::from_variable(name).filter(begins) {
            None => Fact::Unknown,
            Some(KnownFolder::SystemDrive) if !rest.is_empty() && !rest.starts_with('\\') => {
                Fact::error(format!("`{text}` is not the full path of a folder"))
            }
            Some(folder) => self
                .value(&folded(folder.variable()))
                .map(|root| format!("{}{rest}", root.trim_end_matches('\\'))),
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
        match leading(value) {
            None => Some(value.to_owned()),
            Some((name, rest)) => match self.variables.get(&folded(name))? {
                Fact::Present(root) => Some(format!("{}{rest}", root.trim_end_matches('\\'))),
                _ => None,
            },
        }
    }

    /// The value of a variable by its folded name.
    fn value(&self, name: &str) -> Fact<String> {
        let unlisted = || match Variable::named(name) {
            Variable::Machine => &self.unlisted_of_machine,
            Variable::Folder(_) | Variable::User | Variable::Process => &self.unlisted,
        };
        self.variables.get(name).cloned().unwrap_or_else(|| unlisted().clone().and_then(|()| Fact::Unknown))
    }

    /// What a path that begins with a variable begins with.
    fn root(&self, name: &str) -> Fact<String> {
        self.value(&folded(name)).and_then(|root| {
            if Variable::is_place(root.trim_end_matches('\\')) {
                return Fact::Present(root);
            }
            Fact::error(format!("%{name}% is `{root}`, which is not the full path of a folder"))
        })
    }

    /// Whether a path can begin with a variable.
    pub(super) fn variable(&self, name: &str) -> Fact<()> {
        self.root(name).map(|_| ())
    }

    /// What the registry says of a variable of the machine that is listed nowhere.
    pub(super) fn unlisted_value(&self, place: &str, name: &str) -> Option<Fact<()>> {
        let is_of_machine =
            place == well_known::folded(Variable::MACHINE) && Variable::named(name) == Variable::Machine;
        is_of_machine.then(|| self.unlisted_of_machine.clone())
    }

    /// Puts the known folders and the machine's variables into the registry.
    pub(super) fn back(&self, registry: &mut Registry) {
        let mut back = |key: &str, name: &str, fact: Fact<String>| {
            registry.back(key, name, fact.map(|text| RegistryValue::Text(text.into())));
        };
        for folder in KnownFolder::ALL.into_iter().filter(|folder| *folder != KnownFolder::SystemDrive) {
            let (key, name) = folder.registry_value();
            back(key, name, self.value(&folded(folder.variable())));
        }
        for (name, fact) in &self.variables {
            if Variable::named(name) == Variable::Machine {
                back(Variable::MACHINE, name, fact.clone());
            }
        }
    }

    /// The path as comparisons see it, with its variable resolved where it is defined.
    pub(super) fn resolve(&self, path: PathRef<'_>) -> Resolved {
        let Some(variable) = path.variable() else { return Resolved::Full(path.folded()) };
        let unresolved = || format!("%{}%{}", folded(variable), name::folded(path.tail()));
        match self.root(variable) {
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
fn unlisted_folder(folder: KnownFolder, os: &System<'_>, known: bool) -> Fact<String> {
    let is_without = match (os.family.as_ref(), os.architecture.as_ref(), os.version.as_ref()) {
        (Fact::Present(family), ..) if *family != Family::Windows => return Fact::Absent,
        (_, Fact::Present(one), _) if folder.is_of_64_bit() => !one.is_64_bit(),
        (.., Fact::Present(version)) if folder.is_since_vista() => version.major < 6,
        _ => false,
    };
    if is_without && known { Fact::Absent } else { Fact::Unknown }
}

/// The variable that a value begins with, and what follows it.
fn leading(value: &str) -> Option<(&str, &str)> {
    value.strip_prefix('%')?.split_once('%')
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
