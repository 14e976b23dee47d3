//! YARA rules in their engines, on files made here.
//!
//! - [`pe`]: writes PE files with chosen version resources.
//! - [`engine`]: the `yara` program, and YARA-X by its Python module.
//! - [`emitted`]: the rules that the back end makes, read back from their text.
//! - [`agreement`]: the reference evaluator and the engines, host by host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "a helper that cannot work ends the test"
)]

pub mod agreement;
pub mod emitted;
pub mod engine;
pub mod pe;
