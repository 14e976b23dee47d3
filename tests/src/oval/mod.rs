//! OVAL's oracle: OpenSCAP, fed with what a collector would have written for a host.
//!
//! - [`machine`]: what a Windows shows of a host file, read without `caveat-eval`.
//! - [`definitions`]: what a definitions document asks to be collected.
//! - [`characteristics`]: the answer, as an OVAL system-characteristics document.
//! - [`engine`]: runs OpenSCAP, or says that it is not installed.
//! - [`compare`]: the reference evaluator and OpenSCAP, definition by definition.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "an oracle that cannot work ends the test"
)]

pub mod characteristics;
pub mod compare;
pub mod definitions;
pub mod engine;
mod instances;
pub mod machine;
mod updates;
