//! Ids that stay as they were given out.
#![allow(clippy::unwrap_used, reason = "a test ends where its expectation does")]

use std::collections::BTreeMap;

use caveat_backend::{Ledger, Meaning, digest};

fn wanted(pairs: &[(&str, &str)]) -> BTreeMap<String, Meaning> {
    pairs.iter().map(|(key, meaning)| ((*key).to_owned(), digest(meaning).into())).collect()
}

#[test]
fn more_things_change_no_ids() {
    let few = Ledger::default().assign("def", &wanted(&[("b", "1")]));
    let many = Ledger::default().assign("def", &wanted(&[("a", "1"), ("b", "1"), ("c", "1")]));
    assert_eq!(few["b"], many["b"]);
    assert_ne!(many["a"].id, many["c"].id);
}

#[test]
fn a_version_counts_changes_of_meaning() {
    let mut ledger = Ledger::default();
    let first = ledger.assign("def", &wanted(&[("a", "1")]));
    assert_eq!(ledger.assign("def", &wanted(&[("a", "1")])), first);
    let second = ledger.assign("def", &wanted(&[("a", "2")]));
    assert_eq!((second["a"].id, second["a"].version), (first["a"].id, 2));
}

#[test]
fn numbers_of_what_went_away_are_never_used_again() {
    let mut ledger = Ledger::default();
    let gone = ledger.assign("def", &wanted(&[("a", "1")]));
    ledger.assign("def", &wanted(&[("b", "1")]));
    assert_eq!(ledger.assign("def", &wanted(&[("a", "1")])), gone);
}

#[test]
fn ids_that_are_no_numbers_stay_as_they_were_given_out() {
    let named = |digest: &str, name: &str| {
        BTreeMap::from([("a".to_owned(), Meaning { digest: digest.to_owned(), name: Some(name.to_owned()) })])
    };
    let mut ledger = Ledger::default();
    ledger.assign("rule", &named("1", "first"));
    let before = ledger.clone();
    let after = ledger.assign("rule", &named("2", "second"));
    assert_eq!((after["a"].name.as_deref(), after["a"].version), (Some("first"), 2));
    assert_eq!(ledger.succeeds(&before), Ok(()));
    let mut other = Ledger::default();
    other.assign("rule", &named("1", "second"));
    assert!(other.succeeds(&before).is_err());
}

/// Among seventy thousand keys some pairs collide in 31 bits; both must get numbers, and stay reported.
#[test]
fn collisions_are_resolved_and_reported() {
    let keys: BTreeMap<String, Meaning> =
        (0..70_000).map(|n| (format!("k{n}"), String::new().into())).collect();
    let mut ledger = Ledger::default();
    let entries = ledger.assign("tst", &keys);
    let mut ids: Vec<u32> = entries.values().map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), keys.len());
    assert!(ids.iter().all(|id| (1..=0x7fff_ffff).contains(id)));
    let collisions = ledger.take_collisions();
    assert!(!collisions.is_empty() && collisions.len() < 10, "{collisions:?}");
    assert!(ledger.take_collisions().is_empty());
}
