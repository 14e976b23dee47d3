//! Conditions as they were written: every part with its place and its meaning, for lints that
//! point at parts. Named conditions are leaves, as their parts stand elsewhere.

use caveat_diag::Span;
use caveat_ir::Expr;
use caveat_syntax::ast::{self, ExprKind, Quantifier};

use crate::lower::Lowering;

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

impl Lowering<'_> {
    /// Begins to write a condition down.
    pub(crate) fn begin_written(&mut self) {
        self.drafts.push(Vec::new());
    }

    /// Ends what was begun: a part of the condition around it, or a condition of its own.
    pub(crate) fn end_written(&mut self, source: &ast::Expr, lowered: Option<&Expr>) {
        let parts = self.drafts.pop().unwrap_or_default();
        let Some(expr) = lowered else { return };
        let named = matches!(source.kind, ExprKind::Named { .. });
        let parts = if named { Vec::new() } else { parts };
        let written =
            Written { span: source.span, expr: expr.clone(), joint: joint(&source.kind), parts, call: None };
        let primary = self.modules.get(self.module).is_some_and(|module| module.primary);
        match self.drafts.last_mut() {
            Some(around) => around.push(written),
            None if primary => self.written.push(written),
            None => {}
        }
    }
}

impl Lowering<'_> {
    /// Keeps the body of a condition with parameters that was just expanded for a call: on its own it means
    /// nothing, so only with arguments can be seen whether it holds anywhere.
    pub(crate) fn keep_called(&mut self, module: usize, call: Span) {
        let primary = self.modules.get(module).is_some_and(|module| module.primary);
        let Some(body) = self.drafts.last().and_then(|parts| parts.last()).filter(|_| primary) else {
            return;
        };
        let of_body = self.written.iter().filter(|other| other.call.is_some() && other.span == body.span);
        if of_body.clone().count() < MAX_EXPANSIONS && !of_body.clone().any(|other| other.expr == body.expr) {
            self.written.push(Written { call: Some(call), ..body.clone() });
        }
    }
}

/// How many expansions of one condition with parameters are kept.
const MAX_EXPANSIONS: usize = 32;

fn joint(kind: &ExprKind) -> Joint {
    match kind {
        ExprKind::And(_) | ExprKind::Quantified { quantifier: Quantifier::All, .. } => Joint::All,
        ExprKind::Or(_) | ExprKind::Quantified { quantifier: Quantifier::Any, .. } => Joint::Any,
        _ => Joint::Other,
    }
}
