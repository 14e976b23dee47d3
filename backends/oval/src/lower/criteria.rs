//! From a formula to the criteria of a definition; tests and platforms that it needs are added
//! to the document on the way.

use caveat_backend::EmitBug;
use caveat_ir::rule::SelectorId;
use caveat_ir::{Leaf, describe};

use super::Draft;
use super::formula::Formula;
use super::intern::{malformed_words, observed_words};
use super::plan::{Plan, Shape, open, plan};
use crate::model::{Criteria, Name, Operator, Part, Reach};

impl Draft<'_> {
    /// The criteria of a formula. The parts of its outermost conjunction that ask for platforms
    /// only are marked as deciding applicability when `gated`.
    pub(super) fn criteria(&mut self, formula: &Formula<'_>, gated: bool) -> Result<Criteria, EmitBug> {
        let comment = formula.words(self.checked.rules());
        match formula {
            Formula::Group(operator, parts) => {
                let gated = gated && *operator == Operator::And;
                let part = |formula| self.part(formula, gated);
                let parts = parts.iter().map(part).collect::<Result<_, _>>()?;
                Ok(Criteria { operator: *operator, comment, applicability: false, parts })
            }
            Formula::Platform { .. } | Formula::Test { .. } => {
                let parts = vec![self.part(formula, gated)?];
                Ok(Criteria { operator: Operator::And, comment, applicability: false, parts })
            }
        }
    }

    fn part(&mut self, formula: &Formula<'_>, gated: bool) -> Result<Part, EmitBug> {
        let applicability = gated && formula.is_gate();
        match formula {
            Formula::Group(..) => {
                Ok(Part::Criteria(Criteria { applicability, ..self.criteria(formula, false)? }))
            }
            Formula::Platform { id, negated } => {
                let comment = formula.words(self.checked.rules());
                let to = self.platform(*id)?;
                Ok(Part::Extend(Reach { to, negated: *negated, comment, applicability }))
            }
            Formula::Test { leaf, negated } => Ok(self.leaf(leaf, *negated)),
        }
    }

    /// The definition of a platform, which is made when it is first needed.
    fn platform(&mut self, id: SelectorId) -> Result<Name, EmitBug> {
        let platform = self.platforms.get(id)?;
        let name = Name::clone(&platform.name);
        if !self.document.definitions.contains_key(&name) {
            self.inventory(id, platform)?;
        }
        Ok(name)
    }

    fn leaf(&mut self, leaf: &Leaf, negated: bool) -> Part {
        let said = self.schema.names_types_of(&leaf.test);
        let plan = if said { plan(&leaf.test) } else { open(&leaf.test) };
        let mut part = self.planned(&plan, negated, leaf);
        let words = describe::test(&leaf.test, negated);
        match &mut part {
            Part::Criteria(criteria) => criteria.comment = words,
            Part::Criterion(reach) | Part::Extend(reach) => reach.comment = words,
        }
        part
    }

    /// `negated` asks for the plan's opposite.
    fn planned(&mut self, plan: &Plan, negated: bool, leaf: &Leaf) -> Part {
        let negated = negated != plan.negated;
        let comment = match &plan.shape {
            // An error is none the less one when it is negated.
            Shape::Malformed(_) => malformed_words(&plan.words),
            Shape::Observe(_, state) => observed_words(&plan.words, state.as_ref(), negated),
            _ => describe::test(&plan.words, negated),
        };
        let to = match &plan.shape {
            Shape::Observe(place, state) => self.document.test(&plan.words, place, state.as_ref()),
            Shape::Malformed(place) => self.document.malformed(&plan.words, place),
            Shape::Unknown => self.document.unknown(&plan.words),
            Shape::Group(operator, parts) => {
                let operator = if negated { operator.dual() } else { *operator };
                let parts = parts.iter().map(|part| self.planned(part, negated, leaf)).collect();
                return Part::Criteria(Criteria { operator, comment, applicability: false, parts });
            }
        };
        self.written(&to, leaf);
        Part::Criterion(Reach { to, negated, comment, applicability: false })
    }

    /// Remembers where a test was written.
    fn written(&mut self, test: &Name, leaf: &Leaf) {
        let place = self.checked.places().location(leaf.origin);
        self.document.places.entry(Name::clone(test)).or_default().extend(place);
    }
}
