//! The finite world that some formulas can tell apart, and questions about it.

use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::rule::SelectorId;
use caveat_ir::updates::Updates;
use caveat_ir::{Expr, RuleSet, Test};

use crate::cell::Cell;
use crate::cells::{cells, truths};
use crate::fact::{Asked, Fact, Place, asked, spellings};
use crate::facts::{Facts, Variable};
use crate::formula::{Formula, Node};
use crate::search::{Answer, solve};
use crate::ties;

/// The facts that formulas speak of, cut into cells.
#[derive(Debug)]
pub struct World {
    pub(crate) facts: Facts,
    /// Paths and names as the formulas spell them, by their folded form.
    pub(crate) spelled: BTreeMap<String, String>,
    platforms: BTreeMap<SelectorId, Node>,
    ties: Vec<Node>,
    /// What is known of updates.
    pub(crate) updates: Updates,
}

/// The tests of formulas by fact, and the platforms that they name.
struct Collected<'r> {
    rules: &'r RuleSet,
    tests: BTreeMap<Fact, BTreeSet<Test>>,
    platforms: BTreeMap<SelectorId, Expr>,
    spelled: BTreeMap<String, String>,
}

impl Collected<'_> {
    fn add(&mut self, expr: &Expr) {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| self.add(part)),
            Expr::Not(part) => self.add(part),
            Expr::Test(leaf) => self.add_test(&leaf.test),
            Expr::Platform(id) => {
                if !self.platforms.contains_key(id)
                    && let Some(claim) = self.rules.inventory(*id)
                {
                    self.platforms.insert(*id, claim.formula.clone());
                    self.add(&claim.formula);
                }
            }
        }
    }

    /// Values that 32-bit programs see, and those that others see at the same place, have the same cells, as on some
    /// hosts they are the same.
    fn share(&mut self) {
        let narrow: Vec<Fact> = self.tests.keys().filter(|fact| fact.wide().is_some()).cloned().collect();
        for fact in narrow {
            let Some(wide) = fact.wide().filter(|wide| self.tests.contains_key(wide)) else { continue };
            let of = |fact| self.tests.get(fact).into_iter().flatten().cloned();
            let both: BTreeSet<Test> = of(&fact).chain(of(&wide)).collect();
            self.tests.insert(wide, both.clone());
            self.tests.insert(fact, both);
        }
    }

    fn add_test(&mut self, test: &Test) {
        for (folded, written) in spellings(test) {
            self.spelled.entry(folded).or_insert(written);
        }
        match asked(test) {
            Asked::Unmodelled => {}
            Asked::Fact(fact) | Asked::Mirror(fact, _) => {
                // The architecture says whether 32-bit programs see another registry.
                if let Fact::Key(place) | Fact::Value(place, _) = &fact
                    && place.narrow
                {
                    let wide = Place { narrow: false, ..place.clone() };
                    for other in [Fact::Architecture, Fact::Key(place.clone()), Fact::Key(wide)] {
                        self.tests.entry(other).or_default();
                    }
                }
                // The version says whether updates are listed in the registry.
                if ties::is_about_updates(&fact) {
                    self.tests.entry(Fact::Version).or_default();
                    self.tests.entry(Fact::Family).or_default();
                }
                // The family says whether there is what only Windows has.
                if ties::is_of_windows(&fact) {
                    self.tests.entry(Fact::Family).or_default();
                }
                self.tests.entry(fact).or_default().insert(test.clone());
            }
            Asked::OfFile(file, part) => {
                self.tests.entry(file).or_default();
                self.tests.entry(part).or_default().insert(test.clone());
            }
        }
    }
}

impl World {
    /// The world that the formulas can tell apart. Only these, and formulas made of their tests, can
    /// be asked about.
    pub fn new<'e>(rules: &RuleSet, formulas: impl IntoIterator<Item = &'e Expr>) -> Self {
        let mut collected =
            Collected { rules, tests: BTreeMap::new(), platforms: BTreeMap::new(), spelled: BTreeMap::new() };
        formulas.into_iter().for_each(|formula| collected.add(formula));
        collected.share();
        let variable = |(fact, tests): (Fact, BTreeSet<Test>)| {
            let (cells, exact) = cells(&fact, &tests.iter().collect::<Vec<&Test>>());
            (fact, Variable { cells, exact })
        };
        let mut facts: Facts = collected.tests.into_iter().map(variable).collect();
        ties::make_room(&mut facts, &rules.updates);
        let ties = ties::between(&facts, &rules.updates);
        let (spelled, updates) = (collected.spelled, rules.updates.clone());
        let mut world = Self { facts, spelled, platforms: BTreeMap::new(), ties, updates };
        // A platform's conditions may name platforms, which are always added before it is done.
        let mut left: Vec<(SelectorId, Expr)> = collected.platforms.into_iter().collect();
        while !left.is_empty() {
            let before = left.len();
            left.retain(|(id, formula)| !world.add_platform(*id, formula));
            if left.len() == before {
                break;
            }
        }
        world
    }

    /// Adds a platform, unless one that it names is still to come.
    fn add_platform(&mut self, id: SelectorId, formula: &Expr) -> bool {
        let mut ready = true;
        formula.platforms(&mut |named| ready &= self.platforms.contains_key(&named));
        if ready {
            let node = self.node(formula);
            self.platforms.insert(id, node);
        }
        ready
    }

    /// The formula over the cells of this world.
    #[must_use]
    pub fn formula(&self, expr: &Expr) -> Formula {
        Formula(self.node(expr))
    }

    fn node(&self, expr: &Expr) -> Node {
        match expr {
            Expr::All(parts) => Node::All(parts.iter().map(|part| self.node(part)).collect()),
            Expr::Any(parts) => Node::Any(parts.iter().map(|part| self.node(part)).collect()),
            Expr::Not(part) => self.node(part).negate(),
            Expr::Platform(id) => self.platforms.get(id).cloned().unwrap_or(Node::Open),
            Expr::Test(leaf) => self.test(&leaf.test),
        }
    }

    fn test(&self, test: &Test) -> Node {
        match asked(test) {
            // It is false on some hosts and true on others that no fact tells apart.
            Asked::Fact(fact @ Fact::Undecidable(_)) => self.facts.is(&fact, |cell| *cell == Cell::Present),
            Asked::Fact(fact) | Asked::Mirror(fact, _) => self.decided(&fact, test),
            Asked::OfFile(file, part) => {
                let there = self.facts.is(&file, |cell| *cell != Cell::Absent);
                Node::All([there, self.decided(&part, test)].into())
            }
            Asked::Unmodelled => Node::Open,
        }
    }

    /// The fact lies in a cell that passes the test.
    fn decided(&self, fact: &Fact, test: &Test) -> Node {
        self.facts.judged(fact, |cells| truths(fact, test, cells))
    }

    /// Looks for a host that satisfies all formulas.
    #[must_use]
    pub fn solve(&self, formulas: &[&Formula]) -> Answer {
        let nodes = formulas.iter().map(|formula| &formula.0);
        let closed = nodes.clone().filter(|node| !node.is_open());
        match solve(self.facts.open(), self.ties.iter().chain(closed)) {
            Answer::Satisfiable(_) if nodes.clone().any(Node::is_open) => Answer::Undecided,
            Answer::Unsatisfiable if nodes.clone().any(|node| self.is_inexact(node)) => Answer::Undecided,
            answer => answer,
        }
    }

    fn is_inexact(&self, node: &Node) -> bool {
        let mut inexact = false;
        node.facts(&mut |fact| inexact |= self.facts.variable(fact).is_some_and(|variable| !variable.exact));
        inexact
    }

    /// Whether it is certain that no host satisfies all formulas.
    #[must_use]
    pub fn never(&self, formulas: &[&Formula]) -> bool {
        matches!(self.solve(formulas), Answer::Unsatisfiable)
    }

    /// Whether it is certain that every host that satisfies the first satisfies the second.
    #[must_use]
    pub fn implies(&self, given: &Formula, wanted: &Formula) -> bool {
        self.never(&[given, &wanted.fails()])
    }

    /// Whether it is certain that every host satisfies the formula.
    #[must_use]
    pub fn always(&self, formula: &Formula) -> bool {
        self.never(&[&formula.fails()])
    }

    /// Of formulas that no host satisfies together, as few as do not: the numbers of those that
    /// cannot be left out.
    #[must_use]
    pub fn core(&self, formulas: &[&Formula]) -> Vec<usize> {
        let mut kept: Vec<usize> = (0..formulas.len()).collect();
        for index in 0..formulas.len() {
            let without: Vec<usize> = kept.iter().copied().filter(|other| *other != index).collect();
            let chosen: Vec<&Formula> = without.iter().filter_map(|at| formulas.get(*at).copied()).collect();
            if self.never(&chosen) {
                kept = without;
            }
        }
        kept
    }
}
