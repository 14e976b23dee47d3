//! Floors that no file of a platform can reach, or that every one is above: files of a release are numbered
//! after the release that it was built from, which may be an earlier one.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::describe;
use caveat_ir::rule::{Floor, NumberLine, Selector, SelectorId};
use caveat_ir::value::{FileVersion, NumberSet, OsVersion};

use crate::context::{Context, report};
use crate::knowledge::{is_of_windows, travels};
use crate::view::PackageView;

/// The first floor of a package that is numbered as no file of one of its platforms is.
pub(crate) fn problem(context: &Context<'_>, package: &PackageView<'_>) -> Option<Diagnostic> {
    let ids = &package.package.platforms;
    let files = package.package.versioned();
    let mut files = files.filter(|file| is_of_windows(&file.path) && !travels(file.path.file_name()));
    files.find_map(|file| {
        ids.iter().find_map(|id| {
            let (floor, lines) = off_the_line(context, *id, &file.floors)?;
            Some(diagnostic(context, package, file.path.file_name(), *id, floor, &lines))
        })
    })
}

/// The builds that files of a selector's hosts are numbered after; none when that is not known.
pub(crate) fn builds(context: &Context<'_>, selector: &Selector) -> Option<BTreeSet<u32>> {
    let lines = lines(context, selector, None);
    let builds = lines.iter().map(|line| {
        let [_, _, build, _] = line.numbers.0;
        u32::from(build)
    });
    Some(builds.collect()).filter(|builds: &BTreeSet<u32>| !builds.is_empty())
}

/// A floor that holds on a platform, and the lines of its files, where it is on none of them, nor is another
/// floor for the same hosts.
fn off_the_line<'f>(
    context: &Context<'_>,
    id: SelectorId,
    floors: &'f [Floor],
) -> Option<(&'f Floor, Vec<FileVersion>)> {
    let selector = context.rules.selector(id)?;
    let version = context.rules.facts(selector).version?;
    let packs = |floor: &Floor| packs(context, selector, floor.service_packs.as_ref());
    let lines = |floor: &Floor| lines(context, selector, floor.service_packs.as_ref());
    let astray = |floor: &Floor| {
        let lines = lines(floor);
        let on_line = lines.iter().any(|line| line.has(floor.version));
        is_numbered(context, version, floor.version) && !lines.is_empty() && !on_line
    };
    let holding: Vec<&Floor> = floors.iter().filter(|floor| holds(context, selector, floor)).collect();
    let floor = *holding.iter().find(|floor| {
        let own = packs(floor);
        let mut beside = holding.iter().filter(|other| meet(own.as_ref(), packs(other).as_ref()));
        beside.all(|other| astray(other))
    })?;
    let lines: Vec<FileVersion> = lines(floor).iter().map(|line| line.numbers).collect();
    let reached = lines.iter().any(|line| *line > floor.version);
    // A service pack need not bring every file anew; a release of Windows 10 and later does.
    (!reached || version.major >= 10).then_some((floor, lines))
}

/// Whether two sets of service packs share one; none is every one.
fn meet(a: Option<&NumberSet>, b: Option<&NumberSet>) -> bool {
    a.zip(b).is_none_or(|(a, b)| !a.intersection(b).is_empty())
}

/// Whether a floor may hold on hosts of a selector, as far as its service packs and architectures go.
fn holds(context: &Context<'_>, selector: &Selector, floor: &Floor) -> bool {
    let architectures = context.rules.facts(selector).architectures;
    let fits = floor.architecture.is_none_or(|one| architectures.is_none_or(|all| all.contains(&one)));
    fits && packs(context, selector, floor.service_packs.as_ref()).is_none_or(|packs| !packs.is_empty())
}

/// The service packs of the hosts of a selector, among those asked for; none when all are.
fn packs(context: &Context<'_>, selector: &Selector, asked: Option<&NumberSet>) -> Option<NumberSet> {
    let real = context.rules.service_packs(selector).or_else(|| selector.service_packs.clone());
    match (real, asked) {
        (Some(real), Some(asked)) => Some(real.intersection(asked)),
        (real, asked) => real.or_else(|| asked.cloned()),
    }
}

/// The number lines of the hosts of a selector that have one of the service packs asked for.
fn lines<'c>(context: &Context<'c>, selector: &Selector, asked: Option<&NumberSet>) -> Vec<&'c NumberLine> {
    let packs = packs(context, selector, asked);
    let known = context.rules.known(selector).into_iter().flat_map(|known| &known.numbering);
    known.filter(|line| meet(packs.as_ref(), line.service_packs.as_ref())).collect()
}

/// Whether a version begins with the numbers of a Windows of this version: other files go their own ways.
fn is_numbered(context: &Context<'_>, windows: OsVersion, version: FileVersion) -> bool {
    let [major, minor, build, _] = version.0;
    let platforms = || context.rules.platforms.iter();
    let mut lines = platforms().flat_map(|platform| &platform.known.numbering);
    let builds = || platforms().filter(|platform| platform.facts.version == Some(windows));
    let mut builds = builds().filter_map(|platform| platform.facts.builds.as_ref());
    let single = |set: &NumberSet| set.ranges() == [(u32::from(build), u32::from(build))];
    (windows == OsVersion { major, minor }) && (lines.any(|line| line.has(version)) || builds.any(single))
}

fn diagnostic(
    context: &Context<'_>,
    package: &PackageView<'_>,
    name: &str,
    id: SelectorId,
    floor: &Floor,
    lines: &[FileVersion],
) -> Diagnostic {
    let shown: BTreeSet<String> = lines.iter().map(|line| first_three(*line)).collect();
    let shown = shown.into_iter().collect::<Vec<_>>().join(" or ");
    let (platform, version) = (describe::platform(context.rules, id), floor.version);
    let (below, so) = if lines.iter().any(|line| *line > version) {
        ("above", "none of them ever counts as outdated")
    } else {
        ("below", "they count as outdated, updated or not")
    };
    let message = format!("every `{name}` of {platform} is {below} the floor {version}");
    let problem = report(Code::FLOOR_OF_ANOTHER_PLATFORM, message, context.span(floor.origin), so);
    let problem = package.for_these(problem);
    let note = format!("files of {platform} are numbered {shown}");
    problem
        .note(note)
        .help("write the version that the update brings, or correct the platforms of the package")
}

/// `10.0.19041`
fn first_three(version: FileVersion) -> String {
    let [major, minor, build, _] = version.0;
    format!("{major}.{minor}.{build}")
}
