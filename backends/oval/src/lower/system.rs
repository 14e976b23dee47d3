//! What OVAL has to observe for facts of the operating system: Windows keeps them in its registry, so
//! they come down to tests of registry values.
//!
//! What Windows itself has written is read as `caveat_runtime::recorded` reads it; for anything else
//! the test is an error.

use std::collections::BTreeSet;

use caveat_ir::Test;
use caveat_ir::expr::{Comparison, Integer, ValueCheck};
use caveat_ir::recorded::{LAST_AS_TEXT, Place as Kept};
use caveat_ir::value::{
    Architecture, Family, InstallationType, Language, NumberSet, OsVersion, ProductType, RegistryType,
};

use super::pattern::{any_case, positive_numbers};
use super::plan::{Place, Plan, number, plan, system_key, system_value, text};
use crate::model::{Entity, Operation, Operator, State};

/// Where Windows keeps a fact, and how it writes it.
struct Record {
    kept: Kept,
    kind: RegistryType,
}

const VERSION: Record = Record::text(Kept::Version);
const MAJOR: Record = Record::number(Kept::Major);
const MINOR: Record = Record::number(Kept::Minor);
const BUILD: Record = Record::text(Kept::Build);
const REVISION: Record = Record::number(Kept::Revision);
const PACK: Record = Record::text(Kept::ServicePack);
const TYPE: Record = Record::text(Kept::ProductType);
const INSTALLATION: Record = Record::text(Kept::InstallationType);
const SUITE: Record = Record { kept: Kept::Suites, kind: RegistryType::Multi };
const PROCESSOR: Record = Record::text(Kept::Architecture);
const INSTALL_LANGUAGE: Record = Record::text(Kept::Language);

impl Record {
    const fn text(kept: Kept) -> Self {
        Self { kept, kind: RegistryType::Text }
    }

    const fn number(kept: Kept) -> Self {
        Self { kept, kind: RegistryType::Dword }
    }

    fn place(&self) -> Place {
        Place::Value(system_key(self.kept.key()), self.kept.name().to_owned())
    }

    fn check(&self, check: ValueCheck) -> Test {
        system_value(self.kept.key(), self.kept.name(), check)
    }

    /// That it is there.
    fn fact(&self) -> Test {
        self.check(ValueCheck::Exists)
    }

    /// It is of its type, and compares so.
    fn compares(&self, words: &Test, value: Entity) -> Plan {
        Plan::observe(words, self.place(), Some(State::Registry { kind: Some(self.kind), value }))
    }

    /// It is a string in which the pattern matches.
    fn matches(&self, pattern: &str) -> Plan {
        let words = self.check(ValueCheck::Matches(pattern.to_owned()));
        self.compares(&words, text(Operation::Matches, pattern))
    }

    /// It is a number of at most this.
    fn at_most(&self, most: u32) -> Plan {
        let words = self.check(ValueCheck::Number(Comparison::LessOrEqual, Integer::Dword(most)));
        self.compares(&words, number(Comparison::LessOrEqual, most.into()))
    }

    /// One of the parts holds, each only of what can be read; an error where it cannot.
    fn one_of(&self, test: &Test, readable: Plan, parts: Vec<Plan>) -> Plan {
        let holds = Plan::one_of(test, &self.fact(), parts);
        Plan::group(test, Operator::Or, vec![holds, self.unreadable(readable)])
    }

    fn unreadable(&self, readable: Plan) -> Plan {
        Plan::unreadable(&self.fact(), self.place(), readable)
    }

    /// It is one of these names, in any case, of all that Windows writes.
    fn named(&self, test: &Test, names: impl Iterator<Item = (Test, String)>, all: &str) -> Plan {
        let parts =
            names.map(|(words, name)| self.compares(&words, text(Operation::EqualsIgnoringCase, &name)));
        self.one_of(test, self.matches(all), parts.collect())
    }
}

pub(super) fn version(test: &Test, version: OsVersion) -> Plan {
    let mut parts = vec![is_version(test, version)];
    parts.extend(version_errors());
    Plan::group(test, Operator::Or, parts)
}

/// From 10.0 on a version is told by two numbers, while `CurrentVersion` stays as it is.
fn is_version(test: &Test, version: OsVersion) -> Plan {
    if (version.major, version.minor) > (LAST_AS_TEXT.major, LAST_AS_TEXT.minor) {
        let part = |record: Record, part: u16| {
            let words = record.check(ValueCheck::Number(Comparison::Equal, Integer::Dword(part.into())));
            record.compares(&words, number(Comparison::Equal, part.into()))
        };
        return Plan::group(
            test,
            Operator::And,
            vec![part(MAJOR, version.major), part(MINOR, version.minor)],
        );
    }
    let words = VERSION.check(ValueCheck::Text(version.to_string()));
    let told = VERSION.compares(&words, text(Operation::Equals, &version.to_string()));
    if version == LAST_AS_TEXT {
        let later = Plan { negated: true, ..plan(&MAJOR.fact()) };
        return Plan::group(test, Operator::And, vec![told, later]);
    }
    Plan { words: test.clone(), ..told }
}

/// Errors where one of the values that tell the version cannot be read.
fn version_errors() -> [Plan; 3] {
    let text = VERSION.matches(r"^(0|[1-9][0-9]{0,3})\.(0|[1-9][0-9]{0,3})$");
    let most = u32::from(u16::MAX);
    [VERSION.unreadable(text), MAJOR.unreadable(MAJOR.at_most(most)), MINOR.unreadable(MINOR.at_most(most))]
}

/// The build is kept in a text, so a range of builds is a pattern: engines compare texts with numbers
/// in ways of their own, and OpenSCAP not at all when one is empty.
pub(super) fn build(test: &Test, builds: &NumberSet) -> Plan {
    let one_range = |&(low, high): &(u32, u32)| {
        let words = Test::OsBuild(NumberSet::range(low, high));
        if low == high {
            return BUILD.compares(&words, text(Operation::Equals, &low.to_string()));
        }
        let zero = (low == 0).then(|| "0".to_owned());
        let numbers: Vec<_> =
            zero.into_iter().chain(positive_numbers(&NumberSet::range(low, high))).collect();
        BUILD.compares(&words, text(Operation::Matches, &format!("^({})$", numbers.join("|"))))
    };
    let parts = builds.ranges().iter().map(one_range).collect();
    BUILD.one_of(test, BUILD.matches("^(0|[1-9][0-9]{0,8})$"), parts)
}

pub(super) fn revision(test: &Test, revisions: &NumberSet) -> Plan {
    let bound = |low, high, comparison, end: u32| {
        let words = Test::OsRevision(NumberSet::range(low, high));
        REVISION.compares(&words, number(comparison, end.into()))
    };
    let one_range = |&(low, high): &(u32, u32)| {
        if low == high {
            return bound(low, high, Comparison::Equal, low);
        }
        let from = (low > 0).then(|| bound(low, u32::MAX, Comparison::GreaterOrEqual, low));
        let to = (high < u32::MAX || low == 0).then(|| bound(0, high, Comparison::LessOrEqual, high));
        let words = Test::OsRevision(NumberSet::range(low, high));
        Plan::group(&words, Operator::And, from.into_iter().chain(to).collect())
    };
    let parts = revisions.ranges().iter().map(one_range).collect();
    REVISION.one_of(test, REVISION.at_most(u32::MAX), parts)
}

/// Without a service pack there is no `CSDVersion`, or an empty one; with one, it begins with
/// `Service Pack N`, and no digit follows.
pub(super) fn service_pack(test: &Test, packs: &NumberSet) -> Plan {
    let none = packs.contains(0);
    let mut texts: Vec<String> = none.then(|| "$".to_owned()).into_iter().collect();
    let numbers = positive_numbers(packs);
    if !numbers.is_empty() {
        texts.push(format!("Service Pack ({})($|[^0-9])", numbers.join("|")));
    }
    let mut parts: Vec<Plan> = none.then(without_pack).into_iter().collect();
    if !texts.is_empty() {
        parts.push(PACK.matches(&format!("^({})", texts.join("|"))));
    }
    let readable = PACK.matches("^($|Service Pack [1-9][0-9]{0,8}($|[^0-9]))");
    PACK.one_of(test, readable, parts)
}

/// A Windows without the value. Other systems have no service packs, not even none.
fn without_pack() -> Plan {
    let windows = plan(&Test::Family(Family::Windows));
    let absent = Plan { negated: true, ..plan(&PACK.fact()) };
    Plan::group(&Test::ServicePack(NumberSet::range(0, 0)), Operator::And, vec![windows, absent])
}

pub(super) fn product_type(test: &Test, types: &BTreeSet<ProductType>) -> Plan {
    let named = |one: &ProductType| (Test::ProductType([*one].into()), one.registry_name().to_owned());
    let all = any_of(ProductType::ALL.iter().map(|one| one.registry_name()));
    TYPE.named(test, types.iter().map(named), &all)
}

pub(super) fn installation_type(test: &Test, types: &BTreeSet<InstallationType>) -> Plan {
    let named =
        |one: &InstallationType| (Test::InstallationType([*one].into()), one.registry_name().to_owned());
    let all = any_of(InstallationType::ALL.iter().map(|one| one.registry_name()));
    INSTALLATION.named(test, types.iter().map(named), &all)
}

/// The list may well be empty.
pub(super) fn suite(test: &Test, name: &str) -> Plan {
    let listed = SUITE.compares(test, text(Operation::Equals, name));
    let readable = Plan::observe(&SUITE.fact(), SUITE.place(), Some(State::RegistryType(SUITE.kind)));
    SUITE.one_of(test, readable, vec![listed])
}

pub(super) fn architecture(test: &Test, architectures: &BTreeSet<Architecture>) -> Plan {
    let named = |one: &Architecture| (Test::Architecture([*one].into()), one.processor_name().to_owned());
    let all = any_of(Architecture::ALL.iter().map(|one| one.processor_name()));
    PROCESSOR.named(test, architectures.iter().map(named), &all)
}

pub(super) fn language(test: &Test, language: &Language) -> Plan {
    let region = |identifier| {
        let region = Language::from_identifier(identifier).unwrap_or(*language);
        (Test::Language(region), format!("{identifier:04x}"))
    };
    INSTALL_LANGUAGE.named(test, language.identifiers().map(region), "^[0-9A-Fa-f]{4}$")
}

/// The pattern of these names, in any case.
fn any_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
    format!("^({})$", names.map(any_case).collect::<Vec<_>>().join("|"))
}
