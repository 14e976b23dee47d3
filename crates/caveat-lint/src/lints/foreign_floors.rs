//! Floors numbered as another Windows numbers the same file, in a package for one Windows.
//!
//! Where the number lines of the platforms do not tell, the other packages of the bulletin have to show that the
//! file is numbered after its Windows, as not every file is.

use std::collections::{BTreeMap, BTreeSet};

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Floor, PackageFile};
use caveat_ir::value::{FileVersion, NumberSet, OsVersion, name};

use crate::context::{Context, report};
use crate::knowledge::{build_of_pack, is_windows, travels};
use crate::lints::number_lines;
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    of_another_column(context, view, found);
    let hosts: Vec<Hosts> = view.packages.iter().map(|package| Hosts::new(context, package)).collect();
    for (at, package) in view.packages.iter().enumerate() {
        let told = number_lines::problem(context, package);
        let mut floors = package.floors().filter(|(file, _)| !travels(file.path.file_name()));
        found.extend(told.or_else(|| {
            floors.find_map(|(file, floor)| {
                let own = hosts.get(at)?;
                let siblings = view.packages.iter().zip(&hosts).enumerate();
                let siblings = siblings.filter(|(other, _)| *other != at).map(|(_, sibling)| sibling);
                let matching = siblings.filter_map(|(other, hosts)| same_file(other, file, hosts));
                let matching: BTreeSet<(OsVersion, u32)> = matching.collect();
                let windows = foreign(own, floor.version, &matching)?;
                Some(diagnostic(context, package, file, floor, &windows))
            })
        }));
    }
}

/// Floors that most files of another package have, this one among them, while most files here have another
/// that is numbered apart.
fn of_another_column(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let common: Vec<Option<FileVersion>> = view.packages.iter().map(common).collect();
    for (package, own) in view.packages.iter().zip(&common) {
        let Some(own) = own else { continue };
        let copied = package.floors().find_map(|(file, floor)| {
            let version = floor.version;
            let alike = package.floors().filter(|(_, other)| numbering(other.version) == numbering(version));
            let foreign =
                floor.within.is_none() && numbering(version) != numbering(*own) && alike.count() == 1;
            let others =
                view.packages.iter().zip(&common).filter(|(_, top)| foreign && **top == Some(version));
            let mut from = others.map(|(other, _)| other).filter(|other| has(other, file, version));
            from.next().map(|from| (file, floor, from))
        });
        found.extend(copied.map(|(file, floor, from)| {
            let message = format!(
                "the floor {} of `{}` is the one of the package `{}`; most files here have {own}",
                floor.version,
                file.path.file_name(),
                from.package.name
            );
            let problem = report(Code::FLOOR_OF_ANOTHER_PLATFORM, message, context.span(floor.origin), "");
            problem.help("correct the floor, if it was copied")
        }));
    }
}

/// The floor that at least half of the files of a package have, if those are some.
fn common(package: &PackageView<'_>) -> Option<FileVersion> {
    const FEWEST: usize = 4;
    let mut counts: BTreeMap<FileVersion, usize> = BTreeMap::new();
    for (_, floor) in package.floors() {
        *counts.entry(floor.version).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let (version, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (all >= FEWEST && count * 2 >= all).then_some(version)
}

fn has(package: &PackageView<'_>, file: &PackageFile, version: FileVersion) -> bool {
    let name = file.path.file_name();
    package
        .floors()
        .any(|(other, floor)| name::same(other.path.file_name(), name) && floor.version == version)
}

/// The versions of Windows that a package is for, and the builds that files are numbered after where all are known.
#[derive(Default)]
struct Hosts {
    versions: BTreeSet<OsVersion>,
    builds: BTreeSet<u32>,
}

impl Hosts {
    /// Nothing is known of a package that is for a platform of any version.
    fn new(context: &Context<'_>, package: &PackageView<'_>) -> Self {
        let mut hosts = Self::default();
        let mut builds = Some(BTreeSet::new());
        for id in &package.package.platforms {
            let Some(selector) = context.rules.selector(*id) else { continue };
            let facts = context.rules.facts(selector);
            let Some(version) = facts.version else { return Self::default() };
            hosts.versions.insert(version);
            let of_pack = || build_of_pack(version, single(facts.service_packs.as_ref())?);
            let single = || single(facts.builds.as_ref()).or_else(of_pack).map(|build| [build].into());
            let own = number_lines::builds(context, selector).or_else(single);
            builds = builds.zip(own).map(|(builds, own)| &builds | &own);
        }
        hosts.builds = builds.unwrap_or_default();
        hosts
    }
}

fn single(set: Option<&NumberSet>) -> Option<u32> {
    match set?.ranges() {
        [(low, high)] if low == high => Some(*low),
        _ => None,
    }
}

fn numbering(version: FileVersion) -> (OsVersion, u32) {
    let [major, minor, build, _] = version.0;
    (OsVersion { major, minor }, u32::from(build))
}

/// How a package numbers the file, if it does so after its own Windows.
fn same_file(other: &PackageView<'_>, file: &PackageFile, hosts: &Hosts) -> Option<(OsVersion, u32)> {
    let name = file.path.file_name();
    let mut same = other.floors().filter(|(one, _)| name::same(one.path.file_name(), name));
    let numbers = same.next().map(|(_, floor)| numbering(floor.version))?;
    let after =
        hosts.versions.contains(&numbers.0) && (hosts.builds.is_empty() || hosts.builds.contains(&numbers.1));
    after.then_some(numbers)
}

/// The Windows after which a version is numbered, if the package is not for it: two others have to show
/// that the file is numbered after its Windows, or one that has the same version but another build.
fn foreign(own: &Hosts, floor: FileVersion, siblings: &BTreeSet<(OsVersion, u32)>) -> Option<String> {
    let (version, build) = numbering(floor);
    if own.versions.is_empty() || !is_windows(version, build) {
        return None;
    }
    let versions: BTreeSet<OsVersion> = siblings.iter().map(|(version, _)| *version).collect();
    if !own.versions.contains(&version) {
        return (versions.len() >= 2).then(|| format!("Windows {version}"));
    }
    let known = siblings.contains(&(version, build)) || build_is_of_a_pack(version, build);
    let wrong = !own.builds.is_empty() && !own.builds.contains(&build);
    let shown = siblings.iter().any(|(other, _)| *other == version);
    (wrong && known && shown).then(|| format!("Windows {version}, build {build},"))
}

fn build_is_of_a_pack(version: OsVersion, build: u32) -> bool {
    (0..=2).any(|pack| build_of_pack(version, pack) == Some(build))
}

fn diagnostic(
    context: &Context<'_>,
    package: &PackageView<'_>,
    file: &PackageFile,
    floor: &Floor,
    windows: &str,
) -> Diagnostic {
    let message = format!(
        "the package `{}` measures `{}` by {}, which is numbered as files of {windows} are",
        package.package.name,
        file.path.file_name(),
        floor.version
    );
    let problem = report(Code::FLOOR_OF_ANOTHER_PLATFORM, message, context.span(floor.origin), "");
    let problem = package.for_these(problem);
    problem
        .note("the other packages of the bulletin number this file after their own Windows")
        .help("correct the floor, or the platforms of the package")
}
