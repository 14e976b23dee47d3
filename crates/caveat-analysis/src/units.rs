//! What is known of each file alone, kept as long as nothing that it was made of changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caveat_diag::policy::Allowances;
use caveat_diag::{Code, Diagnostic, FileId};
use caveat_ir::Checked;
use caveat_lint::{Found, Outline, of_rules};
use caveat_sema::{Definition, Module, Scope, Table, Unit, allowances, definitions, lower};
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
    pub(crate) found: Found,
    /// What the hook found.
    pub(crate) hooked: Vec<Diagnostic>,
    pub(crate) outlines: Vec<Outline>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) allowances: Allowances,
}

impl Known {
    /// What was found about other files, and whether it is a lint.
    pub(crate) fn foreign(&self) -> impl Iterator<Item = (&Diagnostic, bool)> {
        let own = self.module.file();
        let lints = self.found.bulletins.iter().chain(&self.hooked).map(|problem| (problem, true));
        let all = self.unit.diagnostics.iter().map(|problem| (problem, false)).chain(lints);
        all.filter(move |(problem, _)| problem.span().is_some_and(|span| span.file != own))
    }
}

/// What is known of all files.
#[derive(Debug, Default)]
pub(crate) struct Units {
    known: BTreeMap<FileId, Arc<Known>>,
    tables: BTreeMap<Key, Arc<Table>>,
    /// The files whose knowledge was made of a file.
    users: BTreeMap<FileId, BTreeSet<FileId>>,
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

/// What is no longer known, and what is known anew.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) old: Vec<Arc<Known>>,
    pub(crate) new: Vec<Arc<Known>>,
}

impl Units {
    pub(crate) fn get(&self, id: FileId) -> Option<&Arc<Known>> {
        self.known.get(&id)
    }

    /// Works out what is not known, or no longer, as some files were changed.
    pub(crate) fn update(&mut self, files: &Files, changed: BTreeSet<FileId>, hook: &Hook<'_>) -> Changes {
        let users = changed.iter().filter_map(|id| self.users.get(id)).flatten().copied();
        let mut concerned: BTreeSet<FileId> = users.collect();
        concerned.extend(changed);
        let old: Vec<Arc<Known>> = concerned.iter().filter_map(|id| self.forget(*id)).collect();
        let missing: Vec<FileId> = concerned.into_iter().filter(|id| files.has(*id)).collect();
        let tasks = self.tasks(files, &missing);
        let known = tasks.into_par_iter().filter_map(|task| {
            let table = Arc::clone(self.tables.get(&task.table)?);
            Some(Arc::new(known(task, files, table, hook)?))
        });
        let new: Vec<Arc<Known>> = known.collect();
        for known in &new {
            self.learn(known);
        }
        if !new.is_empty() {
            self.tables.retain(|_, table| Arc::strong_count(table) > 1);
        }
        Changes { old, new }
    }

    fn learn(&mut self, known: &Arc<Known>) {
        let id = known.module.file();
        for (used, _) in &known.key {
            self.users.entry(*used).or_default().insert(id);
        }
        self.known.insert(id, Arc::clone(known));
    }

    fn forget(&mut self, id: FileId) -> Option<Arc<Known>> {
        let known = self.known.remove(&id)?;
        for (used, _) in &known.key {
            if let Some(users) = self.users.get_mut(used) {
                users.remove(&id);
            }
        }
        Some(known)
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
    let found = if given { of_rules(&unit.checked, &unit.written) } else { Found::default() };
    let hooked = if given { (hook.look)(&unit.checked) } else { Vec::new() };
    let outlines = Outline::all(&unit.checked);
    let definitions = definitions(module.tree());
    let allowances = if given { allowances(task.id, module.source()) } else { Allowances::default() };
    let Task { key, stamp, .. } = task;
    Some(Known { key, stamp, module, given, table, unit, found, hooked, outlines, definitions, allowances })
}
