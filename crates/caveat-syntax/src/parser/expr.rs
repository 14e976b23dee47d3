//! Expressions: `or`, `and`, `not`, parentheses, quantified lists and names.

use caveat_diag::Span;

use super::forms::{KEY_PARTS, PARTS, PREDICATES};
use super::items::condition_kind;
use super::{Parse, Parser};
use crate::ast::{ConditionKind, Expr, ExprKind, Quantifier};
use crate::tokens::TokenKind;

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Parse<Expr> {
        self.chain("or", ExprKind::Or, |parser| parser.chain("and", ExprKind::And, Self::negation))
    }

    fn chain(
        &mut self,
        operator: &str,
        join: fn(Vec<Expr>) -> ExprKind,
        operand: fn(&mut Self) -> Parse<Expr>,
    ) -> Parse<Expr> {
        let first = operand(self)?;
        let start = first.span;
        let mut parts = vec![first];
        while self.cursor.accept_operator(operator) {
            parts.push(operand(self)?);
        }
        let single = if parts.len() == 1 { parts.pop() } else { None };
        Ok(single.unwrap_or_else(|| Expr { kind: join(parts), span: start.to(self.cursor.previous()) }))
    }

    fn negation(&mut self) -> Parse<Expr> {
        let Some(not) = self.cursor.accept_word("not") else { return self.primary() };
        self.cursor.continue_line();
        self.deeper(not, |parser| {
            let inner = parser.negation()?;
            let span = not.to(inner.span);
            Ok(Expr { kind: ExprKind::Not(Box::new(inner)), span })
        })
    }

    fn primary(&mut self) -> Parse<Expr> {
        if self.cursor.at(TokenKind::OpenParen) {
            return self.group();
        }
        if !self.cursor.at(TokenKind::Word) || self.is_operator(self.cursor.position()) {
            return Err(self.expected("a condition"));
        }
        if let Some(quantifier) = self.quantifier()? {
            return self.quantified(quantifier);
        }
        if self.of_key && KEY_PARTS.iter().any(|form| self.cursor.at_word(form.keyword)) {
            return self.of_key();
        }
        // A condition may be called `any`.
        let is_called = self.cursor.at_word("any") && !self.cursor.is_word(self.cursor.position() + 1, "key");
        if !is_called && PREDICATES.iter().any(|form| self.cursor.at_word(form.keyword)) {
            return self.predicate();
        }
        self.named()
    }

    fn group(&mut self) -> Parse<Expr> {
        let open = self.cursor.token().span;
        self.deeper(open, |parser| {
            parser.cursor.open_paren();
            let inner = parser.expr()?;
            parser.close_paren(open)?;
            Ok(Expr { span: open.to(parser.cursor.previous()), ..inner })
        })
    }

    pub(super) fn close_paren(&mut self, open: Span) -> Parse<()> {
        if !self.cursor.at(TokenKind::CloseParen) {
            return Err(self.expected_paren(open));
        }
        self.cursor.close_paren();
        Ok(())
    }

    /// `all of`, `any of`, `none of` or `at least N of`, up to the brace.
    fn quantifier(&mut self) -> Parse<Option<(Quantifier, Span)>> {
        let second = self.cursor.position() + 1;
        let start = self.cursor.token().span;
        let quantifier = match self.cursor.slice(start) {
            "all" if self.cursor.is_word(second, "of") => Quantifier::All,
            "any" if self.cursor.is_word(second, "of") => Quantifier::Any,
            "none" if self.cursor.is_word(second, "of") => Quantifier::None,
            "at" if self.cursor.is_word(second, "least") => {
                self.cursor.advance();
                self.require_word("least")?;
                let count = self.number(&super::terms::Number::COUNT)?;
                self.require_word("of")?;
                return Ok(Some((Quantifier::AtLeast(count), start)));
            }
            _ => return Ok(None),
        };
        self.cursor.advance();
        self.require_word("of")?;
        Ok(Some((quantifier, start)))
    }

    fn quantified(&mut self, (quantifier, start): (Quantifier, Span)) -> Parse<Expr> {
        let parts = self.parts()?;
        let span = start.to(self.cursor.previous());
        Ok(Expr { kind: ExprKind::Quantified { quantifier, parts }, span })
    }

    /// `{ CONDITION … }`. A part that cannot be read is kept as an error.
    pub(super) fn parts(&mut self) -> Parse<Vec<Expr>> {
        let mut parts = Vec::new();
        self.block(&PARTS, |parser| {
            let from = parser.cursor.token().span;
            let part = parser.statement(Self::expr);
            let error = || Expr { kind: ExprKind::Error, span: from.to(parser.cursor.previous()) };
            parts.push(part.unwrap_or_else(error));
        })?;
        Ok(parts)
    }

    fn named(&mut self) -> Parse<Expr> {
        if self.of_key {
            return Err(self.expected_one_of(&KEY_PARTS.each_ref().map(|form| form.keyword)));
        }
        let start = self.cursor.token().span;
        let kind = self.named_kind();
        let next = self.cursor.token_at(self.cursor.position() + 1);
        if next.kind.is_string() && !next.newline_before {
            return Err(self.unknown_test());
        }
        let name = self.word("a name")?;
        let mut version = None;
        let mut arguments = Vec::new();
        if kind == ConditionKind::Product {
            if self.cursor.accept_word("version").is_some() {
                version = Some(self.word("a version")?);
            }
        } else if self.cursor.at(TokenKind::OpenParen) {
            arguments = self.parenthesised(|parser| parser.operand("an argument"))?;
        }
        let span = start.to(self.cursor.previous());
        Ok(Expr { kind: ExprKind::Named { kind, name, version, arguments }, span })
    }

    /// Reads `condition`, `component`, `role` or `product` where a name follows.
    fn named_kind(&mut self) -> ConditionKind {
        let word = self.cursor.slice(self.cursor.token().span);
        let second = self.cursor.position() + 1;
        let next = self.cursor.token_at(second);
        let named = next.kind == TokenKind::Word && !next.newline_before && !self.is_operator(second);
        if named && matches!(word, "condition" | "component" | "role" | "product") {
            self.cursor.advance();
            return condition_kind(word);
        }
        ConditionKind::Condition
    }

    fn is_operator(&self, position: usize) -> bool {
        self.cursor.is_word(position, "and") || self.cursor.is_word(position, "or")
    }

    /// A name with a string after it: a test that does not exist.
    fn unknown_test(&mut self) -> super::Failed {
        self.expected_one_of(&PREDICATES.each_ref().map(|form| form.keyword))
    }
}
