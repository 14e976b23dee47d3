//! The text of a table of updates.

use crate::value::{Kb, NumberSet, OsVersion};

use super::{Line, Rollups, Table};

/// A line that says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misread {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
    /// What to write instead.
    pub help: &'static str,
}

/// What the lines below the one at hand belong to.
#[derive(Clone, Copy)]
enum Below {
    Nothing,
    Builds,
    Rollups,
}

impl Table {
    /// Reads a table; `#` begins a comment.
    ///
    /// # Errors
    /// The first line that says nothing.
    pub fn read(text: &str) -> Result<Self, Misread> {
        let mut table = Self::default();
        let mut below = Below::Nothing;
        for (index, whole) in text.lines().enumerate() {
            let line = whole.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let read = table.line(line, &mut below);
            read.map_err(|help| Misread {
                line: index + 1,
                message: format!("`{line}` says nothing here"),
                help,
            })?;
        }
        for line in &mut table.lines {
            line.updates.sort_unstable();
        }
        Ok(table)
    }

    /// Reads a line; what should stand there when it says nothing.
    fn line(&mut self, line: &str, below: &mut Below) -> Result<(), &'static str> {
        if let Some(date) = line.strip_prefix("as of ") {
            date.trim().clone_into(&mut self.as_of);
        } else if let Some(line) = line.strip_prefix("builds ") {
            *below = Below::Builds;
            let (builds, hotpatches) = match line.strip_suffix(" with hotpatches") {
                Some(builds) => (builds, true),
                None => (line, false),
            };
            let builds =
                numbers(builds).ok_or("write builds: `builds 22621, 22631` or `builds 19041..19045`")?;
            self.lines.push(Line { builds, hotpatches, updates: Vec::new() });
        } else if let Some(line) = line.strip_prefix("rollups ") {
            *below = Below::Rollups;
            let (version, service_pack) =
                version(line).ok_or("write a version of Windows: `rollups 6.1 sp 1`")?;
            self.rollups.push(Rollups { version, service_pack, articles: Vec::new() });
        } else {
            self.update(line, *below)?;
        }
        Ok(())
    }

    fn update(&mut self, line: &str, below: Below) -> Result<(), &'static str> {
        match below {
            Below::Nothing => Err("begin with `builds` or `rollups`"),
            Below::Builds => {
                let wanted = "write a revision and its article: `5737 KB5055518`";
                let (revision, kb) = line.split_once(' ').ok_or(wanted)?;
                let update = (number(revision).ok_or(wanted)?, article(kb).ok_or(wanted)?);
                self.lines.last_mut().ok_or(wanted)?.updates.push(update);
                Ok(())
            }
            Below::Rollups => {
                let wanted = "write the article of a rollup: `KB4012215`";
                let kb = article(line).ok_or(wanted)?;
                self.rollups.last_mut().ok_or(wanted)?.articles.push(kb);
                Ok(())
            }
        }
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn article(text: &str) -> Option<Kb> {
    text.trim().parse().ok()
}

/// Numbers and ranges between commas.
fn numbers(text: &str) -> Option<NumberSet> {
    let range = |part: &str| {
        let part = part.trim();
        let (low, high) = part.split_once("..").unwrap_or((part, part));
        Some((number(low)?, number(high)?)).filter(|(low, high)| low <= high)
    };
    text.split(',').map(range).collect::<Option<Vec<_>>>().map(NumberSet::from)
}

fn version(text: &str) -> Option<(OsVersion, u32)> {
    let (version, pack) = match text.split_once(" sp ") {
        Some((version, pack)) => (version, number(pack.trim())?),
        None => (text, 0),
    };
    Some((version.trim().parse().ok()?, pack))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_says_nothing_is_pointed_at() {
        let wrong = [
            "5737 KB5055518",
            "builds",
            "builds a",
            "builds 2..1",
            "builds 1\nKB1",
            "builds 1\n-1 KB1",
            "builds 1\n1 KBx",
            "rollups x",
            "rollups 6.1 sp x",
            "rollups 6.1\n1 KB1",
        ];
        for text in wrong {
            let misread = Table::read(text).err();
            assert_eq!(misread.map(|misread| misread.line), Some(text.lines().count()), "{text}");
        }
    }

    #[test]
    fn comments_and_empty_lines_say_nothing() {
        let table =
            Table::read("# a\n\nas of 2030-01 # b\nbuilds 1, 3..4 with hotpatches\n2 KB8\n1 KB7 # c\n");
        let line = table.ok().and_then(|table| table.lines.into_iter().next());
        assert_eq!(line.map(|line| line.updates), Some(vec![(1, Kb(7)), (2, Kb(8))]));
    }
}
