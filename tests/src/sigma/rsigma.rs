//! rsigma, an engine that evaluates Sigma rules as they are, without a query of another language.

use std::collections::BTreeSet;

use rsigma_eval::Engine;
use rsigma_eval::event::JsonEvent;
use rsigma_parser::parse_sigma_yaml;
use serde_json::json;

use super::Runs;
use super::events::Event;

/// The engine. It is a crate, so it is always there.
#[derive(Debug, Clone, Copy)]
pub struct Rsigma;

impl Runs for Rsigma {
    fn name(&self) -> &'static str {
        "rsigma"
    }

    fn fired(&self, rules: &[&str], events: &[Event]) -> Vec<BTreeSet<usize>> {
        rules.iter().map(|rule| fired(rule, events)).collect()
    }

    fn fired_each(&self, cases: &[(&str, Vec<Event>)]) -> Vec<BTreeSet<usize>> {
        cases.iter().map(|(rule, events)| fired(rule, events)).collect()
    }
}

fn fired(text: &str, events: &[Event]) -> BTreeSet<usize> {
    let collection = parse_sigma_yaml(text).expect("a rule that rsigma reads");
    assert!(collection.errors.is_empty(), "{:?}", collection.errors);
    let logsource = &collection.rules[0].logsource;
    let source = logsource.category.clone().or_else(|| logsource.service.clone()).expect("a source");
    let mut engine = Engine::new();
    engine.add_collection(&collection).expect("a rule that rsigma compiles");
    let fires = |event: &Event| {
        event.source == source && !engine.evaluate(&JsonEvent::borrow(&json!(event.fields))).is_empty()
    };
    (0..events.len()).filter(|number| fires(&events[*number])).collect()
}
