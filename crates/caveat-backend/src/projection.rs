//! What remains of a formula on a target that cannot see all of its tests.
//!
//! A test that the target cannot observe is replaced by a constant. For an over-approximation
//! it is true under an even number of negations and false under an odd number, so the formula
//! can only become true more often; for an under-approximation it is the other way round.

use caveat_ir::{Expr, Feature, Leaf};

use crate::{Backend, Support};

/// Which way a projection may err.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It may be true where the formula is not.
    Over,
    /// It may be false where the formula is true.
    Under,
}

/// A formula after projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projected {
    /// What remains.
    Formula(Expr),
    /// Nothing remains but a constant.
    Constant(bool),
}

/// The tests of a formula that a target cannot express exactly, with the reason, in order.
#[must_use]
pub fn obstacles<'a>(backend: &dyn Backend, formula: &'a Expr) -> Vec<(&'a Leaf, Feature, &'static str)> {
    let mut found = Vec::new();
    formula.leaves(&mut |leaf| {
        let reasons = leaf.test.features().into_iter().filter_map(|feature| match backend.support(feature) {
            Support::Exact => None,
            Support::Approximate { why, .. } | Support::No { why } => Some((leaf, feature, why)),
        });
        found.extend(reasons);
    });
    found
}

/// Projects `formula` on what the target sees: `visible` decides each test.
#[must_use]
pub fn project(formula: &Expr, direction: Direction, visible: &dyn Fn(&Leaf) -> bool) -> Projected {
    walk(formula, direction == Direction::Over, visible)
}

/// `unseen` is what an invisible test becomes at this place.
fn walk(expr: &Expr, unseen: bool, visible: &dyn Fn(&Leaf) -> bool) -> Projected {
    match expr {
        Expr::All(parts) => join(parts, unseen, visible, true),
        Expr::Any(parts) => join(parts, unseen, visible, false),
        Expr::Not(part) => match walk(part, !unseen, visible) {
            Projected::Formula(part) => Projected::Formula(Expr::negate(part)),
            Projected::Constant(value) => Projected::Constant(!value),
        },
        Expr::Test(leaf) if !visible(leaf) => Projected::Constant(unseen),
        Expr::Test(_) | Expr::Platform(_) => Projected::Formula(expr.clone()),
    }
}

/// A conjunction (`neutral` true) or disjunction (`neutral` false): neutral constants drop out,
/// the other constant decides.
fn join(parts: &[Expr], unseen: bool, visible: &dyn Fn(&Leaf) -> bool, neutral: bool) -> Projected {
    let mut left = Vec::new();
    for part in parts {
        match walk(part, unseen, visible) {
            Projected::Formula(part) => left.push(part),
            Projected::Constant(value) if value == neutral => {}
            Projected::Constant(value) => return Projected::Constant(value),
        }
    }
    match left.is_empty() {
        true => Projected::Constant(neutral),
        false if neutral => Projected::Formula(Expr::all(left)),
        false => Projected::Formula(Expr::any(left)),
    }
}
