//! Versions that lie below or between the ranges of a file's floors, so that no floor measures them.

use std::collections::BTreeSet;

use crate::expr::{Expr, Reason, Test};
use crate::rule::{Floor, PackageFile};
use crate::value::{FileVersion, Outside, VersionInterval, VersionSet};

/// Versions that no floor measures, and the hosts on which that is so.
#[derive(Debug, Clone)]
pub struct Unmeasured {
    /// The versions, all of them before the end of the last range.
    pub versions: VersionSet,
    /// The hosts.
    pub hosts: Expr,
}

/// How many floors a file may have for `outside` to speak of it: its formula grows with their square.
pub(crate) const MAX_FLOORS: usize = 64;

impl PackageFile {
    /// The versions that lie below or between the ranges of the floors. Those above the last range are
    /// later builds, which have the fix.
    #[must_use]
    pub fn unmeasured(&self) -> Vec<Unmeasured> {
        if self.floors.len() > MAX_FLOORS {
            return Vec::new();
        }
        let floors: Vec<Ranged<'_>> = self.floors.iter().map(Ranged::new).collect();
        let mut found: Vec<Unmeasured> = Vec::new();
        for part in parts(&floors) {
            let Some(hosts) = hosts(&floors, part) else { continue };
            let versions = VersionSet::from(vec![part]);
            match found.last_mut().filter(|last| last.hosts == hosts) {
                Some(last) => last.versions = last.versions.union(&versions),
                None => found.push(Unmeasured { versions, hosts }),
            }
        }
        found
    }
}

/// When a file counts as outdated although no floor measures it.
pub(crate) fn outdated(file: &PackageFile, meaning: Outside) -> Vec<Expr> {
    let Some(origin) = file.floors.first().map(|floor| floor.origin) else { return Vec::new() };
    let parts = file.unmeasured().into_iter().map(|Unmeasured { versions, hosts }| {
        let reason = Reason::Unmeasured(file.path.clone(), versions.clone());
        let version = Expr::test(Test::FileVersion(file.path.clone(), versions), origin);
        match meaning {
            Outside::Fixed => None,
            Outside::Outdated => Some(Expr::all([hosts, version])),
            Outside::Unknown => {
                Some(Expr::all([hosts, version, Expr::test(Test::Unknowable(reason), origin)]))
            }
        }
    });
    parts.flatten().collect()
}

/// A floor, the versions that it measures, and the hosts that it holds for.
struct Ranged<'f> {
    floor: &'f Floor,
    within: VersionSet,
    last: FileVersion,
}

impl<'f> Ranged<'f> {
    fn new(floor: &'f Floor) -> Self {
        let within = floor.within.clone().unwrap_or_else(VersionSet::all);
        let last = within.intervals().last().map_or(FileVersion::MIN, |last| last.high);
        Self { floor, within, last }
    }
}

/// All versions, cut where a range begins or ends.
fn parts(floors: &[Ranged<'_>]) -> Vec<VersionInterval> {
    let intervals = floors.iter().flat_map(|one| one.within.intervals());
    let ends = intervals.flat_map(|one| [Some(one.low), one.high.next()]).flatten();
    let cuts: BTreeSet<FileVersion> = ends.chain([FileVersion::MIN]).collect();
    let highs = cuts.iter().skip(1).map(|cut| cut.previous()).chain([Some(FileVersion::MAX)]);
    let parts = cuts.iter().zip(highs);
    parts.filter_map(|(low, high)| Some(VersionInterval { low: *low, high: high? })).collect()
}

/// The hosts on which no floor measures the part, although one measures later versions.
fn hosts(floors: &[Ranged<'_>], part: VersionInterval) -> Option<Expr> {
    let every = Expr::all([]);
    let measured = guards(floors.iter().filter(|one| one.within.contains(part.low)));
    let later = guards(floors.iter().filter(|one| one.last > part.high));
    if later.is_empty() || measured.contains(&every) {
        return None;
    }
    let elsewhere = (!measured.is_empty()).then(|| Expr::negate(Expr::any(measured)));
    let before = (!later.contains(&every)).then(|| Expr::any(later));
    Some(Expr::all(elsewhere.into_iter().chain(before)))
}

/// The hosts that floors hold for, each once.
fn guards<'f>(floors: impl Iterator<Item = &'f Ranged<'f>>) -> Vec<Expr> {
    let mut guards: Vec<Expr> = Vec::new();
    for guard in floors.map(|one| one.floor.guard()) {
        if !guards.contains(&guard) {
            guards.push(guard);
        }
    }
    guards
}
