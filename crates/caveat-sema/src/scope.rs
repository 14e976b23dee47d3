//! A file and the modules that it sees, those that these see included.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caveat_diag::{FileId, SourceMap};
use caveat_syntax::ast;

use crate::module::Module;

/// A module, what its `use` lines lead to, and whether its rules are compiled.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The module.
    pub module: Arc<Module>,
    /// For each of its `use` lines the file that it names, if there is one.
    pub uses: Vec<Option<FileId>>,
    /// Whether its rules are compiled; other modules only lend their names.
    pub primary: bool,
}

impl Resolved {
    /// The modules that it uses, with the line that says so.
    pub(crate) fn used(&self) -> impl Iterator<Item = (FileId, &ast::Use)> {
        self.uses.iter().zip(&self.module.tree().uses).filter_map(|(file, line)| Some(((*file)?, line)))
    }
}

/// A file and the modules that it sees.
#[derive(Debug)]
pub struct Scope {
    main: FileId,
    modules: BTreeMap<FileId, Resolved>,
    /// The modules whose names a module sees: itself, then those it uses.
    visible: BTreeMap<FileId, Vec<FileId>>,
    /// By name.
    order: Vec<FileId>,
    sources: Arc<SourceMap>,
}

impl Scope {
    /// What `main` sees. `modules` holds it and all that can be reached from it.
    #[must_use]
    pub fn new(main: FileId, modules: impl IntoIterator<Item = Resolved>) -> Self {
        let modules: BTreeMap<FileId, Resolved> =
            modules.into_iter().map(|one| (one.module.file(), one)).collect();
        let visible = modules.iter().map(|(file, one)| (*file, visible(*file, one))).collect();
        let mut order: Vec<FileId> = modules.keys().copied().collect();
        order.sort_by_key(|file| (modules.get(file).map(|one| one.module.name()), *file));
        let sources = modules.iter().map(|(file, one)| (*file, Arc::clone(one.module.source()))).collect();
        Self { main, modules, visible, order, sources: Arc::new(sources) }
    }

    /// The file that it is the scope of.
    pub(crate) fn main(&self) -> FileId {
        self.main
    }

    /// The texts of its modules.
    #[must_use]
    pub fn sources(&self) -> &Arc<SourceMap> {
        &self.sources
    }

    /// A module of it.
    pub(crate) fn module(&self, file: FileId) -> Option<&Module> {
        self.modules.get(&file).map(|one| one.module.as_ref())
    }

    pub(crate) fn resolved(&self, file: FileId) -> Option<&Resolved> {
        self.modules.get(&file)
    }

    pub(crate) fn is_primary(&self, file: FileId) -> bool {
        self.modules.get(&file).is_some_and(|one| one.primary)
    }

    /// The modules whose names a module sees: itself, then those it uses.
    pub(crate) fn visible(&self, file: FileId) -> &[FileId] {
        self.visible.get(&file).map_or(&[], Vec::as_slice)
    }

    /// All modules, by name.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &Module> {
        self.order.iter().filter_map(|file| self.module(*file))
    }
}

fn visible(file: FileId, resolved: &Resolved) -> Vec<FileId> {
    let mut seen = BTreeSet::new();
    let all = std::iter::once(file).chain(resolved.used().map(|(used, _)| used));
    all.filter(|module| seen.insert(*module)).collect()
}
