//! Less knowledge never changes a decided verdict: hosts of which facts were forgotten, and what may
//! become of the verdicts.
//!
//! - [`ways`]: all the ways to know less of a host.
//! - [`Judge`]: what the evaluator says before and after, and what it must not.
//!
//! A fact that the host file states in two places is forgotten in both, or it is not forgotten.

mod judge;
mod os;
mod registry;
mod ways;

pub use judge::{Breach, Judge, Judged};
pub use ways::{Way, ways};
