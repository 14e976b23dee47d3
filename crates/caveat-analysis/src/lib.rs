//! What is known of rules: per bulletin whether it is sound, what is wrong, where each name is defined and used.
//!
//! ```
//! use caveat_analysis::{Analyzer, NoModules, Source, State};
//!
//! let mut analyzer = Analyzer::new(NoModules);
//! let file = analyzer.add(Source {
//!     shown: "rules/own.caveat".to_owned(),
//!     module: "own".to_owned(),
//!     root: "rules".into(),
//!     text: "use std.windows\ncondition old = platform windows-2000\n".to_owned(),
//! });
//! let analysis = analyzer.analysis();
//! assert_eq!(analysis.diagnostics().count(), 0);
//! assert_eq!(analysis.file(file).map(|file| file.definitions().len()), Some(1));
//! ```
//!
//! Files are given to an [`Analyzer`] one by one, and again when they change; [`Modules`] is asked for the modules
//! that they use. What is known of a file is kept until its text changes, or that of a module it sees. An error in a
//! bulletin keeps that bulletin back, and what refers to it, but nothing else.
//!
//! `files` (what is at hand, who uses whom) → `units` (each file alone: `caveat-sema`, `caveat-lint`) → `library`
//! (between files) → `report` (what is shown of each). This crate touches no file system and compiles for browsers.

mod analysis;
mod analyzer;
mod files;
mod index;
mod library;
mod merge;
mod report;
mod source;
mod standard;
mod units;

pub use analysis::{Analysis, Entry, FileAnalysis, State};
pub use analyzer::Analyzer;
pub use caveat_sema::{Definition, Kind, Module, Reference};
pub use source::{Found, Modules, NoModules, Source};
pub use standard::STANDARD_LIBRARY;
pub use units::Hook;
