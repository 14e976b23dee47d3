//! Tests of one of several keys. All that has to hold of it becomes a disjunction of tests whose parts all hold, as
//! that is what targets can ask for.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::expr::{KeyPart, Subject, ValueCheck};
use caveat_ir::value::{RegistryPath, View};
use caveat_ir::{Expr, Test};
use caveat_syntax::ast::{self, ExprKind, KeySubject, Operand, Predicate, Quantifier, RegistryCheck, Word};

use crate::lower::Lowering;
use crate::values::{malformed_at, view as view_of};

/// How many tests one may become.
const MAX_ALTERNATIVES: usize = 64;

/// Alternatives, each of parts that all hold.
type Alternatives = Vec<Vec<KeyPart>>;

impl Lowering<'_> {
    pub(crate) fn any_key(
        &mut self,
        view: Option<&Word>,
        key: &Operand,
        parts: &[ast::Expr],
        span: Span,
    ) -> Option<Expr> {
        let (key, key_span) = self.text(key)?;
        let key = RegistryPath::parse(&key, None)
            .map_err(|wrong| self.report(malformed_at(Code::MALFORMED_REGISTRY_PATH, wrong, key_span)))
            .ok()?;
        let alternatives = self.parts_of_key(parts, true, false)?;
        if alternatives.len() > MAX_ALTERNATIVES {
            let message =
                format!("what has to hold of one key has more than {MAX_ALTERNATIVES} alternatives");
            let problem = Diagnostic::new(Code::TOO_LARGE, message).at(span, "");
            self.report(problem.help("write some of them as tests of their own, with `or` between them"));
            return None;
        }
        let views = match view {
            Some(word) if word.text == "both" => vec![Some(View::Bits64), Some(View::Bits32)],
            other => vec![view_of(other)],
        };
        let mut tests = Vec::new();
        for view in views {
            for parts in &alternatives {
                let key = RegistryPath { view, ..key.clone() };
                tests.push(self.test(Test::AnyKey(key, parts.clone()), span)?);
            }
        }
        Some(Expr::any(tests))
    }

    /// `value` and `star` mean something in `any key` only, where the parser reads them.
    pub(crate) fn outside_of_keys(&mut self, span: Span) -> Option<Expr> {
        let problem =
            Diagnostic::new(Code::UNEXPECTED_TOKEN, "this asks of one of several keys").at(span, "");
        self.report(problem.help("write it between the braces of `any key KEY { … }`"));
        None
    }

    /// Parts that hold together: all of them, or one; or, negated, that they do not.
    fn parts_of_key(&mut self, parts: &[ast::Expr], all: bool, negated: bool) -> Option<Alternatives> {
        let each: Vec<Option<Alternatives>> = parts.iter().map(|part| self.part(part, negated)).collect();
        let each: Vec<Alternatives> = each.into_iter().collect::<Option<_>>()?;
        Some(if all == negated { each.concat() } else { product(&each) })
    }

    fn part(&mut self, part: &ast::Expr, negated: bool) -> Option<Alternatives> {
        match &part.kind {
            ExprKind::And(parts) | ExprKind::Quantified { quantifier: Quantifier::All, parts } => {
                self.parts_of_key(parts, true, negated)
            }
            ExprKind::Or(parts) | ExprKind::Quantified { quantifier: Quantifier::Any, parts } => {
                self.parts_of_key(parts, false, negated)
            }
            ExprKind::Not(part) => self.part(part, !negated),
            ExprKind::Quantified { quantifier: Quantifier::None, parts } => {
                self.parts_of_key(parts, false, !negated)
            }
            ExprKind::Predicate(Predicate::OfKey { subject, check }) => {
                self.of_key(subject, check, negated, part.span)
            }
            ExprKind::Error => {
                self.reporter.lose();
                None
            }
            ExprKind::Quantified { quantifier: Quantifier::AtLeast(_), .. } => {
                let problem = Diagnostic::new(Code::UNEXPECTED_TOKEN, "parts of a key are not counted");
                let help = "write the alternatives with `or` between them, each with the parts that all hold";
                self.report(problem.at(part.span, "").help(help));
                None
            }
            ExprKind::Predicate(_) | ExprKind::Named { .. } => {
                let problem = Diagnostic::new(Code::UNEXPECTED_TOKEN, "this does not ask of one of the keys");
                let problem = problem.at(part.span, "asks of the host");
                self.report(problem.help("write it beside `any key`, with `and` or `or` between them"));
                None
            }
        }
    }

    fn of_key(
        &mut self,
        subject: &KeySubject,
        check: &RegistryCheck,
        negated: bool,
        span: Span,
    ) -> Option<Alternatives> {
        let subject = match subject {
            KeySubject::Value(name) => Subject::Value(self.text(name)?.0),
            KeySubject::Star(None) => Subject::Star(1),
            KeySubject::Star(Some(number)) => Subject::Star(self.number(number, "the number of a star")?),
        };
        let (check, different) = self.value_check(check, span)?;
        let part = |check, negated| KeyPart { subject: subject.clone(), check, negated };
        let there = || part(ValueCheck::Exists, false);
        // What a star stands for is always there.
        let may_be_absent = matches!(subject, Subject::Value(_));
        Some(match (different && may_be_absent, negated) {
            (false, _) => vec![vec![part(check, negated != different)]],
            (true, false) => vec![vec![there(), part(check, true)]],
            (true, true) => vec![vec![part(ValueCheck::Exists, true)], vec![part(check, false)]],
        })
    }
}

/// One alternative of each list together with one of all others.
fn product(lists: &[Alternatives]) -> Alternatives {
    lists.iter().fold(vec![Vec::new()], |all, list| {
        let with = |one: &Vec<KeyPart>| list.iter().map(|more| [&one[..], more].concat()).collect::<Vec<_>>();
        // One too many is enough to know that there are too many.
        all.iter().flat_map(with).take(MAX_ALTERNATIVES + 1).collect()
    })
}
