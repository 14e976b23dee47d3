//! Floors that a slip of the pen made of others: a digit exchanged with its neighbour, dropped, added or
//! replaced, where the other files of the column or the other packages have the number without it.

use std::collections::{BTreeMap, BTreeSet};

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::{Floor, FloorLanguages, PackageFile};
use caveat_ir::value::{Branch, FileVersion, NumberSet, OsVersion, name};

use crate::context::{Context, Reported, report};
use crate::knowledge::{is_of_a_line, misnumbered};
use crate::slips::{Slip, between};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let cells = cells(context, view);
    let mut reported = Reported::default();
    let odd = cells.iter().filter_map(|cell| Some((cell, misnumbered(cell.floor.version)?)));
    let odd = odd.map(|(cell, why)| {
        let message = format!("no file is numbered {}: {why}", cell.floor.version);
        (cell, message)
    });
    let slips = in_columns(&cells).into_iter().chain(across_packages(&cells));
    for (cell, message) in odd.chain(slips) {
        let span = context.span(cell.floor.origin);
        if reported.is_new(span, &message) {
            let problem = report(Code::SLIP_IN_NUMBER, message, span, "");
            found.push(problem.help("correct the number, if it is a slip"));
        }
    }
}

/// A floor, and the hosts that it is for.
struct Cell<'a> {
    /// Which of all floors of the bulletin it is.
    at: usize,
    package: usize,
    file: &'a PackageFile,
    floor: &'a Floor,
    windows: BTreeSet<Option<OsVersion>>,
    packs: Vec<Option<NumberSet>>,
}

impl Cell<'_> {
    fn name(&self) -> String {
        name::folded(self.file.path.file_name())
    }

    /// Whether a file of this name has this floor for other hosts, or in another folder, as well: no slip is
    /// made twice. The two branches of a file are often written at once.
    fn stands_elsewhere(&self, cells: &[Cell<'_>]) -> bool {
        let same = |other: &&Cell<'_>| {
            let other_branch = other.package == self.package
                && other.file.path.folded() == self.file.path.folded()
                && other.floor.branch != self.floor.branch
                && other.floor.service_packs == self.floor.service_packs;
            other.floor.version == self.floor.version
                && other.at != self.at
                && other.name() == self.name()
                && !other_branch
        };
        cells.iter().any(|other| same(&other))
    }
}

fn cells<'a>(context: &Context<'_>, view: &View<'a>) -> Vec<Cell<'a>> {
    let of_package = view.packages.iter().enumerate().flat_map(|(package, one)| {
        let ids = one.package.platforms.iter();
        let facts = ids.filter_map(|id| Some(context.rules.facts(context.rules.selector(*id)?)));
        let (windows, packs): (BTreeSet<_>, Vec<_>) =
            facts.map(|one| (one.version, one.service_packs)).unzip();
        one.floors().map(move |(file, floor)| {
            let packs = floor.service_packs.clone().map_or_else(|| packs.clone(), |own| vec![Some(own)]);
            Cell { at: 0, package, file, floor, windows: windows.clone(), packs }
        })
    });
    of_package.enumerate().map(|(at, cell)| Cell { at, ..cell }).collect()
}

/// What the floors of one column of a table hold for.
type Column<'a> = (usize, Option<&'a NumberSet>, Option<Branch>, &'a FloorLanguages, String);

/// Floors that a slip makes of the one that at least half of the column has, or of one that several have
/// but for the build.
fn in_columns<'c, 'a>(cells: &'c [Cell<'a>]) -> Vec<(&'c Cell<'a>, String)> {
    let mut columns: BTreeMap<Column<'_>, Vec<&Cell<'_>>> = BTreeMap::new();
    for cell in cells {
        let Floor { service_packs, architecture, languages, within, branch, .. } = cell.floor;
        let rest = format!("{architecture:?} {within:?}");
        columns
            .entry((cell.package, service_packs.as_ref(), *branch, languages, rest))
            .or_default()
            .push(cell);
    }
    let mut found = Vec::new();
    for column in columns.into_values() {
        let counts = counts(&column);
        for cell in column.iter().filter(|cell| !cell.stands_elsewhere(cells)) {
            let version = cell.floor.version;
            let meant = counts.iter().find(|(other, _)| {
                is_slip_for(version, **other, &counts)
                    || is_last_digit(cell, **other, &counts, cells)
                    || is_off_the_lines(version, **other, &counts, cells)
            });
            found.extend(meant.map(|(meant, count)| {
                let name = cell.file.path.file_name();
                let message = format!(
                    "the floor {version} of `{name}` is a slip away from {meant}, which {count} of the {} files have",
                    column.len()
                );
                (*cell, message)
            }));
        }
    }
    found
}

/// Whether a floor of a column is probably a slip for another: that at least half of all have, or several
/// where no other has the build of this one.
fn is_slip_for(version: FileVersion, other: FileVersion, counts: &BTreeMap<FileVersion, usize>) -> bool {
    const SEVERAL: usize = 2;
    let Some(slip) = slip(version, other) else { return false };
    let of = |version| counts.get(&version).copied().unwrap_or_default();
    let (own, others, all) = (of(version), of(other), counts.values().sum::<usize>());
    let in_build = version.0.get(2) != other.0.get(2);
    match slip {
        // Files that were built one after the other differ in a digit.
        Slip::Replaced { .. } => is_gross(slip) && all >= 2 * SEVERAL && others * 2 >= all,
        _ => own == 1 && others >= SEVERAL && (in_build || others * 2 >= all),
    }
}

/// Whether a floor has another last digit than the one that the rest of the column has. Files that were built
/// one after the other differ so, but then others do as well, or the file has its number in other packages.
fn is_last_digit(
    cell: &Cell<'_>,
    other: FileVersion,
    counts: &BTreeMap<FileVersion, usize>,
    cells: &[Cell<'_>],
) -> bool {
    const FEWEST: usize = 4;
    let version = cell.floor.version;
    let of = |version| counts.get(&version).copied().unwrap_or_default();
    let (own, others, all) = (of(version), of(other), counts.values().sum::<usize>());
    if all < FEWEST || own != 1 || others * 2 < all || slip(version, other).is_none_or(is_gross) {
        return false;
    }
    let name = cell.name();
    let mut peers = cells.iter().filter(|one| is_peer(cell, one) && one.name() == name).peekable();
    let confirmed = peers.peek().is_some() && peers.all(|one| one.floor.version == other);
    others == all - 1 || confirmed
}

/// Whether one of the first three numbers of a floor is a slip away from that of the floor that at least half
/// of the column has, where no other file is numbered so, in the bulletin or in any Windows that is known.
fn is_off_the_lines(
    version: FileVersion,
    other: FileVersion,
    counts: &BTreeMap<FileVersion, usize>,
    cells: &[Cell<'_>],
) -> bool {
    const FEWEST: usize = 4;
    // Shorter numbers behind the build are alike by chance.
    const TELLING: u16 = 100;
    let ([.., revision], [.., other_revision]) = (version.0, other.0);
    let line = |version: FileVersion| {
        let [major, minor, build, _] = version.0;
        [major, minor, build]
    };
    let (all, others) = (counts.values().sum::<usize>(), counts.get(&other).copied().unwrap_or_default());
    let mut parts = line(version).into_iter().zip(line(other)).filter(|(a, b)| a != b);
    let (Some((a, b)), None) = (parts.next(), parts.next()) else { return false };
    let alone =
        cells.iter().all(|cell| line(cell.floor.version) != line(version) || cell.floor.version == version);
    all >= FEWEST
        && others * 2 >= all
        && revision == other_revision
        && revision >= TELLING
        && alone
        && !is_of_a_line(version)
        && between_numbers(a, b)
}

/// The slip between a number and one that lost its first digit, and the zeros behind it with it: `03` of `403`.
fn without_zeros(a: u16, b: u16) -> Option<Slip> {
    let (low, high) = (a.min(b).to_string(), a.max(b).to_string());
    let padded = format!("{low:0>width$}", width = high.len().saturating_sub(1));
    (padded != low).then(|| between(&padded, &high)).flatten()
}

/// Whether two numbers are a slip apart.
fn between_numbers(a: u16, b: u16) -> bool {
    between(&a.to_string(), &b.to_string()).is_some() || without_zeros(a, b).is_some()
}

/// Floors that a slip makes of those that the same file has in other packages for the same Windows and
/// service packs, or in the other branch.
fn across_packages<'c, 'a>(cells: &'c [Cell<'a>]) -> Vec<(&'c Cell<'a>, String)> {
    let mut files: BTreeMap<String, Vec<&Cell<'_>>> = BTreeMap::new();
    for cell in cells {
        files.entry(cell.name()).or_default().push(cell);
    }
    let mut found = Vec::new();
    for same in files.values() {
        for cell in same {
            let peers: Vec<&Cell<'_>> = same.iter().copied().filter(|other| is_peer(cell, other)).collect();
            let alike = peers.iter().filter(|other| other.floor.version == cell.floor.version).count();
            let odd = peers.iter().find_map(|other| {
                let slip = slip(cell.floor.version, other.floor.version)?;
                let count = peers.iter().filter(|one| one.floor.version == other.floor.version).count();
                let of_branch = count >= 2 && cell.floor.branch == other.floor.branch && is_gross(slip);
                let sure = !matches!(slip, Slip::Replaced { .. }) || of_branch;
                (sure && alike == 0 && (count > 1 || other.at < cell.at)).then_some(other)
            });
            found.extend(odd.map(|other| (*cell, elsewhere(cell, other))));
        }
    }
    found
}

fn elsewhere(cell: &Cell<'_>, other: &Cell<'_>) -> String {
    let (name, version, right) = (cell.file.path.file_name(), cell.floor.version, other.floor.version);
    let place = if cell.package == other.package { "the other branch" } else { "another package" };
    format!(
        "the floor {version} of `{name}` is a slip away from {right}, which it has in {place} for this Windows"
    )
}

/// Another floor for the same Windows, service packs and languages.
fn is_peer(cell: &Cell<'_>, other: &Cell<'_>) -> bool {
    cell.at != other.at
        && cell.windows == other.windows
        && cell.packs == other.packs
        && cell.floor.languages == other.floor.languages
        && cell.floor.within == other.floor.within
}

/// The slip between two versions, in the build or what follows it.
fn slip(one: FileVersion, other: FileVersion) -> Option<Slip> {
    let ([major, minor, build, rest], [other_major, other_minor, other_build, other_rest]) = (one.0, other.0);
    if (major, minor) != (other_major, other_minor) {
        return None;
    }
    let between = |a: u16, b: u16| between(&a.to_string(), &b.to_string());
    match (build == other_build, rest == other_rest) {
        (true, false) => between(rest, other_rest).or_else(|| without_zeros(rest, other_rest)),
        // Builds that differ in a digit are of different products.
        (false, true) => between(build, other_build).filter(|slip| !matches!(slip, Slip::Replaced { .. })),
        _ => None,
    }
}

/// Whether neighbouring builds are not told apart so: their last digits differ.
fn is_gross(slip: Slip) -> bool {
    !matches!(slip, Slip::Replaced { before: 0, .. })
}

/// How many floors of a column have a version.
fn counts(column: &[&Cell<'_>]) -> BTreeMap<FileVersion, usize> {
    let mut counts: BTreeMap<FileVersion, usize> = BTreeMap::new();
    for cell in column {
        *counts.entry(cell.floor.version).or_default() += 1;
    }
    counts
}
