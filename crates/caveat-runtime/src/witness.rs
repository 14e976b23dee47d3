//! Who sees the facts that decide tests.

use std::fmt::Display;

use crate::Fact;

/// Sees the facts that decide tests; `()` looks away.
pub trait Witness {
    /// This fact decides the test at hand.
    fn saw(&mut self, fact: &Fact<impl Display>);
    /// The test at hand cannot read the fact, for this reason.
    fn saw_malformed(&mut self, reason: &impl Display);
}

impl Witness for () {
    fn saw(&mut self, _: &Fact<impl Display>) {}

    fn saw_malformed(&mut self, _: &impl Display) {}
}
