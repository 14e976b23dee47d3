//! What the parser tells the user. Each function reports and gives [`Failed`].

use caveat_diag::suggest::nearest;
use caveat_diag::{Code, Diagnostic, Span};

use super::forms::{BLOCKS, Block};
use super::{Failed, NESTING_LIMIT, Parser};
use crate::tokens::TokenKind;

/// How much of a token a message shows.
const SHOWN: usize = 40;

impl Parser<'_> {
    /// Reports, unless a lexical error in the statement explains the problem already.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) -> Failed {
        let from = self.cursor.token_at(self.statement.start).span.start;
        let to = self.cursor.token().span.start;
        let flaw = self.flaws.partition_point(|flaw| *flaw < from);
        if self.flaws.get(flaw).is_none_or(|flaw| *flaw > to) {
            self.sink.push(diagnostic);
        }
        Failed
    }

    /// “expected X, found Y”, with the form of the statement as advice.
    pub(super) fn expected(&mut self, what: &str) -> Failed {
        let diagnostic = self.unexpected(what);
        self.report(diagnostic)
    }

    /// Like [`Parser::expected`] for a choice of words; the nearest is suggested.
    pub(super) fn expected_one_of(&mut self, words: &[&str]) -> Failed {
        let diagnostic = self.unexpected(&list(words, "or"));
        let span = self.cursor.token().span;
        let near = nearest(self.cursor.slice(span), words.iter().copied());
        self.report(match near.filter(|_| self.cursor.at(TokenKind::Word)) {
            Some(near) => diagnostic.did_you_mean(near, span),
            None => diagnostic,
        })
    }

    fn unexpected(&mut self, what: &str) -> Diagnostic {
        let message = format!("expected {what}, found {}", self.found());
        let diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, message);
        let diagnostic = diagnostic.at(self.found_span(), format!("expected {what}"));
        if self.cursor.token().kind == TokenKind::Eof {
            self.end_reported = true;
        }
        if self.beside_dots() {
            return diagnostic.help("a range is written without spaces: `2..4`");
        }
        match self.statement.usage {
            "" => diagnostic,
            usage => diagnostic.help(format!("write `{usage}`")),
        }
    }

    fn beside_dots(&self) -> bool {
        let dots = |position| self.cursor.token_at(position).kind == TokenKind::DotDot;
        let position = self.cursor.position();
        !self.cursor.at_line_end() && (dots(position) || position > 0 && dots(position - 1))
    }

    /// How messages call what stands here.
    fn found(&self) -> String {
        let token = self.cursor.token();
        if token.kind == TokenKind::Eof {
            return "the end of the file".to_owned();
        }
        if self.cursor.at_line_end() {
            return "the end of the line".to_owned();
        }
        quoted(self.cursor.slice(token.span))
    }

    fn found_span(&self) -> Span {
        let token = self.cursor.token();
        if token.kind == TokenKind::Eof || self.cursor.at_line_end() {
            let previous = self.cursor.previous();
            return Span { start: previous.end, ..previous };
        }
        token.span
    }

    /// A statement whose first word the block does not know.
    pub(super) fn unknown_statement(&mut self, block: &Block) -> Failed {
        let span = self.cursor.token().span;
        let word = self.cursor.slice(span);
        let keywords: Vec<&str> = block.forms.iter().map(|form| form.keyword).collect();
        let message = format!("unknown statement {} in {}", quoted(word), block.noun);
        let mut diagnostic =
            Diagnostic::new(Code::UNKNOWN_STATEMENT, message).at(span, "not a statement here");
        if let Some(near) = nearest(word, keywords.iter().copied()) {
            diagnostic = diagnostic.did_you_mean(near, span);
        } else if self.cursor.token_at(self.cursor.position() + 1).kind == TokenKind::Equal {
            diagnostic = diagnostic.help(format!("to define a condition, write `condition {word} = …`"));
        }
        let homes: Vec<&str> =
            BLOCKS.iter().filter(|home| home.form(word).is_some()).map(|home| home.noun).collect();
        if !homes.is_empty() {
            diagnostic = diagnostic.note(format!("`{word}` can stand in {}", homes.join(" or ")));
        }
        self.report(diagnostic.help(format!("{} may contain {}", block.noun, list(&keywords, "and"))))
    }

    /// A parenthesis that is open where the statement ends, or something else where it should close.
    pub(super) fn expected_paren(&mut self, open: Span) -> Failed {
        let token = self.cursor.token();
        let ends = matches!(token.kind, TokenKind::Semicolon | TokenKind::CloseBrace | TokenKind::Eof);
        if token.newline_before || ends {
            let previous = self.cursor.previous();
            self.end_reported |= token.kind == TokenKind::Eof;
            let report = unclosed('(', open)
                .because(Span { start: previous.end, ..previous }, "expected `)` here at the latest")
                .help("add the missing `)`");
            return self.report(report);
        }
        let diagnostic = self.unexpected("`)`").because(open, "to close this");
        self.report(diagnostic)
    }

    /// A brace that is open at the end of the file, unless the file ends in the middle of something else.
    pub(super) fn unclosed_at_end(&mut self, open: Span) {
        let previous = self.cursor.previous();
        let flawed = self.flaws.last().is_some_and(|flaw| *flaw >= previous.end);
        if std::mem::replace(&mut self.end_reported, true) || flawed {
            return;
        }
        let end = Span { start: previous.end, ..previous };
        let report = unclosed('{', open).because(end, "the file ends here").help("add the missing `}`");
        self.sink.push(report);
    }

    pub(super) fn report_nesting(&mut self) {
        if let Some(span) = self.pairs.too_deep {
            self.too_deep(span);
        }
    }

    pub(super) fn too_deep(&mut self, span: Span) {
        let diagnostic = Diagnostic::new(Code::NESTING_TOO_DEEP, "nested too deep")
            .at(span, format!("more than {NESTING_LIMIT} levels deep"))
            .help("define parts of the expression as conditions and use their names");
        self.sink.push(diagnostic);
    }
}

pub(super) fn unclosed(bracket: char, open: Span) -> Diagnostic {
    Diagnostic::new(Code::UNCLOSED_DELIMITER, format!("this `{bracket}` is not closed"))
        .at(open, "opened here")
}

fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("`{shown}{more}`")
}

/// `a`, `b` or `c`
fn list(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
