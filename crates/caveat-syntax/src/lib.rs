//! The surface of the Caveat language: lexer, recovering parser, syntax tree and
//! canonical layout. `docs/language.md` is the reference.
//!
//! - [`parse`] turns a text into a tree and diagnostics. It never fails and never
//!   panics; what could not be read becomes an `Error` node.
//! - [`format()`] gives the canonical layout of a text without errors.
//! - [`lex`] gives the [`tokens`] below both, comments included.
//!
//! This crate does not know what names, versions or dates mean: `caveat-sema` does.

pub mod ast;
mod format;
mod lexer;
mod parser;
mod sink;
pub mod tokens;

use caveat_diag::{Diagnostic, FileId};

pub use lexer::lex;

/// What [`parse`] found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The tree of everything that could be read.
    pub file: ast::File,
    /// Lexical and grammar errors in the order of the text, 100 at most.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses one file. Errors end up in [`Parsed::diagnostics`]; the rest of the file is parsed all the same.
#[must_use]
pub fn parse(file: FileId, text: &str) -> Parsed {
    let lexed = lex(file, text);
    let outcome = parser::run(file, text, lexed);
    Parsed { file: outcome.tree, diagnostics: outcome.diagnostics }
}

/// The canonical layout of a file. Formatting twice changes nothing more, and the tree stays the same.
///
/// # Errors
///
/// A file with lexical or grammar errors is refused; the diagnostics are those of [`parse`].
pub fn format(file: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
    let lexed = lex(file, text);
    let tokens = lexed.tokens.clone();
    let outcome = parser::run(file, text, lexed);
    if outcome.diagnostics.is_empty() {
        Ok(format::layout(text, &tokens, &outcome.structure))
    } else {
        Err(outcome.diagnostics)
    }
}
