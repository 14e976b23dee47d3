//! Which brackets belong together, found before parsing: so that skipping is
//! linear, and so that a missing brace can be told from a misplaced statement.

use caveat_diag::Span;

use super::NESTING_LIMIT;
use crate::tokens::{Token, TokenKind};

#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Opening brackets with their closing ones, as token indices in order.
    openers: Vec<(usize, Option<usize>)>,
    /// How many `{` have no `}`.
    pub(super) missing_braces: usize,
    /// How many `}` have no `{`.
    pub(super) surplus_braces: usize,
    /// The first bracket that is nested too deep.
    pub(super) too_deep: Option<Span>,
}

impl Pairs {
    pub(super) fn find(tokens: &[Token]) -> Self {
        let mut pairs = Self::default();
        let mut open: Vec<(TokenKind, usize)> = Vec::new();
        let mut closers = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            match token.kind {
                TokenKind::OpenBrace | TokenKind::OpenParen => {
                    open.push((token.kind, pairs.openers.len()));
                    pairs.openers.push((index, None));
                }
                TokenKind::CloseBrace | TokenKind::CloseParen => match opener(&mut open, token.kind) {
                    Some(entry) => {
                        closers.push(index);
                        pairs.set(entry, index);
                    }
                    None => pairs.surplus_braces += usize::from(token.kind == TokenKind::CloseBrace),
                },
                _ => {}
            }
        }
        pairs.missing_braces = open.iter().filter(|(kind, _)| *kind == TokenKind::OpenBrace).count();
        pairs.too_deep = pairs.first_too_deep(tokens, &closers);
        pairs
    }

    fn set(&mut self, entry: usize, closer: usize) {
        if let Some(pair) = self.openers.get_mut(entry) {
            pair.1 = Some(closer);
        }
    }

    /// The closing bracket of the one at token `index`.
    pub(super) fn closer(&self, index: usize) -> Option<usize> {
        let entry = self.openers.binary_search_by_key(&index, |pair| pair.0).ok()?;
        self.openers.get(entry)?.1
    }

    /// Parentheses without a partner count until the end of their line only.
    fn first_too_deep(&self, tokens: &[Token], closers: &[usize]) -> Option<Span> {
        let mut openers = self.openers.iter();
        let mut closers = closers.iter().peekable();
        let (mut depth, mut loose) = (0usize, 0usize);
        for (index, token) in tokens.iter().enumerate() {
            if token.newline_before || matches!(token.kind, TokenKind::Semicolon | TokenKind::CloseBrace) {
                depth -= std::mem::take(&mut loose);
            }
            if matches!(token.kind, TokenKind::OpenBrace | TokenKind::OpenParen) {
                let alone = openers.next().is_some_and(|pair| pair.1.is_none());
                loose += usize::from(alone && token.kind == TokenKind::OpenParen);
                depth += 1;
            }
            if closers.next_if_eq(&&index).is_some() {
                depth -= 1;
            }
            if depth > NESTING_LIMIT {
                return Some(token.span);
            }
        }
        None
    }
}

/// Takes the entry of the bracket that a closing one closes. A `}` closes the parentheses inside its block too.
fn opener(open: &mut Vec<(TokenKind, usize)>, closer: TokenKind) -> Option<usize> {
    let wanted = if closer == TokenKind::CloseBrace { TokenKind::OpenBrace } else { TokenKind::OpenParen };
    while let Some((kind, entry)) = open.pop() {
        if kind == wanted {
            return Some(entry);
        }
        if kind == TokenKind::OpenBrace {
            open.push((kind, entry));
            return None;
        }
    }
    None
}
