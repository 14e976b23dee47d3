//! From syntax to meaning: names are resolved, words become values, platforms and conditions are put in
//! their places, and the result passes [`caveat_ir::check()`].
//!
//! Pipeline: [`Module`] (a file, parsed) → [`Scope`] (who sees whom) → [`Table`] (the platforms of modules) →
//! [`lower()`] (conditions and bulletins of one file) → `caveat_ir::check` → `lints` (those of form). Files are lowered one by one;
//! what is wrong with a bulletin, or with what it refers to, makes that bulletin unsound and no other. This crate
//! reads no file, and who is asked for the modules is decided by `caveat-analysis`.

mod allow;
mod builder;
mod builds;
mod bulletin;
mod conditions;
mod drafts;
mod entries;
mod expansion;
mod expr;
mod host;
mod instances;
mod lints;
mod lower;
mod module;
mod modules;
mod names;
mod package;
mod platforms;
mod predicate;
mod record;
mod references;
mod reporter;
mod scope;
mod table;
mod unit;
mod values;
mod vulnerability;

use caveat_ir::{Checked, RuleSet};

pub use allow::allowances;
pub use lints::unknown_bulletins;
pub use module::Module;
pub use modules::{circles, unknown_module};
pub use references::{Definition, Kind, Reference, definitions, start};
pub use scope::{Resolved, Scope};
pub use table::Table;
pub use unit::{Listed, Unit, lower};

/// Rules that were lowered.
#[derive(Debug)]
pub enum Rules {
    /// They have no error.
    Checked(Checked),
    /// They have; these are the bulletins that have none.
    Broken(RuleSet),
}

impl Rules {
    /// The rules that have no error.
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
