//! The search for a host: facts are narrowed until every disjunction is settled.
//!
//! The formulas of rules are wide and shallow, so narrowing settles nearly all of them; what is left
//! is tried one by one, smallest disjunction first. The effort is bounded: a formula that takes more
//! is left undecided, and nobody is told anything about it.

use crate::formula::{Cells, Formula, Node};

/// How many nodes may be looked at for one answer.
const MAX_EFFORT: usize = 2_000_000;

/// What is known of the satisfiability of formulas.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The hosts of this model satisfy all.
    Satisfiable(Model),
    /// No host satisfies all.
    Unsatisfiable,
    /// Nobody knows: a part is not modelled, or the search took too long.
    Undecided,
}

/// The cells left of every fact; any choice of one each is a host.
#[derive(Debug, Clone)]
pub struct Model(pub(crate) Vec<Cells>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Holds,
    Fails,
    Either,
}

/// Why a branch ended without a host.
enum Dead {
    Contradiction,
    TooLong,
}

struct Search {
    effort: usize,
}

/// What is known in one branch: the cells left, and the disjunctions to settle.
#[derive(Clone)]
struct Branch<'n> {
    cells: Vec<Cells>,
    open: Vec<&'n [Node]>,
}

/// Looks for a host that satisfies all nodes.
pub(crate) fn solve<'n>(cells: Vec<Cells>, nodes: impl IntoIterator<Item = &'n Node>) -> Answer {
    let mut branch = Branch { cells, open: Vec::new() };
    let mut search = Search { effort: MAX_EFFORT };
    let asserted = nodes.into_iter().try_for_each(|node| branch.assert(node));
    match asserted.and_then(|()| search.run(branch)) {
        Ok(cells) => Answer::Satisfiable(Model(cells)),
        Err(Dead::Contradiction) => Answer::Unsatisfiable,
        Err(Dead::TooLong) => Answer::Undecided,
    }
}

impl Formula {
    /// Whether the formula holds on the hosts of a model, if it is the same on all of them.
    #[must_use]
    pub fn on(&self, model: &Model) -> Option<bool> {
        match status(&self.0, &model.0, &mut 0) {
            Status::Holds => Some(true),
            Status::Fails => Some(false),
            Status::Either => None,
        }
    }
}

impl<'n> Branch<'n> {
    fn assert(&mut self, node: &'n Node) -> Result<(), Dead> {
        match node {
            Node::All(parts) => parts.iter().try_for_each(|part| self.assert(part)),
            Node::Any(parts) => {
                self.open.push(parts);
                Ok(())
            }
            Node::Is(fact, accepted, _) => {
                let left = self.cells.get_mut(*fact as usize).ok_or(Dead::TooLong)?;
                *left &= accepted;
                if *left == 0 { Err(Dead::Contradiction) } else { Ok(()) }
            }
            Node::Open => Err(Dead::TooLong),
        }
    }
}

impl Search {
    fn run(&mut self, mut branch: Branch<'_>) -> Result<Vec<Cells>, Dead> {
        let Some((at, parts)) = self.narrow(&mut branch)? else { return Ok(branch.cells) };
        // Each try asserts a part of it, which settles it.
        branch.open.swap_remove(at);
        for part in parts {
            let mut tried = branch.clone();
            let found = tried.assert(part).and_then(|()| self.run(tried));
            match found {
                Err(Dead::Contradiction) => {}
                ended => return ended,
            }
            if let Node::Is(fact, accepted, _) = part
                && let Some(left) = branch.cells.get_mut(*fact as usize)
            {
                *left &= !accepted;
                if *left == 0 {
                    return Err(Dead::Contradiction);
                }
            }
        }
        Err(Dead::Contradiction)
    }

    /// Settles what follows; returns the number of the smallest open disjunction, and what it has left.
    fn narrow<'n>(&mut self, branch: &mut Branch<'n>) -> Result<Option<(usize, Vec<&'n Node>)>, Dead> {
        loop {
            let mut smallest: Option<(usize, Vec<&'n Node>)> = None;
            let mut forced: Vec<&'n Node> = Vec::new();
            let mut kept = Vec::with_capacity(branch.open.len());
            for parts in std::mem::take(&mut branch.open) {
                match self.left(parts, &branch.cells)? {
                    None => {}
                    Some(left) if left.is_empty() => return Err(Dead::Contradiction),
                    Some(left) if left.len() == 1 => forced.extend(left),
                    Some(left) => {
                        if smallest.as_ref().is_none_or(|(_, best)| left.len() < best.len()) {
                            smallest = Some((kept.len(), left));
                        }
                        kept.push(parts);
                    }
                }
            }
            branch.open = kept;
            if forced.is_empty() {
                return Ok(smallest);
            }
            forced.into_iter().try_for_each(|node| branch.assert(node))?;
        }
    }

    /// The parts of a disjunction that may still hold; none when one holds already.
    fn left<'n>(&mut self, parts: &'n [Node], cells: &[Cells]) -> Result<Option<Vec<&'n Node>>, Dead> {
        let mut left = Vec::new();
        let mut looked = 0;
        for part in parts {
            match status(part, cells, &mut looked) {
                Status::Holds => return Ok(None),
                Status::Fails => {}
                Status::Either => left.push(part),
            }
        }
        self.effort = self.effort.checked_sub(looked + 1).ok_or(Dead::TooLong)?;
        Ok(Some(left))
    }
}

fn status(node: &Node, cells: &[Cells], looked: &mut usize) -> Status {
    *looked += 1;
    match node {
        Node::Is(fact, accepted, _) => {
            let left = cells.get(*fact as usize).copied().unwrap_or(0);
            match left & accepted {
                0 => Status::Fails,
                both if both == left => Status::Holds,
                _ => Status::Either,
            }
        }
        Node::All(parts) => joint(parts, cells, looked, Status::Holds, Status::Fails),
        Node::Any(parts) => joint(parts, cells, looked, Status::Fails, Status::Holds),
        Node::Open => Status::Either,
    }
}

/// `neutral` when all parts are, `decisive` when one is.
fn joint(parts: &[Node], cells: &[Cells], looked: &mut usize, neutral: Status, decisive: Status) -> Status {
    let mut joint = neutral;
    for part in parts {
        match status(part, cells, looked) {
            found if found == decisive => return decisive,
            Status::Either => joint = Status::Either,
            _ => {}
        }
    }
    joint
}
