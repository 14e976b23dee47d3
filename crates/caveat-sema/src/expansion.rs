//! The state of an expansion of named conditions.

use std::collections::BTreeMap;

use caveat_syntax::ast::{ConditionDef, Operand};

/// The value of a parameter during an expansion.
#[derive(Debug, Clone)]
pub(crate) enum Argument {
    /// What the caller gave.
    Given(Operand),
    /// Nothing: the condition is looked at on its own.
    Opaque,
}

/// The state of an expansion.
#[derive(Default)]
pub(crate) struct Expansion<'a> {
    /// The definitions that are open, outermost first.
    pub(crate) open: Vec<&'a ConditionDef>,
    /// The arguments of the innermost one.
    pub(crate) arguments: BTreeMap<String, Argument>,
    /// Whether the innermost one sees the bulletin's own conditions.
    pub(crate) outside_bulletin: bool,
    /// Expressions that are open.
    pub(crate) depth: usize,
    /// Tests made and conditions called by the outermost of them.
    pub(crate) size: usize,
    /// Whether expansions without end were reported; once is enough.
    pub(crate) endless_reported: bool,
}
