//! The reference evaluator: what rules say of hosts.
//!
//! - [`load_hosts`] reads host files, [`Host`] completes their facts from each other.
//! - [`evaluate()`] says what a formula says of anything that has [`HostFacts`].
//! - [`Evaluator`] gives verdicts, and [`Derivation`]s that tell how they came about.
//! - [`run_tests`] runs the tests inside rules.
//!
//! Formulas come from `caveat_ir::meaning` only, so that the evaluator and the back ends cannot
//! differ about what a rule means. This crate reads and writes no files.

mod consistency;
mod derive;
mod evaluate;
mod host;
mod load;
mod test_run;
mod verdict;

pub use caveat_runtime::{Fact, HostFacts, Reasons, RegistryValue, Suites};
pub use derive::Derivation;
pub use evaluate::{Session, evaluate};
pub use host::Host;
pub use host::problem::{HostProblem, ProblemKind};
pub use load::{HostPlaces, MAX_HOST_FILE, load_hosts};
pub use test_run::{TestFailure, TestResult, run_tests};
pub use verdict::{Evaluator, Outcome, VulnerabilityOutcome};
