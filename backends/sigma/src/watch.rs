//! What single events can show of a case: files that start or load, services, registry keys and values.

use caveat_backend::projection::Projected;
use caveat_ir::expr::{Comparison, ServiceCheck, ValueCheck};
use caveat_ir::meaning::Case;
use caveat_ir::value::{Digest, OsVersion, RegistryPath, StartType, VersionSet, WindowsPath, name};
use caveat_ir::{Expr, Test};

use crate::options::Events;
use crate::visible::{assume, caseless, holds, installation, simple, versions, visible};

/// The kind of event a rule looks for, and what it looks for in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watch {
    /// A program starts: Sysmon's event 1.
    Started(Vec<Sighting>),
    /// A library is loaded: Sysmon's event 7.
    Loaded(Vec<Sighting>),
    /// A file with a digest starts, or is loaded: Sysmon's events 1, 6 and 7.
    Hashed(Run, Vec<Hash>),
    /// A service's start type is set in the registry: Sysmon's event 13.
    StartSet {
        /// The short name of the service.
        service: String,
        /// One of these start types.
        starts: Vec<StartType>,
    },
    /// A service is installed: event 4697 of the Security log.
    Audited(String),
    /// A service enters the running state: event 7036 of the System log.
    Ran(String),
    /// A registry key is created: Sysmon's event 12.
    KeyCreated(RegistryPath),
    /// A registry key is deleted: Sysmon's event 12.
    KeyDeleted(RegistryPath),
    /// A registry value is set: Sysmon's event 13.
    ValueSet {
        /// Its key.
        key: RegistryPath,
        /// Its name.
        name: String,
        /// What its data passes; anything when none.
        data: Option<Expr>,
    },
    /// A registry value is deleted: Sysmon's event 12.
    ValueDeleted {
        /// Its key.
        key: RegistryPath,
        /// Its name.
        name: String,
    },
}

/// How a file comes to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// As a program that starts: Sysmon's event 1.
    Started,
    /// As a library that is loaded: event 7.
    Loaded,
    /// As a driver that is loaded: event 6.
    Driver,
}

impl Run {
    fn of(path: &WindowsPath) -> Self {
        match extension(path).as_str() {
            "exe" | "com" | "scr" => Self::Started,
            "sys" => Self::Driver,
            _ => Self::Loaded,
        }
    }
}

/// A file at a place, with a digest. Those of one watch have the same file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hash {
    /// The place.
    pub path: WindowsPath,
    /// The digest's kind.
    pub digest: Digest,
    /// The digest, in small hexadecimal digits.
    pub value: String,
}

/// A file at a place, in one of some versions. Those of one watch have the same file name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The place.
    pub path: WindowsPath,
    /// The versions.
    pub versions: VersionSet,
}

/// A watch and the part of the case's formula that its event shows.
pub(crate) struct Seen {
    pub(crate) watch: Watch,
    pub(crate) visible: Expr,
    /// The tests that the event shows.
    pub(crate) shows: Box<dyn Fn(&Test) -> bool>,
}

/// Which events the hosts of a case can log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reach {
    /// Those with versions and digests of files, by Sysmon.
    pub(crate) versions: bool,
    /// Those of installed services, in the Security log.
    pub(crate) installations: bool,
}

impl Reach {
    /// From Windows 7 on Sysmon tells versions; from Windows Vista on the Security log tells services.
    pub(crate) fn new(events: Events, newest: Option<OsVersion>) -> Self {
        let from = |major, minor| {
            events == Events::Any || newest.is_none_or(|newest| newest >= OsVersion { major, minor })
        };
        Self { versions: from(6, 1), installations: from(6, 0) }
    }
}

/// Everything that single events show of a case, whose formula is spelled out.
pub(crate) fn watches(case: &Case<'_>, formula: &Expr, reach: Reach) -> Vec<Seen> {
    let mut seen = Vec::new();
    if reach.versions {
        for path in distinct(&[&case.outdated], &version_path) {
            seen.extend(file(formula, &path));
        }
        for path in distinct(&[&case.requires, &case.outdated, &case.exposed], &digest_path) {
            seen.extend(hashed(formula, &path));
        }
    }
    for name in distinct(&[&case.requires, &case.outdated, &case.exposed], &service_name) {
        seen.extend(service(formula, &name, reach.installations));
    }
    // The markers of an update are no settings.
    let own = case.package.vulnerable_when.as_ref().map(|_| &case.outdated);
    let settings: Vec<&Expr> = own.into_iter().chain([&case.exposed]).collect();
    for object in distinct(&settings, &object) {
        match object {
            (key, None) => seen.extend(registry_key(formula, &key)),
            (key, Some(name)) => seen.extend(registry_value(formula, &key, &name)),
        }
    }
    seen
}

/// What `pick` finds in the formulas, each once, but for the case of letters.
fn distinct<T: Clone>(formulas: &[&Expr], pick: &dyn Fn(&Test) -> Option<(String, T)>) -> Vec<T> {
    let mut found: Vec<(String, T)> = Vec::new();
    for formula in formulas {
        formula.leaves(&mut |leaf| {
            if let Some(one) = pick(&leaf.test)
                && found.iter().all(|(key, _)| *key != one.0)
            {
                found.push(one);
            }
        });
    }
    found.into_iter().map(|(_, one)| one).collect()
}

fn version_path(test: &Test) -> Option<(String, WindowsPath)> {
    match test {
        Test::FileVersion(path, _) => Some((path.folded(), path.clone())),
        _ => None,
    }
}

fn digest_path(test: &Test) -> Option<(String, WindowsPath)> {
    match test {
        Test::FileDigest(path, ..) => Some((path.folded(), path.clone())),
        _ => None,
    }
}

fn service_name(test: &Test) -> Option<(String, String)> {
    match test {
        Test::Service(name, _) => Some((name::folded(name), name.clone())),
        _ => None,
    }
}

type Object = (RegistryPath, Option<String>);

fn object(test: &Test) -> Option<(String, Object)> {
    match test {
        Test::RegistryKey(key) => Some((format!("{:?} {}", key.view, key.folded()), (key.clone(), None))),
        Test::RegistryValue(key, name, _) => {
            let folded = format!("{:?} {}\n{}", key.view, key.folded(), name::folded(name));
            Some((folded, (key.clone(), Some(name.clone()))))
        }
        _ => None,
    }
}

/// The event that shows this of a formula, if something of it remains.
fn seen(
    formula: &Expr,
    shows: impl Fn(&Test) -> bool + 'static,
    watch: impl FnOnce(&Expr) -> Option<Watch>,
) -> Option<Seen> {
    let Projected::Formula(visible) = visible(formula, &shows) else { return None };
    Some(Seen { watch: watch(&visible)?, visible, shows: Box::new(shows) })
}

/// The name of the file that is seen.
pub(crate) fn file_name(sightings: &[Sighting]) -> &str {
    sightings.first().map_or("", |sighting| sighting.path.file_name())
}

/// The name of the file whose digests are looked for.
pub(crate) fn hash_file(hashes: &[Hash]) -> &str {
    hashes.first().map_or("", |hash| hash.path.file_name())
}

/// Whether this is a driver, of which Sysmon tells no version.
pub(crate) fn is_driver(path: &WindowsPath) -> bool {
    extension(path) == "sys"
}

/// Whether this is a kernel, which no event shows: it runs before anything is logged.
pub(crate) fn is_kernel(path: &WindowsPath) -> bool {
    const KERNELS: [&str; 6] =
        ["ntoskrnl.exe", "ntkrnlmp.exe", "ntkrnlpa.exe", "ntkrpamp.exe", "hal.dll", "ntkrla57.exe"];
    KERNELS.iter().any(|kernel| path.file_name().eq_ignore_ascii_case(kernel))
}

fn extension(path: &WindowsPath) -> String {
    path.file_name().rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase())
}

fn file(formula: &Expr, path: &WindowsPath) -> Option<Seen> {
    if is_driver(path) || is_kernel(path) {
        return None;
    }
    let folded = path.folded();
    let shows = move |test: &Test| matches!(test, Test::FileVersion(other, _) if other.folded() == folded);
    seen(formula, shows, |visible| {
        let versions = versions(visible);
        if versions.is_empty() {
            return None;
        }
        let sightings = vec![Sighting { path: path.clone(), versions }];
        Some(match Run::of(path) {
            Run::Started => Watch::Started(sightings),
            Run::Loaded | Run::Driver => Watch::Loaded(sightings),
        })
    })
}

/// A file by the digests one of which suffices.
fn hashed(formula: &Expr, path: &WindowsPath) -> Option<Seen> {
    let folded = path.folded();
    let shows = move |test: &Test| matches!(test, Test::FileDigest(other, ..) if other.folded() == folded);
    seen(formula, shows, |visible| {
        let mut hashes: Vec<Hash> = Vec::new();
        visible.leaves(&mut |leaf| {
            if let Test::FileDigest(path, digest, value) = &leaf.test
                && holds(visible, &|test| *test == leaf.test)
            {
                let hash = Hash { path: path.clone(), digest: *digest, value: value.clone() };
                hashes.extend((!hashes.contains(&hash)).then_some(hash));
            }
        });
        let shows_nothing = hashes.is_empty() || holds(visible, &|_| false) || is_kernel(path);
        (!shows_nothing).then(|| Watch::Hashed(Run::of(path), hashes))
    })
}

fn service(formula: &Expr, name: &str, installations: bool) -> Vec<Seen> {
    let of_service = |checks: fn(ServiceCheck) -> bool| {
        let name = name.to_owned();
        move |test: &Test| match test {
            Test::Service(other, check) => name::same(other, &name) && checks(*check),
            _ => false,
        }
    };
    let in_registry = |check: ServiceCheck| !matches!(check, ServiceCheck::Running | ServiceCheck::Stopped);
    let running = |check: ServiceCheck| !matches!(check, ServiceCheck::Start(_));
    let installed = installations.then(|| {
        let shows = of_service(|check| check == ServiceCheck::Installed);
        let audited = |visible: &Expr| holds(visible, &|_| true).then(|| Watch::Audited(name.to_owned()));
        seen(&installation(formula), shows, audited)
    });
    let set = seen(formula, of_service(in_registry), |visible| {
        let starts = StartType::ALL.iter().copied();
        let starts: Vec<StartType> =
            starts.filter(|start| holds(visible, &|test| passes(test, *start))).collect();
        (!starts.is_empty()).then(|| Watch::StartSet { service: name.to_owned(), starts })
    });
    let ran = seen(formula, of_service(running), |visible| {
        let runs = |test: &Test| !matches!(test, Test::Service(_, ServiceCheck::Stopped));
        holds(visible, &runs).then(|| Watch::Ran(name.to_owned()))
    });
    [set, ran, installed.flatten()].into_iter().flatten().collect()
}

/// Whether a service of this start type passes a test that does not ask whether it runs.
fn passes(test: &Test, start: StartType) -> bool {
    match test {
        Test::Service(_, ServiceCheck::Installed) => true,
        Test::Service(_, ServiceCheck::Enabled) => start != StartType::Disabled,
        Test::Service(_, ServiceCheck::Start(wanted)) => *wanted == start,
        _ => false,
    }
}

fn registry_key(formula: &Expr, key: &RegistryPath) -> Option<Seen> {
    let wanted = (key.folded(), key.view);
    let shows =
        move |test: &Test| matches!(test, Test::RegistryKey(key) if (key.folded(), key.view) == wanted);
    seen(formula, shows, |visible| match (holds(visible, &|_| true), holds(visible, &|_| false)) {
        (true, false) => Some(Watch::KeyCreated(key.clone())),
        (false, true) => Some(Watch::KeyDeleted(key.clone())),
        _ => None,
    })
}

fn registry_value(formula: &Expr, key: &RegistryPath, name: &str) -> Vec<Seen> {
    let wanted = (key.folded(), key.view, name::folded(name));
    let shows = move |test: &Test| match test {
        Test::RegistryValue(key, name, check) => {
            (key.folded(), key.view, name::folded(name)) == wanted && is_readable(check)
        }
        _ => false,
    };
    let (key, name) = (key.clone(), name.to_owned());
    let formula = &caseless(formula);
    let deleted = seen(formula, shows.clone(), |visible| {
        let deleted = Watch::ValueDeleted { key: key.clone(), name: name.clone() };
        holds(visible, &|_| false).then_some(deleted)
    });
    let set = seen(formula, shows, |visible| {
        let exists = |test: &Test| match test {
            Test::RegistryValue(_, _, ValueCheck::Exists) => Some(true),
            _ => None,
        };
        let data = match assume(visible, &exists) {
            Projected::Constant(false) => return None,
            Projected::Constant(true) => None,
            Projected::Formula(data) => Some(simple(&data)),
        };
        Some(Watch::ValueSet { key, name, data })
    });
    set.into_iter().chain(deleted).collect()
}

/// Whether the text of the data in an event tells if it passes.
pub(crate) fn is_readable(check: &ValueCheck) -> bool {
    match check {
        ValueCheck::Exists => true,
        ValueCheck::Text(text) | ValueCheck::TextIgnoringCase(text) => !text.is_empty(),
        ValueCheck::Number(comparison, number) => numbers(*comparison, number.number()).is_some(),
        ValueCheck::Matches(_)
        | ValueCheck::Version(_)
        | ValueCheck::Bits(_)
        | ValueCheck::Type(_)
        | ValueCheck::Binary(_) => false,
    }
}

/// The most numbers that a rule lists.
const MAX_NUMBERS: u64 = 16;

/// The numbers that pass a comparison, or, with `false`, those that do not; none where both are
/// too many to list.
pub(crate) fn numbers(comparison: Comparison, number: u64) -> Option<(bool, Vec<u64>)> {
    let few = |passing: bool, end: u64| {
        (1..=MAX_NUMBERS).contains(&end).then(|| (passing, (0..end).collect::<Vec<_>>()))
    };
    match comparison {
        Comparison::Equal => Some((true, vec![number])),
        Comparison::NotEqual => Some((false, vec![number])),
        Comparison::Less => few(true, number),
        Comparison::LessOrEqual => few(true, number.saturating_add(1)),
        Comparison::GreaterOrEqual => few(false, number),
        Comparison::Greater => few(false, number.saturating_add(1)),
    }
}

impl Watch {
    /// How names of rule files begin in Sigma's repository, and what the watch is about.
    pub(crate) fn slug(&self) -> (&'static str, String) {
        let file = |sightings: &[Sighting]| file_name(sightings).to_owned();
        let last = |key: &RegistryPath| key.key.rsplit('\\').next().unwrap_or("").to_owned();
        match self {
            Self::Started(sightings) => ("proc_creation_win", file(sightings)),
            Self::Loaded(sightings) => ("image_load_win", file(sightings)),
            Self::Hashed(run, hashes) => {
                let kind = match run {
                    Run::Started => "proc_creation_win_hash",
                    Run::Loaded => "image_load_win_hash",
                    Run::Driver => "driver_load_win_hash",
                };
                (kind, hash_file(hashes).to_owned())
            }
            Self::StartSet { service, .. } => ("registry_set", service.clone()),
            Self::Ran(service) => ("win_system_running", service.clone()),
            Self::Audited(service) => ("win_security_installed", service.clone()),
            Self::KeyCreated(key) => ("registry_add", last(key)),
            Self::KeyDeleted(key) => ("registry_delete", last(key)),
            Self::ValueSet { name, .. } => ("registry_set", name.clone()),
            Self::ValueDeleted { name, .. } => ("registry_delete", name.clone()),
        }
    }
}
