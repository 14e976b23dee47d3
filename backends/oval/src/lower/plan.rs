//! From a test of a rule to what OVAL has to observe for it.
//!
//! A test that asks for one thing becomes one observation; one that asks for several (ranges
//! with two ends, sets) becomes a small tree of them. Facts of the operating system are read
//! where Windows keeps them in the registry, so they come down to tests of registry values.
//! Nothing is named, numbered or shared here.

use caveat_ir::Test;
use caveat_ir::expr::{Comparison, ServiceCheck, ValueCheck};
use caveat_ir::value::{
    Digest, FileVersion, Hive, Kb, Language, NumberSet, OsVersion, RegistryPath, StartType, VersionInterval,
    VersionSet, WindowsPath,
};

use super::pattern::positive_numbers;
use crate::model::{Component, Datatype, Entity, Operation, Operator, RegistryType, ServiceState, State};

const CURRENT_VERSION: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const PRODUCT_OPTIONS: &str = r"SYSTEM\CurrentControlSet\Control\ProductOptions";
const ENVIRONMENT: &str = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
const LANGUAGE: &str = r"SYSTEM\CurrentControlSet\Control\Nls\Language";
/// Strings that hold a version. Without this test, engines compare any text in some way.
const VERSION_PATTERN: &str = r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$";
/// Versions before 6.0, Windows Vista.
const OLD: &str = r"^[0-5]\.";
const SERVICES: &str = r"SYSTEM\CurrentControlSet\Services";

/// The last version that `CurrentVersion` tells. It says so on all later ones, too; these alone
/// have [`MAJOR`] and [`MINOR`].
const LAST_AS_TEXT: OsVersion = OsVersion { major: 6, minor: 3 };
const MAJOR: &str = "CurrentMajorVersionNumber";
const MINOR: &str = "CurrentMinorVersionNumber";

/// What to observe, and the test that says it in words.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The test that holds when the shape does; the comment is made from it.
    pub(crate) words: Test,
    /// Whether the shape's opposite is meant.
    pub(crate) negated: bool,
    pub(crate) shape: Shape,
}

/// One observation or several.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// At least one item of the place exists and satisfies the state, if there is one.
    Observe(Place, Option<State>),
    /// Nothing can be observed.
    Unknown,
    Group(Operator, Vec<Plan>),
}

/// Where to look.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Key(RegistryPath),
    Value(RegistryPath, String),
    File(WindowsPath),
    Digest(WindowsPath, Digest),
    Service(String),
    Host,
    /// The keys below `HKLM` that match.
    Keys(String),
    Wmi(String),
}

impl Place {
    pub(crate) const fn component(&self) -> Component {
        match self {
            Self::Key(_) | Self::Value(..) | Self::Keys(_) => Component::Registry,
            Self::File(_) => Component::File,
            Self::Digest(..) => Component::FileHash,
            Self::Service(_) => Component::Service,
            Self::Host => Component::Family,
            Self::Wmi(_) => Component::Wmi,
        }
    }
}

impl Plan {
    fn observe(words: &Test, place: Place, state: Option<State>) -> Self {
        Self { words: words.clone(), negated: false, shape: Shape::Observe(place, state) }
    }

    /// A group; of a single part, that part.
    fn group(words: &Test, operator: Operator, mut parts: Vec<Self>) -> Self {
        match parts.len() {
            1 => parts.remove(0),
            _ => Self { words: words.clone(), negated: false, shape: Shape::Group(operator, parts) },
        }
    }

    /// One of the parts holds. Of no parts none does: then `fact` would have to be there and not
    /// be there, which is false, but stays unknown as long as the fact is.
    fn one_of(words: &Test, fact: &Test, parts: Vec<Self>) -> Self {
        if !parts.is_empty() {
            return Self::group(words, Operator::Or, parts);
        }
        let there = plan(fact);
        let not_there = Self { negated: true, ..there.clone() };
        Self::group(words, Operator::And, vec![there, not_there])
    }
}

/// The plan for a test.
pub(crate) fn plan(test: &Test) -> Plan {
    match test {
        Test::Family(family) => Plan::observe(test, Place::Host, Some(State::Family(*family))),
        Test::OsVersion(version) => os_version(test, *version),
        Test::OsBuild(builds) => os_build(test, builds),
        Test::ServicePack(packs) => service_pack(test, packs),
        Test::ProductType(types) => {
            let name = |one| (Test::ProductType([one].into()), one.registry_name().to_owned());
            words_of(test, PRODUCT_OPTIONS, "ProductType", types.iter().copied().map(name))
        }
        Test::Suite(name) => {
            let check = ValueCheck::Text(name.clone());
            Plan { words: test.clone(), ..plan(&system_value(PRODUCT_OPTIONS, "ProductSuite", check)) }
        }
        Test::Architecture(architectures) => {
            let name = |one| (Test::Architecture([one].into()), one.processor_name().to_owned());
            words_of(test, ENVIRONMENT, "PROCESSOR_ARCHITECTURE", architectures.iter().copied().map(name))
        }
        Test::Language(language) => installed_language(test, language),
        Test::FileExists(path) => Plan::observe(test, Place::File(path.clone()), None),
        Test::FileVersion(path, versions) => file_version(test, path, versions),
        Test::FileSize(path, comparison, size) => {
            let state = State::FileSize(number(*comparison, *size));
            Plan::observe(test, Place::File(path.clone()), Some(state))
        }
        Test::FileDigest(path, algorithm, digest) => {
            let state = State::FileHash(text(Operation::EqualsIgnoringCase, digest));
            Plan::observe(test, Place::Digest(path.clone(), *algorithm), Some(state))
        }
        Test::RegistryKey(key) => Plan::observe(test, Place::Key(key.clone()), None),
        Test::RegistryValue(key, name, check) => registry_value(test, key, name, check),
        Test::Service(name, check) => service(test, name, *check),
        Test::Hotfix(kb) => update(test, *kb),
        Test::Unknowable(_) => Plan { words: test.clone(), negated: false, shape: Shape::Unknown },
    }
}

fn os_version(test: &Test, version: OsVersion) -> Plan {
    let value = |name, check| plan(&system_value(CURRENT_VERSION, name, check));
    if (version.major, version.minor) <= (LAST_AS_TEXT.major, LAST_AS_TEXT.minor) {
        let text = value("CurrentVersion", ValueCheck::Text(version.to_string()));
        if version == LAST_AS_TEXT {
            let later = Plan { negated: true, ..value(MAJOR, ValueCheck::Exists) };
            return Plan::group(test, Operator::And, vec![text, later]);
        }
        return Plan { words: test.clone(), ..text };
    }
    let number = |name, number: u16| value(name, ValueCheck::Number(Comparison::Equal, number.into()));
    let parts = vec![number(MAJOR, version.major), number(MINOR, version.minor)];
    Plan::group(test, Operator::And, parts)
}

fn os_build(test: &Test, builds: &NumberSet) -> Plan {
    let place = || Place::Value(system_key(CURRENT_VERSION), "CurrentBuildNumber".to_owned());
    let bound = |range: (u32, u32), value: Entity| {
        let words = Test::OsBuild(NumberSet::range(range.0, range.1));
        Plan::observe(&words, place(), Some(State::Registry { kind: None, value }))
    };
    let one_range = |&(low, high): &(u32, u32)| {
        if low == high {
            return bound((low, high), text(Operation::Equals, &low.to_string()));
        }
        let from = (low > 0 || high == u32::MAX)
            .then(|| bound((low, u32::MAX), number(Comparison::GreaterOrEqual, low.into())));
        let to = (high < u32::MAX).then(|| bound((0, high), number(Comparison::LessOrEqual, high.into())));
        let words = Test::OsBuild(NumberSet::range(low, high));
        Plan::group(&words, Operator::And, from.into_iter().chain(to).collect())
    };
    let fact = system_value(CURRENT_VERSION, "CurrentBuildNumber", ValueCheck::Exists);
    Plan::one_of(test, &fact, builds.ranges().iter().map(one_range).collect())
}

/// Without a service pack there is no `CSDVersion`; with one, it is `Service Pack N`.
fn service_pack(test: &Test, packs: &NumberSet) -> Plan {
    let fact = system_value(CURRENT_VERSION, "CSDVersion", ValueCheck::Exists);
    let mut parts = Vec::new();
    if packs.contains(0) {
        parts.push(Plan { negated: true, ..plan(&fact) });
    }
    let alternatives = positive_numbers(packs);
    if !alternatives.is_empty() {
        let check = ValueCheck::Matches(format!("^Service Pack ({})$", alternatives.join("|")));
        let words = Test::ServicePack(packs.intersection(&NumberSet::range(1, u32::MAX)));
        parts.push(Plan { words, ..plan(&system_value(CURRENT_VERSION, "CSDVersion", check)) });
    }
    Plan::one_of(test, &fact, parts)
}

/// The value is one of these names, in any case.
fn words_of(test: &Test, key: &str, value: &str, names: impl Iterator<Item = (Test, String)>) -> Plan {
    let parts = names.map(|(words, name)| {
        let check = ValueCheck::TextIgnoringCase(name);
        Plan { words, ..plan(&system_value(key, value, check)) }
    });
    Plan::one_of(test, &system_value(key, value, ValueCheck::Exists), parts.collect())
}

fn installed_language(test: &Test, language: &Language) -> Plan {
    let region = |identifier| {
        let region = Language::from_identifier(identifier).unwrap_or(*language);
        (Test::Language(region), format!("{identifier:04x}"))
    };
    words_of(test, LANGUAGE, "InstallLanguage", language.identifiers().map(region))
}

fn file_version(test: &Test, path: &WindowsPath, versions: &VersionSet) -> Plan {
    let bound = |versions: VersionSet, entity: Entity| {
        let words = Test::FileVersion(path.clone(), versions);
        Plan::observe(&words, Place::File(path.clone()), Some(State::FileVersion(entity)))
    };
    let words = |versions| Test::FileVersion(path.clone(), versions);
    let parts = versions.intervals().iter().map(|interval| version_interval(*interval, &words, &bound));
    Plan::one_of(test, &Test::FileExists(path.clone()), parts.collect())
}

/// The version lies in the interval: equals its only one, or is bounded on the sides where it ends.
fn version_interval(
    interval: VersionInterval,
    words: &dyn Fn(VersionSet) -> Test,
    bound: &dyn Fn(VersionSet, Entity) -> Plan,
) -> Plan {
    let VersionInterval { low, high } = interval;
    let entity = |operation, version: FileVersion| Entity {
        datatype: Datatype::Version,
        operation,
        value: version.to_string(),
    };
    let whole = VersionSet::between(low, interval.end());
    if low == high {
        return bound(whole, entity(Operation::Equals, low));
    }
    let end = interval.end();
    let from = (low > FileVersion::MIN || end.is_none())
        .then(|| bound(VersionSet::between(low, None), entity(Operation::GreaterOrEqual, low)));
    let to = end.map(|end| bound(VersionSet::below(end), entity(Operation::Less, end)));
    Plan::group(&words(whole), Operator::And, from.into_iter().chain(to).collect())
}

fn registry_value(test: &Test, key: &RegistryPath, name: &str, check: &ValueCheck) -> Plan {
    let observe =
        |words: &Test, state| Plan::observe(words, Place::Value(key.clone(), name.to_owned()), state);
    let compare = |kind, value| observe(test, Some(State::Registry { kind, value }));
    match check {
        ValueCheck::Exists => observe(test, None),
        ValueCheck::Text(expected) => compare(None, text(Operation::Equals, expected)),
        ValueCheck::TextIgnoringCase(expected) => {
            compare(None, text(Operation::EqualsIgnoringCase, expected))
        }
        ValueCheck::Matches(pattern) => compare(None, text(Operation::Matches, pattern)),
        ValueCheck::Version(versions) => {
            let words =
                |versions| Test::RegistryValue(key.clone(), name.to_owned(), ValueCheck::Version(versions));
            let string = |value| Some(State::Registry { kind: Some(RegistryType::String), value });
            let bound = |versions, value| observe(&words(versions), string(value));
            let parts =
                versions.intervals().iter().map(|interval| version_interval(*interval, &words, &bound));
            let fact = Test::RegistryValue(key.clone(), name.to_owned(), ValueCheck::Exists);
            let within = Plan::one_of(test, &fact, parts.collect());
            let shape = ValueCheck::Matches(VERSION_PATTERN.to_owned());
            let shape = Test::RegistryValue(key.clone(), name.to_owned(), shape);
            let wellformed = observe(&shape, string(text(Operation::Matches, VERSION_PATTERN)));
            Plan::group(test, Operator::And, vec![wellformed, within])
        }
        ValueCheck::Number(comparison, expected) => {
            compare(Some(RegistryType::Dword), number(*comparison, (*expected).into()))
        }
        ValueCheck::Binary(bytes) => {
            let value =
                Entity { datatype: Datatype::Binary, operation: Operation::Equals, value: bytes.clone() };
            compare(Some(RegistryType::Binary), value)
        }
    }
}

fn service(test: &Test, name: &str, check: ServiceCheck) -> Plan {
    let key = system_key(&format!(r"{SERVICES}\{name}"));
    let start = |comparison, number: u32| {
        let check = ValueCheck::Number(comparison, number);
        let value = Test::RegistryValue(key.clone(), "Start".to_owned(), check);
        Plan { words: test.clone(), ..plan(&value) }
    };
    let state = |state| Plan::observe(test, Place::Service(name.to_owned()), Some(State::Service(state)));
    match check {
        ServiceCheck::Installed => Plan::observe(test, Place::Key(key.clone()), None),
        ServiceCheck::Enabled => start(Comparison::NotEqual, StartType::Disabled.registry_number()),
        ServiceCheck::Start(kind) => start(Comparison::Equal, kind.registry_number()),
        ServiceCheck::Running => state(ServiceState::Running),
        ServiceCheck::Stopped => state(ServiceState::Stopped),
    }
}

/// Before Windows Vista updates are keys, from then on `Win32_QuickFixEngineering` lists them. Where the
/// version is not known the two may still agree, which the last part says; otherwise it changes nothing.
fn update(test: &Test, kb: Kb) -> Plan {
    let listed = |place| Plan::observe(test, place, None);
    let old = plan(&system_value(CURRENT_VERSION, "CurrentVersion", ValueCheck::Matches(OLD.to_owned())));
    let new = Plan { negated: true, ..old.clone() };
    let (key, entry) = (listed(Place::Keys(update_key(kb))), listed(Place::Wmi(update_query(kb))));
    let readings = [[old, key.clone()], [new, entry.clone()], [key, entry]];
    let both = |parts: [Plan; 2]| Plan::group(test, Operator::And, parts.into());
    Plan::group(test, Operator::Or, readings.map(both).into())
}

/// The keys of updates of an article. Engines match the names of keys with regard to case; what stands
/// before `Hotfix` is the same on every Windows, and spares engines the search of the whole registry.
fn update_key(kb: Kb) -> String {
    let above = CURRENT_VERSION.replace('\\', r"\\");
    format!(r"^{above}\\[Hh][Oo][Tt][Ff][Ii][Xx]\\([Kk][Bb]|[Qq])?{}([^0-9\\][^\\]*)?$", kb.0)
}

/// The query for updates of an article.
fn update_query(kb: Kb) -> String {
    let alike = |prefix| {
        let name = format!("{prefix}{}", kb.0);
        format!("HotFixID LIKE '{name}' OR HotFixID LIKE '{name}[^0-9]%'")
    };
    let names = ["[Kk][Bb]", "[Qq]", ""].map(alike).join(" OR ");
    format!("SELECT HotFixID FROM Win32_QuickFixEngineering WHERE {names}")
}

fn system_key(key: &str) -> RegistryPath {
    RegistryPath { hive: Hive::LocalMachine, key: key.to_owned(), view: None }
}

fn system_value(key: &str, name: &str, check: ValueCheck) -> Test {
    Test::RegistryValue(system_key(key), name.to_owned(), check)
}

fn text(operation: Operation, value: &str) -> Entity {
    Entity { datatype: Datatype::String, operation, value: value.to_owned() }
}

fn number(comparison: Comparison, value: u64) -> Entity {
    let operation = match comparison {
        Comparison::Equal => Operation::Equals,
        Comparison::NotEqual => Operation::NotEqual,
        Comparison::Less => Operation::Less,
        Comparison::LessOrEqual => Operation::LessOrEqual,
        Comparison::Greater => Operation::Greater,
        Comparison::GreaterOrEqual => Operation::GreaterOrEqual,
    };
    Entity { datatype: Datatype::Int, operation, value: value.to_string() }
}
