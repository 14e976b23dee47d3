//! Blocks, the statements in them, and how parsing goes on after an error.

use caveat_diag::Span;

use super::forms::{Block, DEFINERS, FILE, OPENERS};
use super::report::unclosed;
use super::{BlockStyle, Failed, NESTING_LIMIT, Parse, Parser, Statement};
use crate::ast::Stmt;
use crate::tokens::TokenKind;

/// The word a statement begins with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyword {
    /// As in the table of forms.
    pub(super) name: &'static str,
    pub(super) span: Span,
}

impl Parser<'_> {
    /// `{ … }` of statements that begin with keywords.
    pub(super) fn statements<S>(
        &mut self,
        block: &'static Block,
        error: fn() -> S,
        parse: fn(&mut Self, Keyword) -> Parse<S>,
    ) -> Parse<Vec<Stmt<S>>> {
        let mut statements = Vec::new();
        self.block(block, |parser| {
            let start = parser.cursor.token().span;
            let kind = parser.keyword_statement(block, parse).unwrap_or_else(error);
            statements.push(Stmt { kind, span: start.to(parser.cursor.previous()) });
        })?;
        Ok(statements)
    }

    /// One statement that begins with a keyword of the block; nothing, after a report, when it cannot be read.
    pub(super) fn keyword_statement<S>(
        &mut self,
        block: &'static Block,
        parse: impl FnOnce(&mut Self, Keyword) -> Parse<S>,
    ) -> Option<S> {
        self.statement(|parser| {
            let keyword = parser.keyword(block)?;
            parse(parser, keyword)
        })
    }

    /// One statement and its end. What is wrong has been reported and skipped afterwards.
    pub(super) fn statement<S>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<S>) -> Option<S> {
        let statement = parse(self);
        if statement.is_err() || self.end().is_err() {
            self.recover();
        }
        statement.ok()
    }

    fn keyword(&mut self, block: &'static Block) -> Parse<Keyword> {
        let token = self.cursor.token();
        if token.kind != TokenKind::Word {
            return Err(self.expected("a statement"));
        }
        let Some(form) = block.form(self.cursor.slice(token.span)) else {
            return Err(self.unknown_statement(block));
        };
        self.statement.usage = form.usage;
        self.cursor.advance();
        Ok(Keyword { name: form.keyword, span: token.span })
    }

    fn end(&mut self) -> Parse<()> {
        let comma = self.innermost_style() == BlockStyle::Parts && self.cursor.at(TokenKind::Comma);
        if comma || self.cursor.at_end() || self.ended_at == Some(self.cursor.position()) {
            Ok(())
        } else {
            Err(self.expected("the end of the statement"))
        }
    }

    fn innermost_style(&self) -> BlockStyle {
        self.blocks.last().map_or(BlockStyle::Statements, |block| block.style)
    }

    /// The name of a block. When it cannot be read but the block follows, the block is still worth reading.
    pub(super) fn block_name<N>(&mut self, parse: impl FnOnce(&mut Self) -> Parse<N>) -> Parse<Option<N>> {
        let name = parse(self);
        if name.is_ok() {
            return name.map(Some);
        }
        let mut position = self.cursor.position();
        while !matches!(self.cursor.token_at(position).kind, TokenKind::OpenBrace) {
            let token = self.cursor.token_at(position);
            if token.newline_before || matches!(token.kind, TokenKind::CloseBrace | TokenKind::Eof) {
                return Err(Failed);
            }
            position += 1;
        }
        self.cursor.jump(position);
        Ok(None)
    }

    /// `{ … }`; `statement` reads one statement and recovers by itself.
    pub(super) fn block(&mut self, block: &'static Block, mut statement: impl FnMut(&mut Self)) -> Parse<()> {
        let open = self.open_brace(block)?;
        self.deeper(open, |parser| {
            let parens = parser.cursor.reset_parens();
            parser.blocks.push(block);
            loop {
                parser.cursor.skip_ends(block.style == BlockStyle::Parts);
                if parser.closes(open, block) {
                    break;
                }
                parser.one(&mut statement);
            }
            parser.blocks.pop();
            parser.cursor.restore_parens(parens);
            if parser.cursor.token().kind == TokenKind::CloseBrace {
                parser.cursor.advance();
            }
            if block.style == BlockStyle::Statements {
                parser.ended_at = Some(parser.cursor.position());
            }
            Ok(())
        })
    }

    /// Reads one statement and makes sure that something was read.
    pub(super) fn one(&mut self, statement: &mut impl FnMut(&mut Self)) {
        let start = self.cursor.position();
        let outer = std::mem::replace(&mut self.statement, Statement { start, usage: "" });
        self.structure.statements.push(self.cursor.token().span.start);
        statement(self);
        self.statement = outer;
        if self.cursor.position() == start {
            self.cursor.advance();
        }
    }

    fn open_brace(&mut self, block: &'static Block) -> Parse<Span> {
        let style = block.style;
        if self.cursor.at(TokenKind::OpenBrace) {
            let open = self.cursor.advance().span;
            self.structure.blocks.push((open.start, style));
            return Ok(open);
        }
        let failed = self.expected(&format!("`{{` after `{}`", self.cursor.slice(self.cursor.previous())));
        if self.cursor.token().kind == TokenKind::OpenBrace {
            return Ok(self.cursor.advance().span);
        }
        if self.pairs.surplus_braces > 0 && self.cursor.at_line_end() {
            self.pairs.surplus_braces -= 1;
            return Ok(self.cursor.previous());
        }
        Err(failed)
    }

    /// Whether the block ends here: at its `}`, or where that must be missing.
    fn closes(&mut self, open: Span, block: &Block) -> bool {
        let token = self.cursor.token();
        match token.kind {
            TokenKind::CloseBrace => true,
            TokenKind::Eof => {
                self.unclosed_at_end(open);
                true
            }
            TokenKind::Word if self.pairs.missing_braces > 0 && self.belongs_outside(block) => {
                self.pairs.missing_braces -= 1;
                let word = self.cursor.slice(token.span);
                let report = unclosed('{', open)
                    .because(token.span, format!("`{word}` cannot stand in {}", block.noun))
                    .help(format!("add a `}}` before `{word}`"));
                self.sink.push(report);
                true
            }
            _ => false,
        }
    }

    /// Whether the current statement is unmistakably one that only some block further out can contain.
    fn belongs_outside(&self, block: &Block) -> bool {
        let word = self.cursor.slice(self.cursor.token().span);
        let third = self.cursor.token_at(self.cursor.position() + 2).kind;
        let unmistakable = OPENERS.contains(&word) && third == TokenKind::OpenBrace
            || DEFINERS.contains(&word) && third == TokenKind::Equal;
        let outside = self.blocks.iter().copied().chain([&FILE]).any(|outer| outer.form(word).is_some());
        unmistakable && outside && block.form(word).is_none()
    }

    /// Goes one level deeper, unless that is too deep.
    pub(super) fn deeper<T>(&mut self, at: Span, parse: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.depth >= NESTING_LIMIT {
            if self.pairs.too_deep.is_none() {
                self.too_deep(at);
            }
            return Err(Failed);
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// Skips to the end of the statement that could not be read, over whole pairs of brackets.
    pub(super) fn recover(&mut self) {
        let failed_at = self.cursor.position();
        let mut position = self.statement.start;
        loop {
            let token = self.cursor.token_at(position);
            let end = matches!(token.kind, TokenKind::Semicolon | TokenKind::CloseBrace | TokenKind::Eof);
            if position >= failed_at && (end || position > self.statement.start && self.begins_line(position))
            {
                break;
            }
            position = self.pairs.closer(position).unwrap_or(position) + 1;
        }
        self.cursor.reset_parens();
        self.cursor.jump(position);
    }

    /// Whether the token stands first in a line that does not go on the one before.
    fn begins_line(&self, position: usize) -> bool {
        let before = position.saturating_sub(1);
        let operator = |at, words: &[&str]| words.iter().any(|word| self.cursor.is_word(at, word));
        self.cursor.token_at(position).newline_before
            && !operator(position, &["and", "or"])
            && !operator(before, &["and", "or", "not"])
            && !matches!(
                self.cursor.token_at(before).kind,
                TokenKind::Comma | TokenKind::Equal | TokenKind::OpenParen
            )
    }
}
