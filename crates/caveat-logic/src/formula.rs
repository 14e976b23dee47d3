//! Formulas over cells: which values of which facts a condition accepts.

use std::sync::Arc;

/// The most cells that a fact may have.
pub(crate) const MAX_CELLS: usize = 128;

/// A set of cells of a fact, one bit each.
pub(crate) type Cells = u128;

/// A formula of a [`crate::World`], without negation: what is denied is the acceptance of other cells.
/// Cheap to copy.
#[derive(Debug, Clone)]
pub struct Formula(pub(crate) Node);

#[derive(Debug, Clone)]
pub(crate) enum Node {
    /// Every part holds.
    All(Arc<[Node]>),
    /// At least one part holds.
    Any(Arc<[Node]>),
    /// The fact of this number lies in one of these cells; where it is denied, in one of the second set.
    /// In any other cell, the test is an error.
    Is(u32, Cells, Cells),
    /// Something that the world does not model: no answer can rest on it.
    Open,
}

impl Formula {
    /// Every part holds.
    #[must_use]
    pub fn all<'f>(parts: impl IntoIterator<Item = &'f Self>) -> Self {
        Self(Node::All(parts.into_iter().map(|part| part.0.clone()).collect()))
    }

    /// At least one part holds.
    #[must_use]
    pub fn any<'f>(parts: impl IntoIterator<Item = &'f Self>) -> Self {
        Self(Node::Any(parts.into_iter().map(|part| part.0.clone()).collect()))
    }

    /// The formula is denied: `not` of it holds.
    #[must_use]
    pub fn negate(&self) -> Self {
        Self(self.0.negate())
    }

    /// The formula does not hold: it is denied, or a fact that decides it is malformed.
    #[must_use]
    pub fn fails(&self) -> Self {
        Self(self.0.fails())
    }
}

impl Node {
    pub(crate) fn negate(&self) -> Self {
        match self {
            Self::All(parts) => Self::Any(parts.iter().map(Self::negate).collect()),
            Self::Any(parts) => Self::All(parts.iter().map(Self::negate).collect()),
            Self::Is(fact, cells, others) => Self::Is(*fact, *others, *cells),
            Self::Open => Self::Open,
        }
    }

    fn fails(&self) -> Self {
        match self {
            Self::All(parts) => Self::Any(parts.iter().map(Self::fails).collect()),
            Self::Any(parts) => Self::All(parts.iter().map(Self::fails).collect()),
            Self::Is(fact, cells, _) => Self::Is(*fact, !cells, *cells),
            Self::Open => Self::Open,
        }
    }

    /// Whether no answer can rest on it.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::is_open),
            Self::Is(..) => false,
            Self::Open => true,
        }
    }

    /// Calls `visit` with the number of every fact it speaks of.
    pub(crate) fn facts(&self, visit: &mut impl FnMut(u32)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.facts(visit)),
            Self::Is(fact, ..) => visit(*fact),
            Self::Open => {}
        }
    }
}
