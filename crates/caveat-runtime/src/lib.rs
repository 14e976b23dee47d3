//! What generated code and the reference evaluator share, so that they cannot differ: the questions
//! that are asked of a host, the tests of its answers, and the way from tests to a verdict.
//!
//! - [`HostFacts`], [`EveryFact`]: what is asked of a host; [`Fact`]: the four ways to answer.
//! - [`Test`]: a test of one fact, with borrowed data, so that generated code allocates nothing.
//! - [`Truth`]: OVAL's six values and their tables.
//! - [`Session`]: the evaluation of one host; [`decide()`]: the verdict of a vulnerability.
//! - [`Bulletin`], [`Outcome`]: what generated code says of rules, and of a host.
//! - [`value`]: versions, languages, words and the like; [`recorded`]: how Windows writes them down.
//!
//! This crate knows neither rules nor formulas, reads nothing from any machine, and depends on
//! nothing but `regex`: a scanner that embeds rules pays for no compiler.

mod compare;
mod fact;
mod host;
mod outcome;
mod pattern;
pub mod recorded;
mod session;
mod test;
mod truth;
pub mod value;
mod verdict;

pub use fact::Fact;
pub use host::{EveryFact, HostFacts, RegistryValue, Suites};
pub use outcome::{Bulletin, Outcome, Package, Vulnerability, VulnerabilityOutcome};
pub use pattern::Pattern;
pub use session::{Platforms, Session};
pub use test::{Comparison, ServiceCheck, Test, ValueCheck, Witness};
pub use truth::Truth;
pub use verdict::{Decision, Part, Verdict, decide, foremost, severity};
