//! What a scan of files can see of a case.
//!
//! The parts of the case are projected on versions of files and architectures, and taken apart:
//! every file of a vulnerable host is scanned by itself, so of a conjunction one part that asks for
//! a file suffices, while of a disjunction every part is needed. What the other parts of a
//! conjunction say of the same file, or of the architecture, narrows the test.
//!
//! Where a scan sees some parts of a disjunction only, what it sees is better than nothing, and said to be a part.

use std::collections::BTreeSet;

use caveat_backend::Backend;
use caveat_backend::claims::is_blind;
use caveat_backend::projection::{Direction, Projected, project, sees};
use caveat_ir::meaning::Case;
use caveat_ir::value::{Architecture, Digest, FileVersion, VersionSet, WindowsPath};
use caveat_ir::{Expr, Leaf, RuleSet, Test};

use crate::machine::{Machines, machines};
use crate::options::Identity;

/// A file that a vulnerable host has.
#[derive(Debug, Clone)]
pub(crate) struct Sighting {
    pub(crate) path: WindowsPath,
    pub(crate) told: Told,
    pub(crate) machines: Machines,
    /// The first versions that are fixed, if it is the floors that tell.
    pub(crate) floors: BTreeSet<FileVersion>,
}

/// What tells the file.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// One of these versions.
    Versions(VersionSet),
    /// The digest of what is in it, in small hexadecimal digits.
    Digest(Digest, String),
}

/// The files by which a case is seen.
#[derive(Debug)]
pub(crate) struct Sight {
    pub(crate) files: Vec<Sighting>,
    /// Whether hosts may be vulnerable that have none of them.
    pub(crate) is_partial: bool,
}

/// Files one of which every host has that the case makes vulnerable, or, where there is no such list, those that some of
/// them have; none when there are none.
pub(crate) fn sight(
    rules: &RuleSet,
    case: &Case<'_>,
    backend: &dyn Backend,
    identity: Identity,
) -> Option<Sight> {
    if let Some(files) = sightings(rules, case, backend, identity) {
        return Some(Sight { files, is_partial: false });
    }
    let visible = |leaf: &Leaf, direction| sees(backend, leaf, direction) && is_told(&leaf.test, identity);
    let outdated = without_blind(&rules.spelled_out(&case.outdated), &visible);
    let files = sightings(rules, &Case { outdated, ..case.clone() }, backend, identity)?;
    Some(Sight { files, is_partial: true })
}

/// Whether a scan can tell the file of a test, if it is about one.
fn is_told(test: &Test, identity: Identity) -> bool {
    !matches!(test, Test::FileVersion(path, _) if !identity.tells(path.file_name()))
}

/// The formula without the alternatives of which nothing is seen, where something is seen of others.
fn without_blind(formula: &Expr, visible: &dyn Fn(&Leaf, Direction) -> bool) -> Expr {
    let of = |parts: &[Expr]| parts.iter().map(|part| without_blind(part, visible)).collect::<Vec<_>>();
    match formula {
        Expr::All(parts) => Expr::all(of(parts)),
        Expr::Any(parts) => {
            let parts = of(parts);
            let (blind, seen): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| is_blind(part, visible));
            Expr::any(if seen.is_empty() { blind } else { seen })
        }
        Expr::Not(_) | Expr::Test(_) | Expr::Platform(_) => formula.clone(),
    }
}

fn sightings(
    rules: &RuleSet,
    case: &Case<'_>,
    backend: &dyn Backend,
    identity: Identity,
) -> Option<Vec<Sighting>> {
    let visible = |leaf: &Leaf, direction| sees(backend, leaf, direction);
    if is_blind(&rules.spelled_out(&case.outdated), &visible) {
        return None;
    }
    // In the order in which they are preferred.
    let parts =
        [(&case.outdated, true), (&case.requires, false), (&case.exposed, false), (&case.platform, false)];
    let mut seen = Vec::new();
    for (part, has_floors) in parts {
        match project(&rules.spelled_out(part), Direction::Over, &visible) {
            Projected::Formula(formula) => seen.push((formula, has_floors)),
            Projected::Constant(true) => {}
            Projected::Constant(false) => return Some(Vec::new()),
        }
    }
    let formulas: Vec<&Expr> = seen.iter().map(|(formula, _)| formula).collect();
    seen.iter().enumerate().find_map(|(index, (formula, has_floors))| {
        let mut found = take_apart(formula, &beside(&formulas, index, &[]), identity)?;
        for sighting in found.iter_mut().filter(|_| *has_floors) {
            if let Told::Versions(versions) = &sighting.told {
                sighting.floors = versions.intervals().iter().filter_map(|one| one.end()).collect();
            }
        }
        Some(found)
    })
}

/// The files of a projected formula; `known` holds whenever it does.
fn take_apart(formula: &Expr, known: &[&Expr], identity: Identity) -> Option<Vec<Sighting>> {
    match formula {
        Expr::All(parts) => {
            let parts: Vec<&Expr> = parts.iter().collect();
            let choices = parts
                .iter()
                .enumerate()
                .filter_map(|(index, part)| take_apart(part, &beside(&parts, index, known), identity));
            choices.min_by_key(|sightings| sightings.iter().map(|one| width(&one.told)).sum::<u128>())
        }
        Expr::Any(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(|part| take_apart(part, known, identity)).collect();
            all.map(|all| all.into_iter().flatten().collect())
        }
        Expr::Test(Leaf { test: Test::FileVersion(path, versions), .. })
            if identity.tells(path.file_name()) =>
        {
            Some(sighting(path, versions, known).into_iter().collect())
        }
        Expr::Test(Leaf { test: Test::FileDigest(path, digest, value), .. }) => {
            let told = Told::Digest(*digest, value.to_ascii_lowercase());
            Some(vec![Sighting { path: path.clone(), told, machines: None, floors: BTreeSet::new() }])
        }
        Expr::Test(_) | Expr::Not(_) | Expr::Platform(_) => None,
    }
}

/// The parts of a conjunction without one of them, and what is known besides.
fn beside<'e>(parts: &[&'e Expr], index: usize, known: &[&'e Expr]) -> Vec<&'e Expr> {
    let others = parts.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, part)| *part);
    others.chain(known.iter().copied()).collect()
}

/// A test of a file among what is known; none when they exclude each other.
fn sighting(path: &WindowsPath, versions: &VersionSet, known: &[&Expr]) -> Option<Sighting> {
    let mut versions = versions.clone();
    let mut hosts: BTreeSet<Architecture> = Architecture::ALL.iter().copied().collect();
    for formula in known {
        versions = versions.intersection(&versions_of(path, formula));
        hosts = &hosts & &architectures(formula);
    }
    let possible = !versions.is_empty() && !hosts.is_empty();
    let machines = machines(path, &hosts);
    let told = Told::Versions(versions);
    possible.then(|| Sighting { path: path.clone(), told, machines, floors: BTreeSet::new() })
}

/// The versions of a file with which the formula may hold.
fn versions_of(path: &WindowsPath, formula: &Expr) -> VersionSet {
    let of = |part: &Expr| versions_of(path, part);
    match formula {
        Expr::All(parts) => parts.iter().map(of).fold(VersionSet::all(), |both, one| both.intersection(&one)),
        Expr::Any(parts) => {
            parts.iter().map(of).reduce(|either, one| either.union(&one)).unwrap_or_else(VersionSet::all)
        }
        Expr::Test(Leaf { test: Test::FileVersion(other, versions), .. })
            if other.folded() == path.folded() =>
        {
            versions.clone()
        }
        Expr::Test(_) | Expr::Not(_) | Expr::Platform(_) => VersionSet::all(),
    }
}

/// The architectures of hosts on which the formula may hold.
fn architectures(formula: &Expr) -> BTreeSet<Architecture> {
    let all = || Architecture::ALL.iter().copied().collect::<BTreeSet<_>>();
    match formula {
        Expr::All(parts) => parts.iter().map(architectures).fold(all(), |both, one| &both & &one),
        Expr::Any(parts) => {
            parts.iter().map(architectures).reduce(|either, one| &either | &one).unwrap_or_else(all)
        }
        Expr::Test(Leaf { test: Test::Architecture(some), .. }) => some.clone(),
        Expr::Test(_) | Expr::Not(_) | Expr::Platform(_) => all(),
    }
}

/// How many versions a file may have.
fn width(told: &Told) -> u128 {
    let of = |high: FileVersion, low: FileVersion| u128::from(high.to_u64() - low.to_u64()) + 1;
    match told {
        Told::Versions(versions) => {
            versions.intervals().iter().map(|interval| of(interval.high, interval.low)).sum()
        }
        Told::Digest(..) => 1,
    }
}
