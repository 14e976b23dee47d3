//! Files come and go; what is known of them follows.

use std::collections::BTreeSet;
use std::sync::Arc;

use caveat_diag::FileId;
use caveat_diag::policy::Levels;

use crate::analysis::{Analysis, Moment};
use crate::files::Files;
use crate::library::{Between, Library};
use crate::report::Report;
use crate::source::{Modules, Source};
use crate::units::{Changes, Hook, Units};

/// Keeps what is known of rules up to date.
pub struct Analyzer<'h, M> {
    modules: M,
    hook: Hook<'h>,
    levels: Levels,
    files: Files,
    units: Units,
    library: Library,
    moment: Arc<Moment>,
    /// The files of which others had something to say.
    talked_of: BTreeSet<FileId>,
}

impl<'h, M: Modules> Analyzer<'h, M> {
    /// Knows nothing yet, and asks `modules` for what rules use.
    pub fn new(modules: M) -> Self {
        Self::with_hook(modules, Hook::default(), Levels::default())
    }

    /// Looks for more in sound bulletins, and takes what it finds for as bad as `levels` says.
    pub fn with_hook(modules: M, hook: Hook<'h>, levels: Levels) -> Self {
        Self {
            modules,
            hook,
            levels,
            files: Files::default(),
            units: Units::default(),
            library: Library::default(),
            moment: Arc::default(),
            talked_of: BTreeSet::new(),
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
        let changed = self.files.take_changed();
        let changes = self.units.update(&self.files, changed, &self.hook);
        let between = self.library.look(&self.files, &self.units, &changes);
        self.report(&changes, between);
        Analysis(Arc::clone(&self.moment))
    }

    /// Says anew what is to be said of the files that changed, or of which others say something else.
    fn report(&mut self, changes: &Changes, between: Between) {
        let Between { mut said, contested } = between;
        let mut concerned = std::mem::take(&mut self.talked_of);
        self.talked_of = said.keys().chain(self.files.unresolved()).copied().collect();
        concerned.extend(&self.talked_of);
        concerned.extend(changes.old.iter().chain(&changes.new).map(|known| known.module.file()));
        let moment = Arc::make_mut(&mut self.moment);
        moment.sources = Arc::clone(self.files.sources());
        moment.order = Arc::clone(self.files.order());
        moment.contested = contested;
        for id in concerned {
            moment.flawed.remove(&id);
            let before = moment.files.remove(&id).map(|(_, report)| report);
            let Some(known) = self.units.get(id) else { continue };
            let said = said.remove(&id).unwrap_or_default();
            let unread = self.files.unread(id);
            let report = Report::new(known, said, unread, &self.hook, &self.levels, before);
            if report.is_flawed {
                moment.flawed.insert(id);
            }
            moment.files.insert(id, (Arc::clone(known), report));
        }
    }
}
