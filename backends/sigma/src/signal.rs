//! The signals of a bulletin: every watch of its cases once, with the CVEs and packages it bears on.

use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::claims::is_blind;
use caveat_backend::projection::Direction;
use caveat_backend::{Backend, Lines, Loss, Losses, Shared, Support, Text, text};
use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, RuleSet, SelectorId};
use caveat_ir::value::{CveId, Hive, OsVersion, Rating, RegistryPath, VersionSet, name};
use caveat_ir::{Expr, Feature, Leaf, Test, canonical};
use uuid::Uuid;

use crate::options::Events;
use crate::visible::simple;
use crate::watch::{
    Hash, Reach, Run, Seen, Sighting, Watch, file_name, hash_file, is_driver, is_kernel, is_readable, watches,
};

/// The name space of the rules' ids; it must never change.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1c_0a5e_2d57_4c0b_9b1e_c0de_5167_3a01);

const KERNEL: &str = "the kernel runs before anything is logged";
const OLD_VERSIONS: &str = "Sysmon tells versions and digests of files from Windows 7 on";
const DRIVER: &str = "Sysmon tells no versions of drivers";
const DATA: &str = "the text that Sysmon gives for the data does not tell";

/// What one rule looks for, and why.
#[derive(Debug, Clone)]
pub struct Signal {
    /// The event.
    pub watch: Watch,
    /// The parts of the bulletin's formulas that the event shows: it bears on the bulletin when one of
    /// them holds.
    pub visible: Vec<Expr>,
    /// The vulnerabilities it bears on.
    pub cves: BTreeSet<CveId>,
    /// The packages it bears on.
    pub packages: Vec<String>,
    /// The highest rating of the vulnerabilities, where they have one.
    pub(crate) rating: Option<Rating>,
    /// The tests that the event does not show.
    pub(crate) losses: Losses,
    /// The versions that it reports although patched hosts have them.
    pub(crate) shared: Vec<Shared>,
}

impl Signal {
    /// The name of the rule in the ledger: it follows from the bulletin, the kind of event and its subject,
    /// and from nothing else, so that a corrected floor leaves it as it is.
    #[must_use]
    pub fn key(&self, bulletin: &Bulletin) -> String {
        let (kind, subject) = self.watch.identity();
        format!("{}/{kind}/{subject}", bulletin.id.as_str().to_ascii_lowercase())
    }

    /// The id of the rule, where no ledger has another for its key.
    #[must_use]
    pub fn id(&self, bulletin: &Bulletin) -> Uuid {
        Uuid::new_v5(&NAMESPACE, self.key(bulletin).as_bytes())
    }

    /// Takes in a signal of the same kind of event and the same subject.
    fn merge(&mut self, other: Self) {
        self.watch.merge(other.watch);
        for visible in other.visible {
            if !self.visible.contains(&visible) {
                self.visible.push(visible);
            }
        }
        for package in other.packages {
            if !self.packages.contains(&package) {
                self.packages.push(package);
            }
        }
        self.cves.extend(other.cves);
        self.rating = self.rating.max(other.rating);
        self.losses.extend(other.losses);
    }
}

impl Watch {
    /// The name of the file that is looked for, and the versions, wherever it lies.
    pub(crate) fn file(&self) -> Option<(&str, VersionSet)> {
        let (Self::Started(sightings) | Self::Loaded(sightings)) = self else { return None };
        let all = sightings.iter().map(|sighting| sighting.versions.clone());
        Some((file_name(sightings), all.reduce(|one, other| one.union(&other))?))
    }

    /// Whether it is about the file of a test, wherever that lies: such watches become one rule.
    fn is_about(&self, test: &Test) -> bool {
        let (Self::Started(sightings) | Self::Loaded(sightings), Test::FileVersion(other, _)) = (self, test)
        else {
            return false;
        };
        name::same(file_name(sightings), other.file_name())
    }

    /// The kind of event and its subject, the case of names aside. A bulletin has one rule for each.
    fn identity(&self) -> (&'static str, String) {
        let value =
            |key: &RegistryPath, name: &str| canonical::fields(&[subject(key), canonical::name(name)]);
        match self {
            Self::Started(sightings) => ("started", canonical::name(file_name(sightings))),
            Self::Loaded(sightings) => ("loaded", canonical::name(file_name(sightings))),
            Self::StartSet { service, .. } => ("start-set", canonical::name(service)),
            Self::Hashed(Run::Started, hashes) => ("started-hash", canonical::name(hash_file(hashes))),
            Self::Hashed(Run::Loaded, hashes) => ("loaded-hash", canonical::name(hash_file(hashes))),
            Self::Hashed(Run::Driver, hashes) => ("driver-hash", canonical::name(hash_file(hashes))),
            Self::Audited(service) => ("audited", canonical::name(service)),
            Self::Ran(service) => ("ran", canonical::name(service)),
            Self::KeyCreated(key) => ("key-created", subject(key)),
            Self::KeyDeleted(key) => ("key-deleted", subject(key)),
            Self::ValueSet { key, name, .. } => ("value-set", value(key, name)),
            Self::ValueDeleted { key, name } => ("value-deleted", value(key, name)),
        }
    }

    /// The digest of what it looks for, without any wording.
    pub(crate) fn digest(&self) -> String {
        let (kind, subject) = self.identity();
        let mut parts = vec![kind.to_owned(), subject];
        match self {
            Self::Started(sightings) | Self::Loaded(sightings) => {
                for Sighting { path, versions } in sightings {
                    parts.extend([canonical::file(path), canonical::versions(versions)]);
                }
            }
            Self::StartSet { starts, .. } => {
                parts.extend(starts.iter().map(|start| start.registry_number().to_string()));
            }
            Self::ValueSet { data, .. } => {
                parts.extend(data.as_ref().map(|data| canonical::formula(&RuleSet::default(), data)));
            }
            Self::Hashed(_, hashes) => {
                for Hash { path, digest, value } in hashes {
                    parts.extend([canonical::file(path), digest.as_str().to_owned(), value.clone()]);
                }
            }
            Self::Audited(_)
            | Self::Ran(_)
            | Self::KeyCreated(_)
            | Self::KeyDeleted(_)
            | Self::ValueDeleted { .. } => {}
        }
        caveat_backend::digest(&canonical::fields(&parts))
    }

    /// Looks for what either looks for; both have the same kind and subject.
    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Started(sightings), Self::Started(more))
            | (Self::Loaded(sightings), Self::Loaded(more)) => {
                for one in more {
                    see(sightings, one);
                }
            }
            (Self::Hashed(_, hashes), Self::Hashed(_, more)) => {
                for one in more {
                    hashes.extend((!hashes.contains(&one)).then_some(one));
                }
            }
            (Self::StartSet { starts, .. }, Self::StartSet { starts: more, .. }) => {
                starts.extend(more);
                starts.sort_by_key(|start| start.registry_number());
                starts.dedup();
            }
            (Self::ValueSet { data, .. }, Self::ValueSet { data: other, .. }) => {
                *data = match (data.take(), other) {
                    (Some(one), Some(other)) => Some(simple(&Expr::any([one, other]))),
                    (one, other) => one.and(other),
                };
            }
            _ => {}
        }
    }
}

/// A key as the subject of a rule. Classes have two names, by either of which rules look for both.
fn subject(key: &RegistryPath) -> String {
    const CLASSES: &str = r"SOFTWARE\Classes\";
    let is_class = key.key.get(..CLASSES.len()).is_some_and(|start| start.eq_ignore_ascii_case(CLASSES));
    match key.key.get(CLASSES.len()..) {
        Some(below) if is_class && key.hive == Hive::LocalMachine => {
            canonical::key(&RegistryPath { hive: Hive::ClassesRoot, key: below.to_owned(), view: key.view })
        }
        _ => canonical::key(key),
    }
}

/// Adds a file to those that are looked for.
fn see(sightings: &mut Vec<Sighting>, one: Sighting) {
    match sightings.iter_mut().find(|known| known.path.folded() == one.path.folded()) {
        Some(known) => known.versions = known.versions.union(&one.versions),
        None => sightings.push(one),
    }
}

/// The signals of a bulletin, and what no event shows.
pub(crate) struct Signals<'a> {
    pub(crate) signals: Vec<Signal>,
    /// Cases of which no event shows whether hosts are patched, or anything, with the tests that are not seen.
    pub(crate) silent: Vec<(Case<'a>, Losses)>,
}

/// A rule: a signal of one or more bulletins.
#[derive(Debug)]
pub(crate) struct Made<'a> {
    /// Sorted by id; the rule is named after the first.
    pub(crate) bulletins: Vec<&'a Bulletin>,
    pub(crate) signal: Signal,
    /// The ids that rules of the other bulletins would have.
    pub(crate) merged: Vec<Uuid>,
    key: String,
}

impl Made<'_> {
    /// The name of the rule in the ledger.
    pub(crate) fn key(&self) -> String {
        self.key.clone()
    }

    /// The id of the rule, where no ledger has another for its key.
    pub(crate) fn id(&self) -> Uuid {
        Uuid::new_v5(&NAMESPACE, self.key.as_bytes())
    }
}

/// The rules to make: what several bulletins look for alike is one, so that one event raises one alert.
pub(crate) fn merged<'a>(all: Vec<(&'a Bulletin, Signals<'a>)>) -> Vec<Made<'a>> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut rules: Vec<Made<'a>> = Vec::new();
    for (bulletin, found) in all {
        for signal in found.signals {
            let (key, id) = (signal.key(bulletin), signal.id(bulletin));
            let at = *places.entry(signal.watch.digest()).or_insert(rules.len());
            match rules.get_mut(at) {
                Some(known) => {
                    known.bulletins.push(bulletin);
                    known.merged.push(id);
                    known.signal.shared.extend(signal.shared.clone());
                    known.signal.merge(signal);
                }
                None => rules.push(Made { bulletins: vec![bulletin], signal, merged: Vec::new(), key }),
            }
        }
    }
    rules
}

/// Collects the signals of a bulletin, in a fixed order that does not depend on other bulletins.
pub(crate) fn collect<'a>(
    backend: &dyn Backend,
    rules: &'a RuleSet,
    bulletin: &'a Bulletin,
    events: Events,
) -> Signals<'a> {
    let mut found = Signals { signals: Vec::new(), silent: Vec::new() };
    let lines = Lines::of(rules, bulletin);
    for case in rules.cases(bulletin) {
        let (case, narrowed) = lines.narrowed(case);
        let formula = rules.spelled_out(&case.vulnerable());
        let reach = Reach::new(events, newest(rules, &case));
        let seen = watches(&case, &formula, reach);
        let shown =
            |leaf: &Leaf, _: Direction| reason(backend, leaf, reach).is_none_or(|(sometimes, ..)| sometimes);
        if seen.is_empty() || is_blind(&rules.spelled_out(&case.outdated), &shown) {
            let unseen = if seen.is_empty() { formula.clone() } else { rules.spelled_out(&case.outdated) };
            let losses = losses(backend, &unseen, reach, &|_| false);
            found.silent.push((case.clone(), losses));
        }
        for one in seen {
            let mut signal = signal(backend, rules, &case, &formula, reach, one);
            signal.losses.extend(narrowed.among(|test| signal.watch.is_about(test)));
            found.add(signal);
        }
    }
    for signal in &mut found.signals {
        if let Some((file, versions)) = signal.watch.file() {
            signal.shared = lines.shared(file, &versions);
        }
    }
    found
}

impl Signals<'_> {
    fn add(&mut self, signal: Signal) {
        let identity = signal.watch.identity();
        match self.signals.iter_mut().find(|known| known.watch.identity() == identity) {
            Some(known) => known.merge(signal),
            None => self.signals.push(signal),
        }
    }
}

fn signal(
    backend: &dyn Backend,
    rules: &RuleSet,
    case: &Case<'_>,
    formula: &Expr,
    reach: Reach,
    Seen { watch, visible, shows }: Seen,
) -> Signal {
    let losses = losses(backend, formula, reach, &|test| shows(test) || watch.is_about(test));
    Signal {
        watch,
        visible: vec![visible],
        cves: [case.vulnerability.id.clone()].into(),
        packages: vec![case.package.name.clone()],
        rating: rules.severity(case),
        losses,
        shared: Vec::new(),
    }
}

/// The tests of a formula that an event does not show.
fn losses(backend: &dyn Backend, formula: &Expr, reach: Reach, shows: &dyn Fn(&Test) -> bool) -> Losses {
    let mut losses = Losses::default();
    formula.leaves(&mut |leaf| {
        if !shows(&leaf.test) {
            let another = (true, Feature::Unknowable, text("another event shows it"));
            let (_, feature, why) = reason(backend, leaf, reach).unwrap_or(another);
            losses.insert(leaf, Loss::unseen(leaf, feature, why));
        }
    });
    losses
}

/// The newest Windows of a case's platforms; none where one of them does not say its version.
fn newest(rules: &RuleSet, case: &Case<'_>) -> Option<OsVersion> {
    let version = |id: &SelectorId| rules.selector(*id).and_then(|selector| rules.facts(selector).version);
    let versions: Option<Vec<OsVersion>> = case.platforms.iter().map(version).collect();
    versions.and_then(|versions| versions.into_iter().max())
}

/// Why a test is not seen, if that is so, and whether that is so sometimes only.
fn reason(backend: &dyn Backend, leaf: &Leaf, reach: Reach) -> Option<(bool, Feature, Text)> {
    let of_file = |feature, why| Some((false, feature, text(why)));
    match &leaf.test {
        Test::FileVersion(path, _) if is_kernel(path) => return of_file(Feature::FileVersion, KERNEL),
        Test::FileDigest(path, ..) if is_kernel(path) => return of_file(Feature::FileDigest, KERNEL),
        Test::FileVersion(..) if !reach.versions => return of_file(Feature::FileVersion, OLD_VERSIONS),
        Test::FileDigest(..) if !reach.versions => return of_file(Feature::FileDigest, OLD_VERSIONS),
        Test::FileVersion(path, _) if is_driver(path) => {
            return Some((false, Feature::FileVersion, text(DRIVER)));
        }
        Test::RegistryValue(_, _, check) if !is_readable(check) => {
            return Some((false, Feature::RegistryValue, text(DATA)));
        }
        _ => {}
    }
    leaf.test.features().into_iter().find_map(|feature| match backend.support(feature) {
        Support::Exact => None,
        Support::Approximate { why, .. } | Support::Narrow { why } => Some((true, feature, why)),
        Support::No { why } => Some((false, feature, why)),
    })
}
