//! Floors on targets that see no platform: the versions that only patched hosts have.
//!
//! A floor holds for the platforms of its package. Where those are not seen, a patched file of an older Windows is
//! below the floor of a newer one. Windows numbers its files by releases, though (`numbered` of a platform), and what
//! is at or above the floor of a package on a line of its own is a patched file, wherever it is found. Such versions
//! are taken out of the tests of the others. Where packages share a line, the highest of their floors counts.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use caveat_ir::expr::ValueCheck;
use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, Package, RuleSet, SelectorId};
use caveat_ir::value::{FileVersion, NumberSet, TextVersionSet, VersionInterval, VersionSet, name};
use caveat_ir::{Expr, Feature, Leaf, Test};

use crate::{Loss, Losses, text};

/// Why a test of a version is not made as it is.
const WHY: &str = "versions that only patched hosts of another package have are taken out";

/// What the packages of a bulletin say of their files, by the files' names in small letters.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    files: BTreeMap<String, Line>,
}

/// What is known of a file.
#[derive(Debug, Clone)]
struct Line {
    patched: VersionSet,
    shared: Vec<Shared>,
}

/// Versions that are fixed for some packages and outdated for others, so that they are reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The versions.
    pub versions: VersionSet,
    /// The packages for which they are fixed.
    pub fixed: BTreeSet<String>,
    /// The packages for which they are outdated.
    pub outdated: BTreeSet<String>,
}

impl Shared {
    /// For people.
    #[must_use]
    pub fn words(&self) -> String {
        let list = |names: &BTreeSet<String>| {
            names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
        };
        let (fixed, outdated) = (list(&self.fixed), list(&self.outdated));
        format!("{}: patched hosts of {fixed} have them, and outdated hosts of {outdated}", self.versions)
    }
}

/// What one floor of a package, or its condition, says of a file.
struct Measure<'a> {
    package: &'a str,
    platforms: Vec<SelectorId>,
    /// The service packs that it holds for; all when none.
    packs: Option<&'a NumberSet>,
    /// What else holds on its hosts.
    tests: Vec<&'a Test>,
    /// The outdated versions.
    outdated: VersionSet,
    /// The number lines of its platforms, and of the parallel build that it belongs to.
    own: VersionSet,
    /// The lines on which its floors are.
    floors: VersionSet,
}

impl Lines {
    /// The lines of a bulletin's files.
    #[must_use]
    pub fn of(rules: &RuleSet, bulletin: &Bulletin) -> Self {
        let outdated: Vec<(&Package, Expr)> =
            bulletin.packages.iter().map(|package| (package, rules.outdated(package))).collect();
        let mut measures: BTreeMap<String, Vec<Measure<'_>>> = BTreeMap::new();
        for (package, formula) in &outdated {
            let builds = parallel_builds(package);
            for part in alternatives(formula) {
                for file in file_names(part) {
                    let builds = builds.get(&file).map_or(&[] as &[_], Vec::as_slice);
                    let measure = Measure::new(rules, package, part, &file, builds);
                    measures.entry(file).or_default().push(measure);
                }
            }
        }
        let line = |(file, all): (String, Vec<Measure<'_>>)| (file, line(rules, &all));
        Self { files: measures.into_iter().map(line).collect() }
    }

    /// The versions of a file that only patched hosts have.
    #[must_use]
    pub fn patched(&self, file: &str) -> VersionSet {
        self.files.get(&name::folded(file)).map_or_else(nothing, |line| line.patched.clone())
    }

    /// Which of these versions of a file are fixed for some packages and outdated for others.
    #[must_use]
    pub fn shared(&self, file: &str, versions: &VersionSet) -> Vec<Shared> {
        let all = self.files.get(&name::folded(file)).into_iter().flat_map(|line| &line.shared);
        let within = |one: &Shared| Shared { versions: one.versions.intersection(versions), ..one.clone() };
        all.map(within).filter(|one| !one.versions.is_empty()).collect()
    }

    /// The case without the versions that only patched hosts have, and what its tests lost by that.
    #[must_use]
    pub fn narrowed<'a>(&self, case: Case<'a>) -> (Case<'a>, Losses) {
        let mut losses = Losses::default();
        let outdated = self.narrow(&case.outdated, true, &mut losses);
        (Case { outdated, ..case }, losses)
    }

    fn narrow(&self, formula: &Expr, positive: bool, losses: &mut Losses) -> Expr {
        match formula {
            Expr::All(parts) => Expr::All(self.narrow_all(parts, positive, losses)),
            Expr::Any(parts) => Expr::Any(self.narrow_all(parts, positive, losses)),
            Expr::Not(part) => Expr::negate(self.narrow(part, !positive, losses)),
            Expr::Test(leaf) => Expr::Test(self.narrow_test(leaf, positive, losses)),
            Expr::Platform(_) => formula.clone(),
        }
    }

    fn narrow_all(&self, parts: &[Expr], positive: bool, losses: &mut Losses) -> Vec<Expr> {
        parts.iter().map(|part| self.narrow(part, positive, losses)).collect()
    }

    fn narrow_test(&self, leaf: &Leaf, positive: bool, losses: &mut Losses) -> Leaf {
        let Test::FileVersion(path, versions) = &leaf.test else { return leaf.clone() };
        let patched = self.patched(path.file_name());
        let narrowed = if positive { minus(versions, &patched) } else { versions.union(&patched) };
        if narrowed == *versions {
            return leaf.clone();
        }
        losses.insert(leaf, Loss { kept: true, ..Loss::unseen(leaf, Feature::FileVersion, text(WHY)) });
        Leaf { test: Test::FileVersion(path.clone(), narrowed), origin: leaf.origin }
    }
}

/// What is patched wherever it is found, and what is only somewhere.
fn line(rules: &RuleSet, measures: &[Measure<'_>]) -> Line {
    let (mut patched, mut shared) = (nothing(), Vec::new());
    for one in measures {
        let own = minus(&one.own, &one.outdated);
        let by_product = minus(&minus(&one.floors, &one.own), &one.outdated);
        let (mut left, mut left_by_product) = (own.clone(), by_product.clone());
        let mut against = Vec::new();
        for other in measures {
            let outdated = other.outdated_beside(rules, one, true);
            left = minus(&left, &outdated);
            let by_product = other.outdated_beside(rules, one, false);
            left_by_product = minus(&left_by_product, &by_product);
            against.push((other.package, outdated));
        }
        let fixed = minus(&own, &left);
        for (package, outdated) in against {
            share(&mut shared, &fixed.intersection(&outdated), one.package, package);
        }
        patched = patched.union(&left).union(&left_by_product);
    }
    Line { patched, shared }
}

/// Notes that versions are fixed for one package and outdated for another.
fn share(shared: &mut Vec<Shared>, versions: &VersionSet, fixed: &str, outdated: &str) {
    if versions.is_empty() {
        return;
    }
    let (fixed, outdated) = (fixed.to_owned(), outdated.to_owned());
    match shared.iter_mut().find(|one| one.versions == *versions) {
        Some(known) => {
            known.fixed.insert(fixed);
            known.outdated.insert(outdated);
        }
        None => {
            let (fixed, outdated) = ([fixed].into(), [outdated].into());
            shared.push(Shared { versions: versions.clone(), fixed, outdated });
        }
    }
}

impl<'a> Measure<'a> {
    fn new(
        rules: &RuleSet,
        package: &'a Package,
        part: &'a Expr,
        file: &str,
        builds: &[&VersionSet],
    ) -> Self {
        let guards = conjuncts(part);
        let packs = guards.iter().find_map(|test| match test {
            Test::ServicePack(packs) => Some(packs),
            _ => None,
        });
        let outdated = versions(part, file);
        let known = package.platforms.iter().flat_map(|id| known_lines(rules, *id, packs));
        // Where a floor says to what parallel build it belongs, that is a line.
        let build = builds.iter().find(|build| build.intersection(&outdated) == outdated);
        let ends = outdated.intervals().iter().filter_map(|interval| interval.end()).map(line_of);
        Self {
            package: &package.name,
            platforms: package.platforms.to_vec(),
            packs,
            tests: package.requires.iter().flat_map(conjuncts).chain(guards).collect(),
            own: known.chain(build.map(|build| (*build).clone())).fold(nothing(), |all, one| all.union(&one)),
            floors: ends.fold(nothing(), |all, one| all.union(&one)),
            outdated,
        }
    }

    /// The versions that make hosts of this outdated which hosts of `other` may have as well, or whose lines
    /// they share. Where `by_platform` is false, only a requirement keeps their hosts apart.
    fn outdated_beside(&self, rules: &RuleSet, other: &Self, by_platform: bool) -> VersionSet {
        let apart = self.excludes(other) || by_platform && self.is_elsewhere(rules, other);
        if apart { self.outdated.intersection(&self.own.union(&self.floors)) } else { self.outdated.clone() }
    }

    /// Whether no host that this holds for is one that `other` holds for, by what they ask besides platforms.
    fn excludes(&self, other: &Self) -> bool {
        self.tests.iter().any(|one| other.tests.iter().any(|test| exclude(one, test)))
    }

    /// Whether their platforms have no host in common.
    fn is_elsewhere(&self, rules: &RuleSet, other: &Self) -> bool {
        let packs = |id: SelectorId, guard: Option<&NumberSet>| {
            let of_platform = rules.selector(id).and_then(|selector| rules.facts(selector).service_packs);
            meet(of_platform.as_ref(), guard)
        };
        let apart = |a: SelectorId, b: SelectorId| {
            let (mine, theirs) = (packs(a, self.packs), packs(b, other.packs));
            rules.disjoint(a, b) || meet(mine.as_ref(), theirs.as_ref()).is_some_and(|set| set.is_empty())
        };
        self.platforms.iter().all(|a| other.platforms.iter().all(|b| apart(*a, *b)))
    }
}

/// The number lines of a platform's hosts of some service packs.
fn known_lines(rules: &RuleSet, id: SelectorId, packs: Option<&NumberSet>) -> Vec<VersionSet> {
    let Some(selector) = rules.selector(id) else { return Vec::new() };
    let packs = meet(rules.service_packs(selector).as_ref(), packs);
    let known = rules.known(selector).into_iter().flat_map(|known| &known.numbering);
    let has = |own: Option<&NumberSet>| {
        own.is_none() || meet(packs.as_ref(), own).is_some_and(|packs| !packs.is_empty())
    };
    known.filter(|line| has(line.service_packs.as_ref())).map(|line| line_of(line.numbers)).collect()
}

/// The versions of the parallel builds that floors of a package name, by the names of files.
fn parallel_builds(package: &Package) -> BTreeMap<String, Vec<&VersionSet>> {
    let mut builds: BTreeMap<String, Vec<&VersionSet>> = BTreeMap::new();
    for file in &package.files {
        for within in file.floors.iter().filter_map(|floor| floor.within.as_ref()) {
            builds.entry(name::folded(file.path.file_name())).or_default().push(within);
        }
    }
    builds
}

/// All versions with the same first three numbers.
fn line_of(version: FileVersion) -> VersionSet {
    let [major, minor, build, _] = version.0;
    vec![VersionInterval::new([major, minor, build, 0], [major, minor, build, u16::MAX])].into()
}

fn meet(a: Option<&NumberSet>, b: Option<&NumberSet>) -> Option<NumberSet> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.intersection(b)),
        (a, b) => a.or(b).cloned(),
    }
}

fn alternatives(formula: &Expr) -> &[Expr] {
    match formula {
        Expr::Any(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

/// The tests that hold whenever the formula does.
fn conjuncts(formula: &Expr) -> Vec<&Test> {
    match formula {
        Expr::All(parts) => parts.iter().flat_map(conjuncts).collect(),
        Expr::Test(leaf) => vec![&leaf.test],
        Expr::Any(_) | Expr::Not(_) | Expr::Platform(_) => Vec::new(),
    }
}

/// The names of the files whose versions a formula asks for.
fn file_names(formula: &Expr) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    formula.leaves(&mut |leaf| {
        if let Test::FileVersion(path, _) = &leaf.test {
            names.insert(name::folded(path.file_name()));
        }
    });
    names
}

/// The versions of a file with which the formula may hold.
fn versions(formula: &Expr, file: &str) -> VersionSet {
    let of = |part: &Expr| versions(part, file);
    match formula {
        Expr::All(parts) => parts.iter().map(of).fold(VersionSet::all(), |all, one| all.intersection(&one)),
        Expr::Any(parts) => {
            parts.iter().map(of).reduce(|all, one| all.union(&one)).unwrap_or_else(VersionSet::all)
        }
        Expr::Test(Leaf { test: Test::FileVersion(path, versions), .. })
            if name::same(path.file_name(), file) =>
        {
            versions.clone()
        }
        Expr::Test(_) | Expr::Not(_) | Expr::Platform(_) => VersionSet::all(),
    }
}

/// Whether no host passes both tests.
fn exclude(one: &Test, other: &Test) -> bool {
    match (one, other) {
        (Test::ServicePack(a), Test::ServicePack(b)) => a.intersection(b).is_empty(),
        (Test::Architecture(a), Test::Architecture(b)) => a.is_disjoint(b),
        (Test::ProductType(a), Test::ProductType(b)) => a.is_disjoint(b),
        (Test::Language(a), Test::Language(b)) => !a.covers(b) && !b.covers(a),
        (Test::FileVersion(path, a), Test::FileVersion(same, b)) if path.folded() == same.folded() => {
            a.intersection(b).is_empty()
        }
        (
            Test::RegistryValue(key, value, ValueCheck::Version(a)),
            Test::RegistryValue(same, same_value, ValueCheck::Version(b)),
        ) => {
            let is_same = key.view == same.view && key.folded() == same.folded();
            is_same && name::same(value, same_value) && are_apart(a, b)
        }
        _ => false,
    }
}

/// Whether two sets of versions in texts have none in common.
fn are_apart(a: &TextVersionSet, b: &TextVersionSet) -> bool {
    let ends_before = |high, low| match (high, low) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(high), Bound::Included(low)) => high < low,
        (Bound::Included(high) | Bound::Excluded(high), Bound::Included(low) | Bound::Excluded(low)) => {
            high <= low
        }
    };
    a.ranges()
        .iter()
        .all(|a| b.ranges().iter().all(|b| ends_before(a.high(), b.low()) || ends_before(b.high(), a.low())))
}

fn minus(versions: &VersionSet, others: &VersionSet) -> VersionSet {
    versions.intersection(&others.complement())
}

fn nothing() -> VersionSet {
    Vec::new().into()
}
