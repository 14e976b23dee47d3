//! Tests of the evaluator, through its public interface.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy allows these in test functions, but not in their helpers"
)]

mod derivation;
mod evaluation;
mod hosts;
mod loading;
mod pages;
mod properties;
mod registry;
mod rules;
mod system;
mod truth_tables;
mod verdicts;
