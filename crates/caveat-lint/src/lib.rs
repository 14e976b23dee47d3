//! Rules that compile but cannot mean what they say: conditions that no host satisfies, packages
//! that get into each other's way, mitigations the wrong way round, files in the wrong folder.
//!
//! Every lint has a file of its own in `lints` and a page per code in `docs/codes`. A lint is
//! silent unless it is sure: [`caveat_logic`] answers what can be reckoned, `knowledge` what has
//! to be known of Windows. Findings about hosts carry one as `data["witness"]`, a host file in JSON.
//! This crate does not lower rules (`caveat-sema` does) and reads no files.
//!
//! Files are looked at one by one ([`of_file`]); of what lies between bulletins, short [`Outline`]s tell
//! ([`of_library`]).

mod allow;
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

use std::collections::BTreeMap;

use caveat_diag::{Diagnostic, SourceMap};
use caveat_ir::rule::Bulletin;
use caveat_sema::{Module, Unit, Written};
use caveat_syntax::ast;
use rayon::prelude::*;

pub use allow::allowances;
pub use calls::{Called, of_calls};
pub use lints::{lower_floor, of_library};
pub use outline::{Lower, Outline};

use context::Context;
use view::View;

/// What was found in one file.
#[derive(Debug, Default)]
pub struct Found {
    /// In its sound bulletins.
    pub bulletins: Vec<Diagnostic>,
    /// In its conditions.
    pub conditions: Vec<Diagnostic>,
    /// In conditions with parameters, as they are called in the file: see [`of_calls`].
    pub called: Vec<Called>,
    /// In its tree and text.
    pub text: Vec<Diagnostic>,
}

/// Lints a file. Where something is broken, nothing is found.
#[must_use]
pub fn of_file(module: &Module, primary: bool, unit: &Unit, sources: &SourceMap) -> Found {
    let mut found = Found::default();
    if primary {
        let conditions = unit.written.iter().map(|written| (written.span, written)).collect();
        let (rules, places) = (unit.checked.rules(), unit.checked.places());
        let context = Context { rules, places, sources, conditions };
        found.bulletins = of_bulletins(&context, module.tree());
        (found.conditions, found.called) = of_conditions(&context, &unit.written);
        lints::of_file(module.tree(), sources, &mut found.text);
    }
    found.text.extend(lints::of_text((module.file(), module.source())));
    found.text.retain(|problem| !problem.span().is_some_and(|place| unit.is_broken(place)));
    found
}

fn of_bulletins(context: &Context<'_>, tree: &ast::File) -> Vec<Diagnostic> {
    let written = bulletins(tree);
    let of = |bulletin: &Bulletin| {
        let ast = *written.get(bulletin.id.as_str())?;
        Some(lints::of_bulletin(context, &View::new(context, bulletin, ast)))
    };
    context.rules.bulletins.par_iter().filter_map(of).flatten().collect()
}

/// The bulletins of a file by their ids.
fn bulletins(tree: &ast::File) -> BTreeMap<&str, &ast::Bulletin> {
    let bulletins = tree.items.iter().filter_map(|item| match item {
        ast::Item::Bulletin(bulletin) => Some((bulletin.id.text.as_str(), bulletin)),
        _ => None,
    });
    bulletins.collect()
}

/// What is wrong with conditions as they stand, and with those that have parameters as they are called.
fn of_conditions(context: &Context<'_>, written: &[Written]) -> (Vec<Diagnostic>, Vec<Called>) {
    let found = written.par_iter().map(|one| (one, lints::of_condition(context, one)));
    let found: Vec<(&Written, Vec<Diagnostic>)> = found.collect();
    let (called, plain): (Vec<_>, Vec<_>) = found.into_iter().partition(|(one, _)| one.call.is_some());
    let called = called.into_iter().filter_map(|(one, problems)| Called::new(one, problems));
    (plain.into_iter().flat_map(|(_, problems)| problems).collect(), called.collect())
}
