//! What comes out of the back end, judged by OpenSCAP, by an XML parser, and by what must not
//! depend on what.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "clippy knows functions marked as tests, not their helpers"
)]

mod document;
mod host;
mod identity;
mod schema;
mod support;
mod verdicts;
