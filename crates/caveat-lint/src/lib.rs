//! Rules that compile but cannot mean what they say: conditions that no host satisfies, packages
//! that get into each other's way, mitigations the wrong way round, files in the wrong folder.
//!
//! Every lint has a file of its own in `lints` and a page per code in `docs/codes`. A lint is
//! silent unless it is sure: [`caveat_logic`] answers what can be reckoned, `knowledge` what has
//! to be known of Windows. Findings about hosts carry one as `data["witness"]`, a host file in JSON.
//!
//! Lints see the IR and the places in it, whatever front end made it; what only the text shows is the business of
//! `caveat-sema`. Rules are looked at file by file ([`of_rules`]); of what lies between bulletins, short
//! [`Outline`]s tell ([`of_library`]).

mod bulletins;
mod calls;
mod context;
mod data;
mod folders;
mod guids;
mod knowledge;
mod labels;
mod lints;
mod outline;
mod registry;
mod slips;
mod view;

use caveat_diag::Diagnostic;
use caveat_ir::{Checked, Written};
use rayon::prelude::*;

pub use calls::{Called, of_calls};
pub use lints::{lower_floor, of_library};
pub use outline::{Lower, Outline};

use context::Context;
use view::View;

/// What was found in the rules of one file.
#[derive(Debug, Default)]
pub struct Found {
    /// In its sound bulletins.
    pub bulletins: Vec<Diagnostic>,
    /// In its conditions.
    pub conditions: Vec<Diagnostic>,
    /// In conditions with parameters, as they are called in the file: see [`of_calls`].
    pub called: Vec<Called>,
}

/// Lints rules. `written` are the conditions among them of whose parts it is known where they stand, and those
/// that no rule uses.
#[must_use]
pub fn of_rules(checked: &Checked, written: &[Written]) -> Found {
    let context = Context::new(checked, written);
    let bulletins = context.rules.bulletins.par_iter();
    let bulletins = bulletins.flat_map(|one| lints::of_bulletin(&context, &View::new(&context, one)));
    let bulletins = bulletins.collect();
    let (conditions, called) = of_conditions(&context, written);
    Found { bulletins, conditions, called }
}

/// What is wrong with conditions as they stand, and with those that have parameters as they are called.
fn of_conditions(context: &Context<'_>, written: &[Written]) -> (Vec<Diagnostic>, Vec<Called>) {
    let found = written.par_iter().map(|one| (one, lints::of_condition(context, one)));
    let found: Vec<(&Written, Vec<Diagnostic>)> = found.collect();
    let (called, plain): (Vec<_>, Vec<_>) = found.into_iter().partition(|(one, _)| one.call.is_some());
    let called = called.into_iter().filter_map(|(one, problems)| Called::new(one, problems));
    (plain.into_iter().flat_map(|(_, problems)| problems).collect(), called.collect())
}
