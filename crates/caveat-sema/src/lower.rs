//! The state of lowering: what is seen, what is made, what is wrong, and what is written down.

use std::sync::Arc;

use caveat_diag::{Diagnostic, FileId};

use crate::builder::Builder;
use crate::entries::Entries;
use crate::expansion::Expansion;
use crate::module::Module;
use crate::names::Local;
use crate::record::Record;
use crate::reporter::Reporter;
use crate::scope::Scope;

/// All state of a lowering.
pub(crate) struct Lowering<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) platforms: Arc<Entries>,
    pub(crate) builder: Builder,
    pub(crate) reporter: Reporter,
    pub(crate) record: Record,
    /// The module that is being lowered.
    pub(crate) module: FileId,
    /// The conditions of the bulletin that is being lowered.
    pub(crate) local: Local<'a>,
    /// The named conditions that are being expanded.
    pub(crate) expansion: Expansion<'a>,
}

impl<'a> Lowering<'a> {
    pub(crate) fn new(scope: &'a Scope, platforms: Arc<Entries>, builder: Builder) -> Self {
        Self {
            scope,
            platforms,
            builder,
            reporter: Reporter::default(),
            record: Record::default(),
            module: scope.main(),
            local: Local::default(),
            expansion: Expansion::default(),
        }
    }

    /// The module that is being lowered.
    pub(crate) fn current(&self) -> Option<&'a Module> {
        self.scope.module(self.module)
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.reporter.report(diagnostic);
    }
}
