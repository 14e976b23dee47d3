//! What remains of a formula on a target that cannot see all of its tests.
//!
//! A test that the target cannot observe is replaced by a constant. For an over-approximation
//! it is true under an even number of negations and false under an odd number, so the formula
//! can only become true more often; for an under-approximation it is the other way round.
//!
//! What was replaced, and why, is in [`Losses`](crate::Losses).

use caveat_ir::{Expr, Leaf};

use crate::{Backend, Fidelity, Support};

/// Which way a projection may err.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It may be true where the formula is not.
    Over,
    /// It may be false where the formula is true.
    Under,
}

impl Direction {
    /// The direction in which the part of a negation may err.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Over => Self::Under,
            Self::Under => Self::Over,
        }
    }

    /// What an output that errs this way does.
    #[must_use]
    pub const fn fidelity(self) -> Fidelity {
        match self {
            Self::Over => Fidelity::MayOverReport,
            Self::Under => Fidelity::MayMiss,
        }
    }
}

/// A formula after projection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projected {
    /// What remains.
    Formula(Expr),
    /// Nothing remains but a constant.
    Constant(bool),
}

/// Whether the target can make a test that may err in `direction`.
#[must_use]
pub fn sees(backend: &dyn Backend, leaf: &Leaf, direction: Direction) -> bool {
    leaf.test.features().into_iter().all(|feature| match backend.support(feature) {
        Support::Exact | Support::Narrow { .. } => true,
        Support::Approximate { direction: errs, .. } => errs == direction.fidelity(),
        Support::No { .. } => false,
    })
}

/// How a formula relates to its projection in `direction`.
#[must_use]
pub fn fidelity(backend: &dyn Backend, formula: &Expr, direction: Direction) -> Fidelity {
    relation(backend, formula, direction, direction)
}

/// The relation, given the direction in which the part may err at its place.
fn relation(backend: &dyn Backend, formula: &Expr, whole: Direction, here: Direction) -> Fidelity {
    match formula {
        Expr::All(parts) | Expr::Any(parts) => {
            let parts = parts.iter().map(|part| relation(backend, part, whole, here));
            parts.fold(Fidelity::Exact, Fidelity::and)
        }
        Expr::Not(part) => relation(backend, part, whole, here.opposite()),
        Expr::Test(leaf) if !sees(backend, leaf, here) => whole.fidelity(),
        Expr::Test(leaf) => {
            let features = leaf.test.features().into_iter().map(|feature| match backend.support(feature) {
                Support::Exact => Fidelity::Exact,
                Support::Narrow { .. } if here == whole => Direction::Under.fidelity(),
                Support::Narrow { .. } => Direction::Over.fidelity(),
                Support::Approximate { .. } | Support::No { .. } => whole.fidelity(),
            });
            features.fold(Fidelity::Exact, Fidelity::and)
        }
        Expr::Platform(_) => Fidelity::Exact,
    }
}

/// Projects `formula` on what the target sees: `visible` decides for each test, and the direction
/// in which it may err at its place. Platforms stay: spell them out first, where they may be unseen.
#[must_use]
pub fn project(
    formula: &Expr,
    direction: Direction,
    visible: &dyn Fn(&Leaf, Direction) -> bool,
) -> Projected {
    let unseen = |leaf: &Leaf, direction| (!visible(leaf, direction)).then_some(direction == Direction::Over);
    assume(formula, direction, &unseen)
}

/// The formula with some of its tests decided: `decide` says what a test comes to, if that is known,
/// given the direction in which it may err at its place. Constants are folded away.
#[must_use]
pub fn assume(
    formula: &Expr,
    direction: Direction,
    decide: &dyn Fn(&Leaf, Direction) -> Option<bool>,
) -> Projected {
    match formula {
        Expr::All(parts) => join(parts, direction, decide, true),
        Expr::Any(parts) => join(parts, direction, decide, false),
        Expr::Not(part) => match assume(part, direction.opposite(), decide) {
            Projected::Formula(part) => Projected::Formula(Expr::negate(part)),
            Projected::Constant(value) => Projected::Constant(!value),
        },
        Expr::Test(leaf) => {
            decide(leaf, direction).map_or_else(|| Projected::Formula(formula.clone()), Projected::Constant)
        }
        Expr::Platform(_) => Projected::Formula(formula.clone()),
    }
}

/// A conjunction (`neutral` true) or disjunction (`neutral` false): neutral constants drop out,
/// the other constant decides.
fn join(
    parts: &[Expr],
    direction: Direction,
    decide: &dyn Fn(&Leaf, Direction) -> Option<bool>,
    neutral: bool,
) -> Projected {
    let mut left = Vec::new();
    for part in parts {
        match assume(part, direction, decide) {
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
