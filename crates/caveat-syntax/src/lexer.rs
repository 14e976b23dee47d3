//! The lexer: nom parsers over a located text, and the loop that turns what they
//! recognise into tokens and diagnostics. This is the only place that knows nom.
//!
//! It never fails: characters without a meaning become [`TokenKind::Invalid`], and
//! unfinished strings and comments become tokens that end where the text gives a
//! reason to. Lines and columns are not computed here; a byte offset is enough.

mod characters;
mod lexemes;
mod problems;
pub(crate) mod strings;

use caveat_diag::{FileId, Span};

use crate::sink::Sink;
use crate::tokens::{Lexed, Token, TokenKind};
use lexemes::{Input, Lexeme};

/// The byte order mark, skipped at the start of a file.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// Cuts a text into tokens, in time linear in its length.
#[must_use]
pub fn lex(file: FileId, text: &str) -> Lexed {
    let mut sink = Sink::default();
    for diagnostic in characters::check(file, text) {
        sink.push(diagnostic);
    }
    let mut lexer = Lexer { file, tokens: Vec::new(), sink: Sink::default() };
    lexer.run(text);
    sink.merge(lexer.sink.finish());
    Lexed { tokens: lexer.tokens, diagnostics: sink.finish() }
}

struct Lexer {
    file: FileId,
    tokens: Vec<Token>,
    sink: Sink,
}

impl Lexer {
    fn run(&mut self, text: &str) {
        let mut rest = Input::new(text);
        loop {
            let (after_gap, gap) = lexemes::gap(rest);
            let newline_before = gap.fragment().contains(is_line_break);
            let Some((next, lexeme)) = lexemes::lexeme(after_gap) else {
                self.push(TokenKind::Eof, after_gap, newline_before);
                return;
            };
            self.token(&lexeme, newline_before);
            rest = next;
        }
    }

    fn token(&mut self, lexeme: &Lexeme<'_>, newline_before: bool) {
        let span = self.push(lexeme.kind, lexeme.text, newline_before);
        let text = lexeme.text.fragment();
        if let Some(problem) = lexeme.problem {
            self.sink.push(problems::report(problem, span, text));
        } else if lexeme.kind == TokenKind::String && text.contains('\\') {
            for diagnostic in strings::check_escapes(span, text) {
                self.sink.push(diagnostic);
            }
        }
    }

    fn push(&mut self, kind: TokenKind, text: Input<'_>, newline_before: bool) -> Span {
        let start = text.location_offset();
        let end = match kind {
            TokenKind::Eof => start,
            _ => start + text.fragment().len(),
        };
        let span = Span::new(self.file, offset(start), offset(end));
        self.tokens.push(Token { kind, span, newline_before });
        span
    }
}

/// Whether the character ends a line. A lone carriage return does: some viewers break the line there.
pub(crate) const fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r')
}

/// A byte offset as spans have it; files of 4 GiB and more are refused before they get here.
pub(crate) fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
