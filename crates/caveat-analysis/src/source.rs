//! Where rules come from: the files that are given, and whoever knows the modules that they use.

use std::path::{Path, PathBuf};

use caveat_diag::Diagnostic;

/// A file whose rules are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its name for people.
    pub shown: String,
    /// Its module name, such as `ms04.ms04-006`.
    pub module: String,
    /// From where the modules that it uses are looked for; only [`Modules`] gives it a meaning.
    pub root: PathBuf,
    /// Its text.
    pub text: String,
}

/// Knows the modules that rules use. They are asked for once, until [`crate::Analyzer::forget_modules`].
pub trait Modules {
    /// The module of this name, as seen from a root. The standard library need not be known.
    ///
    /// # Errors
    /// When it is there but cannot be read: why.
    fn find(&self, module: &str, root: &Path) -> Result<Option<Found>, Diagnostic>;
}

/// A module that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name for people.
    pub shown: String,
    /// Its text.
    pub text: String,
}

/// Knows no module.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModules;

impl Modules for NoModules {
    fn find(&self, _: &str, _: &Path) -> Result<Option<Found>, Diagnostic> {
        Ok(None)
    }
}
