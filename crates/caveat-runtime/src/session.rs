//! The evaluation of one host, which remembers the platforms it is of.

use std::cell::Cell;

use crate::outcome::{Package, Vulnerability, VulnerabilityOutcome};
use crate::value::Rating;
use crate::verdict::PARTS;
use crate::{HostFacts, Part, Test, Truth, decide, severity};

/// How deep the conditions of platforms may refer to further platforms.
const MAX_PLATFORM_DEPTH: u32 = 16;

/// The platforms of a host, as far as they were asked for: a slot for each in `S`.
#[derive(Debug, Default)]
pub struct Platforms<S> {
    known: S,
    depth: Cell<u32>,
}

impl<S: AsRef<[Cell<Option<Truth>>]>> Platforms<S> {
    /// None asked for yet.
    pub const fn new(known: S) -> Self {
        Self { known, depth: Cell::new(0) }
    }

    /// Whether the host is of a platform, by its formula when that is not known yet; an error when
    /// there is no formula.
    pub fn truth(&self, index: usize, formula: impl FnOnce() -> Option<Truth>) -> Truth {
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
    pub fn nested<T>(&self, inside: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= MAX_PLATFORM_DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let result = inside();
        self.depth.set(self.depth.get() - 1);
        Some(result)
    }
}

/// The evaluation of one host by generated code that knows so many platforms. It lives on the
/// stack and allocates nothing.
#[derive(Debug)]
pub struct Session<H, const PLATFORMS: usize> {
    host: H,
    platforms: Platforms<[Cell<Option<Truth>>; PLATFORMS]>,
}

/// A formula of generated code, over a session.
type Formula<S> = fn(&S) -> Truth;

impl<H: HostFacts, const PLATFORMS: usize> Session<H, PLATFORMS> {
    /// Begins with a host.
    #[must_use]
    pub fn new(host: H) -> Self {
        Self { host, platforms: Platforms::new([const { Cell::new(None) }; PLATFORMS]) }
    }

    /// Whether a test holds.
    #[must_use]
    pub fn test(&self, test: Test<'_>) -> Truth {
        test.truth(&self.host, &mut ())
    }

    /// Whether all of the tests hold.
    #[must_use]
    pub fn all(&self, tests: &[Test<'_>]) -> Truth {
        Truth::every(tests.iter().map(|test| self.test(*test)))
    }

    /// Whether one of the tests holds.
    #[must_use]
    pub fn any(&self, tests: &[Test<'_>]) -> Truth {
        Truth::some(tests.iter().map(|test| self.test(*test)))
    }

    /// Whether all of the formulas hold.
    #[must_use]
    pub fn all_of(&self, formulas: &[Formula<Self>]) -> Truth {
        Truth::every(formulas.iter().map(|formula| formula(self)))
    }

    /// Whether one of the formulas holds.
    #[must_use]
    pub fn any_of(&self, formulas: &[Formula<Self>]) -> Truth {
        Truth::some(formulas.iter().map(|formula| formula(self)))
    }

    /// Whether the host is of a platform.
    #[must_use]
    pub fn platform(&self, index: usize, formula: Formula<Self>) -> Truth {
        self.platforms.truth(index, || Some(formula(self)))
    }

    /// What a vulnerability comes to: the parts of its cases stand in the order of [`Part::ALL`], and a
    /// rating without platforms fits every host.
    #[must_use]
    pub fn vulnerability(
        &self,
        vulnerability: &'static Vulnerability,
        cases: &[(&'static Package, [Formula<Self>; PARTS])],
        ratings: &[(Rating, &[Formula<Self>])],
    ) -> VulnerabilityOutcome {
        let truth = |(_, formulas): &(&Package, [Formula<Self>; PARTS]), part| {
            let mut formulas = Part::ALL.iter().zip(formulas);
            formulas.find(|(one, _)| **one == part).map_or(Truth::Error, |(_, formula)| formula(self))
        };
        let decision = decide(cases, truth);
        VulnerabilityOutcome {
            vulnerability,
            verdict: decision.verdict,
            severity: severity(ratings.iter().copied(), |platform| platform(self)),
            package: decision.case.map(|(package, _)| *package),
        }
    }
}
