//! The files at hand, and which of them each `use` line names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use caveat_diag::{Diagnostic, FileId, SourceFile, SourceMap, Span};
use caveat_sema::{Module, Resolved, Scope};
use rayon::prelude::*;

use crate::source::{Found, Modules, Source};
use crate::standard;

/// Counts up whenever what a file means to others may have changed.
pub(crate) type Version = u64;

/// What something was made of: files, and the versions that they had.
pub(crate) type Key = Vec<(FileId, Version)>;

/// A file at hand.
#[derive(Debug)]
pub(crate) struct File {
    name: String,
    root: PathBuf,
    /// Whether its rules are compiled; other files are modules that those use.
    pub(crate) given: bool,
    source: Arc<SourceFile>,
    module: Option<Arc<Module>>,
    uses: Vec<Option<FileId>>,
    pub(crate) version: Version,
}

/// What was said of a module that is not at hand.
#[derive(Debug, Clone)]
enum Answer {
    Absent,
    Unreadable(Diagnostic),
}

/// All files at hand.
#[derive(Debug, Default)]
pub(crate) struct Files {
    at_hand: BTreeMap<FileId, File>,
    /// How many files there ever were.
    count: u32,
    /// Modules that are asked for again, by their names for people.
    retired: BTreeMap<String, (FileId, File)>,
    by_name: BTreeMap<String, FileId>,
    answers: BTreeMap<(PathBuf, String), Answer>,
    sources: Arc<SourceMap>,
    /// All files, by the names of their modules.
    order: Arc<Vec<FileId>>,
    /// The files with a `use` line that leads nowhere.
    unresolved: BTreeSet<FileId>,
    /// The files that were changed since this was last asked, those that are gone included.
    changed: BTreeSet<FileId>,
    last: Version,
    /// Whether names have to be looked up anew everywhere.
    is_stale: bool,
    /// Files whose text is new.
    fresh: BTreeSet<FileId>,
    /// Counts up whenever a `use` line leads elsewhere.
    pub(crate) layout: Version,
}

impl Files {
    /// Adds a file whose rules are compiled.
    pub(crate) fn add(&mut self, source: Source) -> FileId {
        self.is_stale = true;
        self.put(source, true)
    }

    fn put(&mut self, source: Source, given: bool) -> FileId {
        let Source { shown, module, root, text } = source;
        let id = FileId::new(self.count);
        self.count = self.count.saturating_add(1);
        let source = Arc::new(SourceFile::new(shown, text));
        self.last += 1;
        let (version, uses) = (self.last, Vec::new());
        self.insert(id, File { name: module, root, given, source, module: None, uses, version });
        id
    }

    fn insert(&mut self, id: FileId, file: File) {
        Arc::make_mut(&mut self.sources).put(id, Arc::clone(&file.source));
        self.at_hand.insert(id, file);
        self.fresh.insert(id);
        self.changed.insert(id);
    }

    /// Gives a file another text. Nothing happens when it is the same, or there is no such file.
    pub(crate) fn set(&mut self, id: FileId, text: String) {
        let Some(file) = self.at_hand.get_mut(&id).filter(|file| file.source.text() != text) else { return };
        file.source = Arc::new(SourceFile::new(file.source.name(), text));
        file.module = None;
        self.last += 1;
        file.version = self.last;
        Arc::make_mut(&mut self.sources).put(id, Arc::clone(&file.source));
        self.fresh.insert(id);
        self.changed.insert(id);
    }

    /// Takes a file away.
    pub(crate) fn remove(&mut self, id: FileId) -> Option<File> {
        let file = self.at_hand.remove(&id)?;
        self.is_stale = true;
        Arc::make_mut(&mut self.sources).remove(id);
        self.fresh.remove(&id);
        self.unresolved.remove(&id);
        self.changed.insert(id);
        Some(file)
    }

    /// Forgets what was said of modules: all are asked for again. Those that are the same keep their ids.
    pub(crate) fn forget_modules(&mut self) {
        self.answers.clear();
        self.is_stale = true;
        let found: Vec<FileId> =
            self.at_hand.iter().filter(|(_, file)| !file.given).map(|(id, _)| *id).collect();
        for id in found {
            if let Some(file) = self.remove(id) {
                self.retired.insert(file.source.name().to_owned(), (id, file));
            }
        }
    }

    /// Adds a module that was found.
    fn put_found(&mut self, source: Source) -> FileId {
        match self.retired.remove(&source.shown) {
            Some((id, file)) if file.name == source.module && file.root == source.root => {
                self.insert(id, file);
                self.set(id, source.text);
                id
            }
            _ => self.put(source, false),
        }
    }

    /// Parses what is new, and finds all modules that are used.
    pub(crate) fn update(&mut self, modules: &dyn Modules) {
        let before = self.layout;
        if self.is_stale {
            self.name_all();
        }
        let mut open = if self.is_stale { self.ids_at_hand() } else { self.fresh.iter().copied().collect() };
        let (first, mut all_again) = (open.clone(), self.is_stale);
        while !open.is_empty() {
            self.parse();
            open = open.iter().flat_map(|id| self.find_modules(*id, modules)).collect::<Vec<FileId>>();
            all_again |= !open.is_empty();
        }
        let again = if all_again { self.ids_at_hand() } else { first };
        for id in again {
            self.resolve(id);
        }
        if all_again || self.layout != before {
            self.drop_unused();
            self.order = Arc::new(self.in_order());
        }
        self.retired.clear();
        self.is_stale = false;
    }

    fn ids_at_hand(&self) -> Vec<FileId> {
        self.at_hand.keys().copied().collect()
    }

    fn parse(&mut self) {
        let new = std::mem::take(&mut self.fresh).into_iter();
        let new: Vec<(FileId, &File)> = new.filter_map(|id| Some((id, self.at_hand.get(&id)?))).collect();
        let parse = |(id, file): (FileId, &File)| {
            (id, Arc::new(Module::new(file.name.as_str(), id, Arc::clone(&file.source))))
        };
        let parsed: Vec<(FileId, Arc<Module>)> = new.into_par_iter().map(parse).collect();
        for (id, module) in parsed {
            if let Some(file) = self.at_hand.get_mut(&id) {
                file.module = Some(module);
            }
        }
    }

    /// What each name stands for: a given file rather than one that was found, and the last of several.
    fn name_all(&mut self) {
        let named = |given: bool| {
            let files = self.at_hand.iter().filter(move |(_, file)| file.given == given);
            files.map(|(id, file)| (file.name.clone(), *id))
        };
        self.by_name = named(false).chain(named(true)).collect();
    }

    /// Finds the modules that a file uses and that are not at hand.
    fn find_modules(&mut self, id: FileId, modules: &dyn Modules) -> Vec<FileId> {
        let Some((module, root)) =
            self.at_hand.get(&id).and_then(|file| Some((file.module.clone()?, file.root.clone())))
        else {
            return Vec::new();
        };
        let lines = module.tree().uses.iter().map(|line| &line.module.text);
        lines.filter_map(|name| self.find(name, &root, modules)).collect()
    }

    fn find(&mut self, name: &str, root: &Path, modules: &dyn Modules) -> Option<FileId> {
        let asked = (root.to_owned(), name.to_owned());
        if self.by_name.contains_key(name) || self.answers.contains_key(&asked) {
            return None;
        }
        let standard =
            || standard::module(name).map(|text| Found { shown: format!("<{name}>"), text: text.to_owned() });
        let answer = match modules.find(name, root) {
            Ok(found) => match found.or_else(standard) {
                Some(Found { shown, text }) => {
                    let source = Source { shown, module: name.to_owned(), root: root.to_owned(), text };
                    let id = self.put_found(source);
                    self.by_name.insert(name.to_owned(), id);
                    return Some(id);
                }
                None => Answer::Absent,
            },
            Err(problem) => Answer::Unreadable(problem),
        };
        self.answers.insert(asked, answer);
        None
    }

    /// Looks up what the `use` lines of a file lead to.
    fn resolve(&mut self, id: FileId) {
        let Some(file) = self.at_hand.get_mut(&id) else { return };
        let lines = file.module.iter().flat_map(|module| &module.tree().uses);
        let uses: Vec<Option<FileId>> =
            lines.map(|line| self.by_name.get(&line.module.text).copied()).collect();
        if uses.contains(&None) {
            self.unresolved.insert(id);
        } else {
            self.unresolved.remove(&id);
        }
        if uses != file.uses {
            file.uses = uses;
            self.last += 1;
            file.version = self.last;
            self.layout = self.last;
            self.changed.insert(id);
        }
    }

    /// Drops the modules that no given file uses any more.
    fn drop_unused(&mut self) {
        if self.at_hand.values().all(|file| file.given) {
            return;
        }
        let given: Vec<FileId> =
            self.at_hand.iter().filter(|(_, file)| file.given).map(|(id, _)| *id).collect();
        let used = self.reachable(given);
        for id in self.ids_at_hand().into_iter().filter(|id| !used.contains(id)) {
            if let Some(file) = self.remove(id) {
                self.by_name.remove(&file.name);
            }
            self.last += 1;
            self.layout = self.last;
        }
    }

    /// Files, and all that they use.
    fn reachable(&self, mut open: Vec<FileId>) -> BTreeSet<FileId> {
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                open.extend(self.at_hand.get(&id).into_iter().flat_map(|file| &file.uses).flatten());
            }
        }
        seen
    }

    /// Whether there is such a file.
    pub(crate) fn has(&self, id: FileId) -> bool {
        self.at_hand.contains_key(&id)
    }

    /// The files that were changed since this was last asked, those that are gone included.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<FileId> {
        std::mem::take(&mut self.changed)
    }

    /// The files with a `use` line that leads nowhere.
    pub(crate) fn unresolved(&self) -> &BTreeSet<FileId> {
        &self.unresolved
    }

    /// All files, by the names of their modules.
    pub(crate) fn order(&self) -> &Arc<Vec<FileId>> {
        &self.order
    }

    fn in_order(&self) -> Vec<FileId> {
        let mut order: Vec<(&str, FileId)> =
            self.at_hand.iter().map(|(id, file)| (file.name.as_str(), *id)).collect();
        order.sort_unstable();
        order.into_iter().map(|(_, id)| id).collect()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    pub(crate) fn sources(&self) -> &Arc<SourceMap> {
        &self.sources
    }

    pub(crate) fn resolved(&self, id: FileId) -> Option<Resolved> {
        let file = self.at_hand.get(&id)?;
        Some(Resolved { module: file.module.clone()?, uses: file.uses.clone(), primary: file.given })
    }

    /// A file and all that it sees.
    pub(crate) fn scope(&self, id: FileId) -> (Key, Scope) {
        self.scope_of(id, &self.reachable(vec![id]))
    }

    /// The modules that define platforms among those that a file sees, and all that these see.
    pub(crate) fn platform_scope(&self, key: &Key) -> (Key, Scope) {
        let defines = |id: &FileId| {
            let module = self.at_hand.get(id).and_then(|file| file.module.as_deref());
            module.is_some_and(Module::defines_platforms)
        };
        let defining: Vec<FileId> = key.iter().map(|(id, _)| *id).filter(defines).collect();
        let main = defining.first().copied().unwrap_or(FileId::new(u32::MAX));
        self.scope_of(main, &self.reachable(defining))
    }

    fn scope_of(&self, main: FileId, files: &BTreeSet<FileId>) -> (Key, Scope) {
        let key = files.iter().filter_map(|id| Some((*id, self.at_hand.get(id)?.version))).collect();
        (key, Scope::new(main, files.iter().filter_map(|id| self.resolved(*id))))
    }

    /// The `use` lines of a file that lead to modules which are there and cannot be read.
    pub(crate) fn unread(&self, id: FileId) -> Vec<Diagnostic> {
        let Some(file) = self.at_hand.get(&id).filter(|_| self.unresolved.contains(&id)) else {
            return Vec::new();
        };
        let lines = file.module.iter().flat_map(|module| &module.tree().uses);
        let missing = lines.zip(&file.uses).filter(|(_, found)| found.is_none());
        let problem = |name: &str| match self.answers.get(&(file.root.clone(), name.to_owned()))? {
            Answer::Unreadable(problem) => Some(problem),
            Answer::Absent => None,
        };
        let unread = missing.filter_map(|(line, _)| {
            let name = &line.module;
            Some(unreadable(&name.text, name.span, problem(&name.text)?))
        });
        unread.collect()
    }
}

/// A module whose file is there, at the place that uses it.
fn unreadable(name: &str, place: Span, problem: &Diagnostic) -> Diagnostic {
    let message = format!("the module `{name}` cannot be read");
    let diagnostic = Diagnostic::new(problem.code, message).at(place, problem.message.clone());
    problem.help.iter().cloned().fold(diagnostic, Diagnostic::help)
}
