//! Formulas over tests of facts: as the evaluation of a host sees those of anybody, and as generated code
//! keeps its own.

use crate::Test;

/// What a formula is made of.
#[derive(Debug)]
pub enum Shape<'f, F, T> {
    /// Every part holds.
    All(&'f [F]),
    /// At least one part holds.
    Any(&'f [F]),
    /// The part does not hold.
    Not(&'f F),
    /// The host is of the platform with this number, whose formula this is, if there is one.
    Platform(usize, Option<&'f F>),
    /// A test of a fact.
    Test(&'f T),
}

/// Whoever keeps formulas.
pub trait Rules {
    /// A formula.
    type Formula;
    /// A test, as formulas have it.
    type Test;

    /// What a formula is made of.
    fn shape<'f>(&'f self, formula: &'f Self::Formula) -> Shape<'f, Self::Formula, Self::Test>;

    /// Calls `ask` with a test as hosts are asked.
    fn ask<T>(&self, test: &Self::Test, ask: impl FnOnce(Test<'_>) -> T) -> T;
}

impl<R: Rules> Rules for &R {
    type Formula = R::Formula;
    type Test = R::Test;

    fn shape<'f>(&'f self, formula: &'f Self::Formula) -> Shape<'f, Self::Formula, Self::Test> {
        (**self).shape(formula)
    }

    fn ask<T>(&self, test: &Self::Test, ask: impl FnOnce(Test<'_>) -> T) -> T {
        (**self).ask(test, ask)
    }
}

/// A formula of generated code.
#[derive(Debug, Clone, Copy)]
pub enum Formula {
    /// Every part holds.
    All(&'static [Self]),
    /// At least one part holds.
    Any(&'static [Self]),
    /// The part does not hold.
    Not(&'static Self),
    /// This one, which others share.
    Shared(&'static Self),
    /// The host is of this platform.
    Platform(&'static Platform),
    /// A test of a fact.
    Test(Test<'static>),
}

/// A platform of generated code.
#[derive(Debug)]
pub struct Platform {
    /// Its number, from 0 on: where an evaluation remembers whether the host is of it.
    pub slot: usize,
    /// Whether a host is of it.
    pub formula: Formula,
}

/// The rules of generated code, whose formulas hold everything themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Compiled;

impl Rules for Compiled {
    type Formula = Formula;
    type Test = Test<'static>;

    fn shape<'f>(&'f self, formula: &'f Formula) -> Shape<'f, Formula, Test<'static>> {
        match formula {
            Formula::All(parts) => Shape::All(parts),
            Formula::Any(parts) => Shape::Any(parts),
            Formula::Not(part) => Shape::Not(part),
            Formula::Shared(same) => self.shape(same),
            Formula::Platform(platform) => Shape::Platform(platform.slot, Some(&platform.formula)),
            Formula::Test(test) => Shape::Test(test),
        }
    }

    fn ask<T>(&self, test: &Test<'static>, ask: impl FnOnce(Test<'_>) -> T) -> T {
        ask(*test)
    }
}
