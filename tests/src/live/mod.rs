//! Machines that Wine is, one after the other, as hosts of host files have them; and what the live script, the collector
//! and `caveat-windows` find on each.
//!
//! - [`Plan`]: a host file as registry, services and files, or why no machine can be made so.
//! - [`Wine`]: the prefix, `PowerShell` in it, and the program that judges by `LiveHost`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a helper that cannot work ends the test"
)]

mod plan;
mod wine;

pub use plan::{Plan, ROOT, Reason};
pub use wine::{Found, Machine, Wine};
