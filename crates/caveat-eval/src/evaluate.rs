//! Formulas over the facts of a host, by OVAL's tables.
//!
//! Nothing here knows of bulletins: see [`crate::verdict`]. A conjunction stops at a false part
//! and a disjunction at a true one, as nothing after it can change the result.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::sync::{OnceLock, PoisonError, RwLock};

use caveat_ir::expr::{ServiceCheck, Test, ValueCheck};
use caveat_ir::rule::{RuleSet, SelectorId};
use caveat_ir::value::{Digest, FileVersion, StartType, VersionInterval, VersionSet};
use caveat_ir::{Expr, Truth};
use regex::Regex;

use crate::facts::{Fact, HostFacts, RegistryValue};

/// How deep the conditions of platforms may refer to further platforms.
const MAX_PLATFORM_DEPTH: u32 = 16;

/// What a formula says of a host.
#[must_use]
pub fn evaluate(rules: &RuleSet, expr: &Expr, host: &impl HostFacts) -> Truth {
    Session::new(&Shared::new(rules), host).truth(expr)
}

/// What does not depend on the host, made when first needed.
#[derive(Debug)]
pub(crate) struct Shared<'a> {
    pub(crate) rules: &'a RuleSet,
    /// The formulas of the platforms, by selector.
    inventory: Vec<OnceLock<Option<Expr>>>,
    /// The compiled expressions; none for one that cannot be compiled.
    patterns: RwLock<HashMap<String, Option<Regex>>>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(rules: &'a RuleSet) -> Self {
        let inventory = rules.selectors.iter().map(|_| OnceLock::new()).collect();
        Self { rules, inventory, patterns: RwLock::default() }
    }

    /// The formula of a platform.
    pub(crate) fn inventory(&self, id: SelectorId) -> Option<&Expr> {
        let slot = self.inventory.get(id.0 as usize)?;
        slot.get_or_init(|| self.rules.inventory(id).map(|claim| claim.formula)).as_ref()
    }

    fn matches(&self, pattern: &str, text: &str) -> Truth {
        let known = self.patterns.read().unwrap_or_else(PoisonError::into_inner).get(pattern).cloned();
        let regex = known.unwrap_or_else(|| self.compile(pattern));
        regex.map_or(Truth::Error, |regex| regex.is_match(text).into())
    }

    fn compile(&self, pattern: &str) -> Option<Regex> {
        let regex = Regex::new(pattern).ok();
        let mut patterns = self.patterns.write().unwrap_or_else(PoisonError::into_inner);
        patterns.insert(pattern.to_owned(), regex.clone());
        regex
    }
}

/// The evaluation of one host, which remembers the platforms it is of.
#[derive(Debug)]
pub struct Session<'e, H> {
    pub(crate) shared: &'e Shared<'e>,
    pub(crate) host: &'e H,
    platforms: RefCell<Vec<Option<Truth>>>,
    depth: Cell<u32>,
}

impl<'e, H: HostFacts> Session<'e, H> {
    pub(crate) fn new(shared: &'e Shared<'e>, host: &'e H) -> Self {
        let platforms = RefCell::new(vec![None; shared.inventory.len()]);
        Self { shared, host, platforms, depth: Cell::new(0) }
    }

    /// What the formula says of the host.
    #[must_use]
    pub fn truth(&self, expr: &Expr) -> Truth {
        match expr {
            Expr::All(parts) => self.all(parts),
            Expr::Any(parts) => self.any(parts),
            Expr::Not(part) => !self.truth(part),
            Expr::Platform(id) => self.platform(*id),
            Expr::Test(leaf) => self.test(&leaf.test, &mut ()),
        }
    }

    /// Whether all parts hold.
    pub(crate) fn all<'x>(&self, parts: impl IntoIterator<Item = &'x Expr>) -> Truth {
        combined(parts.into_iter().map(|part| self.truth(part)), Truth::all, Truth::False)
    }

    /// Whether one of the parts holds.
    pub(crate) fn any<'x>(&self, parts: impl IntoIterator<Item = &'x Expr>) -> Truth {
        combined(parts.into_iter().map(|part| self.truth(part)), Truth::any, Truth::True)
    }

    /// Whether the host is of the platform.
    #[must_use]
    pub fn platform(&self, id: SelectorId) -> Truth {
        let index = id.0 as usize;
        if let Some(Some(known)) = self.platforms.borrow().get(index) {
            return *known;
        }
        let truth = self.nested(|| self.shared.inventory(id).map(|formula| self.truth(formula)));
        let truth = truth.flatten().unwrap_or(Truth::Error);
        if let Some(slot) = self.platforms.borrow_mut().get_mut(index) {
            *slot = Some(truth);
        }
        truth
    }

    /// Does something inside a platform's formula; nothing when platforms nest too deep, or in a circle.
    pub(crate) fn nested<T>(&self, inside: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= MAX_PLATFORM_DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let result = inside();
        self.depth.set(self.depth.get() - 1);
        Some(result)
    }

    /// Whether a test holds; the witness sees the fact that decides.
    pub(crate) fn test(&self, test: &Test, witness: &mut impl Witness) -> Truth {
        let host = self.host;
        match test {
            Test::OsVersion(version) => decided(&host.os_version(), witness, |found| found == version),
            Test::OsBuild(builds) => decided(&host.build(), witness, |found| builds.contains(*found)),
            Test::ServicePack(set) => decided(&host.service_pack(), witness, |found| set.contains(*found)),
            Test::ProductType(types) => decided(&host.product_type(), witness, |found| types.contains(found)),
            Test::Suite(name) => decided(&host.suites(), witness, |found| found.0.contains(name)),
            Test::Architecture(list) => decided(&host.architecture(), witness, |found| list.contains(found)),
            Test::Language(language) => decided(&host.language(), witness, |found| language.covers(found)),
            Test::FileExists(path) => decided(&host.file(path).map(|_| There), witness, |_| true),
            Test::FileVersion(path, versions) => {
                let version = host.file(path).and_then(|file| file.version.as_ref());
                decided(&version, witness, |found| versions.contains(**found))
            }
            Test::FileSize(path, comparison, size) => {
                let found = host.file(path).and_then(|file| file.size.as_ref());
                decided(&found, witness, |found| comparison.holds(*found, size))
            }
            Test::FileDigest(path, algorithm, digest) => {
                let found = host.file(path).and_then(|file| match algorithm {
                    Digest::Md5 => file.md5.as_ref(),
                    Digest::Sha1 => file.sha1.as_ref(),
                    Digest::Sha256 => file.sha256.as_ref(),
                });
                decided(&found, witness, |found| *found == digest)
            }
            Test::RegistryKey(key) => decided(&host.registry_key(key).map(|()| There), witness, |_| true),
            Test::RegistryValue(key, name, check) => {
                judged(&host.registry_value(key, name), witness, |found| self.value(check, found))
            }
            Test::Service(name, check) => self.service(name, *check, witness),
            Test::Hotfix(kb) => decided(&host.hotfix(*kb).map(|()| There), witness, |_| true),
            Test::Unknowable(_) => decided(&Fact::<There>::Unknown, witness, |_| false),
        }
    }

    fn service(&self, name: &str, check: ServiceCheck, witness: &mut impl Witness) -> Truth {
        let service = self.host.service(name);
        let start = |service: Fact<&'e crate::ServiceFacts>| service.and_then(|facts| facts.start.as_ref());
        match check {
            ServiceCheck::Installed => decided(&service.map(|_| There), witness, |_| true),
            ServiceCheck::Enabled => {
                decided(&start(service), witness, |found| **found != StartType::Disabled)
            }
            ServiceCheck::Start(wanted) => decided(&start(service), witness, |found| **found == wanted),
            ServiceCheck::Running | ServiceCheck::Stopped => {
                let state = service.and_then(|facts| facts.running.as_ref()).map(|running| State(*running));
                decided(&state, witness, |found| found.0 == (check == ServiceCheck::Running))
            }
        }
    }

    fn value(&self, check: &ValueCheck, found: &RegistryValue) -> Truth {
        match check {
            ValueCheck::Exists => Truth::True,
            ValueCheck::Text(text) => some_text(found, |found| (found == text).into()),
            ValueCheck::TextIgnoringCase(text) => {
                some_text(found, |found| found.eq_ignore_ascii_case(text).into())
            }
            ValueCheck::Matches(pattern) => some_text(found, |found| self.shared.matches(pattern, found)),
            ValueCheck::Version(versions) => {
                matches!(found, RegistryValue::Text(found) if version(found, versions)).into()
            }
            ValueCheck::Number(comparison, number) => {
                matches!(found, RegistryValue::Dword(found) if comparison.holds(found, number)).into()
            }
            ValueCheck::Binary(bytes) => {
                matches!(found, RegistryValue::Binary(found) if found == bytes).into()
            }
        }
    }
}

/// Combines values two at a time, which OVAL's tables allow, until one dominates.
fn combined(values: impl Iterator<Item = Truth>, combine: fn([Truth; 2]) -> Truth, dominant: Truth) -> Truth {
    let mut result = Truth::NotApplicable;
    for value in values {
        result = combine([result, value]);
        if result == dominant {
            break;
        }
    }
    result
}

/// Whether one of the value's strings passes: numbers and bytes count as their digits.
fn some_text(value: &RegistryValue, passes: impl Fn(&str) -> Truth) -> Truth {
    match value {
        RegistryValue::Text(text) | RegistryValue::ExpandText(text) | RegistryValue::Binary(text) => {
            passes(text)
        }
        RegistryValue::Dword(number) => passes(&number.to_string()),
        RegistryValue::Multi(texts) => {
            let values = texts.iter().map(|text| passes(text));
            combined(std::iter::once(Truth::False).chain(values), Truth::any, Truth::True)
        }
    }
}

/// Whether a text is a version of the set: one to four numbers of at most nine digits between
/// dots. Numbers above 65535 compare as they are.
fn version(text: &str, versions: &VersionSet) -> bool {
    let number = |part: &str| {
        let digits = (1..=9).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|_| digits)
    };
    let Some(mut found) = text.split('.').map(number).collect::<Option<Vec<u32>>>() else { return false };
    let wellformed = found.len() <= 4;
    found.resize(4, 0);
    let bound = |version: FileVersion| version.0.map(u32::from);
    let within = |interval: &VersionInterval| {
        let below = interval.end().is_none_or(|end| found.as_slice() < bound(end).as_slice());
        below && found.as_slice() >= bound(interval.low).as_slice()
    };
    wellformed && versions.intervals().iter().any(within)
}

/// Sees the facts that decide tests.
pub(crate) trait Witness {
    fn saw(&mut self, fact: &Fact<impl Display>);
}

/// Looks away.
impl Witness for () {
    fn saw(&mut self, _: &Fact<impl Display>) {}
}

fn decided<T: Display>(fact: &Fact<T>, witness: &mut impl Witness, holds: impl FnOnce(&T) -> bool) -> Truth {
    judged(fact, witness, |value| holds(value).into())
}

fn judged<T: Display>(fact: &Fact<T>, witness: &mut impl Witness, judge: impl FnOnce(&T) -> Truth) -> Truth {
    witness.saw(fact);
    fact.truth(judge)
}

/// That something is there.
struct There;

impl Display for There {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there")
    }
}

/// Whether a service runs.
struct State(bool);

impl Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { "running" } else { "stopped" })
    }
}
