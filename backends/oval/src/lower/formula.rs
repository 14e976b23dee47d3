//! Formulas with negation at the leaves only, and their words.
//!
//! De Morgan's laws hold for all six values of OVAL, so pushing negation down changes no result;
//! nothing else about a formula's structure is changed.

use caveat_ir::rule::SelectorId;
use caveat_ir::{Expr, Leaf, RuleSet, describe};

use crate::model::Operator;

/// A formula in negation normal form.
#[derive(Debug)]
pub(super) enum Formula<'a> {
    Group(Operator, Vec<Self>),
    Platform { id: SelectorId, negated: bool },
    Test { leaf: &'a Leaf, negated: bool },
}

/// The longest comment that still lists the parts of a group.
const LONGEST_LIST: usize = 240;

impl<'a> Formula<'a> {
    /// Pushes negation to the leaves.
    pub(super) fn new(expr: &'a Expr) -> Self {
        Self::walk(expr, false)
    }

    fn walk(expr: &'a Expr, negated: bool) -> Self {
        match expr {
            Expr::All(parts) => Self::group(Operator::And, parts, negated),
            Expr::Any(parts) => Self::group(Operator::Or, parts, negated),
            Expr::Not(part) => Self::walk(part, !negated),
            Expr::Platform(id) => Self::Platform { id: *id, negated },
            Expr::Test(leaf) => Self::Test { leaf, negated },
        }
    }

    fn group(operator: Operator, parts: &'a [Expr], negated: bool) -> Self {
        let operator = if negated { operator.dual() } else { operator };
        let mut flat = Vec::new();
        for part in parts {
            match Self::walk(part, negated) {
                Self::Group(inner, parts) if inner == operator => flat.extend(parts),
                other => flat.push(other),
            }
        }
        Self::Group(operator, flat)
    }

    /// Whether it asks for platforms only: such a part decides whether a rule concerns the host.
    pub(super) fn is_gate(&self) -> bool {
        match self {
            Self::Group(_, parts) => parts.iter().all(Self::is_gate),
            Self::Platform { .. } => true,
            Self::Test { .. } => false,
        }
    }

    /// The formula in words. A group of leaves lists them; one that would be long or, having
    /// groups in it, ambiguous says only how its parts are joined.
    pub(super) fn words(&self, rules: &RuleSet) -> String {
        match self {
            Self::Platform { id, negated: false } => describe::formula(rules, &Expr::Platform(*id)),
            Self::Platform { id, negated: true } => {
                describe::formula(rules, &Expr::negate(Expr::Platform(*id)))
            }
            Self::Test { leaf, negated } => describe::test(&leaf.test, *negated),
            Self::Group(operator, parts) => group_words(rules, *operator, parts),
        }
    }
}

fn group_words(rules: &RuleSet, operator: Operator, parts: &[Formula<'_>]) -> String {
    let (joined, summary) = match operator {
        Operator::And => (" and ", format!("all {} of these hold", parts.len())),
        Operator::Or => (" or ", format!("at least one of these {} holds", parts.len())),
    };
    if parts.iter().any(|part| matches!(part, Formula::Group(..))) {
        return summary;
    }
    let mut list = String::new();
    for part in parts {
        list.push_str(if list.is_empty() { "" } else { joined });
        list.push_str(&part.words(rules));
        if list.len() > LONGEST_LIST {
            return summary;
        }
    }
    list
}
