//! What is known of each file alone, kept as long as nothing that it was made of changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use caveat_diag::{Code, Diagnostic, FileId};
use caveat_ir::Checked;
use caveat_lint::{Allowances, Outline};
use caveat_sema::{Definition, Module, Scope, Table, Unit, definitions, lower};
use rayon::prelude::*;

use crate::files::{Files, Key, Version};

/// Looks for more in the sound bulletins of a file.
type Look<'h> = Box<dyn Fn(&Checked) -> Vec<Diagnostic> + Send + Sync + 'h>;

/// Looks for what this crate knows nothing of, such as what the targets make of rules.
pub struct Hook<'h> {
    look: Look<'h>,
    /// The codes of its findings, which other runs may not look for.
    pub(crate) codes: Vec<&'static Code>,
}

impl<'h> Hook<'h> {
    /// Calls `look` with the sound bulletins of every file; `codes` are those of what it may find.
    pub fn new(
        codes: &[&'static Code],
        look: impl Fn(&Checked) -> Vec<Diagnostic> + Send + Sync + 'h,
    ) -> Self {
        Self { look: Box::new(look), codes: codes.to_vec() }
    }
}

impl Default for Hook<'_> {
    fn default() -> Self {
        Self::new(&[], |_| Vec::new())
    }
}

/// What is known of a file alone.
#[derive(Debug)]
pub(crate) struct Known {
    key: Key,
    /// No other has it.
    pub(crate) stamp: Version,
    pub(crate) module: Arc<Module>,
    pub(crate) given: bool,
    pub(crate) table: Arc<Table>,
    pub(crate) unit: Unit,
    pub(crate) found: caveat_lint::Found,
    /// What the hook found.
    pub(crate) hooked: Vec<Diagnostic>,
    pub(crate) outlines: Vec<Outline>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) allowances: Allowances,
}

/// What is known of all files.
#[derive(Debug, Default)]
pub(crate) struct Units {
    known: BTreeMap<FileId, Arc<Known>>,
    tables: BTreeMap<Key, Arc<Table>>,
    last: Version,
}

/// What is still to be done for a file.
struct Task {
    id: FileId,
    key: Key,
    scope: Scope,
    table: Key,
    stamp: Version,
}

impl Units {
    pub(crate) fn get(&self, id: FileId) -> Option<&Arc<Known>> {
        self.known.get(&id)
    }

    /// Works out what is not known, or no longer.
    pub(crate) fn update(&mut self, files: &Files, hook: &Hook<'_>) {
        self.known.retain(|_, known| files.is_current(&known.key));
        let missing: Vec<FileId> =
            files.iter().map(|(id, _)| id).filter(|id| !self.known.contains_key(id)).collect();
        if missing.is_empty() {
            return;
        }
        let tasks = self.tasks(files, &missing);
        let known = tasks.into_par_iter().filter_map(|task| {
            let table = Arc::clone(self.tables.get(&task.table)?);
            Some((task.id, Arc::new(known(task, files, table, hook)?)))
        });
        let known: Vec<(FileId, Arc<Known>)> = known.collect();
        self.known.extend(known);
        self.tables.retain(|_, table| Arc::strong_count(table) > 1);
    }

    /// What is to be done, once the platforms that are needed for it are lowered.
    fn tasks(&mut self, files: &Files, missing: &[FileId]) -> Vec<Task> {
        let mut wanted: BTreeMap<Key, Scope> = BTreeMap::new();
        let mut tasks = Vec::new();
        for id in missing {
            let (key, scope) = files.scope(*id);
            let (table, platforms) = files.platform_scope(&key);
            if !self.tables.contains_key(&table) {
                wanted.entry(table.clone()).or_insert(platforms);
            }
            self.last += 1;
            tasks.push(Task { id: *id, key, scope, table, stamp: self.last });
        }
        let tables = wanted.into_par_iter().map(|(key, scope)| (key, Arc::new(Table::new(&scope))));
        let tables: Vec<(Key, Arc<Table>)> = tables.collect();
        self.tables.extend(tables);
        tasks
    }
}

fn known(task: Task, files: &Files, table: Arc<Table>, hook: &Hook<'_>) -> Option<Known> {
    let resolved = files.resolved(task.id)?;
    let (module, given) = (resolved.module, resolved.primary);
    let unit = lower(&task.scope, &table);
    let found = caveat_lint::of_file(&module, given, &unit, task.scope.sources());
    let hooked = if given { (hook.look)(&unit.checked) } else { Vec::new() };
    let outlines = Outline::all(&unit.checked, module.tree());
    let definitions = definitions(module.tree());
    let allowances = if given { Allowances::of(task.id, module.source()) } else { Allowances::default() };
    let Task { key, stamp, .. } = task;
    Some(Known { key, stamp, module, given, table, unit, found, hooked, outlines, definitions, allowances })
}
