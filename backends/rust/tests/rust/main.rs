//! What comes out of the back end: its text, that nothing in a rule can break it, and that the same
//! rules give the same bytes. That it compiles and gives the evaluator's verdicts is tested with the
//! bundled rules, in the cross-crate suite.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy knows functions marked as tests, not their helpers"
)]

mod hostile;
mod source;
mod support;
