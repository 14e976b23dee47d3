//! Hosts to try rules on, made from what the rules themselves speak of.
//!
//! - [`vocabulary`]: the platforms, files, versions, services and keys of a bulletin.
//! - [`systematic`]: every interesting combination, in a fixed order, each with a name.
//! - [`unusual`]: what is rare on hosts and possible all the same.
//! - [`bounds`]: hosts of a known revision that list its updates.
//! - [`random`]: any combination, for property tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a generator that cannot work ends the test"
)]

pub mod bounds;
mod build;
pub mod random;
pub mod systematic;
pub mod unusual;
mod values;
pub mod vocabulary;

pub use build::{FileState, Gap, Os, Sketch, StartState};
