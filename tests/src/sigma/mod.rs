//! Sigma rules, run by pySigma on events made for the purpose.
//!
//! - [`engine`]: sigma-cli, and the `SQLite` target of pySigma.
//! - [`lucene`]: how Elasticsearch and `OpenSearch` read expressions.
//! - [`events`]: what a host writes into its logs.
//! - [`mod@agreement`]: rules and the evaluator, host by host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "an oracle that cannot work ends the test"
)]

pub mod agreement;
pub mod engine;
pub mod events;
pub mod lucene;

pub use self::agreement::{Agreement, agreement};
