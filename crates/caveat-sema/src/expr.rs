//! Expressions: connectives and quantifiers.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::{Expr, Placed, Test};
use caveat_syntax::ast::{self, ExprKind, Quantifier, Word};

use crate::lower::Lowering;

/// How many combinations `at least N of` may come to.
const MAX_COMBINATIONS: usize = 1000;

impl Lowering<'_> {
    /// Lowers an expression; `None` when it has a problem, which was reported.
    pub(crate) fn expr(&mut self, expr: &ast::Expr) -> Option<Expr> {
        self.enter();
        self.begin_written();
        let lowered = self.expr_kind(expr);
        self.end_written(expr, lowered.as_ref());
        self.leave();
        lowered
    }

    /// Lowers an expression that is a clause of its own.
    pub(crate) fn clause(&mut self, expr: &ast::Expr) -> Option<Placed<Expr>> {
        self.expr(expr).map(|lowered| Placed::new(lowered, expr.span))
    }

    fn expr_kind(&mut self, expr: &ast::Expr) -> Option<Expr> {
        match &expr.kind {
            ExprKind::And(parts) => Some(Expr::all(self.parts(parts)?)),
            ExprKind::Or(parts) => Some(Expr::any(self.parts(parts)?)),
            ExprKind::Not(part) => Some(Expr::negate(self.expr(part)?)),
            ExprKind::Quantified { quantifier, parts } => self.quantified(quantifier, parts, expr.span),
            ExprKind::Predicate(predicate) => self.predicate(predicate, expr.span),
            ExprKind::Named { kind, name, version, arguments } => {
                self.named(*kind, name, version.as_ref(), arguments)
            }
            ExprKind::Error => {
                self.reporter.lose();
                None
            }
        }
    }

    /// Lowers all parts, so that each problem is reported, then gives up if one had any.
    fn parts(&mut self, parts: &[ast::Expr]) -> Option<Vec<Expr>> {
        let lowered: Vec<Option<Expr>> = parts.iter().map(|part| self.expr(part)).collect();
        lowered.into_iter().collect()
    }

    /// A test written at `span`.
    pub(crate) fn test(&mut self, test: Test, span: Span) -> Option<Expr> {
        self.count(span).then(|| Expr::test(test, span.into()))
    }

    fn quantified(&mut self, quantifier: &Quantifier, parts: &[ast::Expr], span: Span) -> Option<Expr> {
        if parts.is_empty() {
            let problem = Diagnostic::new(Code::MISSING_PART, "there is nothing to count here").at(span, "");
            self.report(problem.help("write at least one condition between the braces"));
            return None;
        }
        let lowered = self.parts(parts)?;
        match quantifier {
            Quantifier::All => Some(Expr::all(lowered)),
            Quantifier::Any => Some(Expr::any(lowered)),
            Quantifier::None => Some(Expr::negate(Expr::any(lowered))),
            Quantifier::AtLeast(word) => self.at_least(word, &lowered),
        }
    }

    /// At least N of the parts: the disjunction of all conjunctions of N of them, as OVAL has no
    /// operator that counts.
    fn at_least(&mut self, word: &Word, parts: &[Expr]) -> Option<Expr> {
        let wanted: usize = self.number(word, "a number of conditions")?;
        if wanted == 0 || wanted > parts.len() {
            let message = format!("`at least {wanted}` of {} conditions makes no sense", parts.len());
            let problem = Diagnostic::new(Code::EMPTY_RANGE, message).at(word.span, "");
            self.report(problem.help(format!("write a number from 1 to {}", parts.len())));
            return None;
        }
        if combinations(parts.len(), wanted).is_none_or(|count| count > MAX_COMBINATIONS) {
            let message = format!(
                "`at least {wanted}` of {} conditions has more than {MAX_COMBINATIONS} combinations",
                parts.len()
            );
            let problem = Diagnostic::new(Code::TOO_LARGE, message).at(word.span, "");
            self.report(
                problem
                    .help("targets cannot count, so every combination is written out; use fewer conditions"),
            );
            return None;
        }
        Some(Expr::any(choose(parts, wanted).into_iter().map(Expr::all)))
    }
}

/// n choose k, unless it is out of reach.
fn combinations(n: usize, k: usize) -> Option<usize> {
    let k = k.min(n - k);
    (0..k).try_fold(1_usize, |product, i| Some(product.checked_mul(n - i)? / (i + 1)))
}

/// All ways to choose `count` of `parts`, in order.
fn choose(parts: &[Expr], count: usize) -> Vec<Vec<Expr>> {
    match (count, parts) {
        (0, _) => vec![Vec::new()],
        (_, []) => Vec::new(),
        (_, [first, rest @ ..]) => {
            let mut chosen = choose(rest, count - 1);
            for combination in &mut chosen {
                combination.insert(0, first.clone());
            }
            chosen.extend(choose(rest, count));
            chosen
        }
    }
}
