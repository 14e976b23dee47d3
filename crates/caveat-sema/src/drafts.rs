//! Writing conditions down as they are lowered.

use caveat_diag::{FileId, Span};
use caveat_ir::{Expr, Joint, Written};
use caveat_syntax::ast::{self, ExprKind, Quantifier};

use crate::lower::Lowering;

/// How many expansions of one condition with parameters are kept.
const MAX_EXPANSIONS: usize = 32;

impl Lowering<'_> {
    /// Begins to write a condition down.
    pub(crate) fn begin_written(&mut self) {
        self.record.drafts.push(Vec::new());
    }

    /// Ends what was begun: a part of the condition around it, or a condition of its own.
    pub(crate) fn end_written(&mut self, source: &ast::Expr, lowered: Option<&Expr>) {
        let parts = self.record.drafts.pop().unwrap_or_default();
        let Some(expr) = lowered else { return };
        let named = matches!(source.kind, ExprKind::Named { .. });
        let parts = if named { Vec::new() } else { parts };
        let written =
            Written { span: source.span, expr: expr.clone(), joint: joint(&source.kind), parts, call: None };
        let primary = self.scope.is_primary(self.module);
        match self.record.drafts.last_mut() {
            Some(around) => around.push(written),
            None if primary => self.record.written.push(written),
            None => {}
        }
    }

    /// Keeps the body of a condition with parameters that was just expanded for a call: on its own it means
    /// nothing, so only with arguments can be seen whether it holds anywhere.
    pub(crate) fn keep_called(&mut self, module: FileId, call: Span) {
        let primary = self.scope.is_primary(module);
        let Some(body) = self.record.drafts.last().and_then(|parts| parts.last()).filter(|_| primary) else {
            return;
        };
        let of_body =
            self.record.written.iter().filter(|other| other.call.is_some() && other.span == body.span);
        if of_body.clone().count() < MAX_EXPANSIONS && !of_body.clone().any(|other| other.expr == body.expr) {
            self.record.written.push(Written { call: Some(call), ..body.clone() });
        }
    }
}

fn joint(kind: &ExprKind) -> Joint {
    match kind {
        ExprKind::And(_) | ExprKind::Quantified { quantifier: Quantifier::All, .. } => Joint::All,
        ExprKind::Or(_) | ExprKind::Quantified { quantifier: Quantifier::Any, .. } => Joint::Any,
        _ => Joint::Other,
    }
}
