//! What is known of all files at one moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caveat_diag::{Diagnostic, FileId, SourceMap, Span};
use caveat_ir::Checked;
use caveat_sema::{Definition, Kind, Module, Reference};

use crate::merge::merge;
use crate::report::Report;
use crate::units::Known;

/// Whether the rules of a bulletin are sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing is wrong with it, nor with anything that it refers to. It was linted, and can be evaluated.
    Checked,
    /// Something is.
    Broken,
}

/// A bulletin or summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its id, as written.
    pub id: &'a str,
    /// Where the id is written.
    pub span: Span,
    /// All of it.
    pub item: Span,
    /// Whether its rules are sound.
    pub state: State,
}

/// What is known of a file.
#[derive(Debug, Clone, Copy)]
pub struct FileAnalysis<'a> {
    known: &'a Known,
    report: &'a Report,
    moment: &'a Moment,
}

impl<'a> FileAnalysis<'a> {
    /// Its module: name, text and syntax tree.
    #[must_use]
    pub fn module(&self) -> &'a Arc<Module> {
        &self.known.module
    }

    /// Whether it was given, so that its rules are compiled; other files are modules that those use.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.known.given
    }

    /// Its bulletins and summaries, in the order of the text; none for a file that was not given.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let moment = self.moment;
        self.known.unit.listed.iter().map(move |one| {
            let is_sound = one.is_sound && moment.is_one(&one.id);
            let state = if is_sound { State::Checked } else { State::Broken };
            Entry { id: &one.id, span: one.span, item: one.item, state }
        })
    }

    /// Its bulletins and summaries that are sound as far as the file goes, on the platforms that it sees: another
    /// file may have their ids as well.
    #[must_use]
    pub fn checked(&self) -> &'a Checked {
        &self.known.unit.checked
    }

    /// What is told of it, in the order of the text.
    #[must_use]
    pub fn diagnostics(&self) -> &'a [Diagnostic] {
        self.report.told(self.moment.flawed.is_empty())
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics().iter().any(Diagnostic::is_error)
    }

    /// The names that it defines, in order.
    #[must_use]
    pub fn definitions(&self) -> &'a [Definition] {
        &self.known.definitions
    }

    /// The names that it uses, in order. Where bulletins are defined, [`Analysis::definitions_of`] tells.
    #[must_use]
    pub fn references(&self) -> &'a [Reference] {
        &self.known.unit.references
    }
}

/// What is known of all files at one moment. It stays as it is when the analyzer goes on; one that is dropped
/// before costs the analyzer less.
#[derive(Debug, Clone)]
pub struct Analysis(pub(crate) Arc<Moment>);

/// What is known of all files.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moment {
    pub(crate) sources: Arc<SourceMap>,
    pub(crate) files: BTreeMap<FileId, (Arc<Known>, Arc<Report>)>,
    /// By the names of their modules.
    pub(crate) order: Arc<Vec<FileId>>,
    /// The ids of several bulletins or summaries, in small letters.
    pub(crate) contested: Arc<BTreeSet<String>>,
    /// The files in which something keeps rules from being looked at in full.
    pub(crate) flawed: BTreeSet<FileId>,
}

impl Moment {
    fn is_one(&self, id: &str) -> bool {
        self.contested.is_empty() || !self.contested.contains(&id.to_ascii_lowercase())
    }

    fn file(&self, id: FileId) -> Option<FileAnalysis<'_>> {
        let (known, report) = self.files.get(&id)?;
        Some(FileAnalysis { known, report, moment: self })
    }
}

impl Analysis {
    /// All texts.
    #[must_use]
    pub fn sources(&self) -> &Arc<SourceMap> {
        &self.0.sources
    }

    /// All files by their ids, those that were only found as modules included.
    pub fn files(&self) -> impl Iterator<Item = (FileId, FileAnalysis<'_>)> {
        let moment = self.0.as_ref();
        let files = moment.files.iter();
        files.map(move |(id, (known, report))| (*id, FileAnalysis { known, report, moment }))
    }

    /// A file.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<FileAnalysis<'_>> {
        self.0.file(id)
    }

    /// What is wrong in all files, file by file.
    pub fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.files().flat_map(|(_, file)| file.diagnostics())
    }

    /// Whether there is an error anywhere.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics().any(Diagnostic::is_error)
    }

    /// Where a name is defined: once, but for bulletins whose id was given twice.
    #[must_use]
    pub fn definitions_of(&self, reference: &Reference) -> Vec<Span> {
        if reference.kind != Kind::Bulletin {
            return reference.definition.into_iter().collect();
        }
        let files = self.0.order.iter().filter_map(|id| self.file(*id));
        let defined = files.flat_map(|file| file.definitions());
        let is = |one: &&Definition| one.kind == Kind::Bulletin && one.name == reference.name;
        defined.filter(is).map(|one| one.span).collect()
    }

    /// The sound rules of all given files together.
    ///
    /// # Errors
    /// What is wrong between rules that are sound by themselves. It should never come to that.
    pub fn merged(&self) -> Result<Checked, Vec<Diagnostic>> {
        let files = self.0.order.iter().filter_map(|id| Some(self.0.files.get(id)?.0.as_ref()));
        let files: Vec<&Known> = files.collect();
        merge(&files, Arc::clone(&self.0.sources), |id| self.0.is_one(id))
    }
}
