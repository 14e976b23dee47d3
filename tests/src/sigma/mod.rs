//! Sigma rules, run by pySigma on events made for the purpose.
//!
//! - [`engine`]: sigma-cli, and the `SQLite` target of pySigma.
//! - [`rsigma`]: an engine that needs no other language.
//! - [`lucene`]: how Elasticsearch and `OpenSearch` read expressions.
//! - [`converters`]: what other converters of pySigma make of rules.
//! - [`events`]: what a host writes into its logs.
//! - [`mod@agreement`]: rules and the evaluator, host by host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "an oracle that cannot work ends the test"
)]

pub mod agreement;
pub mod converters;
pub mod engine;
pub mod events;
pub mod lucene;
pub mod rsigma;

use std::collections::BTreeSet;

pub use self::agreement::{Agreement, agreement};
use self::events::Event;

/// An engine that runs rules on events.
pub trait Runs {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// For each rule, the numbers of the events in which it fires.
    fn fired(&self, rules: &[&str], events: &[Event]) -> Vec<BTreeSet<usize>>;

    /// For each rule, the numbers of its own events in which it fires.
    fn fired_each(&self, cases: &[(&str, Vec<Event>)]) -> Vec<BTreeSet<usize>> {
        let rules: Vec<&str> = cases.iter().map(|(rule, _)| *rule).collect();
        let events: Vec<Event> = cases.iter().flat_map(|(_, events)| events.clone()).collect();
        let mut first = 0;
        let own = |(fired, (_, events)): (BTreeSet<usize>, &(&str, Vec<Event>))| {
            let range = first..first + events.len();
            first = range.end;
            fired.range(range.clone()).map(|number| number - range.start).collect()
        };
        self.fired(&rules, &events).into_iter().zip(cases).map(own).collect()
    }
}
