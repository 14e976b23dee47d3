//! The lints, one file each, by what they look at.

mod article_of_build;
mod boundary;
mod branches;
mod builds;
mod contradicting_metadata;
mod covered_platforms;
mod digits;
mod floors;
mod foreign_floors;
mod idle_branches;
mod idle_exposure;
mod idle_floors;
mod idle_workaround;
mod implied_requires;
mod included;
mod inverted;
mod labels;
mod markers;
mod misplaced_file;
mod misplaced_key;
mod misplaced_service;
mod missing;
mod mixed_builds;
mod names;
mod number_lines;
mod numbering;
mod overlap;
mod overlapping_ranges;
mod own_marker;
mod redundant;
mod repeated;
mod shared_ids;
mod superseded_update;
mod superseding;
mod unaffected;
mod uncovered;
mod unmeasured_versions;
mod unrated;
mod unsatisfiable;
mod untested;

use caveat_diag::Diagnostic;
use caveat_ir::Written;

pub use superseding::lower_floor;

use crate::context::Context;
use crate::outline::{Lower, Outline};
use crate::view::View;

/// What is wrong with one bulletin.
pub(crate) fn of_bulletin<'a>(context: &Context<'a>, view: &View<'a>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    unsatisfiable::check(context, view, &mut found);
    overlap::check(context, view, &mut found);
    uncovered::check(context, view, &mut found);
    unaffected::check(context, view, &mut found);
    unrated::check(context, view, &mut found);
    covered_platforms::check(context, view, &mut found);
    implied_requires::check(context, view, &mut found);
    floors::check(context, view, &mut found);
    foreign_floors::check(context, view, &mut found);
    numbering::check(context, view, &mut found);
    digits::check(context, view, &mut found);
    branches::check(context, view, &mut found);
    builds::check(context, view, &mut found);
    article_of_build::check(context, view, &mut found);
    unmeasured_versions::check(context, view, &mut found);
    overlapping_ranges::check(context, view, &mut found);
    mixed_builds::check(context, view, &mut found);
    inverted::check(context, view, &mut found);
    idle_workaround::check(context, view, &mut found);
    idle_exposure::check(context, view, &mut found);
    misplaced_file::check(context, view, &mut found);
    misplaced_service::check(context, view, &mut found);
    misplaced_key::check(context, view, &mut found);
    markers::check(context, view, &mut found);
    own_marker::check(context, view, &mut found);
    included::check(context, view, &mut found);
    superseded_update::check(context, view, &mut found);
    idle_branches::check(context, view, &mut found);
    idle_floors::check(context, view, &mut found);
    names::check(context, view, &mut found);
    repeated::check(context, view, &mut found);
    missing::check(context, view, &mut found);
    labels::check(context, view, &mut found);
    contradicting_metadata::check(context, view, &mut found);
    untested::check(context, view, &mut found);
    boundary::check(context, view, &mut found);
    found
}

/// What is wrong with one condition, wherever it stands.
pub(crate) fn of_condition(context: &Context<'_>, written: &Written) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    redundant::check(context.rules, written, &mut found);
    found
}

/// What is wrong between bulletins, which come in the order of their ids, each once. `lower` is asked for pairs
/// of which the first replaces the second: see [`lower_floor`].
#[must_use]
pub fn of_library(bulletins: &[&Outline], lower: &mut Lower<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    shared_ids::check(bulletins, &mut found);
    superseding::check(bulletins, lower, &mut found);
    found
}
