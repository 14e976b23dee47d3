//! Caveat compiles applicability rules of security bulletins into the formats that scanners,
//! SIEMs and scripts read. This crate is the façade: the pipeline's crates under one name, and
//! the registry of built-in back ends. The binary of the same name is the command line.

pub use caveat_backend as backend;
pub use caveat_diag as diag;
pub use caveat_driver as driver;
pub use caveat_eval as eval;
pub use caveat_ir as ir;
pub use caveat_sema as sema;
pub use caveat_syntax as syntax;

use caveat_backend::{DuplicateBackend, Registry};

/// The built-in back ends.
///
/// # Errors
/// Never, as long as their ids differ; a test sees to it.
pub fn registry() -> Result<Registry, DuplicateBackend> {
    let mut registry = Registry::new();
    #[cfg(feature = "oval")]
    registry.add(Box::new(caveat_backend_oval::Oval))?;
    #[cfg(feature = "yara")]
    registry.add(Box::new(caveat_backend_yara::Yara))?;
    Ok(registry)
}
