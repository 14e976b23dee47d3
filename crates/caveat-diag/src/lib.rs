//! Spans, the source map, the diagnostic data type, the registry of codes, and the one [`policy`] by which problems
//! are told.
//!
//! Every other crate reports problems as [`Diagnostic`] values, plain data that
//! no renderer's type leaks into. Rendering (feature `render`) happens only at a
//! front door. This crate knows nothing about the language.

mod codes;
mod diagnostic;
pub mod edits;
pub mod policy;
#[cfg(feature = "render")]
pub mod render;
mod source;
pub mod suggest;

pub use codes::{CODES, Code, code};
pub use diagnostic::{Diagnostic, Edit, Fix, Label, Severity};
pub use source::{FileId, Location, SourceFile, SourceMap, Span};
