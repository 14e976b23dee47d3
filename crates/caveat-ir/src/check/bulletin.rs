//! What a bulletin must have.

use std::collections::BTreeMap;

use caveat_diag::Code;
use caveat_diag::suggest::did_you_mean;

use super::Checker;
use crate::expr::{Expr, Test};
use crate::meaning::group_floors;
use crate::outside::MAX_FLOORS;
use crate::placed::Origin;
use crate::rule::{Bulletin, Package, PackageFile, Vulnerability, Workaround};
use crate::value::{NumberSet, name};

pub(super) fn check(checker: &mut Checker<'_>, bulletin: &Bulletin) {
    for (missing, what) in
        [(bulletin.vulnerabilities.is_empty(), "vulnerability"), (bulletin.packages.is_empty(), "package")]
    {
        if missing {
            let message = format!("the bulletin `{}` has no {what}", bulletin.id);
            let help = format!("add a `{what} … {{ … }}` block");
            checker.report(Code::MISSING_PART, bulletin.origin, message, &help);
        }
    }
    clauses(checker, bulletin);
    unique(checker, "vulnerability", bulletin.vulnerabilities.iter().map(|v| (v.id.as_str(), v.origin)));
    unique(checker, "package", bulletin.packages.iter().map(|p| (p.name.as_str(), p.origin)));
    unique(checker, "test", bulletin.tests.iter().map(|t| (t.name.as_str(), t.origin)));
    for vulnerability in &bulletin.vulnerabilities {
        self::vulnerability(checker, bulletin, vulnerability);
    }
    for package in &bulletin.packages {
        self::package(checker, package);
        hotpatches(checker, bulletin, package);
    }
    for test in &bulletin.tests {
        for expectation in &test.expectations {
            if let Some(id) = &expectation.vulnerability
                && !bulletin.vulnerabilities.iter().any(|v| v.id == *id)
            {
                let message = format!("`{id}` is not a vulnerability of `{}`", bulletin.id);
                checker.report(
                    Code::UNKNOWN_VALUE,
                    expectation.origin,
                    message,
                    "name one of the bulletin's vulnerabilities",
                );
            }
        }
    }
}

fn clauses(checker: &mut Checker<'_>, bulletin: &Bulletin) {
    for supersedes in &bulletin.supersedes {
        checker.selectors(&supersedes.on);
    }
    for unaffected in &bulletin.unaffected {
        checker.selectors(&unaffected.platforms);
        conditions(checker, bulletin.origin, unaffected.when.as_deref());
    }
    for one in &bulletin.workarounds {
        workaround(checker, bulletin.origin, one);
    }
}

fn conditions<'a>(
    checker: &mut Checker<'_>,
    origin: Origin,
    expressions: impl IntoIterator<Item = &'a Expr>,
) {
    for expr in expressions {
        checker.expr(expr, origin);
    }
}

fn workaround(checker: &mut Checker<'_>, origin: Origin, workaround: &Workaround) {
    checker.selectors(&workaround.on);
    conditions(checker, origin, workaround.when.as_deref());
}

fn unique<'a>(checker: &mut Checker<'_>, what: &str, names: impl Iterator<Item = (&'a str, Origin)>) {
    let mut seen = BTreeMap::new();
    for (name, origin) in names {
        if seen.insert(name, origin).is_some() {
            let message = format!("the {what} `{name}` is defined twice");
            checker.report(Code::DUPLICATE_DEFINITION, origin, message, "give each a name of its own");
        }
    }
}

fn vulnerability(checker: &mut Checker<'_>, bulletin: &Bulletin, vulnerability: &Vulnerability) {
    for on in vulnerability.ratings.iter().map(|rated| &rated.on) {
        checker.selectors(on);
    }
    for exposure in &vulnerability.exposures {
        checker.selectors(&exposure.on);
        checker.expr(&exposure.when, vulnerability.origin);
    }
    for one in &vulnerability.workarounds {
        workaround(checker, vulnerability.origin, one);
    }
    for affects in &vulnerability.affects {
        checker.selectors(&affects.on);
        for name in affects.files.iter().filter(|name| !ships(bulletin, name)) {
            let message = format!("no package of `{}` ships the file `{name}`", bulletin.id);
            checker.report(Code::UNSHIPPED_FILE, affects.origin, message, &shipped(bulletin, name));
        }
    }
}

fn ships(bulletin: &Bulletin, name: &str) -> bool {
    files(bulletin).any(|file| name::same(file, name))
}

fn files(bulletin: &Bulletin) -> impl Iterator<Item = &str> {
    bulletin.packages.iter().flat_map(|package| &package.files).map(|file| file.path.file_name())
}

/// The shipped file of the same stem, else the list of them.
fn shipped(bulletin: &Bulletin, name: &str) -> String {
    let stem = |name: &str| name::folded(name.split('.').next().unwrap_or(name));
    match files(bulletin).find(|file| stem(file) == stem(name)) {
        Some(alike) => did_you_mean(alike),
        None => {
            let mut all: Vec<&str> = files(bulletin).collect();
            all.sort_unstable();
            all.dedup();
            all.truncate(12);
            format!("shipped files are: {}", all.join(", "))
        }
    }
}

fn package(checker: &mut Checker<'_>, package: &Package) {
    checker.selectors(&package.platforms);
    for (missing, what, help) in [
        (package.platforms.is_empty(), "platform", "add `for PLATFORM, …`"),
        (
            !judgeable(package),
            "file, marker or condition to judge a host by",
            "add a `file … fixed in …`, a `build fixed in …`, a `marker` or `vulnerable when …`",
        ),
    ] {
        if missing {
            let message = format!("the package `{}` has no {what}", package.name);
            checker.report(Code::MISSING_PART, package.origin, message, help);
        }
    }
    let expressions =
        package.requires.iter().chain(package.vulnerable_when.as_deref()).chain(&package.markers);
    conditions(checker, package.origin, expressions);
    for file in &package.files {
        floors(checker, package, file);
    }
    outside(checker, package);
    builds(checker, package);
    markers(checker, package);
}

fn outside(checker: &mut Checker<'_>, package: &Package) {
    let large = |file: &&PackageFile| package.outside.is_some() && file.floors.len() > MAX_FLOORS;
    for file in package.files.iter().filter(large) {
        let message = format!(
            "`{}` has more than {MAX_FLOORS} floors, too many to say what lies outside their ranges",
            file.path.file_name()
        );
        checker.report(Code::TOO_LARGE, file.origin, message, "split the package by its platforms");
    }
}

/// Builds that share their revisions have one floor.
fn builds(checker: &mut Checker<'_>, package: &Package) {
    for (at, floor) in package.builds.iter().enumerate() {
        let own = NumberSet::range(floor.build.build, floor.build.build);
        if !own.is_subset(&floor.line) {
            let message = format!("the line of the floor {} does not hold its build", floor.build);
            checker.report(Code::UNKNOWN_VALUE, floor.origin, message, "add the build to the line");
        }
        let earlier = package.builds.iter().take(at);
        let mut same = earlier.filter(|other| !other.line.intersection(&floor.line).is_empty());
        if let Some(other) = same.find(|other| other.build.revision != floor.build.revision) {
            let message =
                format!("the builds {} have two floors, {} and {}", floor.line, other.build, floor.build);
            let help = "these builds share their revisions: remove the wrong floor";
            checker.report(Code::AMBIGUOUS_BRANCH, floor.origin, message, help);
        }
        if floor.build.revision == 0 {
            let message = format!("no revision can be below {}", floor.build);
            checker.report(
                Code::UNREACHABLE_FLOOR,
                floor.origin,
                message,
                "the first revision must be above 0",
            );
        }
    }
}

/// A hotpatch lies below the floor of its line, and mends vulnerabilities of the bulletin.
fn hotpatches(checker: &mut Checker<'_>, bulletin: &Bulletin, package: &Package) {
    for one in &package.hotpatches {
        let build = one.build;
        let floor = package.builds.iter().find(|floor| floor.line.contains(build.build));
        if floor.is_none_or(|floor| floor.build.revision <= build.revision) {
            let message = match floor {
                Some(floor) => format!("the hotpatch {build} is not below the floor {}", floor.build),
                None => format!("the hotpatch {build} has no floor that it could be below"),
            };
            let help =
                "write the floor of its builds with `build fixed in`, and hotpatches of lower revisions";
            checker.report(Code::UNREACHABLE_FLOOR, one.origin, message, help);
        }
        for id in &one.vulnerabilities {
            if !bulletin.vulnerabilities.iter().any(|known| known.id == *id) {
                let message = format!("`{id}` is not a vulnerability of `{}`", bulletin.id);
                let help = "name one of the bulletin's vulnerabilities";
                checker.report(Code::UNKNOWN_VALUE, one.origin, message, help);
            }
        }
    }
}

fn judgeable(package: &Package) -> bool {
    let versioned = package.files.iter().any(|file| !file.floors.is_empty());
    versioned
        || !package.builds.is_empty()
        || package.vulnerable_when.is_some()
        || !package.markers.is_empty()
}

fn markers(checker: &mut Checker<'_>, package: &Package) {
    let is_registry = |expr: &Expr| matches!(expr, Expr::Test(leaf) if matches!(leaf.test, Test::RegistryKey(_) | Test::RegistryValue(..)));
    if !package.markers.iter().all(is_registry) {
        checker.report(
            Code::UNKNOWN_VALUE,
            package.origin,
            "a marker is not a registry key or value",
            "write `marker registry KEY`",
        );
    }
}

fn floors(checker: &mut Checker<'_>, package: &Package, file: &PackageFile) {
    for group in group_floors(&file.floors) {
        if group.low < group.high && package.branch_policy.is_none() {
            let (name, low, high) = (file.path.file_name(), group.low, group.high);
            let (message, help) = if file.floors.iter().any(|floor| floor.branch.is_some()) {
                (
                    format!("the branches of `{name}` have different floors, {low} and {high}"),
                    "tell them apart with `within`, or say `branches lowest`, `highest` or `unknown` in the package",
                )
            } else {
                (
                    format!("`{name}` has two floors for the same hosts, {low} and {high}"),
                    "remove the wrong one, or say what each holds for: `sp`, `language`, `architecture`, `within`",
                )
            };
            checker.report(Code::AMBIGUOUS_BRANCH, file.origin, message, help);
        }
    }
    for floor in &file.floors {
        let unreachable = floor.within.as_ref().is_some_and(|within| {
            within.intersection(&crate::value::VersionSet::below(floor.version)).is_empty()
        });
        // A floor may be the end of its range, as all of its versions are outdated then.
        let beyond = floor.within.as_ref().is_some_and(|within| {
            let end = within.intervals().last().and_then(|last| last.high.next());
            end.is_some_and(|end| end < floor.version)
        });
        if beyond {
            let message =
                format!("no version of `{}` in the range can reach {}", file.path.file_name(), floor.version);
            let help = "the floor must lie in its range, or be the end of it";
            checker.report(Code::UNREACHABLE_FLOOR, floor.origin, message, help);
        }
        let unreachable = unreachable || floor.version == crate::value::FileVersion::MIN;
        if unreachable {
            let message =
                format!("no version of `{}` can be below {} here", file.path.file_name(), floor.version);
            checker.report(
                Code::UNREACHABLE_FLOOR,
                floor.origin,
                message,
                "the floor must lie above the start of its range",
            );
        }
    }
}
