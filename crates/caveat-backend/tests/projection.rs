//! Projection errs in the declared direction only.

use std::collections::BTreeSet;

use caveat_backend::projection::{Direction, Projected, project};
use caveat_ir::expr::ServiceCheck;
use caveat_ir::{Expr, Origin, Test};
use proptest::prelude::*;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn leaf(name: &str) -> Expr {
    Expr::test(Test::Service(name.to_owned(), ServiceCheck::Installed), Origin::default())
}

fn formula() -> impl Strategy<Value = Expr> {
    let leaf = proptest::sample::select(&NAMES[..]).prop_map(leaf);
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::all),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::any),
            inner.prop_map(Expr::negate),
        ]
    })
}

fn holds(expr: &Expr, facts: &BTreeSet<&str>) -> bool {
    match expr {
        Expr::All(parts) => parts.iter().all(|part| holds(part, facts)),
        Expr::Any(parts) => parts.iter().any(|part| holds(part, facts)),
        Expr::Not(part) => !holds(part, facts),
        Expr::Test(leaf) => matches!(&leaf.test, Test::Service(name, _) if facts.contains(name.as_str())),
        Expr::Platform(_) => false,
    }
}

fn projected(formula: &Expr, direction: Direction, seen: &BTreeSet<&str>, facts: &BTreeSet<&str>) -> bool {
    let visible = |leaf: &caveat_ir::Leaf, _| matches!(&leaf.test, Test::Service(name, _) if seen.contains(name.as_str()));
    match project(formula, direction, &visible) {
        Projected::Formula(formula) => {
            formula.leaves(&mut |leaf| assert!(visible(leaf, direction), "an invisible test is left"));
            holds(&formula, facts)
        }
        Projected::Constant(value) => value,
    }
}

fn names() -> impl Strategy<Value = BTreeSet<&'static str>> {
    proptest::sample::subsequence(&NAMES[..], 0..=NAMES.len()).prop_map(|names| names.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn directions_hold(formula in formula(), seen in names(), facts in names()) {
        let truth = holds(&formula, &facts);
        prop_assert!(!truth || projected(&formula, Direction::Over, &seen, &facts), "missed");
        prop_assert!(truth || !projected(&formula, Direction::Under, &seen, &facts), "flagged");
    }

    #[test]
    fn what_is_seen_is_exact(formula in formula(), facts in names()) {
        let all = NAMES.into_iter().collect();
        prop_assert_eq!(projected(&formula, Direction::Over, &all, &facts), holds(&formula, &facts));
    }
}
