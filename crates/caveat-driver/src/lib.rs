//! Everything between a command and the pure crates: files, configuration, the pipeline and
//! its outputs. This crate prints nothing; problems come back as diagnostics.
//!
//! [`config`] finds `caveat.toml` → [`inputs`] reads rule files → [`compile()`] has `caveat-analysis` check
//! them → [`build()`] runs back ends, [`plugin`] those that are programs of their own → [`output`] writes their artifacts, all or none.

mod build;
mod compile;
pub mod config;
pub mod inputs;
pub mod lock;
pub mod output;
pub mod plugin;
mod targets;

pub use build::{Built, Target, build};
pub use compile::{Compilation, compile, compile_for};
