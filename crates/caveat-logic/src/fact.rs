//! The facts that tests ask for, and how tests become formulas over them.
//!
//! Windows keeps some facts in two places; a test of either place asks for the same fact here.

use caveat_ir::expr::{Reason, ServiceCheck, Test, ValueCheck};
use caveat_ir::value::{Digest, Kb, KnownFolder, RegistryPath, StartType, View, WindowsPath, name};

/// A fact of a host that is independent of the others, but for [`crate::ties`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    Family,
    Version,
    Build,
    Revision,
    ServicePack,
    Type,
    Architecture,
    Language,
    Suite(String),
    /// Whether a file is there, and its version.
    File(String),
    Size(String),
    Digest(String, Digest),
    Key(Place),
    Value(Place, String),
    Service(String),
    Hotfix(Kb),
    /// Something that no fact decides.
    Undecidable(Reason),
}

/// A registry key as comparisons see it, and whether it is that of 32-bit programs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) key: String,
    pub(crate) narrow: bool,
}

impl Place {
    /// Whether it is the key of updates, or above it.
    pub(crate) fn holds_updates(&self) -> bool {
        let below = HOTFIXES.strip_prefix(&self.key);
        !self.narrow && below.is_some_and(|rest| rest.starts_with('\\'))
    }

    /// The name of the update whose key this is, or lies in.
    pub(crate) fn update(&self) -> Option<&str> {
        let below = self.key.strip_prefix(HOTFIXES).filter(|_| !self.narrow)?;
        below.split('\\').next()
    }

    /// The name of the update whose key this is.
    pub(crate) fn own_update(&self) -> Option<&str> {
        self.update().filter(|name| HOTFIXES.len() + name.len() == self.key.len())
    }

    /// A key below `HKLM` that is the same in both views.
    pub(crate) fn of_machine(key: &str) -> Self {
        Self { narrow: false, key: format!(r"hklm\{}", key.to_ascii_lowercase()) }
    }

    pub(crate) fn of(path: &RegistryPath) -> Self {
        let key = path.folded();
        // Most keys are the same for 32-bit programs.
        let apart = [r"hklm\software\", r"hkcr\clsid", r"hkcr\interface"];
        let apart = apart.iter().any(|root| key.starts_with(root));
        Self { narrow: path.view == Some(View::Bits32) && apart, key }
    }
}

const WINDOWS_NT: &str = r"hklm\software\microsoft\windows nt\currentversion";
const PRODUCT_OPTIONS: &str = r"hklm\system\currentcontrolset\control\productoptions";
const ENVIRONMENT: &str = r"hklm\system\currentcontrolset\control\session manager\environment";
const LANGUAGE: &str = r"hklm\system\currentcontrolset\control\nls\language";
const SERVICES: &str = r"hklm\system\currentcontrolset\services\";
const HOTFIXES: &str = r"hklm\software\microsoft\windows nt\currentversion\hotfix\";

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

/// What a test asks: of which fact, and in which words.
pub(crate) enum Asked {
    /// The test, of this fact.
    Fact(Fact),
    /// The file has to be there, and this fact of it is tested.
    OfFile(Fact, Fact),
    /// The value of the registry that stands for this fact is tested.
    Mirror(Fact),
    /// The start type of a service, in the registry.
    Start(Fact),
    /// Whether a service or a suite is listed, in the registry.
    Listed(Fact),
}

pub(crate) fn asked(test: &Test) -> Asked {
    Asked::Fact(match test {
        Test::Family(_) => Fact::Family,
        Test::OsVersion(_) => Fact::Version,
        Test::OsBuild(_) => Fact::Build,
        Test::OsRevision(_) => Fact::Revision,
        Test::ServicePack(_) => Fact::ServicePack,
        Test::ProductType(_) => Fact::Type,
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
        Test::Service(name, _) => Fact::Service(name::folded(name)),
        Test::Hotfix(kb) => Fact::Hotfix(*kb),
        Test::Unknowable(reason) => Fact::Undecidable(reason.clone()),
    })
}

fn key(path: &RegistryPath) -> Asked {
    let folded = path.folded();
    if let Some(name) = folded.strip_prefix(SERVICES).filter(|name| !name.contains('\\')) {
        return Asked::Listed(Fact::Service(name.to_owned()));
    }
    Asked::Fact(Fact::Key(Place::of(path)))
}

fn value(path: &RegistryPath, name: &str, check: &ValueCheck) -> Asked {
    let (key, folded) = (path.folded(), name::folded(name));
    let mirrored = match (key.as_str(), folded.as_str()) {
        (WINDOWS_NT, "currentversion") => Some(Fact::Version),
        (WINDOWS_NT, "csdversion") => Some(Fact::ServicePack),
        (WINDOWS_NT, "currentbuildnumber") => Some(Fact::Build),
        (WINDOWS_NT, "ubr") => Some(Fact::Revision),
        (PRODUCT_OPTIONS, "producttype") => Some(Fact::Type),
        (ENVIRONMENT, "processor_architecture") => Some(Fact::Architecture),
        (LANGUAGE, "installlanguage") => Some(Fact::Language),
        _ => None,
    };
    if let Some(fact) = mirrored {
        return Asked::Mirror(fact);
    }
    if let (PRODUCT_OPTIONS, "productsuite", ValueCheck::Text(name)) = (key.as_str(), folded.as_str(), check)
    {
        return Asked::Listed(Fact::Suite(name.clone()));
    }
    let service = key.strip_prefix(SERVICES).filter(|service| !service.contains('\\'));
    if let (Some(service), "start") = (service, folded.as_str()) {
        return Asked::Start(Fact::Service(service.to_owned()));
    }
    Asked::Fact(Fact::Value(Place::of(path), folded))
}

/// Whether a service that is there in this state passes the check.
pub(crate) fn service_passes(check: ServiceCheck, start: StartType, running: bool) -> bool {
    match check {
        ServiceCheck::Installed => true,
        ServiceCheck::Enabled => start != StartType::Disabled,
        ServiceCheck::Start(wanted) => start == wanted,
        ServiceCheck::Running => running,
        ServiceCheck::Stopped => !running,
    }
}
