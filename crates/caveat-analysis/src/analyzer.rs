//! Files come and go; what is known of them follows.

use std::collections::BTreeMap;
use std::sync::Arc;

use caveat_diag::FileId;

use crate::analysis::{Analysis, FileAnalysis};
use crate::files::Files;
use crate::library::Library;
use crate::report::Report;
use crate::source::{Modules, Source};
use crate::units::{Hook, Units};

/// Keeps what is known of rules up to date.
pub struct Analyzer<'h, M> {
    modules: M,
    hook: Hook<'h>,
    files: Files,
    units: Units,
    library: Library,
    reports: BTreeMap<FileId, Arc<Report>>,
}

impl<'h, M: Modules> Analyzer<'h, M> {
    /// Knows nothing yet, and asks `modules` for what rules use.
    pub fn new(modules: M) -> Self {
        Self::with_hook(modules, Hook::default())
    }

    /// Looks for more in sound bulletins.
    pub fn with_hook(modules: M, hook: Hook<'h>) -> Self {
        Self {
            modules,
            hook,
            files: Files::default(),
            units: Units::default(),
            library: Library::default(),
            reports: BTreeMap::new(),
        }
    }

    /// Adds a file whose rules are compiled. It keeps its id.
    pub fn add(&mut self, source: Source) -> FileId {
        self.files.add(source)
    }

    /// Gives a file another text.
    pub fn set(&mut self, file: FileId, text: impl Into<String>) {
        self.files.set(file, text.into());
    }

    /// Takes a file away.
    pub fn remove(&mut self, file: FileId) {
        self.files.remove(file);
    }

    /// Asks again for all modules that were not given. What is the same costs nothing.
    pub fn forget_modules(&mut self) {
        self.files.forget_modules();
    }

    /// What is known now.
    pub fn analysis(&mut self) -> Analysis {
        self.files.update(&self.modules);
        self.units.update(&self.files, &self.hook);
        let order = self.files.in_order();
        let mut between = self.library.look(&self.files, &self.units, &order);
        let mut reports = BTreeMap::new();
        for (id, file) in self.files.iter() {
            if let Some(known) = self.units.get(id) {
                let said = between.said.remove(&id).unwrap_or_default();
                let unread = self.files.unread(file);
                let before = self.reports.get(&id);
                reports.insert(id, Report::new(known, said, unread, &self.hook.codes, before));
            }
        }
        self.reports = reports;
        let complete = !self.reports.values().any(|report| report.has_errors);
        let contested = between.contested;
        let file = |(id, report): (&FileId, &Arc<Report>)| {
            let known = Arc::clone(self.units.get(*id)?);
            Some((*id, FileAnalysis::new(known, Arc::clone(report), complete, Arc::clone(&contested))))
        };
        let files = self.reports.iter().filter_map(file).collect();
        Analysis { sources: Arc::new(self.files.sources().clone()), files, order, contested }
    }
}
