//! The evaluation of one host, which remembers the platforms it is of: what formulas come to, and which
//! tests decide that or leave it open.

use std::cell::Cell;

use crate::formula::{Rules, Shape};
use crate::verdict::Decision;
use crate::{HostFacts, Part, Truth, decide};

/// How deep the conditions of platforms may refer to further platforms.
const MAX_PLATFORM_DEPTH: u32 = 16;

/// The platforms of a host, as far as they were asked for: a slot for each in `S`.
#[derive(Debug, Default)]
struct Platforms<S> {
    known: S,
    depth: Cell<u32>,
}

impl<S: AsRef<[Cell<Option<Truth>>]>> Platforms<S> {
    /// Whether the host is of a platform, by its formula when that is not known yet; an error when
    /// there is no formula.
    fn truth(&self, index: usize, formula: impl FnOnce() -> Option<Truth>) -> Truth {
        let slot = self.known.as_ref().get(index);
        if let Some(known) = slot.and_then(Cell::get) {
            return known;
        }
        let truth = self.nested(formula).flatten().unwrap_or(Truth::Error);
        if let Some(slot) = slot {
            slot.set(Some(truth));
        }
        truth
    }

    /// Does something inside a platform's formula; nothing when platforms nest too deep, or in a circle.
    fn nested<T>(&self, inside: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= MAX_PLATFORM_DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let result = inside();
        self.depth.set(self.depth.get() - 1);
        Some(result)
    }
}

/// The evaluation of one host by rules. `S` has a slot for each of their platforms; what has none is
/// asked for anew each time.
#[derive(Debug)]
pub struct Session<R, H, S> {
    rules: R,
    host: H,
    platforms: Platforms<S>,
}

impl<R: Rules, H: HostFacts, S: AsRef<[Cell<Option<Truth>>]>> Session<R, H, S> {
    /// Begins with a host, and slots in which nothing is.
    pub const fn begin(rules: R, host: H, slots: S) -> Self {
        Self { rules, host, platforms: Platforms { known: slots, depth: Cell::new(0) } }
    }

    /// The rules.
    pub const fn rules(&self) -> &R {
        &self.rules
    }

    /// The host.
    pub const fn host(&self) -> &H {
        &self.host
    }

    /// What the formula says of the host.
    #[must_use]
    pub fn truth(&self, formula: &R::Formula) -> Truth {
        match self.rules.shape(formula) {
            Shape::All(parts) => Truth::every(parts.iter().map(|part| self.truth(part))),
            Shape::Any(parts) => Truth::some(parts.iter().map(|part| self.truth(part))),
            Shape::Not(part) => !self.truth(part),
            Shape::Platform(index, formula) => self.platform(index, formula),
            Shape::Test(test) => self.rules.ask(test, |test| test.truth(&self.host, &mut ())),
        }
    }

    /// Whether the host is of the platform with this number and formula.
    #[must_use]
    pub fn platform(&self, index: usize, formula: Option<&R::Formula>) -> Truth {
        self.platforms.truth(index, || formula.map(|formula| self.truth(formula)))
    }

    /// Does something inside a platform's formula; nothing when platforms nest too deep, or in a circle.
    pub fn nested<T>(&self, inside: impl FnOnce() -> T) -> Option<T> {
        self.platforms.nested(inside)
    }

    /// What decides the verdict of a vulnerability with these cases, of which `part` tells the formulas.
    pub fn decide<'c, C>(
        &self,
        cases: &'c [C],
        part: impl Fn(&'c C, Part) -> &'c R::Formula,
    ) -> Decision<'c, C>
    where
        R::Formula: 'c,
    {
        decide(cases, |case, one| self.truth(part(case, one)))
    }

    /// Visits the tests that decided what a case comes to: that its package concerns the host, that it is
    /// outdated or not, and where it is, that the host is exposed or not. What is open decides nothing.
    pub fn evidence<'c>(&self, part: impl Fn(Part) -> &'c R::Formula, visit: &mut dyn FnMut(&R::Test))
    where
        R::Formula: 'c,
    {
        let outdated = self.truth(part(Part::Outdated)) != Truth::False;
        for one in [Part::Requires, Part::Outdated, Part::Exposed] {
            if outdated || one != Part::Exposed {
                self.deciding(part(one), visit);
            }
        }
    }

    /// Visits the tests that decide a formula: of a conjunction that fails the first that fails, else all
    /// parts that come to what the whole does.
    fn deciding(&self, formula: &R::Formula, visit: &mut dyn FnMut(&R::Test)) {
        let truth = self.truth(formula);
        if !matches!(truth, Truth::True | Truth::False) {
            return;
        }
        match self.rules.shape(formula) {
            Shape::All(parts) | Shape::Any(parts) => {
                let first = truth == Truth::False && matches!(self.rules.shape(formula), Shape::All(_));
                let same = parts.iter().filter(|part| self.truth(part) == truth);
                for part in same.take(if first { 1 } else { usize::MAX }) {
                    self.deciding(part, visit);
                }
            }
            Shape::Not(part) => self.deciding(part, visit),
            Shape::Platform(_, formula) => self.inside(formula, |formula| self.deciding(formula, visit)),
            Shape::Test(test) => visit(test),
        }
    }

    /// Visits the tests that leave cases open, where they were asked for these parts.
    pub fn open<'c, C>(
        &self,
        cases: &'c [C],
        parts: &[Part],
        part: impl Fn(&'c C, Part) -> &'c R::Formula,
        visit: &mut dyn FnMut(&R::Test),
    ) where
        R::Formula: 'c,
    {
        let whole = |case| Truth::every(parts.iter().map(|one| self.truth(part(case, *one))));
        for case in cases.iter().filter(|case| whole(case).is_open()) {
            for one in parts {
                self.opening(part(case, *one), visit);
            }
        }
    }

    /// Visits the tests that leave the formula open, if it is.
    fn opening(&self, formula: &R::Formula, visit: &mut dyn FnMut(&R::Test)) {
        if !self.truth(formula).is_open() {
            return;
        }
        match self.rules.shape(formula) {
            Shape::All(parts) | Shape::Any(parts) => {
                for part in parts {
                    self.opening(part, visit);
                }
            }
            Shape::Not(part) => self.opening(part, visit),
            Shape::Platform(_, formula) => self.inside(formula, |formula| self.opening(formula, visit)),
            Shape::Test(test) => visit(test),
        }
    }

    fn inside(&self, platform: Option<&R::Formula>, visit: impl FnOnce(&R::Formula)) {
        if let Some(formula) = platform {
            self.nested(|| visit(formula));
        }
    }
}
