//! What generated code and the reference evaluator share, so that they cannot differ: the questions
//! that are asked of a host, the tests of its answers, and the way from tests to a verdict.
//!
//! - [`HostFacts`], [`EveryFact`]: what is asked of a host; [`Fact`]: the four ways to answer.
//! - [`Test`]: a test of one fact, with borrowed data, so that generated code allocates nothing.
//! - [`Truth`]: OVAL's six values and their tables.
//! - [`Rules`]: formulas, whoever keeps them; [`Session`]: the evaluation of one host by them; [`decide()`]: the
//!   verdict of a vulnerability.
//! - [`Finding`]: what was found of a fact; [`Reasons`]: why a verdict is what it is.
//! - [`Bulletin`], [`Scan`], [`Outcome`]: what generated code says of rules, and of a host.
//! - [`value`]: versions, languages, words and the like; [`recorded`]: how Windows writes them down.
//!
//! This crate knows no rule, reads nothing from any machine, and depends on
//! nothing but `regex`: a scanner that embeds rules pays for no compiler.

mod compare;
mod fact;
mod finding;
mod formula;
mod host;
mod instances;
mod outcome;
mod pattern;
pub mod recorded;
mod registry_value;
mod session;
mod test;
mod truth;
pub mod value;
mod value_check;
mod verdict;
mod witness;
pub mod words;

pub use fact::Fact;
pub use finding::{Finding, Reasons};
pub use formula::{Compiled, Formula, Platform, Rules, Shape};
pub use host::{EveryFact, HostFacts, Suites};
pub use instances::{Instances, KeyPart, Subject};
pub use outcome::{Bulletin, Case, Outcome, Package, Scan, Vulnerability, VulnerabilityOutcome};
pub use pattern::Pattern;
pub use registry_value::{Integer, RegistryValue};
pub use session::Session;
pub use test::{Comparison, ServiceCheck, Test};
pub use truth::Truth;
pub use value_check::ValueCheck;
pub use verdict::{Decision, Part, Verdict, decide, foremost, severity};
pub use witness::Witness;
