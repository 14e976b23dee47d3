//! Rules that compile but cannot mean what they say: conditions that no host satisfies, packages
//! that get into each other's way, mitigations the wrong way round, files in the wrong folder.
//!
//! Every lint has a file of its own in `lints` and a page per code in `docs/codes`. A lint is
//! silent unless it is sure: [`caveat_logic`] answers what can be reckoned, `knowledge` what has
//! to be known of Windows. Findings about hosts carry one as `data["witness"]`, a host file in JSON.
//! This crate does not lower rules (`caveat-sema` does) and reads no files.

mod allow;
mod context;
mod folders;
mod knowledge;
mod lints;
mod registry;
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
    found.extend(
        written.par_iter().flat_map_iter(|one| lints::of_condition(&context, one)).collect::<Vec<_>>(),
    );
    found.extend(lints::of_library(&context, &bulletins));
    for file in primary() {
        lints::of_file(file, sources, &mut found);
    }
    let texts: Vec<_> = sources.iter().collect();
    found.extend(texts.into_par_iter().flat_map_iter(lints::of_text).collect::<Vec<_>>());
    found
}
