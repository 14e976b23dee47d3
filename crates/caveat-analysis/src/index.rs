//! Which files have to do with others: kept up to date as files change, so that nobody has to look at all of them.

use std::collections::{BTreeSet, HashMap};

use caveat_diag::FileId;
use caveat_lint::Outline;
use caveat_sema::Kind;

use crate::units::{Known, Units};

/// Which files have to do with others.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Those in which something was found about another.
    pub(crate) foreign: BTreeSet<FileId>,
    /// Those with summaries.
    pub(crate) summaries: BTreeSet<FileId>,
    /// Those that name platforms which they do not see.
    pub(crate) strangers: BTreeSet<FileId>,
    /// Those that call conditions with parameters.
    pub(crate) callers: BTreeSet<FileId>,
    /// Those with bulletins that replace others.
    superseding: BTreeSet<FileId>,
    /// The files with a bulletin or summary of an id, in small letters; once for each.
    ids: Homes,
    /// The files with a bulletin that claims an article or vulnerability; once for each.
    claims: Homes,
    /// The ids of the bulletins that were written down, sound or not, and how often.
    written: HashMap<String, usize>,
    /// The modules that define a platform.
    platforms: HashMap<String, BTreeSet<(String, FileId)>>,
}

/// Where something is, by its name, and which names are in several places.
#[derive(Debug, Default)]
struct Homes {
    all: HashMap<String, Vec<FileId>>,
    several: BTreeSet<String>,
}

impl Homes {
    fn add(&mut self, name: &str, file: FileId) {
        let homes = self.all.entry(name.to_owned()).or_default();
        homes.push(file);
        if homes.len() == 2 {
            self.several.insert(name.to_owned());
        }
    }

    fn remove(&mut self, name: &str, file: FileId) {
        let Some(homes) = self.all.get_mut(name) else { return };
        if let Some(at) = homes.iter().position(|home| *home == file) {
            homes.swap_remove(at);
        }
        if homes.len() < 2 {
            self.several.remove(name);
        }
        if homes.is_empty() {
            self.all.remove(name);
        }
    }

    fn get(&self, name: &str) -> &[FileId] {
        self.all.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Index {
    pub(crate) fn learn(&mut self, known: &Known) {
        let file = known.module.file();
        let sets = self.sets(known);
        for (set, _) in sets.into_iter().filter(|(_, has)| *has) {
            set.insert(file);
        }
        for one in &known.unit.listed {
            self.ids.add(&one.id.to_ascii_lowercase(), file);
        }
        for claim in known.outlines.iter().flat_map(Outline::claims) {
            self.claims.add(claim, file);
        }
        for one in &known.definitions {
            match one.kind {
                Kind::Bulletin => *self.written.entry(one.name.clone()).or_default() += 1,
                Kind::Platform => {
                    let homes = self.platforms.entry(one.name.clone()).or_default();
                    homes.insert((known.module.name().to_owned(), file));
                }
                _ => {}
            }
        }
    }

    pub(crate) fn forget(&mut self, known: &Known) {
        let file = known.module.file();
        for (set, _) in self.sets(known) {
            set.remove(&file);
        }
        for one in &known.unit.listed {
            self.ids.remove(&one.id.to_ascii_lowercase(), file);
        }
        for claim in known.outlines.iter().flat_map(Outline::claims) {
            self.claims.remove(claim, file);
        }
        for one in &known.definitions {
            match one.kind {
                Kind::Bulletin => {
                    self.written.entry(one.name.clone()).and_modify(|count| *count -= 1);
                    if self.written.get(&one.name) == Some(&0) {
                        self.written.remove(&one.name);
                    }
                }
                Kind::Platform => {
                    if let Some(homes) = self.platforms.get_mut(&one.name) {
                        homes.remove(&(known.module.name().to_owned(), file));
                    }
                }
                _ => {}
            }
        }
    }

    fn sets(&mut self, known: &Known) -> [(&mut BTreeSet<FileId>, bool); 5] {
        let replaces = known.outlines.iter().any(|outline| outline.replaced().next().is_some());
        [
            (&mut self.foreign, known.foreign().next().is_some()),
            (&mut self.summaries, known.unit.listed.iter().any(|one| one.is_summary)),
            (&mut self.strangers, !known.unit.strangers.is_empty()),
            (&mut self.callers, !known.found.called.is_empty()),
            (&mut self.superseding, replaces),
        ]
    }

    /// The ids of several bulletins or summaries, in small letters, and their files.
    pub(crate) fn contested(&self) -> impl Iterator<Item = (&str, &[FileId])> {
        self.ids.several.iter().map(|id| (id.as_str(), self.ids.get(id)))
    }

    pub(crate) fn is_written(&self, id: &str) -> bool {
        self.written.contains_key(id)
    }

    /// The name of the first module that defines a platform.
    pub(crate) fn home_of_platform(&self, name: &str) -> Option<&str> {
        self.platforms.get(name)?.first().map(|(module, _)| module.as_str())
    }

    /// The files with bulletins that have to do with others: they replace them, are replaced, or claim the same.
    pub(crate) fn related(&self, units: &Units) -> BTreeSet<FileId> {
        let claiming = self.claims.several.iter().flat_map(|claim| self.claims.get(claim)).copied();
        let mut related: BTreeSet<FileId> = claiming.chain(self.superseding.iter().copied()).collect();
        let superseding = self.superseding.iter().filter_map(|id| units.get(*id));
        for id in superseding.flat_map(|file| &file.outlines).flat_map(Outline::replaced) {
            related.extend(self.ids.get(&id.as_str().to_ascii_lowercase()));
        }
        related
    }
}
