//! The part of a formula that one kind of event shows.
//!
//! An event shows one thing at one moment: a file with its version, a service, a registry value.
//! What stands beside it in a disjunction is another event's business and is left to that
//! event's rule, which under-approximates; whatever else the formula asks, no event shows at the same
//! moment, so it is taken to be as the formula wants it, which over-approximates.

use caveat_backend::projection::{self, Direction, Projected, project};
use caveat_ir::expr::{ServiceCheck, ValueCheck};
use caveat_ir::value::VersionSet;
use caveat_ir::{Expr, Leaf, Test};

/// Whether an event shows what a test asks for.
pub(crate) type Shows<'a> = &'a dyn Fn(&Test) -> bool;

/// What remains of a formula for an event that shows these tests.
pub(crate) fn visible(formula: &Expr, shows: Shows<'_>) -> Projected {
    project(&alternatives(formula, shows, true), Direction::Over, &|leaf, _| shows(&leaf.test))
}

/// The formula without the alternatives that the event shows nothing of. Under a negation
/// (`positive` false) it is the parts of conjunctions that are alternatives.
fn alternatives(formula: &Expr, shows: Shows<'_>, positive: bool) -> Expr {
    let all = |parts: &[Expr], choice: bool| {
        let choice = choice && mentions(formula, shows);
        let kept = parts.iter().filter(|part| !choice || mentions(part, shows));
        kept.map(|part| alternatives(part, shows, positive)).collect::<Vec<_>>()
    };
    match formula {
        Expr::All(parts) => Expr::all(all(parts, !positive)),
        Expr::Any(parts) => Expr::any(all(parts, positive)),
        Expr::Not(part) => Expr::negate(alternatives(part, shows, !positive)),
        Expr::Platform(_) | Expr::Test(_) => formula.clone(),
    }
}

fn mentions(formula: &Expr, shows: Shows<'_>) -> bool {
    let mut found = false;
    formula.leaves(&mut |leaf| found |= shows(&leaf.test));
    found
}

/// The formula with some of its tests decided.
pub(crate) fn assume(formula: &Expr, decide: &dyn Fn(&Test) -> Option<bool>) -> Projected {
    projection::assume(formula, Direction::Over, &|leaf, _| decide(&leaf.test))
}

/// Whether the formula holds when its tests come out like this; those left open fail.
pub(crate) fn holds(formula: &Expr, decide: &dyn Fn(&Test) -> bool) -> bool {
    matches!(assume(formula, &|test| Some(decide(test))), Projected::Constant(true))
}

/// The formula without parts that stand there twice, or follow from others.
pub(crate) fn simple(formula: &Expr) -> Expr {
    match formula {
        Expr::All(parts) => Expr::all(without_implied(parts, alternatives_of)),
        Expr::Any(parts) => Expr::any(without_implied(parts, conjuncts_of)),
        Expr::Not(part) => Expr::negate(simple(part)),
        Expr::Test(_) | Expr::Platform(_) => formula.clone(),
    }
}

/// The parts but for those all of another's pieces are pieces of: `a or (a and b)` is `a`, `a and (a or b)` as well.
fn without_implied(parts: &[Expr], pieces: fn(&Expr) -> &[Expr]) -> Vec<Expr> {
    let mut kept: Vec<Expr> = Vec::new();
    let holds_all = |one: &Expr, other: &Expr| pieces(other).iter().all(|piece| pieces(one).contains(piece));
    for part in parts.iter().map(simple) {
        if !kept.iter().any(|known| holds_all(&part, known)) {
            kept.retain(|known| !holds_all(known, &part));
            kept.push(part);
        }
    }
    kept
}

fn conjuncts_of(formula: &Expr) -> &[Expr] {
    match formula {
        Expr::All(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

fn alternatives_of(formula: &Expr) -> &[Expr] {
    match formula {
        Expr::Any(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

/// The versions for which a formula over the version of one file holds.
pub(crate) fn versions(formula: &Expr) -> VersionSet {
    match formula {
        Expr::All(parts) => {
            parts.iter().fold(VersionSet::all(), |set, part| set.intersection(&versions(part)))
        }
        Expr::Any(parts) => {
            parts.iter().map(versions).reduce(|set, part| set.union(&part)).unwrap_or_else(nothing)
        }
        Expr::Not(part) => versions(part).complement(),
        Expr::Test(Leaf { test: Test::FileVersion(_, set), .. }) => set.clone(),
        Expr::Test(_) | Expr::Platform(_) => nothing(),
    }
}

fn nothing() -> VersionSet {
    VersionSet::all().complement()
}

/// The formula with every test that an installed service implies, or may imply, weakened to its
/// installation: that is all that an installation shows.
pub(crate) fn installation(formula: &Expr) -> Expr {
    match formula {
        Expr::All(parts) => Expr::all(parts.iter().map(installation)),
        Expr::Any(parts) => Expr::any(parts.iter().map(installation)),
        Expr::Test(leaf) => match &leaf.test {
            Test::Service(name, _) => {
                Expr::test(Test::Service(name.clone(), ServiceCheck::Installed), leaf.origin)
            }
            _ => formula.clone(),
        },
        Expr::Not(_) | Expr::Platform(_) => formula.clone(),
    }
}

/// The formula with texts compared without regard to case: most converters refuse rules that ask for more.
pub(crate) fn caseless(formula: &Expr) -> Expr {
    match formula {
        Expr::All(parts) => Expr::all(parts.iter().map(caseless)),
        Expr::Any(parts) => Expr::any(parts.iter().map(caseless)),
        Expr::Not(part) => Expr::negate(caseless(part)),
        Expr::Test(leaf) => match &leaf.test {
            Test::RegistryValue(key, name, ValueCheck::Text(text)) => {
                let check = ValueCheck::TextIgnoringCase(text.clone());
                Expr::test(Test::RegistryValue(key.clone(), name.clone(), check), leaf.origin)
            }
            _ => formula.clone(),
        },
        Expr::Platform(_) => formula.clone(),
    }
}

#[cfg(test)]
mod tests {
    use caveat_backend::projection::Projected;
    use caveat_ir::value::Kb;
    use caveat_ir::{Expr, Origin, Test};

    use super::{simple, visible};

    fn test(number: u32) -> Expr {
        Expr::test(Test::Hotfix(Kb(number)), Origin::default())
    }

    /// What an event shows that shows the first test only.
    fn seen(formula: &Expr) -> Projected {
        visible(formula, &|test| *test == Test::Hotfix(Kb(1)))
    }

    #[test]
    fn what_stands_beside_is_left_to_others_or_taken_as_wanted() {
        let (shown, other) = (test(1), test(2));
        let only = Projected::Formula(shown.clone());
        assert_eq!(seen(&Expr::all([shown.clone(), other.clone()])), only);
        assert_eq!(seen(&Expr::any([shown.clone(), other.clone()])), only);
        assert_eq!(seen(&Expr::all([shown.clone(), Expr::negate(other.clone())])), only);
        let nested = Expr::all([Expr::any([Expr::all([shown.clone(), other.clone()]), test(3)]), test(4)]);
        assert_eq!(seen(&nested), only);
        let gone = Projected::Formula(Expr::negate(shown.clone()));
        assert_eq!(seen(&Expr::negate(Expr::all([shown.clone(), other.clone()]))), gone);
        assert_eq!(seen(&Expr::negate(Expr::any([shown, other.clone()]))), gone);
        assert_eq!(seen(&other), Projected::Constant(true));
    }

    #[test]
    fn what_follows_from_the_rest_is_dropped() {
        let (a, b, c) = (test(1), test(2), test(3));
        let both = Expr::All(vec![a.clone(), b.clone()]);
        assert_eq!(simple(&Expr::Any(vec![both.clone(), a.clone(), a.clone()])), a);
        assert_eq!(simple(&Expr::All(vec![Expr::Any(vec![a.clone(), b.clone()]), a.clone()])), a);
        let open = Expr::Any(vec![both.clone(), c.clone()]);
        assert_eq!(simple(&open), open);
        assert_eq!(
            simple(&Expr::Any(vec![Expr::All(vec![b, a]), both.clone()])),
            Expr::All(vec![test(2), test(1)])
        );
    }
}
