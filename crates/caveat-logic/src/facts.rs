//! The facts that formulas speak of, each cut into cells.

use std::collections::BTreeMap;

use caveat_ir::Truth;

use crate::cell::Cell;
use crate::fact::Fact;
use crate::formula::{Cells, MAX_CELLS, Node};

/// A fact and its cells.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) cells: Vec<Cell>,
    /// Whether the cells are certain to be all.
    pub(crate) exact: bool,
}

impl Variable {
    fn all(&self) -> Cells {
        match self.cells.len() {
            MAX_CELLS.. => Cells::MAX,
            count => (1 << count) - 1,
        }
    }
}

/// Facts, by number.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    numbers: BTreeMap<Fact, u32>,
    variables: Vec<Variable>,
}

impl FromIterator<(Fact, Variable)> for Facts {
    fn from_iter<I: IntoIterator<Item = (Fact, Variable)>>(facts: I) -> Self {
        let mut all = Self::default();
        for (number, (fact, variable)) in (0..).zip(facts) {
            all.numbers.insert(fact, number);
            all.variables.push(variable);
        }
        all
    }
}

impl Facts {
    /// Whether a formula speaks of the fact.
    pub(crate) fn has(&self, fact: &Fact) -> bool {
        self.numbers.contains_key(fact)
    }

    /// All facts, with their numbers.
    pub(crate) fn numbered(&self) -> impl Iterator<Item = (&Fact, u32)> {
        self.numbers.iter().map(|(fact, number)| (fact, *number))
    }

    /// All facts.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Fact> + Clone {
        self.numbers.keys()
    }

    /// The cells of a fact.
    pub(crate) fn cells(&self, fact: &Fact) -> &[Cell] {
        let variable = self.numbers.get(fact).and_then(|number| self.variable(*number));
        variable.map_or(&[], |variable| &variable.cells)
    }

    /// Adds a cell to a fact, if a formula speaks of it.
    pub(crate) fn add(&mut self, fact: &Fact, cell: Cell) {
        let number = self.numbers.get(fact).copied();
        if let Some(variable) = number.and_then(|number| self.variables.get_mut(number as usize)) {
            variable.cells.push(cell);
        }
    }

    /// The fact with a number.
    pub(crate) fn variable(&self, number: u32) -> Option<&Variable> {
        self.variables.get(number as usize)
    }

    /// Every cell of every fact.
    pub(crate) fn open(&self) -> Vec<Cells> {
        self.variables.iter().map(Variable::all).collect()
    }

    /// The fact lies in one of the accepted cells.
    pub(crate) fn is(&self, fact: &Fact, accepted: impl Fn(&Cell) -> bool) -> Node {
        self.judged(fact, |cells| cells.iter().map(|cell| accepted(cell).into()).collect())
    }

    /// The fact lies in a cell for which the judgement is true.
    pub(crate) fn judged(&self, fact: &Fact, judge: impl Fn(&[Cell]) -> Vec<Truth>) -> Node {
        let found = self.numbers.get(fact).and_then(|number| Some((*number, self.variable(*number)?)));
        match found {
            Some((number, variable)) if variable.cells.len() <= MAX_CELLS => {
                let truths = judge(&variable.cells);
                let which = |wanted| {
                    let bits = truths.iter().enumerate().filter(|(_, truth)| **truth == wanted);
                    bits.fold(0, |set: Cells, (bit, _)| set | 1 << bit)
                };
                Node::Is(number, which(Truth::True), which(Truth::False))
            }
            _ => Node::Open,
        }
    }
}
