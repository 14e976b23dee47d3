//! What is known of cumulative updates: which article makes which revision of a build, and which rollups take in
//! those before them.
//!
//! A list of installed updates tells the revision of a host that does not tell it itself. An article in it says
//! "at least": a later update may have taken the place of the article in the list, or the list may leave it out.

mod read;

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use crate::value::{Kb, NumberSet, OsVersion};

pub use read::Misread;

/// The table of the standard library.
const STANDARD: &str = include_str!("../../../rules/std/windows.updates");
static READ: LazyLock<Table> = LazyLock::new(|| Table::read(STANDARD).unwrap_or_default());

/// The numbers of articles rise from update to update, but not strictly: some are set aside for months. In ten years
/// no update of a line was numbered below the one that came eight before it.
const DISORDER: usize = 12;

/// A table of updates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Up to when it lists all updates: `2026-07`.
    pub as_of: String,
    lines: Vec<Line>,
    rollups: Vec<Rollups>,
}

/// The updates of builds that share their revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    builds: NumberSet,
    /// Whether there are updates without restart, of which not all are listed.
    hotpatches: bool,
    /// Revision and article, by revision.
    updates: Vec<(u32, Kb)>,
}

/// The rollups of a version of Windows, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rollups {
    version: OsVersion,
    service_pack: u32,
    articles: Vec<Kb>,
}

/// All tables of a run: that of the standard library, and those that it was given besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updates {
    more: Arc<Vec<Table>>,
}

/// A revision that follows from a list of updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The revision that the host has at least.
    pub least: u32,
    /// Whether it has no higher one.
    pub exact: bool,
    /// The article that says so.
    pub article: Kb,
    /// Up to when the table that says so lists all updates.
    pub as_of: String,
    /// Why it may have a higher one, where the list is complete.
    pub open: Option<Open>,
}

/// Why a complete list of updates says "at least" only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// The article, which no table has, may be that of a later update.
    Article(Kb),
    /// The update was released more than once, with one revision each.
    Released,
}

impl Line {
    /// The number below which no article that the line does not list is one of an update after `revision`.
    fn settled(&self, revision: u32) -> Kb {
        let after = |&(one, _): &(u32, Kb)| one < revision;
        let begin = if self.hotpatches { self.updates.partition_point(after) } else { self.updates.len() };
        let late = self.updates.iter().skip(begin.saturating_sub(DISORDER));
        late.map(|(_, kb)| *kb).min().unwrap_or(Kb(0))
    }
}

impl Updates {
    /// Adds a table.
    pub fn add(&mut self, table: Table) {
        Arc::make_mut(&mut self.more).push(table);
    }

    fn tables(&self) -> impl Iterator<Item = &Table> {
        std::iter::once(&*READ).chain(self.more.iter())
    }

    fn knows(&self, kb: Kb) -> bool {
        self.tables().any(|table| {
            let made = |line: &Line| line.updates.iter().any(|(_, one)| *one == kb);
            table.lines.iter().any(made) || table.rollups.iter().any(|line| line.articles.contains(&kb))
        })
    }

    /// What an article that a host of the build lists says of its revision: the lowest that the update has made, and
    /// whether it has made others.
    fn made(&self, build: u32, kb: Kb) -> Option<(u32, bool, &str)> {
        let of = |table: &'_ Table| table.lines.iter().any(|line| line.builds.contains(build));
        let lists = self.tables().filter(|table| of(table));
        let all = lists.flat_map(|table| {
            let lines = table.lines.iter().filter(|line| line.builds.contains(build));
            let updates = lines.flat_map(|line| line.updates.iter()).filter(|(_, one)| *one == kb);
            updates.map(|(revision, _)| (*revision, table.as_of.as_str()))
        });
        let all: BTreeSet<(u32, &str)> = all.collect();
        let (least, as_of) = *all.first()?;
        Some((least, all.iter().any(|(revision, _)| *revision != least), as_of))
    }

    /// The revisions that updates have made of a build, with their articles, by revision.
    #[must_use]
    pub fn of(&self, build: u32) -> Vec<(u32, Kb)> {
        let lines = self.tables().flat_map(|table| &table.lines).filter(|line| line.builds.contains(build));
        lines.flat_map(|line| line.updates.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The revision of a host of the build that lists these articles. `all` says that it lists every one that is
    /// installed. None when no article is of an update of the build.
    #[must_use]
    pub fn revision(&self, build: u32, listed: &BTreeSet<Kb>, all: bool) -> Option<Revision> {
        let made =
            |kb: &Kb| self.made(build, *kb).map(|(least, several, as_of)| (least, *kb, several, as_of));
        let (least, article, several, as_of) = listed.iter().filter_map(made).max()?;
        let lines = self.tables().flat_map(|table| &table.lines).filter(|line| line.builds.contains(build));
        let settled = lines.map(|line| line.settled(least)).min().unwrap_or(Kb(0));
        let later = listed.iter().find(|kb| **kb >= settled && !self.knows(**kb));
        let open = later.map(|kb| Open::Article(*kb)).or(several.then_some(Open::Released));
        Some(Revision {
            least,
            exact: all && open.is_none(),
            article,
            as_of: as_of.to_owned(),
            open: open.filter(|_| all),
        })
    }

    /// Whether the build has lines of updates whose revisions are numbered apart, and the article is of some of them
    /// only: clients and servers of one build.
    #[must_use]
    pub fn is_of_some_lines(&self, build: u32, kb: Kb) -> bool {
        let lines = READ.lines.iter().filter(|line| line.builds.contains(build));
        let has = |line: &Line| line.updates.iter().any(|(_, one)| *one == kb);
        let (with, without): (Vec<&Line>, Vec<&Line>) = lines.partition(|line| has(line));
        !with.is_empty() && !without.is_empty()
    }

    /// The builds that an update has made revisions of, and the lowest of these.
    #[must_use]
    pub fn made_by(&self, kb: Kb) -> Vec<(NumberSet, u32)> {
        let lines = self.tables().flat_map(|table| &table.lines);
        let made = lines.filter_map(|line| {
            let of = line.updates.iter().find(|(_, one)| *one == kb)?;
            Some((line.builds.clone(), of.0))
        });
        made.collect()
    }

    /// The article and the rollups that contain it, on each version and service pack that has such; none when no
    /// table has it as that of a rollup.
    #[must_use]
    pub fn rollups_from(&self, kb: Kb) -> Vec<(OsVersion, u32, Vec<Kb>)> {
        let lines = self.tables().flat_map(|table| &table.rollups);
        let found = lines.filter_map(|line| {
            let place = line.articles.iter().position(|one| *one == kb)?;
            Some((line.version, line.service_pack, line.articles.iter().skip(place).copied().collect()))
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn revision(build: u32, listed: &[u32], all: bool) -> Option<(u32, bool)> {
        let listed = listed.iter().copied().map(Kb).collect();
        Updates::default().revision(build, &listed, all).map(|found| (found.least, found.exact))
    }

    #[test]
    fn the_table_of_the_standard_library_is_whole() {
        let table = Table::read(STANDARD).unwrap();
        assert!(table.lines.len() > 15 && table.rollups.len() == 4, "{table:?}");
        for line in &table.lines {
            assert!(line.updates.len() > 10, "{:?}", line.builds);
            for (index, (_, kb)) in line.updates.iter().enumerate() {
                let before = line.updates.iter().take(index.saturating_sub(DISORDER - 4));
                assert!(before.clone().all(|(_, one)| one <= kb), "{kb} of {:?}", line.builds);
            }
        }
    }

    #[test]
    fn an_article_says_at_least_and_a_complete_list_says_all() {
        assert_eq!(revision(19045, &[5_055_518], false), Some((5737, false)));
        assert_eq!(revision(19045, &[5_055_518], true), Some((5737, true)));
        assert_eq!(revision(19041, &[5_053_606, 5_055_518], true), Some((5737, true)));
        assert_eq!(revision(10240, &[5_055_518], true), None);
        assert_eq!(revision(19045, &[], true), None);
    }

    #[test]
    fn an_article_that_no_table_has_may_be_a_later_update() {
        assert_eq!(revision(19045, &[5_055_518, 5_001_716], true), Some((5737, true)));
        assert_eq!(revision(19045, &[5_055_518, 5_200_000], true), Some((5737, false)));
        // A little below the last that the table has.
        assert_eq!(revision(19045, &[5_055_518, 5_099_000], true), Some((5737, false)));
        // Of a month that had updates without restart.
        assert_eq!(revision(20348, &[5_055_526, 5_058_500], true), Some((3453, false)));
    }

    #[test]
    fn an_update_released_twice_says_at_least_the_first() {
        assert_eq!(revision(10240, &[3_147_461], true), Some((16769, false)));
    }

    #[test]
    fn rollups_contain_those_before_them() {
        let found = Updates::default().rollups_from(Kb(5_034_169));
        assert_eq!(found.len(), 1);
        assert!(found.iter().all(|(_, pack, all)| *pack == 1 && all == &[Kb(5_034_169)]), "{found:?}");
        assert!(Updates::default().rollups_from(Kb(1)).is_empty());
    }
}
