//! `caveat explain`
use crate::cli::Explain;
use crate::ui::{Outcome, Ui};
pub(super) fn run(_: &Ui, _: &Explain) -> Result<Outcome, Outcome> {
    Err(Outcome::Failed)
}
