//! From a test of a rule to what OVAL has to observe for it.
//!
//! A test that asks for one thing becomes one observation; one that asks for several (ranges
//! with two ends, sets) becomes a small tree of them; what is asked of the operating system is
//! planned in [`super::system`]. Nothing is named, numbered or shared here.

use std::ops::Bound;

use caveat_ir::Test;
use caveat_ir::expr::{Comparison, Integer, ServiceCheck, ValueCheck};
use caveat_ir::recorded::{Place as Kept, SERVICES, START, WINDOWS_NT};
use caveat_ir::value::{
    Digest, FileVersion, Hive, Kb, KnownFolder, RegistryPath, RegistryType, StartType, TextRange,
    TextVersion, TextVersionSet, VersionInterval, VersionSet, WindowsPath, name,
};

use super::pattern::{any_case, numbers};
use super::{digits, folder, several, system, text_version};
use crate::model::{Component, Datatype, Entity, Operation, Operator, ServiceState, State};

/// What every version begins with.
const FIRST_OF_VERSION: &str = "^[0-9]";
/// Versions before 6.0, Windows Vista.
const OLD: &str = r"^[0-5]\.";

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
    /// An error where an item of the registry place exists, and false where none does; what is not
    /// known stays unknown. The words say that it exists.
    Malformed(Place),
    /// Nothing can be observed.
    Unknown,
    Group(Operator, Vec<Plan>),
}

/// Where to look.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Key(RegistryPath),
    Value(RegistryPath, String),
    /// A file, and the known folder that its path's variable of the machine begins with, if it does.
    File(WindowsPath, Option<KnownFolder>),
    /// The same, by a digest of it.
    Digest(WindowsPath, Option<KnownFolder>, Digest),
    Service(String),
    Host,
    /// The keys below `HKLM` that match.
    Keys(String),
    Wmi(String),
    /// What the last object of a chain collects.
    Several(several::Chain),
}

impl Place {
    pub(crate) const fn component(&self) -> Component {
        match self {
            Self::Key(_) | Self::Value(..) | Self::Keys(_) | Self::Several(_) => Component::Registry,
            Self::File(..) => Component::File,
            Self::Digest(..) => Component::FileHash,
            Self::Service(_) => Component::Service,
            Self::Host => Component::Family,
            Self::Wmi(_) => Component::Wmi,
        }
    }
}

impl Plan {
    pub(super) fn observe(words: &Test, place: Place, state: Option<State>) -> Self {
        Self { words: words.clone(), negated: false, shape: Shape::Observe(place, state) }
    }

    /// A group; of a single part, that part.
    pub(super) fn group(words: &Test, operator: Operator, mut parts: Vec<Self>) -> Self {
        match parts.len() {
            1 => parts.remove(0),
            _ => Self { words: words.clone(), negated: false, shape: Shape::Group(operator, parts) },
        }
    }

    /// What holds of a registry place that can be read, and an error for one that is there and cannot.
    /// Where it is not there, both `readable` and `holds` have to be false, and `fact` says in words
    /// that it is there. The error is one of the same object, as `AND` lets an error prevail over
    /// what is not known.
    pub(super) fn read(words: &Test, fact: &Test, place: Place, readable: Self, holds: Self) -> Self {
        let unreadable = Self::unreadable(fact, place, readable.clone());
        let read = Self::group(words, Operator::And, vec![readable, holds]);
        Self::group(words, Operator::Or, vec![read, unreadable])
    }

    /// An error for a registry place that is there and cannot be read, else false.
    pub(super) fn unreadable(fact: &Test, place: Place, readable: Self) -> Self {
        let malformed = Self { words: fact.clone(), negated: true, shape: Shape::Malformed(place) };
        let either = Self::group(&readable.words.clone(), Operator::Or, vec![readable, malformed]);
        Self { negated: !either.negated, ..either }
    }

    /// One of the parts holds. Of no parts none does: then `fact` would have to be there and not
    /// be there, which is false, but stays unknown as long as the fact is.
    pub(super) fn one_of(words: &Test, fact: &Test, parts: Vec<Self>) -> Self {
        Self::one_or_none(words, plan(fact), parts)
    }

    /// The same, with the plan that says that the fact is there.
    fn one_or_none(words: &Test, there: Self, parts: Vec<Self>) -> Self {
        if !parts.is_empty() {
            return Self::group(words, Operator::Or, parts);
        }
        let not_there = Self { negated: true, ..there.clone() };
        Self::group(words, Operator::And, vec![there, not_there])
    }
}

/// The plan for a test.
pub(crate) fn plan(test: &Test) -> Plan {
    match test {
        Test::Family(family) => Plan::observe(test, Place::Host, Some(State::Family(*family))),
        Test::OsVersion(version) => system::version(test, *version),
        Test::OsBuild(builds) => system::build(test, builds),
        Test::OsRevision(revisions) => system::revision(test, revisions),
        Test::ServicePack(packs) => system::service_pack(test, packs),
        Test::ProductType(types) => system::product_type(test, types),
        Test::InstallationType(types) => system::installation_type(test, types),
        Test::Suite(name) => system::suite(test, name),
        Test::Architecture(architectures) => system::architecture(test, architectures),
        Test::Language(language) => system::language(test, language),
        Test::FileExists(path) => file(test, path, &|place| Plan::observe(test, place, None)),
        Test::FileVersion(path, versions) => file_version(test, path, versions),
        Test::FileSize(path, comparison, size) => {
            let state = State::FileSize(number(*comparison, *size));
            file(test, path, &|place| Plan::observe(test, place, Some(state.clone())))
        }
        Test::FileDigest(path, algorithm, digest) => {
            let state = State::FileHash(text(Operation::EqualsIgnoringCase, digest));
            let place = |first| Place::Digest(path.clone(), first, *algorithm);
            folder::file(test, path, &|first| Plan::observe(test, place(first), Some(state.clone())))
        }
        Test::RegistryKey(key) => Plan::observe(test, Place::Key(key.clone()), None),
        Test::RegistryValue(key, name, check) => registry_value(test, key, name, check),
        Test::AnyKey(pattern, parts) => several::any_key(test, pattern, parts),
        Test::Service(name, check) => service(test, name, *check),
        Test::Hotfix(kb) => update(test, *kb),
        Test::Unknowable(_) => open(test),
    }
}

/// The plan for a test of which OVAL can say nothing.
pub(crate) fn open(test: &Test) -> Plan {
    Plan { words: test.clone(), negated: false, shape: Shape::Unknown }
}

/// What is observed of a file, wherever its path leads.
fn file(test: &Test, path: &WindowsPath, observe: &dyn Fn(Place) -> Plan) -> Plan {
    folder::file(test, path, &|first| observe(Place::File(path.clone(), first)))
}

fn file_version(test: &Test, path: &WindowsPath, versions: &VersionSet) -> Plan {
    file(test, path, &|place| version_at(test, path, versions, &place))
}

fn version_at(test: &Test, path: &WindowsPath, versions: &VersionSet, place: &Place) -> Plan {
    let bound = |versions: VersionSet, entity: Entity| {
        let words = Test::FileVersion(path.clone(), versions);
        Plan::observe(&words, place.clone(), Some(State::FileVersion(entity)))
    };
    let words = |versions| Test::FileVersion(path.clone(), versions);
    let parts = versions.intervals().iter().map(|interval| version_interval(*interval, &words, &bound));
    let there = Plan::observe(&Test::FileExists(path.clone()), place.clone(), None);
    Plan::one_or_none(test, there, parts.collect())
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
        ValueCheck::TextIgnoringCase(expected) => compare(None, text_in_any_case(expected)),
        ValueCheck::Matches(pattern) => {
            let any = compare(None, text(Operation::Matches, pattern));
            let Some(digits) = digits::in_either_case(pattern) else { return any };
            let bytes = Some(RegistryType::Binary);
            let is_text = Plan { negated: true, ..observe(test, bytes.map(State::RegistryType)) };
            let in_text = Plan::group(test, Operator::And, vec![is_text, any]);
            Plan::group(test, Operator::Or, vec![in_text, compare(bytes, text(Operation::Matches, &digits))])
        }
        ValueCheck::Version(versions) => version_in_text(test, key, name, versions),
        ValueCheck::Number(comparison, Integer::Dword(expected)) => {
            compare(Some(RegistryType::Dword), number(*comparison, (*expected).into()))
        }
        ValueCheck::Number(comparison, Integer::Qword(expected)) => {
            let is_one = || observe(test, Some(State::RegistryType(RegistryType::Qword)));
            quad_word(test, *comparison, *expected, &is_one, &|value| {
                compare(Some(RegistryType::Qword), value)
            })
        }
        ValueCheck::Bits(bits) => {
            let value = bits.number().to_string();
            let value = Entity { datatype: Datatype::Int, operation: Operation::BitwiseAnd, value };
            compare(Some(bits.kind()), value)
        }
        ValueCheck::Type(types) => {
            let is = |kind: &RegistryType| {
                let words = ValueCheck::Type([*kind].into());
                let words = Test::RegistryValue(key.clone(), name.to_owned(), words);
                observe(&words, Some(State::RegistryType(*kind)))
            };
            let there = Test::RegistryValue(key.clone(), name.to_owned(), ValueCheck::Exists);
            Plan::one_of(test, &there, types.iter().map(is).collect())
        }
        ValueCheck::Binary(bytes) => {
            let value =
                Entity { datatype: Datatype::Binary, operation: Operation::Equals, value: bytes.clone() };
            compare(Some(RegistryType::Binary), value)
        }
    }
}

/// A number of 64 bits compares so. OpenSCAP reads no integer above 2^63 - 1, so its digits are compared.
fn quad_word(
    test: &Test,
    comparison: Comparison,
    expected: u64,
    is_one: &dyn Fn() -> Plan,
    compare: &dyn Fn(Entity) -> Plan,
) -> Plan {
    let up_to = |end| compare(text(Operation::Matches, &format!("^({})$", up_to(end).join("|"))));
    let above = |end| {
        let not = Plan { negated: true, ..up_to(end) };
        Plan::group(test, Operator::And, vec![is_one(), not])
    };
    let never = || Plan::group(test, Operator::And, vec![is_one(), Plan { negated: true, ..is_one() }]);
    match comparison {
        Comparison::Equal => compare(text(Operation::Equals, &expected.to_string())),
        Comparison::NotEqual => compare(text(Operation::NotEqual, &expected.to_string())),
        Comparison::Less => expected.checked_sub(1).map_or_else(never, up_to),
        Comparison::LessOrEqual => up_to(expected),
        Comparison::Greater => above(expected),
        Comparison::GreaterOrEqual => expected.checked_sub(1).map_or_else(is_one, above),
    }
}

/// The digits of the numbers from 0 on.
fn up_to(end: u64) -> Vec<String> {
    std::iter::once("0".to_owned()).chain(numbers(1, end)).collect()
}

/// The value passes a check other than that of a version.
pub(super) fn value_plan(key: &RegistryPath, name: &str, check: &ValueCheck) -> Plan {
    registry_value(&Test::RegistryValue(key.clone(), name.to_owned(), check.clone()), key, name, check)
}

/// The value is a single string that holds one of the versions, and an error where it holds none.
fn version_in_text(test: &Test, key: &RegistryPath, name: &str, versions: &TextVersionSet) -> Plan {
    let fact = Test::RegistryValue(key.clone(), name.to_owned(), ValueCheck::Exists);
    let ranges = in_ranges(key, name, versions);
    let holds = if versions.is_empty() { Plan::one_of(test, &fact, Vec::new()) } else { ranges };
    let place = Place::Value(key.clone(), name.to_owned());
    Plan::read(test, &fact, place, readable(key, name), holds)
}

/// A value that can be read as a version lies in one of the ranges.
pub(super) fn in_ranges(key: &RegistryPath, name: &str, versions: &TextVersionSet) -> Plan {
    let of = |check| Test::RegistryValue(key.clone(), name.to_owned(), check);
    let words = |range: &TextRange| of(ValueCheck::Version(vec![range.clone()].into()));
    let within = |range: &TextRange, pattern: &str| matches(key, name, &words(range), None, pattern);
    text_ranges(&|versions| of(ValueCheck::Version(versions)), versions, &within)
}

/// A text that can be read as a version lies in one of the ranges.
pub(super) fn text_ranges(
    words: &dyn Fn(TextVersionSet) -> Test,
    versions: &TextVersionSet,
    within: &dyn Fn(&TextRange, &str) -> Plan,
) -> Plan {
    let one = |range: &TextRange| text_range(&words(vec![range.clone()].into()), range, within);
    Plan::group(&words(versions.clone()), Operator::Or, versions.ranges().iter().map(one).collect())
}

/// The value is a single string that holds a version.
pub(super) fn readable(key: &RegistryPath, name: &str) -> Plan {
    let of = |check| Test::RegistryValue(key.clone(), name.to_owned(), check);
    let begins = |kind| {
        let words = of(ValueCheck::Matches(FIRST_OF_VERSION.to_owned()));
        matches(key, name, &words, Some(kind), FIRST_OF_VERSION)
    };
    let any = of(ValueCheck::Version(TextVersionSet::between(Bound::Unbounded, Bound::Unbounded)));
    let text =
        Plan::group(&any, Operator::Or, [RegistryType::Text, RegistryType::ExpandText].map(begins).into());
    let wrong = text_version::malformed();
    let wrong = matches(key, name, &of(ValueCheck::Matches(wrong.clone())), None, &wrong);
    Plan::group(&any, Operator::And, vec![text, Plan { negated: true, ..wrong }])
}

/// An expression matches in the value, if it is of this type.
fn matches(key: &RegistryPath, name: &str, words: &Test, kind: Option<RegistryType>, pattern: &str) -> Plan {
    let state = State::Registry { kind, value: text(Operation::Matches, pattern) };
    Plan::observe(words, Place::Value(key.clone(), name.to_owned()), Some(state))
}

/// A version that can be read lies in the range: is its only one, or is bounded where it ends.
fn text_range(words: &Test, range: &TextRange, within: &dyn Fn(&TextRange, &str) -> Plan) -> Plan {
    use Bound::{Excluded, Included, Unbounded};
    if let Some(version) = range.single() {
        return within(range, &text_version::equal(version));
    }
    let end = |high: Bound<&TextVersion>| TextRange::new(Unbounded, high.cloned());
    let below = |version| within(&end(Excluded(version)), &text_version::below(version));
    let up_to = |version| within(&end(Included(version)), &text_version::up_to(version));
    let not = |plan| Plan { negated: true, ..plan };
    let low = match range.low() {
        Included(low) => Some(not(below(low))),
        Excluded(low) => Some(not(up_to(low))),
        Unbounded => None,
    };
    let high = match range.high() {
        Included(high) => Some(up_to(high)),
        Excluded(high) => Some(below(high)),
        Unbounded => None,
    };
    let ends: Vec<Plan> = low.into_iter().chain(high).collect();
    // Without an end, every text that is a version will do.
    if ends.is_empty() { within(range, FIRST_OF_VERSION) } else { Plan::group(words, Operator::And, ends) }
}

fn service(test: &Test, name: &str, check: ServiceCheck) -> Plan {
    let key = system_key(&format!(r"{SERVICES}\{name}"));
    let state = |state| Plan::observe(test, Place::Service(name.to_owned()), Some(State::Service(state)));
    match check {
        ServiceCheck::Installed => Plan::observe(test, Place::Key(key), None),
        ServiceCheck::Enabled => service_start(test, &key, Comparison::Less, StartType::Disabled),
        ServiceCheck::Start(kind) => service_start(test, &key, Comparison::Equal, kind),
        ServiceCheck::Running => state(ServiceState::Running),
        ServiceCheck::Stopped => state(ServiceState::Stopped),
    }
}

/// The number of the start type compares so, and is an error where it is that of none. The last one is `disabled`.
fn service_start(test: &Test, key: &RegistryPath, comparison: Comparison, kind: StartType) -> Plan {
    let of = |check| Test::RegistryValue(key.clone(), START.to_owned(), check);
    let compare = |comparison, kind: StartType| {
        plan(&of(ValueCheck::Number(comparison, Integer::Dword(kind.registry_number()))))
    };
    let holds = Plan { words: test.clone(), ..compare(comparison, kind) };
    let place = Place::Value(key.clone(), START.to_owned());
    let readable = compare(Comparison::LessOrEqual, StartType::Disabled);
    let unreadable = Plan::unreadable(&of(ValueCheck::Exists), place, readable);
    Plan::group(test, Operator::Or, vec![holds, unreadable])
}

/// Before Windows Vista updates are keys, from then on `Win32_QuickFixEngineering` lists them. Where the
/// version is not known the two may still agree, which the last part says; otherwise it changes nothing.
fn update(test: &Test, kb: Kb) -> Plan {
    let listed = |place| Plan::observe(test, place, None);
    let old =
        plan(&system_value(Kept::Version.key(), Kept::Version.name(), ValueCheck::Matches(OLD.to_owned())));
    let new = Plan { negated: true, ..old.clone() };
    let (key, entry) = (listed(Place::Keys(update_key(kb))), listed(Place::Wmi(update_query(kb))));
    let readings = [[old, key.clone()], [new, entry.clone()], [key, entry]];
    let both = |parts: [Plan; 2]| Plan::group(test, Operator::And, parts.into());
    Plan::group(test, Operator::Or, readings.map(both).into())
}

/// The keys of updates of an article. Engines match the names of keys with regard to case; what stands
/// before `Hotfix` is the same on every Windows, and spares engines the search of the whole registry.
fn update_key(kb: Kb) -> String {
    let above = WINDOWS_NT.replace('\\', r"\\");
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

pub(super) fn system_key(key: &str) -> RegistryPath {
    RegistryPath { hive: Hive::LocalMachine, key: key.to_owned(), view: None }
}

pub(super) fn system_value(key: &str, name: &str, check: ValueCheck) -> Test {
    Test::RegistryValue(system_key(key), name.to_owned(), check)
}

pub(super) fn text(operation: Operation, value: &str) -> Entity {
    Entity { datatype: Datatype::String, operation, value: value.to_owned() }
}

/// OVAL does not say which letters `case insensitive equals` folds, and OpenSCAP folds those of ASCII only.
fn text_in_any_case(value: &str) -> Entity {
    if name::has_case_beyond_ascii(value) {
        text(Operation::Matches, &format!("^{}$", any_case(value)))
    } else {
        text(Operation::EqualsIgnoringCase, value)
    }
}

pub(super) fn number(comparison: Comparison, value: u64) -> Entity {
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
