//! Emitted `PowerShell` without `PowerShell`: its syntax tree, its tables, and an interpreter for the
//! part of the language that the scripts use to judge a host file.
//!
//! - [`tree`]: parses a script, and tells what it must not hold.
//! - [`tables`]: reads the tables back, and refuses whatever is no literal.
//! - [`syntax`], [`value`], [`machine`], [`calls`]: the interpreter. It knows what `PowerShell` does
//!   to arrays and outputs, and stops at whatever a strict `PowerShell` 2.0 would trip over.
//! - [`script`]: runs a whole script on host files.
//!
//! It is a crate of its own, as it is the one part of the suite that has to be optimised.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "an oracle that cannot work ends the test"
)]

pub mod calls;
pub mod machine;
pub mod script;
pub mod syntax;
pub mod tables;
pub mod tree;
pub mod value;
