//! The cells of facts: one value of every sort that the tests tell apart.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use caveat_ir::Truth;
use caveat_ir::expr::{Test, ValueCheck};
use caveat_ir::recorded::{Place as Kept, updates_are_keys};
use caveat_ir::value::{
    Architecture, Family, FileVersion, InstallationType, Language, NumberSet, OsVersion, ProductType,
    StartType,
};

use caveat_runtime::Pattern;

use crate::cell::Cell;
use crate::fact::{Asked, Fact, asked};
use crate::host::CellHost;
use crate::instances::SomeKey;
use crate::registry::sorts;
use crate::{integers, samples};

/// The cells of a fact, and whether they are certain to be all.
pub(crate) fn cells(fact: &Fact, tests: &[&Test]) -> (Vec<Cell>, bool) {
    let mirrored = tests.iter().any(|test| matches!(asked(test), Asked::Mirror(..)));
    let cells = match fact {
        Fact::Family => Family::ALL.iter().copied().map(Cell::Family).collect(),
        Fact::Version => versions(tests, mirrored),
        Fact::Build => numbers(tests, mirrored, &[1381, 2195, 2600, 3790, 6002, 7601]),
        Fact::Revision => return revisions(tests),
        Fact::ServicePack => numbers(tests, mirrored, &[0, 1, 2, 3, 4, 5, 6]),
        Fact::Type => ProductType::ALL.iter().copied().map(Cell::Type).collect(),
        // A Windows before 6.0 tells none.
        Fact::Installation => {
            let told = InstallationType::ALL.iter().copied().map(Cell::Installation);
            std::iter::once(Cell::Absent).chain(told).collect()
        }
        Fact::Architecture => Architecture::ALL.iter().copied().map(Cell::Architecture).collect(),
        Fact::Language => languages(tests, mirrored),
        Fact::Suite(_) | Fact::Key(_) | Fact::Hotfix(_) | Fact::Undecidable(_) => {
            vec![Cell::Absent, Cell::Present]
        }
        Fact::File(_) => files(tests),
        Fact::Size(_) => sizes(tests),
        Fact::Digest(..) => digests(tests),
        Fact::Value(..) => return values(tests),
        Fact::SomeKey(test) => return some_key(test),
        Fact::Service(_) => services(),
    };
    let settled = tests.iter().all(|test| is_settled(fact, test, &cells));
    (cells, settled)
}

/// Whether the cells are certain to be all that the test tells apart: the registry may hold a fact in
/// texts that no cell stands for.
fn is_settled(fact: &Fact, test: &Test, cells: &[Cell]) -> bool {
    let (Asked::Mirror(_, kept), Test::RegistryValue(_, _, check)) = (asked(test), test) else { return true };
    match check {
        // No cell stands for each number that half of a version may be.
        _ if matches!(kept, Kept::Major | Kept::Minor) => matches!(check, ValueCheck::Exists),
        ValueCheck::Text(_) | ValueCheck::TextIgnoringCase(_) => {
            truths(fact, test, cells).contains(&Truth::True)
        }
        ValueCheck::Matches(_) | ValueCheck::Version(_) => false,
        ValueCheck::Exists
        | ValueCheck::Number(..)
        | ValueCheck::Bits(_)
        | ValueCheck::Type(_)
        | ValueCheck::Binary(_) => true,
    }
}

/// What the test of the fact says of each cell.
pub(crate) fn truths(fact: &Fact, test: &Test, cells: &[Cell]) -> Vec<Truth> {
    let pattern = |text: &str| Box::new(Pattern::from(text.to_owned()));
    test.asked(pattern, |asked| {
        cells.iter().map(|cell| asked.truth(&CellHost { fact, cell }, &mut ())).collect()
    })
}

/// The text that the test compares the registry's value of a fact with.
fn compared_text(test: &Test) -> Option<&str> {
    match test {
        Test::RegistryValue(_, _, ValueCheck::Text(text) | ValueCheck::TextIgnoringCase(text)) => Some(text),
        _ => None,
    }
}

fn versions(tests: &[&Test], mirrored: bool) -> Vec<Cell> {
    const KNOWN: [(u16, u16); 9] = [(5, 0), (5, 1), (5, 2), (4, 0), (6, 0), (6, 1), (6, 2), (6, 3), (10, 0)];
    let version = |(major, minor)| OsVersion { major, minor };
    let mut all: Vec<OsVersion> = Vec::new();
    for test in tests {
        let asked = match test {
            Test::OsVersion(version) => vec![*version],
            test => compared_text(test)
                .and_then(|text| text.parse().ok())
                .into_iter()
                .chain(halves(test))
                .collect(),
        };
        let new: Vec<OsVersion> = asked.into_iter().filter(|version| !all.contains(version)).collect();
        all.extend(new);
    }
    let others = KNOWN.into_iter().map(version).filter(|version| !all.contains(version));
    let (before, since): (Vec<OsVersion>, Vec<OsVersion>) =
        others.partition(|version| updates_are_keys(*version));
    let few = if mirrored { KNOWN.len() } else { 1 };
    all.extend(before.into_iter().take(few).chain(since.into_iter().take(few)));
    let other = (0..u16::MAX).map(|minor| version((3, minor))).find(|version| !all.contains(version));
    all.extend(other);
    all.into_iter().map(Cell::Version).collect()
}

/// Versions with a half that the registry keeps as a number of its own, at and beside the one that is compared with.
fn halves(test: &Test) -> Vec<OsVersion> {
    let (Asked::Mirror(_, kept), Test::RegistryValue(_, _, ValueCheck::Number(_, number))) =
        (asked(test), test)
    else {
        return Vec::new();
    };
    let number = number.number();
    let near = [number.checked_sub(1), Some(number), number.checked_add(1)];
    let near = near.into_iter().flatten().filter_map(|number| u16::try_from(number).ok());
    match kept {
        Kept::Major => near.filter(|major| *major >= 10).map(|major| OsVersion { major, minor: 0 }).collect(),
        Kept::Minor => near.map(|minor| OsVersion { major: 10, minor }).collect(),
        _ => Vec::new(),
    }
}

fn numbers(tests: &[&Test], mirrored: bool, known: &[u32]) -> Vec<Cell> {
    let mut starts = BTreeSet::from([0]);
    if mirrored {
        starts.extend(known);
    }
    for test in tests {
        if let Test::OsBuild(set) | Test::ServicePack(set) = test {
            starts.extend(ends(set));
        }
        let number = compared_text(test).and_then(|text| text.rsplit(' ').next()?.parse().ok());
        starts.extend(
            number.into_iter().flat_map(|number| ends(&NumberSet::range(number, number)).collect::<Vec<_>>()),
        );
    }
    starts.into_iter().map(Cell::Number).collect()
}

/// Revisions, of which a Windows before 10.0 may have none. The registry keeps them as numbers.
fn revisions(tests: &[&Test]) -> (Vec<Cell>, bool) {
    let mut starts = BTreeSet::from([0]);
    let mut checks = Vec::new();
    for test in tests {
        match test {
            Test::OsRevision(set) => starts.extend(ends(set)),
            Test::RegistryValue(_, _, check) => checks.push(check),
            _ => {}
        }
    }
    starts.extend(integers::dwords(&checks));
    starts.extend(samples::texts(&checks).iter().filter_map(|digits| digits.parse::<u32>().ok()));
    // Nobody can list all numbers that expressions tell apart.
    let exact = !checks.iter().any(|check| matches!(check, ValueCheck::Matches(_) | ValueCheck::Bits(_)));
    (std::iter::once(Cell::Absent).chain(starts.into_iter().map(Cell::Number)).collect(), exact)
}

fn ends(set: &NumberSet) -> impl Iterator<Item = u32> {
    set.ranges().iter().flat_map(|(low, high)| [Some(*low), high.checked_add(1)]).flatten()
}

/// Languages with a region, those of English first.
fn all_languages() -> &'static [Language] {
    static ALL: OnceLock<Vec<Language>> = OnceLock::new();
    ALL.get_or_init(|| {
        let all = (0..=u16::MAX).filter_map(Language::from_identifier);
        std::iter::once(Language::english()).chain(all).collect()
    })
}

fn languages(tests: &[&Test], mirrored: bool) -> Vec<Cell> {
    let mut seen = BTreeSet::new();
    let covers = |test: &Test, host: &Language| matches!(test, Test::Language(one) if one.covers(host));
    let signature = |host: &Language| tests.iter().map(|test| covers(test, host)).collect::<Vec<_>>();
    let all = all_languages().iter().filter(|host| mirrored || seen.insert(signature(host)));
    all.copied().map(Cell::Language).collect()
}

fn files(tests: &[&Test]) -> Vec<Cell> {
    let mut starts = BTreeSet::new();
    for test in tests {
        if let Test::FileVersion(_, versions) = test {
            for interval in versions.intervals() {
                starts.insert(interval.low);
                starts.extend(interval.end());
            }
        }
    }
    starts.remove(&FileVersion::MIN);
    // The highest version below the first bound is more telling than the lowest of all.
    let lowest = starts.first().map_or(Some(FileVersion([5, 0, 0, 0])), |first| first.previous());
    let versions = lowest.into_iter().chain(starts).map(Cell::File);
    [Cell::Absent, Cell::Present].into_iter().chain(versions).collect()
}

fn sizes(tests: &[&Test]) -> Vec<Cell> {
    let mut sizes = BTreeSet::from([1024]);
    for test in tests {
        if let Test::FileSize(_, _, size) = test {
            sizes.extend([size.checked_sub(1), Some(*size), size.checked_add(1)].into_iter().flatten());
        }
    }
    sizes.into_iter().map(Cell::Size).collect()
}

fn digests(tests: &[&Test]) -> Vec<Cell> {
    let mut digests = Vec::new();
    let mut other = None;
    for test in tests {
        if let Test::FileDigest(_, algorithm, digest) = test {
            digests.push(Cell::Digest(digest.clone()));
            other = Some("0".repeat(algorithm.length()));
        }
    }
    digests.extend(other.map(Cell::Digest));
    dedup(digests)
}

fn values(tests: &[&Test]) -> (Vec<Cell>, bool) {
    let checks: Vec<&ValueCheck> = tests
        .iter()
        .filter_map(|test| match test {
            Test::RegistryValue(_, _, check) => Some(check),
            _ => None,
        })
        .collect();
    let (sorts, complete) = sorts(&checks);
    (std::iter::once(Cell::Absent).chain(sorts.into_iter().map(Cell::Data)).collect(), complete)
}

/// None of the keys, and one of them where one can be found.
fn some_key(test: &Test) -> (Vec<Cell>, bool) {
    let (key, complete) = match test {
        Test::AnyKey(pattern, parts) => SomeKey::of(pattern, parts),
        _ => (None, false),
    };
    (std::iter::once(Cell::Absent).chain(key.map(Cell::Key)).collect(), complete)
}

fn services() -> Vec<Cell> {
    const STARTS: [StartType; 5] =
        [StartType::Automatic, StartType::Disabled, StartType::Manual, StartType::System, StartType::Boot];
    let there = STARTS.into_iter().flat_map(|start| {
        // A service that is disabled may run on until the next start.
        [false, true].map(|running| Cell::Service(Some(start), running))
    });
    let without_start = Cell::Service(None, false);
    std::iter::once(Cell::Absent).chain(there).chain([without_start]).collect()
}

fn dedup(cells: Vec<Cell>) -> Vec<Cell> {
    let mut kept: Vec<Cell> = Vec::with_capacity(cells.len());
    for cell in cells {
        if !kept.contains(&cell) {
            kept.push(cell);
        }
    }
    kept
}
