//! Conditions as they were written: every part with its place and its meaning, for those who point at parts.
//! A formula does not say, as parts are flattened in it and named conditions expanded. Named conditions are
//! leaves here, as their parts stand elsewhere.

use caveat_diag::Span;

use crate::Expr;

/// A condition, or a part of one.
#[derive(Debug, Clone)]
pub struct Written {
    /// Where it stands.
    pub span: Span,
    /// What it means, named conditions expanded.
    pub expr: Expr,
    /// How its parts are joined.
    pub joint: Joint,
    /// Its parts.
    pub parts: Vec<Written>,
    /// Where a condition with parameters is called with the arguments that this one has.
    pub call: Option<Span>,
}

/// How the parts of a condition are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joint {
    /// All must hold.
    All,
    /// One must hold.
    Any,
    /// In another way, or there are none.
    Other,
}

impl Written {
    /// The parts that must all hold, those of parts included.
    #[must_use]
    pub fn conjuncts(&self) -> Vec<&Self> {
        match self.joint {
            Joint::All => self.parts.iter().flat_map(Self::conjuncts).collect(),
            Joint::Any | Joint::Other => vec![self],
        }
    }
}
