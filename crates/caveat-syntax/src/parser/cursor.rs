//! A position in the significant tokens of a file, and where lines end there.
//! Comments are passed over; documentation is kept aside for the token it precedes.

use caveat_diag::{FileId, Span};

use crate::lexer::{is_line_break, offset};
use crate::tokens::{Token, TokenKind};

pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// The end of the file, for positions past the last token.
    eof: Token,
    /// `///` comments with the index of the token after them.
    docs: Vec<(usize, Span)>,
    position: usize,
    /// Open parentheses since the innermost open brace: inside them lines do not end.
    parens: usize,
    /// Whether a line end before the current token is still to be read.
    line_end: bool,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(file: FileId, text: &'a str, all: &[Token]) -> Self {
        let mut tokens = Vec::with_capacity(all.len());
        let mut docs = Vec::new();
        let mut newline = false;
        for token in all {
            newline |= token.newline_before;
            match token.kind {
                TokenKind::DocComment => docs.push((tokens.len(), token.span)),
                TokenKind::BlockComment => newline |= slice(text, token.span).contains(is_line_break),
                TokenKind::LineComment | TokenKind::Invalid => {}
                _ => {
                    tokens.push(Token { newline_before: newline, ..*token });
                    newline = false;
                }
            }
        }
        let end = offset(text.len());
        let eof = Token { kind: TokenKind::Eof, span: Span::new(file, end, end), newline_before: true };
        Self { text, tokens, eof, docs, position: 0, parens: 0, line_end: false }
    }

    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// The current token, whether or not a line end stands before it.
    pub(super) fn token(&self) -> Token {
        self.token_at(self.position)
    }

    pub(super) fn token_at(&self, position: usize) -> Token {
        self.tokens.get(position).copied().unwrap_or(self.eof)
    }

    /// What is written at the span.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        slice(self.text, span)
    }

    /// The last token read.
    pub(super) fn previous(&self) -> Span {
        let before = self.position.checked_sub(1);
        before.map_or(Span { end: 0, start: 0, ..self.eof.span }, |before| self.token_at(before).span)
    }

    /// Whether a line end stands before the current token.
    pub(super) fn at_line_end(&self) -> bool {
        self.line_end
    }

    /// Whether the current token is of this kind, on the line of the one before.
    pub(super) fn at(&self, kind: TokenKind) -> bool {
        !self.line_end && self.token().kind == kind
    }

    /// Whether the current token is this word, on the line of the one before.
    pub(super) fn at_word(&self, word: &str) -> bool {
        !self.line_end && self.is_word(self.position, word)
    }

    /// Whether the current token is a string, on the line of the one before.
    pub(super) fn at_string(&self) -> bool {
        !self.line_end && self.token().kind.is_string()
    }

    pub(super) fn is_word(&self, position: usize, word: &str) -> bool {
        let token = self.token_at(position);
        token.kind == TokenKind::Word && self.slice(token.span) == word
    }

    /// Whether a statement may end here.
    pub(super) fn at_end(&self) -> bool {
        self.line_end
            || matches!(self.token().kind, TokenKind::Semicolon | TokenKind::CloseBrace | TokenKind::Eof)
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.token();
        if token.kind != TokenKind::Eof {
            self.jump(self.position + 1);
        }
        token
    }

    pub(super) fn jump(&mut self, position: usize) {
        self.position = position;
        self.line_end = self.parens == 0 && self.token().newline_before;
    }

    pub(super) fn accept(&mut self, kind: TokenKind) -> Option<Span> {
        self.at(kind).then(|| self.advance().span)
    }

    pub(super) fn accept_word(&mut self, word: &str) -> Option<Span> {
        self.at_word(word).then(|| self.advance().span)
    }

    /// Reads an `and` or `or`, which may also begin the next line or end this one.
    pub(super) fn accept_operator(&mut self, word: &str) -> bool {
        let found = self.is_word(self.position, word);
        if found {
            self.advance();
            self.continue_line();
        }
        found
    }

    /// Lets the statement go on over a line end.
    pub(super) fn continue_line(&mut self) {
        self.line_end = false;
    }

    /// Passes over the ends of statements, and over commas where these separate.
    pub(super) fn skip_ends(&mut self, commas: bool) {
        self.line_end = false;
        while matches!(self.token().kind, TokenKind::Semicolon)
            || commas && matches!(self.token().kind, TokenKind::Comma)
        {
            self.advance();
            self.line_end = false;
        }
    }

    pub(super) fn open_paren(&mut self) -> Span {
        self.parens += 1;
        self.advance().span
    }

    pub(super) fn close_paren(&mut self) {
        self.parens = self.parens.saturating_sub(1);
        self.advance();
    }

    /// Begins to count parentheses anew; gives the count to restore.
    pub(super) fn reset_parens(&mut self) -> usize {
        std::mem::take(&mut self.parens)
    }

    pub(super) fn restore_parens(&mut self, parens: usize) {
        self.parens = parens;
        self.line_end = parens == 0 && self.token().newline_before;
    }

    /// The text of the documentation before the token at `position`.
    pub(super) fn doc(&self, position: usize) -> Option<String> {
        let start = self.docs.partition_point(|(token, _)| *token < position);
        let lines = self.docs.get(start..)?.iter().take_while(|(token, _)| *token == position);
        let lines: Vec<&str> = lines.map(|(_, span)| doc_line(self.slice(*span))).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or("")
}

fn doc_line(comment: &str) -> &str {
    let line = comment.strip_prefix("///").unwrap_or(comment);
    line.strip_prefix(' ').unwrap_or(line).trim_end()
}
