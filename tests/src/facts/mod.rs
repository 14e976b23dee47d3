//! The facts of the bulletins, and whether the rules have them.
//!
//! - [`sheet`]: a sheet of facts as it lies in `tests/facts`, one per bulletin.
//! - [`row`]: a row of a file table, and what its labels mean.
//! - [`platforms`]: platforms as facts name them, and how they relate to those of rules.
//! - [`check`]: every fact of a sheet against the rules, and the rules against the sheet.
//! - [`mod@reference`]: the sheets against a fuller collection of facts, where there is one.
//! - [`tested`]: what the tests inside the rules leave untried.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a reader that cannot work ends the test"
)]

pub mod check;
mod files;
mod packages;
pub mod platforms;
pub mod reference;
pub mod row;
pub mod sheet;
pub mod tested;
