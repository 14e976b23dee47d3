//! What is written down on the way: which names were needed, and conditions as they stand.

use std::collections::BTreeSet;

use caveat_diag::{FileId, Span};
use caveat_ir::Written;

use crate::references::{Kind, Reference};

/// Which definitions were needed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used {
    /// Pairs of module and used module.
    pub(crate) modules: BTreeSet<(FileId, FileId)>,
    /// The names of conditions that were referred to, by where they are defined.
    pub(crate) conditions: BTreeSet<Span>,
}

impl Used {
    pub(crate) fn extend(&mut self, other: Self) {
        self.modules.extend(other.modules);
        self.conditions.extend(other.conditions);
    }
}

/// What is written down on the way.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) used: Used,
    pub(crate) references: BTreeSet<Reference>,
    /// The conditions of the given files, as written.
    pub(crate) written: Vec<Written>,
    /// The parts so far of the conditions that are open, outermost first.
    pub(crate) drafts: Vec<Vec<Written>>,
}

impl Record {
    /// A name that was looked up, and where what it stands for is defined.
    pub(crate) fn refer(&mut self, kind: Kind, name: &str, span: Span, definition: Span) {
        let reference = Reference { span, kind, name: name.to_owned(), definition: Some(definition) };
        self.references.insert(reference);
    }
}
