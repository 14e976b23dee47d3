//! The signals of a bulletin: every watch of its cases once, with the CVEs and packages it bears on.

use std::collections::BTreeSet;

use caveat_backend::claims::is_blind;
use caveat_backend::projection::Direction;
use caveat_backend::{Backend, Loss, Losses, Support};
use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, RuleSet};
use caveat_ir::value::{CveId, Rating, name};
use caveat_ir::{Expr, Feature, Leaf, Test};
use uuid::Uuid;

use crate::watch::{Seen, Watch, is_driver, is_readable, watches};

/// The name space of the rules' ids; it must never change.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f1c_0a5e_2d57_4c0b_9b1e_c0de_5167_3a01);

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
}

impl Signal {
    /// The id of the rule: it follows from what the rule looks for, and from nothing else.
    #[must_use]
    pub fn id(&self, bulletin: &Bulletin) -> Uuid {
        let key = format!("{}\n{}", bulletin.id.as_str().to_ascii_lowercase(), self.watch.key());
        Uuid::new_v5(&NAMESPACE, key.as_bytes())
    }

    /// Takes in a signal of the same event.
    fn merge(&mut self, other: Self) {
        if let (
            Watch::Started { paths, .. } | Watch::Loaded { paths, .. },
            Watch::Started { paths: more, .. } | Watch::Loaded { paths: more, .. },
        ) = (&mut self.watch, other.watch)
        {
            let known: BTreeSet<String> = paths.iter().map(caveat_ir::value::WindowsPath::folded).collect();
            paths.extend(more.into_iter().filter(|path| !known.contains(&path.folded())));
        }
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
    /// Whether it is about the file of a test, wherever that lies: such watches become one rule.
    fn is_about(&self, test: &Test) -> bool {
        let (Self::Started { paths, .. } | Self::Loaded { paths, .. }, Test::FileVersion(other, _)) =
            (self, test)
        else {
            return false;
        };
        paths.iter().any(|path| name::same(path.file_name(), other.file_name()))
    }

    /// What tells it from any other of the bulletin, the case of names aside.
    fn key(&self) -> String {
        let folded = name::folded;
        let file = |paths: &[caveat_ir::value::WindowsPath]| {
            folded(paths.first().map_or("", |path| path.file_name()))
        };
        let parts = match self {
            Self::Started { paths, versions } => vec!["started".into(), file(paths), versions.to_string()],
            Self::Loaded { paths, versions } => vec!["loaded".into(), file(paths), versions.to_string()],
            Self::StartSet { service, starts } => {
                let starts = starts.iter().map(|start| start.as_str().to_owned());
                ["start-set".into(), folded(service)].into_iter().chain(starts).collect()
            }
            Self::Installed(service) => vec!["installed".into(), folded(service)],
            Self::Audited(service) => vec!["audited".into(), folded(service)],
            Self::Ran(service) => vec!["ran".into(), folded(service)],
            Self::KeyCreated(key) => vec!["key-created".into(), folded(&key.to_string())],
            Self::KeyDeleted(key) => vec!["key-deleted".into(), folded(&key.to_string())],
            Self::ValueSet { key, name, data } => {
                let data = data.as_ref().map(|data| caveat_ir::describe::formula(&RuleSet::default(), data));
                let place = ["value-set".into(), folded(&key.to_string()), folded(name)];
                place.into_iter().chain(data).collect()
            }
            Self::ValueDeleted { key, name } => {
                vec!["value-deleted".into(), folded(&key.to_string()), folded(name)]
            }
        };
        // As a debug text, quotes and line ends inside the parts cannot be taken for those between.
        format!("{parts:?}")
    }
}

/// The signals of a bulletin, and what no event shows.
pub(crate) struct Signals<'a> {
    pub(crate) signals: Vec<Signal>,
    /// Cases of which no event shows anything, with all their tests.
    pub(crate) silent: Vec<(Case<'a>, Losses)>,
}

/// Collects the signals of a bulletin, in a fixed order that does not depend on other bulletins.
pub(crate) fn collect<'a>(backend: &dyn Backend, rules: &'a RuleSet, bulletin: &'a Bulletin) -> Signals<'a> {
    let mut found = Signals { signals: Vec::new(), silent: Vec::new() };
    for case in rules.cases(bulletin) {
        let formula = rules.spelled_out(&case.vulnerable());
        let shown = |leaf: &Leaf, _: Direction| reason(backend, leaf).is_none_or(|(sometimes, ..)| sometimes);
        let blind = is_blind(&rules.spelled_out(&case.outdated), &shown);
        let seen = if blind { Vec::new() } else { watches(&case, &formula) };
        if seen.is_empty() {
            let losses = losses(backend, &formula, &|_| false);
            found.silent.push((case, losses));
            continue;
        }
        for one in seen {
            found.add(signal(backend, rules, &case, &formula, one));
        }
    }
    found
}

impl Signals<'_> {
    fn add(&mut self, signal: Signal) {
        let key = signal.watch.key();
        match self.signals.iter_mut().find(|known| known.watch.key() == key) {
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
    Seen { watch, visible, shows }: Seen,
) -> Signal {
    let losses = losses(backend, formula, &|test| shows(test) || watch.is_about(test));
    Signal {
        watch,
        visible: vec![visible],
        cves: [case.vulnerability.id.clone()].into(),
        packages: vec![case.package.name.clone()],
        rating: rating(rules, case),
        losses,
    }
}

/// The highest rating that the vulnerability has on the platforms of the case, else the bulletin's.
fn rating(rules: &RuleSet, case: &Case<'_>) -> Option<Rating> {
    let meets = |on| case.platforms.iter().any(|id| !rules.disjoint(*id, on));
    let ratings = case.vulnerability.ratings.iter();
    let fitting = ratings.filter(|rated| rated.on.is_empty() || rated.on.iter().any(|on| meets(*on)));
    fitting.map(|rated| rated.rating).max().or(case.bulletin.severity)
}

/// The tests of a formula that an event does not show.
fn losses(backend: &dyn Backend, formula: &Expr, shows: &dyn Fn(&Test) -> bool) -> Losses {
    let mut losses = Losses::default();
    formula.leaves(&mut |leaf| {
        if !shows(&leaf.test) {
            let another = (true, Feature::Unknowable, "another event shows it");
            let (_, feature, why) = reason(backend, leaf).unwrap_or(another);
            losses.insert(leaf, Loss::unseen(leaf, feature, why));
        }
    });
    losses
}

/// Why a test is not seen, if that is so, and whether that is so sometimes only.
fn reason(backend: &dyn Backend, leaf: &Leaf) -> Option<(bool, Feature, &'static str)> {
    match &leaf.test {
        Test::FileVersion(path, _) if is_driver(path) => return Some((false, Feature::FileVersion, DRIVER)),
        Test::RegistryValue(_, _, check) if !is_readable(check) => {
            return Some((false, Feature::RegistryValue, DATA));
        }
        _ => {}
    }
    leaf.test.features().into_iter().find_map(|feature| match backend.support(feature) {
        Support::Exact => None,
        Support::Approximate { why, .. } | Support::Narrow { why } => Some((true, feature, why)),
        Support::No { why } => Some((false, feature, why)),
    })
}
