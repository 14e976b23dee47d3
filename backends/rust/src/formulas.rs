//! The formulas of a file, each subformula once.
//!
//! Formulas come from `caveat_ir::meaning`; nothing is rewritten here, so the order of parts stays.

use std::collections::BTreeMap;

use caveat_ir::rule::SelectorId;
use caveat_ir::{Expr, Test};

/// A formula of [`Formulas`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

/// A formula whose parts are formulas of the same [`Formulas`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    /// Every part holds.
    All(Vec<NodeId>),
    /// At least one part holds.
    Any(Vec<NodeId>),
    /// The part does not hold.
    Not(NodeId),
    /// The host is of this platform.
    Platform(SelectorId),
    /// A test of a fact.
    Test(Test),
}

/// Formulas, equal ones once.
#[derive(Debug, Default)]
pub(crate) struct Formulas {
    nodes: Vec<Node>,
    ids: BTreeMap<Node, NodeId>,
    /// How many formulas have this one as a part.
    uses: Vec<usize>,
}

impl Formulas {
    /// The formula's id.
    pub(crate) fn add(&mut self, expr: &Expr) -> NodeId {
        let node = match expr {
            Expr::All(parts) => Node::All(self.add_each(parts)),
            Expr::Any(parts) => Node::Any(self.add_each(parts)),
            Expr::Not(part) => Node::Not(self.add(part)),
            Expr::Platform(id) => Node::Platform(*id),
            Expr::Test(leaf) => Node::Test(leaf.test.clone()),
        };
        self.intern(node)
    }

    fn add_each(&mut self, parts: &[Expr]) -> Vec<NodeId> {
        parts.iter().map(|part| self.add(part)).collect()
    }

    fn intern(&mut self, node: Node) -> NodeId {
        if let Some(known) = self.ids.get(&node) {
            return *known;
        }
        let id = NodeId(self.nodes.len());
        for part in node.parts() {
            if let Some(uses) = self.uses.get_mut(part.0) {
                *uses += 1;
            }
        }
        self.uses.push(0);
        self.nodes.push(node.clone());
        self.ids.insert(node, id);
        id
    }

    /// The formula with this id.
    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    /// Whether the formula has parts, and more than one formula has it as a part.
    pub(crate) fn is_shared(&self, id: NodeId) -> bool {
        let compound = matches!(self.get(id), Some(Node::All(_) | Node::Any(_)));
        compound && self.uses.get(id.0).is_some_and(|uses| *uses > 1)
    }
}

impl Node {
    fn parts(&self) -> &[NodeId] {
        match self {
            Self::All(parts) | Self::Any(parts) => parts,
            Self::Not(part) => std::slice::from_ref(part),
            Self::Platform(_) | Self::Test(_) => &[],
        }
    }
}
