//! Rules that compile but cannot mean what they say: conditions that no host satisfies, packages
//! that get into each other's way, mitigations the wrong way round, files in the wrong folder.
//!
//! Every lint has a file of its own in `lints` and a page per code in `docs/codes`. A lint is
//! silent unless it is sure: [`caveat_logic`] answers what can be reckoned, `knowledge` what has
//! to be known of Windows. Findings about hosts carry one as `data["witness"]`, a host file in JSON.
//! This crate does not lower rules (`caveat-sema` does) and reads no files.

mod allow;
mod bulletins;
mod context;
mod data;
mod folders;
mod guids;
mod knowledge;
mod labels;
mod lints;
mod registry;
mod slips;
mod view;

use std::collections::BTreeMap;

use caveat_diag::{Diagnostic, SourceMap};
use caveat_ir::Checked;
use caveat_sema::{Module, Written};
use caveat_syntax::ast;
use rayon::prelude::*;

pub use allow::silence;

use context::Context;
use view::View;

/// Lints rules. The order of modules does not matter.
#[must_use]
pub fn run(
    modules: &[Module<'_>],
    checked: &Checked,
    written: &[Written],
    sources: &SourceMap,
) -> Vec<Diagnostic> {
    let primary = || modules.iter().filter(|module| module.primary).map(|module| module.ast);
    let items = primary().flat_map(|file| &file.items);
    let bulletins: BTreeMap<&str, &ast::Bulletin> = items
        .filter_map(|item| match item {
            ast::Item::Bulletin(bulletin) => Some((bulletin.id.text.as_str(), bulletin)),
            _ => None,
        })
        .collect();
    let conditions = written.iter().map(|written| (written.span, written)).collect();
    let context = Context { rules: checked.rules(), places: checked.places(), sources, conditions };
    let mut found: Vec<Diagnostic> = context
        .rules
        .bulletins
        .par_iter()
        .filter_map(|bulletin| {
            let ast = *bulletins.get(bulletin.id.as_str())?;
            Some(lints::of_bulletin(&context, &View::new(&context, bulletin, ast)))
        })
        .flatten()
        .collect();
    found.extend(of_conditions(&context, written));
    found.extend(lints::of_library(&context, &bulletins));
    for file in primary() {
        lints::of_file(file, sources, &mut found);
    }
    let texts: Vec<_> = sources.iter().collect();
    found.extend(texts.into_par_iter().flat_map_iter(lints::of_text).collect::<Vec<_>>());
    found
}

/// What is wrong with conditions. One with parameters is looked at with the arguments of every call, and
/// reported once; where it is right for other calls, the one that it is wrong for is shown.
fn of_conditions(context: &Context<'_>, written: &[Written]) -> Vec<Diagnostic> {
    let found = written.par_iter().map(|one| (one, lints::of_condition(context, one)));
    let found: Vec<(&Written, Vec<Diagnostic>)> = found.collect();
    let (called, plain): (Vec<_>, Vec<_>) = found.into_iter().partition(|(one, _)| one.call.is_some());
    let mut kept: Vec<Diagnostic> = plain.into_iter().flat_map(|(_, problems)| problems).collect();
    let same =
        |a: &Diagnostic, b: &Diagnostic| (a.code, a.span(), &a.message) == (b.code, b.span(), &b.message);
    for (one, problems) in &called {
        let bodies = || called.iter().filter(|(other, _)| other.span == one.span);
        for problem in problems {
            let everywhere = bodies().all(|(_, others)| others.iter().any(|other| same(other, problem)));
            // A call that is reported as a whole needs no word about what it calls.
            let known = |other: &Diagnostic| {
                let at_call =
                    other.span().zip(one.call).is_some_and(|(a, b)| (a.file, a.start) == (b.file, b.start));
                same(other, problem) || (at_call && !everywhere)
            };
            if !kept.iter().any(known) {
                let call = one.call.filter(|_| !everywhere).into_iter();
                kept.push(call.fold(problem.clone(), |all, call| all.because(call, "with these arguments")));
            }
        }
    }
    kept
}
