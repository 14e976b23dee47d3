//! The facts that tests ask for, and how tests become formulas over them.
//!
//! Windows keeps some facts in two places; a test of either place asks for the same fact here.

use caveat_ir::expr::{Reason, Test, ValueCheck};
use caveat_ir::recorded::{Place as Kept, SERVICES, START, UPDATES};
use caveat_ir::value::{Digest, Kb, KeyRef, KnownFolder, RegistryPath, View, WindowsPath, name};

/// A fact of a host that is independent of the others, but for [`crate::ties`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    Family,
    Version,
    Build,
    Revision,
    ServicePack,
    Type,
    Installation,
    Architecture,
    Language,
    Suite(String),
    /// Whether a file is there, and its version.
    File(String),
    Size(String),
    Digest(String, Digest),
    Key(Place),
    Value(Place, String),
    /// Whether there is one of the keys of which the test asks.
    SomeKey(Box<Test>),
    Service(String),
    Hotfix(Kb),
    /// Something that no fact decides.
    Undecidable(Reason),
}

impl Fact {
    /// What programs of 64 bits see at the place of a key or value that those of 32 bits see.
    pub(crate) fn wide(&self) -> Option<Self> {
        let wide = |place: &Place| place.narrow.then(|| Place { narrow: false, ..place.clone() });
        match self {
            Self::Key(place) => wide(place).map(Self::Key),
            Self::Value(place, name) => wide(place).map(|place| Self::Value(place, name.clone())),
            _ => None,
        }
    }
}

/// A registry key as comparisons see it, and whether it is that of 32-bit programs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) key: String,
    pub(crate) narrow: bool,
}

impl Place {
    /// The key of a service.
    pub(crate) fn of_service(name: &str) -> Self {
        Self { key: name::folded(&format!(r"hklm\{SERVICES}\{name}")), narrow: false }
    }

    /// Whether it is the key of updates, or above it.
    pub(crate) fn holds_updates(&self) -> bool {
        let updates = name::folded(&format!(r"hklm\{UPDATES}\"));
        let below = updates.strip_prefix(&self.key);
        !self.narrow && below.is_some_and(|rest| rest.starts_with('\\'))
    }

    /// The name of the update whose key this is, or lies in.
    pub(crate) fn update(&self) -> Option<&str> {
        below(&self.key, UPDATES).filter(|_| !self.narrow)?.split('\\').next()
    }

    /// The name of the update whose key this is.
    pub(crate) fn own_update(&self) -> Option<&str> {
        below(&self.key, UPDATES).filter(|name| !self.narrow && !name.contains('\\'))
    }

    /// A key below `HKLM` that is the same in both views.
    pub(crate) fn of_machine(key: &str) -> Self {
        Self { narrow: false, key: name::folded(&format!(r"hklm\{key}")) }
    }

    pub(crate) fn of(path: &RegistryPath) -> Self {
        let key = path.folded();
        // Most keys are the same for 32-bit programs.
        let apart = [r"hklm\software\", r"hkcr\clsid", r"hkcr\interface"];
        let apart = apart.iter().any(|root| key.starts_with(root));
        Self { narrow: path.view == Some(View::Bits32) && apart, key }
    }
}

/// What follows a key of `HKLM` in a folded key.
pub(crate) fn below<'k>(folded: &'k str, key: &str) -> Option<&'k str> {
    name::after(folded.strip_prefix(r"hklm\")?, key)?.strip_prefix('\\')
}

/// The path as comparisons see it: one spelling for one place.
pub(crate) fn canonical(path: &WindowsPath) -> String {
    let known = path.variable().and_then(KnownFolder::from_variable);
    match known {
        Some(folder) => name::folded(&format!("%{}%{}", folder.variable(), path.tail())),
        None => path.folded(),
    }
}

/// The names in a test, folded and as written.
pub(crate) fn spellings(test: &Test) -> Vec<(String, String)> {
    match test {
        Test::RegistryKey(path) => vec![(path.folded(), shown(path))],
        Test::RegistryValue(path, name, _) => {
            vec![(path.folded(), shown(path)), (name::folded(name), name.clone())]
        }
        Test::Service(name, _) => vec![(name::folded(name), name.clone())],
        _ => test.path().map(|path| (canonical(path), path.to_string())).into_iter().collect(),
    }
}

fn shown(path: &RegistryPath) -> String {
    format!("{}\\{}", path.hive.short_name(), path.key)
}

/// Of what a test asks.
pub(crate) enum Asked {
    /// This fact.
    Fact(Fact),
    /// The file, which has to be there, and this fact of it.
    OfFile(Fact, Fact),
    /// The value of the registry that holds this fact.
    Mirror(Fact, Kept),
    /// Something that stands for facts in a way that is not modelled.
    Unmodelled,
}

pub(crate) fn asked(test: &Test) -> Asked {
    Asked::Fact(match test {
        Test::Family(_) => Fact::Family,
        Test::OsVersion(_) => Fact::Version,
        Test::OsBuild(_) => Fact::Build,
        Test::OsRevision(_) => Fact::Revision,
        Test::ServicePack(_) => Fact::ServicePack,
        Test::ProductType(_) => Fact::Type,
        Test::InstallationType(_) => Fact::Installation,
        Test::Suite(name) => Fact::Suite(name.clone()),
        Test::Architecture(_) => Fact::Architecture,
        Test::Language(_) => Fact::Language,
        Test::FileExists(path) | Test::FileVersion(path, _) => Fact::File(canonical(path)),
        Test::FileSize(path, ..) => {
            return Asked::OfFile(Fact::File(canonical(path)), Fact::Size(canonical(path)));
        }
        Test::FileDigest(path, algorithm, _) => {
            return Asked::OfFile(Fact::File(canonical(path)), Fact::Digest(canonical(path), *algorithm));
        }
        Test::RegistryKey(path) => return key(path),
        Test::RegistryValue(path, name, check) => return value(path, name, check),
        Test::AnyKey(..) => Fact::SomeKey(Box::new(test.clone())),
        Test::Service(name, _) => Fact::Service(name::folded(name)),
        Test::Hotfix(kb) => Fact::Hotfix(*kb),
        Test::Unknowable(reason) => Fact::Undecidable(reason.clone()),
    })
}

fn key(path: &RegistryPath) -> Asked {
    let folded = path.folded();
    if let Some(name) = below(&folded, SERVICES).filter(|name| !name.contains('\\')) {
        return Asked::Fact(Fact::Service(name.to_owned()));
    }
    Asked::Fact(Fact::Key(Place::of(path)))
}

fn value(path: &RegistryPath, name: &str, check: &ValueCheck) -> Asked {
    if let Some(kept) = Kept::of(path.borrowed(), name) {
        return mirror(kept, check);
    }
    let (key, folded) = (path.folded(), name::folded(name));
    // What 32-bit programs see of a fact of the system, and where folders are, hangs together with other facts.
    let wide = KeyRef { view: None, ..path.borrowed() };
    if Kept::of(wide, name).is_some() || holds_folder(&key, name) {
        return Asked::Unmodelled;
    }
    let service = below(&key, SERVICES).filter(|service| !service.contains('\\'));
    if let (Some(service), true) = (service, name::same(name, START)) {
        return Asked::Fact(Fact::Service(service.to_owned()));
    }
    Asked::Fact(Fact::Value(Place::of(path), folded))
}

/// What the value of a fact of the system asks for. Of the list of suites it is known only which names are in it.
fn mirror(kept: Kept, check: &ValueCheck) -> Asked {
    let fact = match (kept, check) {
        (Kept::Version | Kept::Major | Kept::Minor, _) => Fact::Version,
        (Kept::Build, _) => Fact::Build,
        (Kept::Revision, _) => Fact::Revision,
        (Kept::ServicePack, _) => Fact::ServicePack,
        (Kept::ProductType, _) => Fact::Type,
        (Kept::InstallationType, _) => Fact::Installation,
        (Kept::Architecture, _) => Fact::Architecture,
        (Kept::Language, _) => Fact::Language,
        (Kept::Suites, ValueCheck::Text(name)) => return Asked::Fact(Fact::Suite(name.clone())),
        (Kept::Suites, _) => return Asked::Unmodelled,
    };
    Asked::Mirror(fact, kept)
}

fn holds_folder(key: &str, name: &str) -> bool {
    KnownFolder::ALL.iter().any(|folder| {
        let (held, value) = folder.registry_value();
        name::same(value, name) && key.strip_prefix(r"hklm\").is_some_and(|key| name::same(key, held))
    })
}
