//! What rules claim of a host, as formulas: drawn up here once, for the evaluator and
//! for every back end, so that they cannot differ.
//!
//! `docs/language.md`, section "Meaning", is the specification of this module.

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::{Expr, Reason, Test};
use crate::placed::Origin;
use crate::rule::{
    Affects, Bulletin, Exposure, Floor, FloorLanguages, OsFacts, Package, PackageFile, RatedOn, RuleSet,
    SelectorId, Vulnerability, Workaround,
};
use crate::{builds, outside};
pub use caveat_runtime::Part;

use crate::value::{BranchPolicy, CveId, FileVersion, Rating, VersionSet, name};

/// A statement about a host and the formula that decides it.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// What is claimed.
    pub kind: ClaimKind<'a>,
    /// When it is so.
    pub formula: Expr,
}

impl Claim<'_> {
    /// The part of the formula that installing the update changes. Without it the claim says no more
    /// than that the host is one that the package is for.
    #[must_use]
    pub fn decisive(&self) -> Expr {
        match &self.kind {
            ClaimKind::Inventory(_) => self.formula.clone(),
            ClaimKind::Vulnerable(case) => case.outdated.clone(),
            ClaimKind::Missing { outdated, .. } => outdated.clone(),
        }
    }
}

/// What is claimed.
#[derive(Debug, Clone)]
pub enum ClaimKind<'a> {
    /// The host is of this platform.
    Inventory(SelectorId),
    /// The host is vulnerable, as far as this package's platforms go.
    Vulnerable(Box<Case<'a>>),
    /// This package should be installed.
    Missing {
        /// Its bulletin.
        bulletin: &'a Bulletin,
        /// The package.
        package: &'a Package,
        /// A file that it replaces, or the host's build, is below its floor.
        outdated: Expr,
    },
}

/// One vulnerability on the platforms of one package, and the parts of its verdict.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The bulletin.
    pub bulletin: &'a Bulletin,
    /// The vulnerability.
    pub vulnerability: &'a Vulnerability,
    /// The package.
    pub package: &'a Package,
    /// The platforms of the package that the vulnerability exists on.
    pub platforms: Vec<SelectorId>,
    /// The host is of one of them, and the vulnerability exists there.
    pub platform: Expr,
    /// What the package requires besides, its languages among it.
    pub requires: Expr,
    /// A file that the package replaces is there; always, where that is not asked.
    pub present: Expr,
    /// A file that the vulnerability affects is below its floor.
    pub outdated: Expr,
    /// The host is exposed and no workaround is in effect.
    pub exposed: Expr,
    /// Which hosts are exposed, as the rule says it in words.
    pub exposure: Vec<&'a str>,
}

impl Case<'_> {
    /// A part of the case.
    #[must_use]
    pub const fn part(&self, part: Part) -> &Expr {
        match part {
            Part::Platform => &self.platform,
            Part::Requires => &self.requires,
            Part::Present => &self.present,
            Part::Outdated => &self.outdated,
            Part::Exposed => &self.exposed,
        }
    }

    /// The parts, in the order of [`Part::ALL`].
    pub fn parts(&self) -> impl Iterator<Item = (Part, &Expr)> {
        Part::ALL.into_iter().map(|part| (part, self.part(part)))
    }

    /// The package concerns the host.
    #[must_use]
    pub fn applicable(&self) -> Expr {
        Expr::all([self.platform.clone(), self.requires.clone(), self.present.clone()])
    }

    /// The package concerns the host and is not installed.
    #[must_use]
    pub fn unpatched(&self) -> Expr {
        Expr::all([self.platform.clone(), self.requires.clone(), self.outdated.clone()])
    }

    /// The host is vulnerable.
    #[must_use]
    pub fn vulnerable(&self) -> Expr {
        let parts = [&self.platform, &self.requires, &self.outdated, &self.exposed];
        Expr::all(parts.map(Expr::clone))
    }
}

impl RuleSet {
    /// Every claim of one bulletin: vulnerabilities in the order written, then packages.
    pub fn claims<'a>(&'a self, bulletin: &'a Bulletin) -> impl Iterator<Item = Claim<'a>> {
        let vulnerable = self
            .cases(bulletin)
            .map(|case| Claim { formula: case.vulnerable(), kind: ClaimKind::Vulnerable(Box::new(case)) });
        let missing = bulletin.packages.iter().map(move |package| {
            let requires = self.requirement(package, &package.platforms);
            let outdated = self.outdated(package);
            let formula = Expr::all([platforms(&package.platforms), requires, outdated.clone()]);
            Claim { kind: ClaimKind::Missing { bulletin, package, outdated }, formula }
        });
        vulnerable.chain(missing)
    }

    /// The parts of a claim about a package. That it is missing asks for no exposure, and that the host is of a
    /// platform has no parts. All of them but [`Part::Present`] together are the formula.
    #[must_use]
    pub fn parts(&self, claim: &Claim<'_>) -> Vec<(Part, Expr)> {
        match &claim.kind {
            ClaimKind::Inventory(_) => Vec::new(),
            ClaimKind::Vulnerable(case) => case.parts().map(|(part, expr)| (part, expr.clone())).collect(),
            ClaimKind::Missing { package, outdated, .. } => vec![
                (Part::Platform, platforms(&package.platforms)),
                (Part::Requires, self.requirement(package, &package.platforms)),
                (Part::Present, package.present()),
                (Part::Outdated, outdated.clone()),
            ],
        }
    }

    /// The highest rating that the vulnerability has on the platforms of the case, else the bulletin's.
    #[must_use]
    pub fn severity(&self, case: &Case<'_>) -> Option<Rating> {
        let ratings = case.vulnerability.ratings.iter();
        let fitting = ratings.filter(|rated| self.concerns(&rated.on, &case.platforms));
        fitting.map(|rated| rated.rating).max().or(case.bulletin.severity.map(|one| one.value))
    }

    /// The highest severity of what the package mends, else the bulletin's.
    #[must_use]
    pub fn severity_of_package(&self, bulletin: &Bulletin, package: &Package) -> Option<Rating> {
        let vulnerabilities = bulletin.vulnerabilities.iter();
        let cases = vulnerabilities.filter_map(|one| self.case(bulletin, one, package));
        cases.filter_map(|case| self.severity(&case)).max().or(bulletin.severity.map(|one| one.value))
    }

    /// Whether a package mends a vulnerability of its bulletin, on some platform.
    #[must_use]
    pub fn mends(&self, bulletin: &Bulletin, package: &Package, vulnerability: &Vulnerability) -> bool {
        self.case(bulletin, vulnerability, package).is_some()
    }

    /// The cases of one bulletin: every vulnerability with every package that it concerns.
    pub fn cases<'a>(&'a self, bulletin: &'a Bulletin) -> impl Iterator<Item = Case<'a>> {
        let pairs =
            bulletin.vulnerabilities.iter().flat_map(|v| bulletin.packages.iter().map(move |p| (v, p)));
        pairs.filter_map(|(vulnerability, package)| self.case(bulletin, vulnerability, package))
    }

    /// The claim that a host is of a platform.
    #[must_use]
    pub fn inventory(&self, id: SelectorId) -> Option<Claim<'static>> {
        let selector = self.selector(id)?;
        let platform = self.platform(selector.platform)?;
        let formula = match selector.base {
            None => platform.facts.formula(platform.origin),
            Some(base) => {
                let narrowing = OsFacts {
                    service_packs: selector.service_packs.clone(),
                    architectures: selector.architectures.clone(),
                    language: selector.language,
                    ..OsFacts::default()
                };
                Expr::all([Expr::Platform(base), narrowing.formula(platform.origin)])
            }
        };
        Some(Claim { kind: ClaimKind::Inventory(id), formula })
    }

    /// The formula with the facts of every platform in its place, for targets that look at tests.
    /// For checked rules only: nothing else is known to be without circles.
    #[must_use]
    pub fn spelled_out(&self, formula: &Expr) -> Expr {
        let all = |parts: &[Expr]| parts.iter().map(|part| self.spelled_out(part)).collect::<Vec<_>>();
        match formula {
            Expr::All(parts) => Expr::all(all(parts)),
            Expr::Any(parts) => Expr::any(all(parts)),
            Expr::Not(part) => Expr::negate(self.spelled_out(part)),
            Expr::Platform(id) => match self.inventory(*id) {
                Some(claim) => self.spelled_out(&claim.formula),
                None => formula.clone(),
            },
            Expr::Test(_) => formula.clone(),
        }
    }

    fn case<'a>(
        &self,
        bulletin: &'a Bulletin,
        vulnerability: &'a Vulnerability,
        package: &'a Package,
    ) -> Option<Case<'a>> {
        let (platforms_left, platform) = self.scope(vulnerability, package)?;
        let outdated = self.affected(vulnerability, package, &platforms_left)?;
        let concerned = |exposure: &&Exposure| self.concerns(&exposure.on, &platforms_left);
        let concerned = || vulnerability.exposures.iter().filter(concerned);
        let exposures = concerned().map(|exposure| self.exposed(exposure, &platforms_left));
        let exposure = concerned().filter_map(|exposure| exposure.text.as_deref()).collect();
        let workarounds = vulnerability.workarounds.iter().chain(&bulletin.workarounds);
        let workarounds =
            workarounds.filter_map(|workaround| self.not_worked_around(workaround, &platforms_left));
        let exposed = Expr::all(exposures.chain(workarounds));
        let requires = self.requirement(package, &platforms_left);
        Some(Case {
            bulletin,
            vulnerability,
            package,
            platforms: platforms_left,
            platform,
            requires,
            present: package.present(),
            outdated,
            exposed,
            exposure,
        })
    }

    /// The host is of one of the package's platforms and languages.
    #[must_use]
    pub fn reach(&self, package: &Package) -> Expr {
        let languages = self.languages(package, &package.platforms);
        Expr::all([platforms(&package.platforms)].into_iter().chain(languages))
    }

    /// What a package requires of a host that is on one of `given`.
    #[must_use]
    pub fn requirement(&self, package: &Package, given: &[SelectorId]) -> Expr {
        Expr::all(package.requires.iter().cloned().chain(self.languages(package, given)))
    }

    /// Being of one of the package's languages; nothing when that follows, or when it is for all.
    fn languages(&self, package: &Package, given: &[SelectorId]) -> Option<Expr> {
        let covered = |id: &SelectorId| {
            let own = self.selector(*id).and_then(|selector| self.facts(selector).language);
            own.is_some_and(|own| package.languages.iter().any(|language| language.covers(&own)))
        };
        let asked = !package.languages.is_empty() && !given.iter().all(covered);
        asked.then(|| package.in_languages())
    }

    /// The package's platforms on which the vulnerability exists, and the formula for being on one;
    /// none when there is no such platform.
    fn scope(&self, vulnerability: &Vulnerability, package: &Package) -> Option<(Vec<SelectorId>, Expr)> {
        let Extent { limits, spared } = Extent::of(vulnerability);
        let exists = |id: &SelectorId| {
            let reaches = |limit: &Vec<SelectorId>| limit.iter().any(|other| !self.disjoint(*id, *other));
            limits.iter().all(reaches) && !spared.iter().any(|other| self.implies(*id, *other))
        };
        let left: Vec<SelectorId> = package.platforms.iter().copied().filter(exists).collect();
        if left.is_empty() {
            return None;
        }
        let within = limits.iter().filter_map(|limit| self.gate(limit, &left));
        let touched = |other: &&SelectorId| left.iter().any(|id| !self.disjoint(*id, **other));
        let without = spared.iter().filter(touched).map(|id| Expr::negate(Expr::Platform(*id)));
        let platform = Expr::all([platforms(&left)].into_iter().chain(within).chain(without));
        Some((left, platform))
    }

    /// Being on one of `on`, for a host that is on one of `given`; nothing when that follows.
    fn gate(&self, on: &[SelectorId], given: &[SelectorId]) -> Option<Expr> {
        let follows = |id: &SelectorId| on.iter().any(|other| self.implies(*id, *other));
        (!given.iter().all(follows)).then(|| {
            let touched = |other: &&SelectorId| given.iter().any(|id| !self.disjoint(*id, **other));
            platforms(on.iter().filter(touched))
        })
    }

    /// Whether a clause `on` these platforms (all when empty) can matter on the `given` ones.
    fn concerns(&self, on: &[SelectorId], given: &[SelectorId]) -> bool {
        on.is_empty() || on.iter().any(|other| given.iter().any(|id| !self.disjoint(*id, *other)))
    }

    /// The files of the package that the vulnerability affects are outdated; none when it affects none.
    fn affected(
        &self,
        vulnerability: &Vulnerability,
        package: &Package,
        given: &[SelectorId],
    ) -> Option<Expr> {
        if vulnerability.affects.is_empty() {
            return Some(self.package_outdated(package, Some(&vulnerability.id)));
        }
        let clause = |affects: &Affects| {
            let outdated = self.some_outdated(package, &affects.files, Some(&vulnerability.id))?;
            let gate = if affects.on.is_empty() { None } else { self.gate(&affects.on, given) };
            Some(Expr::all(gate.into_iter().chain([outdated])))
        };
        let relevant = vulnerability.affects.iter().filter(|affects| self.concerns(&affects.on, given));
        let clauses: Vec<Expr> = relevant.filter_map(clause).collect();
        (!clauses.is_empty()).then(|| Expr::any(clauses))
    }

    fn exposed(&self, exposure: &Exposure, given: &[SelectorId]) -> Expr {
        let gate = if exposure.on.is_empty() { None } else { self.gate(&exposure.on, given) };
        let elsewhere = gate.map(Expr::negate);
        Expr::any(elsewhere.into_iter().chain([exposure.when.value.clone()]))
    }

    fn not_worked_around(&self, workaround: &Workaround, given: &[SelectorId]) -> Option<Expr> {
        let when = workaround.when.as_deref()?.clone();
        if !self.concerns(&workaround.on, given) {
            return None;
        }
        let gate = if workaround.on.is_empty() { None } else { self.gate(&workaround.on, given) };
        Some(Expr::negate(Expr::all(gate.into_iter().chain([when]))))
    }
}

/// Where a vulnerability exists.
struct Extent {
    /// On one platform of each of these lists.
    limits: Vec<Vec<SelectorId>>,
    /// On none of these.
    spared: Vec<SelectorId>,
}

impl Extent {
    fn of(vulnerability: &Vulnerability) -> Self {
        let (none, some): (Vec<&RatedOn>, Vec<&RatedOn>) =
            vulnerability.ratings.iter().partition(|rated| rated.rating == Rating::None);
        let rated = common_limit(some.iter().map(|rated| rated.on.as_slice()));
        let affected = common_limit(vulnerability.affects.iter().map(|affects| affects.on.as_slice()));
        let spared = none.into_iter().flat_map(|rated| rated.on.iter().copied()).collect();
        Self { limits: rated.into_iter().chain(affected).collect(), spared }
    }
}

/// All platforms that clauses name, if there are clauses and each names some.
fn common_limit<'a>(clauses: impl Iterator<Item = &'a [SelectorId]> + Clone) -> Option<Vec<SelectorId>> {
    let limited = clauses.clone().next().is_some() && clauses.clone().all(|on| !on.is_empty());
    limited.then(|| clauses.flatten().copied().collect())
}

impl OsFacts {
    /// The conjunction of the facts.
    #[must_use]
    pub fn formula(&self, origin: Origin) -> Expr {
        let test = |test: Test| Expr::test(test, origin);
        let suites = self.suites.iter().cloned().map(Test::Suite).map(test);
        let without = self.without_suites.iter().cloned().map(Test::Suite).map(test).map(Expr::negate);
        let facts = [
            self.family.map(Test::Family),
            self.version.map(Test::OsVersion),
            self.builds.clone().map(Test::OsBuild),
            self.types.clone().map(Test::ProductType),
            self.architectures.clone().map(Test::Architecture),
            self.service_packs.clone().map(Test::ServicePack),
            self.language.map(Test::Language),
        ];
        Expr::all(
            facts
                .into_iter()
                .flatten()
                .map(test)
                .chain(suites)
                .chain(without)
                .chain(self.when.iter().cloned()),
        )
    }
}

impl Package {
    /// Some file of the package is there. Always, where no floor decides, and where the package's own
    /// condition or a requirement names one of the files: then the rule says itself what has to be there.
    #[must_use]
    pub fn present(&self) -> Expr {
        let exists = |file: &PackageFile| Expr::test(Test::FileExists(file.path.clone()), file.origin);
        let files: Vec<Expr> = self.versioned().map(exists).collect();
        if files.is_empty() || self.vulnerable_when.is_some() || self.requires_a_file() {
            return Expr::All(Vec::new());
        }
        Expr::any(files)
    }

    /// Whether a requirement names one of the package's files.
    fn requires_a_file(&self) -> bool {
        let own: BTreeSet<String> = self.files.iter().map(|file| file.path.folded()).collect();
        let mut named = false;
        for expr in &self.requires {
            expr.leaves(&mut |leaf| {
                named |= leaf.test.path().is_some_and(|path| own.contains(&path.folded()));
            });
        }
        named
    }

    /// The files that have floors.
    pub fn versioned(&self) -> impl Iterator<Item = &PackageFile> {
        self.files.iter().filter(|file| !file.floors.is_empty())
    }

    /// The host is of one of the package's languages.
    #[must_use]
    pub fn in_languages(&self) -> Expr {
        let tests = self.languages.iter().map(|language| Test::Language(*language));
        Expr::any(tests.map(|test| Expr::test(test, self.origin)))
    }
}

impl Floor {
    /// The hosts that the floor holds for; a file's version may narrow it further.
    #[must_use]
    pub fn guard(&self) -> Expr {
        Expr::all(guards(self))
    }
}

/// The host is of one of the platforms.
fn platforms<'a>(ids: impl IntoIterator<Item = &'a SelectorId>) -> Expr {
    Expr::any(ids.into_iter().map(|id| Expr::Platform(*id)))
}

impl RuleSet {
    /// Some file of the package, or the host's build, is below its floor; the package's own condition, or its marker,
    /// in their place.
    #[must_use]
    pub fn outdated(&self, package: &Package) -> Expr {
        self.package_outdated(package, None)
    }

    /// The same for a vulnerability, which some hotpatches mend.
    fn package_outdated(&self, package: &Package, vulnerability: Option<&CveId>) -> Expr {
        let floors = self.some_outdated(package, &[], vulnerability);
        floors.unwrap_or_else(|| Expr::negate(Expr::any(package.markers.iter().cloned())))
    }

    /// One of the named files (all when none is named), or the host's build, is below its floor; none when nothing
    /// of that is testable.
    fn some_outdated(
        &self,
        package: &Package,
        names: &[String],
        vulnerability: Option<&CveId>,
    ) -> Option<Expr> {
        if let Some(condition) = &package.vulnerable_when {
            return Some(condition.value.clone());
        }
        let named = |file: &&PackageFile| {
            names.is_empty() || names.iter().any(|name| name::same(name, file.path.file_name()))
        };
        let policy = package.branch_policy.map_or(BranchPolicy::Lowest, |policy| policy.value);
        let files = package.files.iter().filter(named).flat_map(|file| {
            let elsewhere = package.outside.map(|meaning| outside::outdated(file, meaning.value));
            file_outdated(file, policy).into_iter().chain(elsewhere.into_iter().flatten())
        });
        let outdated: Vec<Expr> = files.chain(builds::outdated(self, package, vulnerability)).collect();
        (!outdated.is_empty()).then(|| Expr::any(outdated))
    }
}

/// One formula for every group of floors of a file that differ in their branch only.
fn file_outdated(file: &PackageFile, policy: BranchPolicy) -> Vec<Expr> {
    group_floors(&file.floors).into_iter().map(|group| group.outdated(file, policy)).collect()
}

/// Floors of a file that hold for the same hosts and versions, and differ in their branch only.
pub(crate) struct FloorGroup<'a> {
    first: &'a Floor,
    /// The lowest of their versions.
    pub(crate) low: FileVersion,
    /// The highest of their versions.
    pub(crate) high: FileVersion,
}

pub(crate) fn group_floors(floors: &[Floor]) -> Vec<FloorGroup<'_>> {
    let mut index = BTreeMap::new();
    let mut groups: Vec<FloorGroup<'_>> = Vec::new();
    for floor in floors {
        let key = (&floor.service_packs, floor.architecture, &floor.languages, &floor.within);
        let at = *index.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => {
                group.low = group.low.min(floor.version);
                group.high = group.high.max(floor.version);
            }
            None => groups.push(FloorGroup { first: floor, low: floor.version, high: floor.version }),
        }
    }
    groups
}

impl FloorGroup<'_> {
    fn outdated(&self, file: &PackageFile, policy: BranchPolicy) -> Expr {
        let version = |versions: VersionSet| {
            let versions =
                self.first.within.as_ref().map_or(versions.clone(), |within| within.intersection(&versions));
            Expr::test(Test::FileVersion(file.path.clone(), versions), self.first.origin)
        };
        let below = match policy {
            BranchPolicy::Highest => version(VersionSet::below(self.high)),
            BranchPolicy::Unknown if self.low < self.high => {
                let between = VersionSet::between(self.low, Some(self.high));
                let reason = Reason::Branch(file.path.clone(), between.clone());
                let window = version(between);
                let open = Expr::all([window, Expr::test(Test::Unknowable(reason), self.first.origin)]);
                Expr::any([version(VersionSet::below(self.low)), open])
            }
            BranchPolicy::Lowest | BranchPolicy::Unknown => version(VersionSet::below(self.low)),
        };
        Expr::all(guards(self.first).into_iter().chain([below]))
    }
}

fn guards(floor: &Floor) -> Vec<Expr> {
    let test = |test: Test| Expr::test(test, floor.origin);
    let mut guards = Vec::new();
    guards.extend(floor.service_packs.clone().map(Test::ServicePack).map(test));
    guards.extend(floor.architecture.map(|one| test(Test::Architecture([one].into()))));
    match &floor.languages {
        FloorLanguages::Every => {}
        FloorLanguages::Only(language) => guards.push(test(Test::Language(*language))),
        FloorLanguages::Otherwise(named) => {
            guards.extend(named.iter().copied().map(Test::Language).map(test).map(Expr::negate));
        }
    }
    guards
}
