//! From syntax to meaning: modules and names are resolved, words become values, platforms
//! and conditions are put in their places, and the result passes [`caveat_ir::check()`].
//!
//! Pipeline: `modules` (who sees whom) → `names` (what is defined) → lowering of platforms,
//! conditions and bulletins → `caveat_ir::check` → `lints`. This crate reads no file: the
//! driver hands it every module that could be found.

mod bulletin;
mod conditions;
mod expr;
mod host;
mod lints;
mod lower;
mod modules;
mod names;
mod package;
mod platforms;
mod predicate;
mod values;
mod vulnerability;
mod written;

use std::sync::Arc;

use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_ir::{Checked, RuleSet};
use caveat_syntax::ast;

pub use written::{Joint, Written};

/// A parsed file under its module name.
#[derive(Debug, Clone, Copy)]
pub struct Module<'a> {
    /// Its dotted name, such as `std.windows`.
    pub name: &'a str,
    /// Its tree.
    pub ast: &'a ast::File,
    /// Whether its bulletins are compiled; other modules only lend their names.
    pub primary: bool,
}

/// Rules that were lowered.
#[derive(Debug)]
pub enum Rules {
    /// They have no error.
    Checked(Checked),
    /// They have; this is what could be made of them.
    Broken(RuleSet),
}

impl Rules {
    /// What could be made of the source.
    #[must_use]
    pub fn lowered(&self) -> &RuleSet {
        match self {
            Self::Checked(checked) => checked.rules(),
            Self::Broken(rules) => rules,
        }
    }

    /// The same rules, as broken.
    #[must_use]
    pub fn broken(self) -> Self {
        match self {
            Self::Checked(checked) => Self::Broken(checked.into_rules()),
            broken @ Self::Broken(_) => broken,
        }
    }
}

/// What became of the modules.
#[derive(Debug)]
pub struct Analysis {
    /// The rules.
    pub rules: Rules,
    /// All problems.
    pub diagnostics: Vec<Diagnostic>,
    /// The conditions of the primary modules, as written.
    pub written: Vec<Written>,
}

/// Resolves, lowers, checks and lints `modules`. The order of modules does not matter.
#[must_use]
pub fn analyse(modules: &[Module<'_>], sources: &Arc<SourceMap>) -> Analysis {
    let mut sorted: Vec<Module<'_>> = modules.to_vec();
    sorted.sort_by(|a, b| a.name.cmp(b.name));
    let visibility = modules::resolve(&sorted);
    let names = names::collect(&sorted);
    let mut lowering = lower::Lowering::new(&sorted, &visibility, &names, sources);
    lowering.run();
    let lower::Lowered { rules, places, used, mut diagnostics, incomplete, written } = lowering.finish();
    diagnostics.extend(visibility.diagnostics.iter().cloned());
    diagnostics.extend(names.diagnostics.iter().cloned());
    let rules = match caveat_ir::check(rules, places) {
        Ok(checked) => Rules::Checked(checked),
        Err(rejected) => {
            let missing = |problem: &Diagnostic| {
                problem.code == Code::MISSING_PART
                    && problem.span().is_some_and(|span| incomplete.contains(&span))
            };
            diagnostics.extend(rejected.problems.into_iter().filter(|problem| !missing(problem)));
            Rules::Broken(rejected.rules)
        }
    };
    let rules = if diagnostics.iter().any(Diagnostic::is_error) { rules.broken() } else { rules };
    diagnostics.extend(lints::run(&sorted, &visibility, &used, sources));
    dedup(&mut diagnostics);
    Analysis { rules, diagnostics, written }
}

/// One mistake in a condition that is used twice is one mistake.
fn dedup(diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = std::collections::BTreeSet::new();
    diagnostics.retain(|diagnostic| {
        seen.insert((diagnostic.span(), diagnostic.code.id, diagnostic.message.clone()))
    });
}
