//! Packages whose tests stay clear of a floor, where a mistake would show.

use std::collections::BTreeMap;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::host::{HostFile, Scalar};
use caveat_ir::rule::{Expected, Floor, FloorLanguages, OsFacts, PackageFile, RuleTest, Verdict};
use caveat_ir::value::{Architecture, FileVersion, Language, NumberSet, OsVersion, ProductType, name};

use crate::context::{Context, report};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let tests: Vec<&RuleTest> =
            view.bulletin.tests.iter().filter(|test| concerns(context, package, test)).collect();
        let expects = |wanted: Verdict| {
            let mut expectations = tests.iter().flat_map(|test| &test.expectations);
            expectations.any(|one| one.expected == Expected::Verdict(wanted))
        };
        if !expects(Verdict::Vulnerable) || !expects(Verdict::Fixed) {
            continue;
        }
        let sets = sets(package);
        let untried: Vec<(&Floor, &str)> =
            sets.iter().filter_map(|set| Some((set.first()?.1, untried(set, &tests)?))).collect();
        // Where all floors lack the same, the package is the place to say so, once.
        let first = untried.first().map(|(_, what)| *what);
        let same = untried.len() == sets.len() && untried.iter().all(|(_, what)| Some(*what) == first);
        if let Some(what) = first.filter(|_| same) {
            found.push(problem(package, context.span(package.package.origin), "", what));
        } else {
            found.extend(
                untried
                    .into_iter()
                    .map(|(floor, what)| problem(package, context.span(floor.origin), &hosts(floor), what)),
            );
        }
    }
}

fn problem(package: &PackageView<'_>, place: Option<Span>, hosts: &str, what: &str) -> Diagnostic {
    let message = format!("no test of the package `{}`{hosts} has {what}", package.package.name);
    report(Code::UNTESTED_BOUNDARY, message, place, "").help(
        "let a test that expects `fixed` have the floor, and one that expects `vulnerable` the version before it",
    )
}

/// The floors of a package that hold for the same hosts.
fn sets<'a>(package: &PackageView<'a>) -> Vec<Vec<(&'a PackageFile, &'a Floor)>> {
    let mut index = BTreeMap::new();
    let mut sets: Vec<Vec<(&PackageFile, &Floor)>> = Vec::new();
    for file in &package.package.files {
        for floor in &file.floors {
            let key = (&floor.service_packs, floor.architecture, &floor.languages, &floor.within);
            let at = *index.entry(key).or_insert(sets.len());
            match sets.get_mut(at) {
                Some(set) => set.push((file, floor)),
                None => sets.push(vec![(file, floor)]),
            }
        }
    }
    sets
}

/// What no test has for these floors.
fn untried(set: &[(&PackageFile, &Floor)], tests: &[&RuleTest]) -> Option<&'static str> {
    let any = |wanted: fn(&Floor, FileVersion) -> bool| {
        tests.iter().any(|test| {
            set.iter().filter(|(_, floor)| holds_for(floor, &test.host)).any(|(file, floor)| {
                version_of(&test.host, file.path.file_name()).iter().any(|version| wanted(floor, *version))
            })
        })
    };
    if !any(|floor, version| version == floor.version) {
        return Some("a file of the very version it is fixed in");
    }
    let below = |floor: &Floor, version: FileVersion| {
        version < floor.version && floor.within.as_ref().is_none_or(|within| within.contains(version))
    };
    (!any(below)).then_some("a file of a version before the one it is fixed in")
}

/// Whether the floor is for the host of a test, as far as it says.
fn holds_for(floor: &Floor, host: &HostFile) -> bool {
    let os = &host.os;
    let language: Option<Language> = os.language.as_ref().and_then(read);
    let languages = match &floor.languages {
        FloorLanguages::Every => true,
        FloorLanguages::Only(wanted) => language.is_none_or(|language| wanted.covers(&language)),
        FloorLanguages::Otherwise(others) => {
            language.is_none_or(|language| !others.iter().any(|other| other.covers(&language)))
        }
    };
    let packs = os.service_pack.as_ref().and_then(read::<u32>);
    let architecture: Option<Architecture> = os.architecture.as_ref().and_then(read);
    languages
        && agree(floor.service_packs.as_ref(), packs, NumberSet::contains)
        && agree(floor.architecture, architecture, |a, b| a == b)
}

/// The hosts that a floor is for, in words.
fn hosts(floor: &Floor) -> String {
    let mut words = Vec::new();
    words.extend(floor.service_packs.as_ref().map(|packs| format!("service pack {packs}")));
    words.extend(floor.architecture.map(|architecture| architecture.to_string()));
    match &floor.languages {
        FloorLanguages::Every => {}
        FloorLanguages::Only(language) => words.push(format!("language {language}")),
        FloorLanguages::Otherwise(_) => words.push("other languages".to_owned()),
    }
    words.extend(floor.within.as_ref().map(|within| format!("versions {within}")));
    if words.is_empty() { String::new() } else { format!(" for {}", words.join(", ")) }
}

/// Versions of files of this name on the host.
fn version_of(host: &HostFile, name: &str) -> Vec<FileVersion> {
    let named = |path: &str| path.rsplit('\\').next().is_some_and(|last| name::same(last, name));
    let files = host.files.iter().filter(|file| named(&file.path));
    files.filter_map(|file| read(file.version.as_ref()?)).collect()
}

fn read<T: std::str::FromStr>(scalar: &Scalar) -> Option<T> {
    scalar.to_string().parse().ok()
}

/// Whether the host of a test is of a platform of the package, as far as it says.
pub(super) fn concerns(context: &Context<'_>, package: &PackageView<'_>, test: &RuleTest) -> bool {
    let mut facts = package.package.platforms.iter().filter_map(|id| context.rules.selector(*id));
    facts.any(|selector| fits(&context.rules.facts(selector), &test.host))
}

fn fits(facts: &OsFacts, host: &HostFile) -> bool {
    let os = &host.os;
    let number = |scalar: &Option<Scalar>| scalar.as_ref().and_then(read::<u32>);
    let version: Option<OsVersion> = os.version.as_ref().and_then(read);
    let kind: Option<ProductType> = os.product_type.as_ref().and_then(read);
    let architecture: Option<Architecture> = os.architecture.as_ref().and_then(read);
    let language: Option<Language> = os.language.as_ref().and_then(read);
    let suites = os.suites.as_deref().unwrap_or_default();
    agree(facts.version, version, |a, b| a == b)
        && agree(facts.builds.as_ref(), number(&os.build), NumberSet::contains)
        && agree(facts.service_packs.as_ref(), number(&os.service_pack), NumberSet::contains)
        && agree(facts.types.as_ref(), kind, |set, kind| set.contains(&kind))
        && agree(facts.architectures.as_ref(), architecture, |set, one| set.contains(&one))
        && agree(facts.language.as_ref(), language, |wanted, one| wanted.covers(&one))
        && facts.suites.iter().all(|suite| suites.contains(suite))
        && !facts.without_suites.iter().any(|suite| suites.contains(suite))
}

/// What is asked and what is known agree, or one of the two is open.
fn agree<A, B>(asked: Option<A>, known: Option<B>, agree: impl Fn(A, B) -> bool) -> bool {
    match (asked, known) {
        (Some(asked), Some(known)) => agree(asked, known),
        _ => true,
    }
}
