//! A bulletin as the lints see it: its rules and its formulas side by side.

use std::collections::BTreeSet;

use caveat_diag::{Diagnostic, Span};
use caveat_ir::expr::Test;
use caveat_ir::meaning::Case;
use caveat_ir::rule::{
    Bulletin, Floor, Included, Package, PackageFile, RatedOn, SelectorId, Vulnerability, Workaround,
};
use caveat_ir::value::{Kb, VersionSet};
use caveat_ir::{Expr, Origin, Placed, RuleSet, Unmeasured};
use caveat_logic::{Formula, World};

use crate::context::{Context, because};

/// A bulletin.
pub(crate) struct View<'a> {
    pub(crate) bulletin: &'a Bulletin,
    pub(crate) rules: &'a RuleSet,
    pub(crate) world: World,
    pub(crate) packages: Vec<PackageView<'a>>,
    pub(crate) cases: Vec<CaseView<'a>>,
}

/// A package, its places and its formulas.
pub(crate) struct PackageView<'a> {
    pub(crate) package: &'a Package,
    /// The platforms that it is for, as written.
    pub(crate) platform_span: Option<Span>,
    /// Its `languages` statements.
    pub(crate) languages_span: Option<Span>,
    pub(crate) platform: Formula,
    /// The same, for hosts that there can be.
    pub(crate) real: Formula,
    /// The host is of one of the package's languages.
    pub(crate) languages: Formula,
    pub(crate) required: Formula,
    pub(crate) applicable: Formula,
    pub(crate) outdated: Formula,
}

/// A vulnerability on a package, and its formulas.
pub(crate) struct CaseView<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) applicable: Formula,
    pub(crate) outdated: Formula,
    pub(crate) exposed: Formula,
}

impl<'a> View<'a> {
    pub(crate) fn new(context: &Context<'a>, bulletin: &'a Bulletin) -> Self {
        let cases: Vec<Case<'a>> = context.rules.cases(bulletin).collect();
        let mut all = formulas(context.rules, bulletin, &cases);
        all.extend(bulletin.packages.iter().map(|package| real_platforms(context, package)));
        let world = World::new(context.rules, &all);
        let packages = bulletin.packages.iter();
        let packages = packages.map(|package| PackageView::new(context, &world, package)).collect();
        let cases = cases.into_iter().map(|case| CaseView::new(&world, case)).collect();
        Self { bulletin, rules: context.rules, world, packages, cases }
    }

    pub(crate) fn is_on(&self, platforms: &[SelectorId]) -> Formula {
        self.world.formula(&any_platform(platforms))
    }

    /// The articles of a package: its own, or those of the bulletin where it has none.
    pub(crate) fn articles(&self, package: &PackageView<'_>) -> BTreeSet<Kb> {
        let own = &package.package.kb;
        let all = if own.is_empty() { &self.bulletin.kb } else { own };
        all.iter().copied().collect()
    }

    /// Every condition that asks a host for something, markers included.
    pub(crate) fn conditions(&self) -> Vec<&'a Expr> {
        let bulletin = self.bulletin;
        let packages = bulletin.packages.iter().flat_map(|package| {
            package.requires.iter().chain(package.vulnerable_when.as_deref()).chain(&package.markers)
        });
        let unaffected = bulletin.unaffected.iter().filter_map(|one| one.when.as_deref());
        let exposures = bulletin.vulnerabilities.iter().flat_map(|one| &one.exposures);
        let own = bulletin.vulnerabilities.iter().flat_map(|one| &one.workarounds);
        let workarounds = bulletin.workarounds.iter().chain(own).filter_map(|one| one.when.as_deref());
        let all = packages.chain(unaffected).chain(exposures.map(|one| &*one.when)).chain(workarounds);
        all.collect()
    }

    /// The ratings of all vulnerabilities.
    pub(crate) fn ratings(&self) -> impl Iterator<Item = &'a RatedOn> + use<'a> {
        self.bulletin.vulnerabilities.iter().flat_map(|vulnerability| &vulnerability.ratings)
    }

    /// The workarounds whose effect can be seen, each with its condition and the vulnerability that it is for, if
    /// it is for one.
    pub(crate) fn workarounds(&self) -> Vec<(&'a Workaround, &'a Placed<Expr>, Option<&'a Vulnerability>)> {
        let own = self.bulletin.workarounds.iter().map(|one| (one, None));
        let of_vulnerabilities = self.bulletin.vulnerabilities.iter().flat_map(|vulnerability| {
            vulnerability.workarounds.iter().map(move |one| (one, Some(vulnerability)))
        });
        let all = own.chain(of_vulnerabilities);
        all.filter_map(|(one, of)| Some((one, one.when.as_ref()?, of))).collect()
    }
}

/// Every formula that the lints ask about, or whose tests they put together anew.
fn formulas(rules: &RuleSet, bulletin: &Bulletin, cases: &[Case<'_>]) -> Vec<Expr> {
    let mut all: Vec<Expr> = cases.iter().flat_map(|case| [case.vulnerable(), case.applicable()]).collect();
    for package in &bulletin.packages {
        all.push(any_platform(&package.platforms));
        let conditions = package.requires.iter().chain(package.vulnerable_when.as_deref());
        all.extend(conditions.chain(&package.markers).cloned());
        all.push(rules.outdated(package));
        all.extend(package.files.iter().flat_map(|file| &file.floors).map(Floor::guard));
        all.extend(package.files.iter().flat_map(unmeasured).map(|(_, expr)| expr));
        all.push(package.in_languages());
    }
    for unaffected in &bulletin.unaffected {
        all.push(any_platform(&unaffected.platforms));
        all.extend(unaffected.when.as_deref().cloned());
    }
    let own = bulletin.vulnerabilities.iter().flat_map(|one| &one.workarounds);
    for workaround in bulletin.workarounds.iter().chain(own) {
        all.push(any_platform(&workaround.on));
        all.extend(workaround.when.as_deref().cloned());
    }
    for vulnerability in &bulletin.vulnerabilities {
        all.extend(vulnerability.ratings.iter().map(|rated| any_platform(&rated.on)));
        all.extend(vulnerability.affects.iter().map(|affects| any_platform(&affects.on)));
        all.extend(vulnerability.exposures.iter().map(|exposure| any_platform(&exposure.on)));
        all.extend(vulnerability.exposures.iter().map(|exposure| exposure.when.value.clone()));
    }
    all
}

pub(crate) fn any_platform(platforms: &[SelectorId]) -> Expr {
    Expr::any(platforms.iter().copied().map(Expr::Platform))
}

/// The hosts there can be of a package's platforms.
fn real_platforms(context: &Context<'_>, package: &Package) -> Expr {
    Expr::any(package.platforms.iter().map(|id| context.rules.real(*id)))
}

impl<'a> PackageView<'a> {
    fn new(context: &Context<'_>, world: &World, package: &'a Package) -> Self {
        let platform = world.formula(&any_platform(&package.platforms));
        let real = world.formula(&real_platforms(context, package));
        let every = package.languages.is_empty();
        let languages = world.formula(&if every { Expr::All(Vec::new()) } else { package.in_languages() });
        let required = world.formula(&Expr::all(package.requires.iter().cloned()));
        let applicable = Formula::all([&real, &languages, &required]);
        let outdated = world.formula(&context.rules.outdated(package));
        let platform_span = context.span_of(package.platforms.placed());
        let languages_span = context.span_of(package.languages.placed());
        Self {
            package,
            platform_span,
            languages_span,
            platform,
            real,
            languages,
            required,
            applicable,
            outdated,
        }
    }

    /// The service packs that the package says its fix is part of, and where it says so.
    pub(crate) fn included_packs(&self) -> impl Iterator<Item = (u32, Origin)> + use<'a> {
        self.package.included_in.placed().filter_map(|(included, origin)| match included {
            Included::ServicePack(number) => Some((*number, origin)),
            Included::Text(_) => None,
        })
    }

    /// The floors of the package, each with its file.
    pub(crate) fn floors(&self) -> impl Iterator<Item = (&'a PackageFile, &'a Floor)> + use<'a> {
        self.package.files.iter().flat_map(|file| file.floors.iter().map(move |floor| (file, floor)))
    }

    /// Points at the platforms of the package, as the reason of a problem.
    pub(crate) fn for_these(&self, problem: Diagnostic) -> Diagnostic {
        because(problem, self.platform_span, "the package is for these")
    }

    /// One file of the package is outdated.
    pub(crate) fn file_outdated(&self, view: &View<'_>, file: &PackageFile) -> Formula {
        view.world.formula(&file_outdated(view.rules, self.package, file))
    }
}

impl<'a> CaseView<'a> {
    fn new(world: &World, case: Case<'a>) -> Self {
        let applicable = world.formula(&case.applicable());
        let outdated = world.formula(&case.outdated);
        let exposed = world.formula(&case.exposed);
        Self { case, applicable, outdated, exposed }
    }
}

/// One file of a package is outdated.
pub(crate) fn file_outdated(rules: &RuleSet, package: &Package, file: &PackageFile) -> Expr {
    let alone = Package {
        files: vec![file.clone()],
        branch_policy: package.branch_policy,
        ..Package::new(package.name.clone())
    };
    rules.outdated(&alone)
}

/// The versions of a file that no floor measures though later ones have one, and a host with such a file.
pub(crate) fn unmeasured(file: &PackageFile) -> Vec<(VersionSet, Expr)> {
    let hosts = file.unmeasured().into_iter().map(|Unmeasured { versions, hosts }| {
        let version = Test::FileVersion(file.path.clone(), versions.clone());
        (versions, Expr::all([hosts, Expr::test(version, Origin::default())]))
    });
    hosts.collect()
}
