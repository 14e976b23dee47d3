//! Caveat compiles applicability rules of security bulletins into the formats that scanners,
//! SIEMs and scripts read. This crate is the façade: the pipeline's crates under one name, and
//! the registry of built-in back ends. The binary of the same name is the command line.
//!
//! A scanner that has rules compiled into it needs none of that: it takes this crate with
//! `default-features = false, features = ["macros"]` and writes `caveat::include_rules!("rules")`.

#[cfg(feature = "compiler")]
pub use caveat_backend as backend;
#[cfg(feature = "compiler")]
pub use caveat_diag as diag;
#[cfg(feature = "compiler")]
pub use caveat_driver as driver;
#[cfg(feature = "eval")]
pub use caveat_eval as eval;
#[cfg(feature = "eval")]
pub use caveat_ir as ir;
#[cfg(feature = "macros")]
pub use caveat_macros::{include_rules, rules};
pub use caveat_runtime as runtime;
#[cfg(feature = "compiler")]
pub use caveat_sema as sema;
#[cfg(feature = "compiler")]
pub use caveat_syntax as syntax;

#[cfg(feature = "compiler")]
use caveat_backend::{DuplicateBackend, Registry};

/// The built-in back ends.
///
/// # Errors
/// Never, as long as their ids differ; a test sees to it.
#[cfg(feature = "compiler")]
#[cfg_attr(
    not(any(
        feature = "oval",
        feature = "powershell",
        feature = "rust",
        feature = "sigma",
        feature = "yara"
    )),
    expect(unused_mut, reason = "there is nothing to add")
)]
pub fn registry() -> Result<Registry, DuplicateBackend> {
    let mut registry = Registry::new();
    #[cfg(feature = "oval")]
    registry.add(Box::new(caveat_backend_oval::Oval))?;
    #[cfg(feature = "powershell")]
    registry.add(Box::new(caveat_backend_powershell::PowerShell))?;
    #[cfg(feature = "rust")]
    registry.add(Box::new(caveat_backend_rust::Rust))?;
    #[cfg(feature = "sigma")]
    registry.add(Box::new(caveat_backend_sigma::Sigma))?;
    #[cfg(feature = "yara")]
    registry.add(Box::new(caveat_backend_yara::Yara))?;
    Ok(registry)
}
