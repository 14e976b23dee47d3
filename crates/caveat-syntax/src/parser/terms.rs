//! The small parts that statements are made of: words, strings, operands,
//! ranges, lists and numbers.

use caveat_diag::{Code, Diagnostic, Span};

use super::{Parse, Parser};
use crate::ast::{Operand, Range, Text, Word};
use crate::lexer::strings;
use crate::tokens::{Token, TokenKind};

/// A sort of number.
#[derive(PartialEq, Eq)]
pub(super) struct Number {
    /// What messages call it, with its article.
    noun: &'static str,
    max: u64,
    hexadecimal: bool,
}

impl Number {
    pub(super) const PORT: Self = Self::decimal("a port number", 0xFFFF);
    pub(super) const SERVICE_PACK: Self = Self::decimal("a service pack", 0xFFFF);
    pub(super) const BUILD: Self = Self::decimal("a build number", 0xFFFF_FFFF);
    pub(super) const COUNT: Self = Self::decimal("a number", 0xFFFF_FFFF);
    pub(super) const SIZE: Self = Self::decimal("a size in bytes", u64::MAX);
    pub(super) const DWORD: Self = Self { hexadecimal: true, ..Self::decimal("a number", 0xFFFF_FFFF) };
    pub(super) const QWORD: Self = Self { hexadecimal: true, ..Self::decimal("a number", u64::MAX) };

    const fn decimal(noun: &'static str, max: u64) -> Self {
        Self { noun, max, hexadecimal: false }
    }

    fn accepts(&self, text: &str) -> bool {
        let (digits, radix) = match text.strip_prefix("0x") {
            Some(digits) if self.hexadecimal => (digits, 16),
            _ => (text, 10),
        };
        digits.chars().all(|c| c.is_digit(radix))
            && u64::from_str_radix(digits, radix).is_ok_and(|number| number <= self.max)
    }
}

/// How many numbers with nothing but commas between them are meant to be one version and not several.
const FEWEST_WITH_COMMAS: usize = 3;

impl Parser<'_> {
    pub(super) fn word(&mut self, what: &str) -> Parse<Word> {
        if self.cursor.at(TokenKind::Word) { Ok(self.take_word()) } else { Err(self.expected(what)) }
    }

    /// The current token as a word, whatever its kind.
    pub(super) fn take_word(&mut self) -> Word {
        let span = self.cursor.advance().span;
        Word { text: self.cursor.slice(span).to_owned(), span }
    }

    pub(super) fn string(&mut self, what: &str) -> Parse<Text> {
        if self.cursor.at_string() { Ok(self.take_string()) } else { Err(self.expected(what)) }
    }

    fn take_string(&mut self) -> Text {
        let span = self.cursor.advance().span;
        Text { value: strings::value(self.cursor.slice(span)), span }
    }

    pub(super) fn optional_string(&mut self) -> Option<Text> {
        self.cursor.at_string().then(|| self.take_string())
    }

    pub(super) fn operand(&mut self, what: &str) -> Parse<Operand> {
        match self.optional_string() {
            Some(text) => Ok(Operand::Text(text)),
            None => self.word(what).map(Operand::Word),
        }
    }

    /// A string, or a parameter of the condition that stands for one.
    pub(super) fn text_operand(&mut self, what: &str) -> Parse<Operand> {
        let word = self.cursor.at(TokenKind::Word).then(|| self.cursor.slice(self.cursor.token().span));
        let given = word.is_some_and(|word| self.parameters.iter().any(|parameter| parameter.text == word));
        if given { Ok(Operand::Word(self.take_word())) } else { self.string(what).map(Operand::Text) }
    }

    /// Reads this word or reports that it is missing.
    pub(super) fn require_word(&mut self, word: &str) -> Parse<Span> {
        match self.cursor.accept_word(word) {
            Some(span) => Ok(span),
            None => Err(self.expected_one_of(&[word])),
        }
    }

    /// Reads `=`, after which the statement may go on in the next line.
    pub(super) fn require_equal(&mut self) -> Parse<()> {
        if self.cursor.accept(TokenKind::Equal).is_none() {
            return Err(self.expected("`=`"));
        }
        self.cursor.continue_line();
        Ok(())
    }

    /// `item, item, …`, over several lines if need be.
    pub(super) fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parse<T>) -> Parse<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.cursor.accept(TokenKind::Comma).is_some() {
            self.cursor.continue_line();
            items.push(item(self)?);
        }
        Ok(items)
    }

    pub(super) fn words(&mut self, what: &str) -> Parse<Vec<Word>> {
        self.list(|parser| parser.word(what))
    }

    /// A version.
    pub(super) fn version(&mut self) -> Parse<Word> {
        self.without_commas()?;
        self.word("a version")
    }

    /// Reports a version between whose numbers commas stand, as some resources show theirs: `1,0,3705,3`.
    pub(super) fn without_commas(&mut self) -> Parse<()> {
        let mut position = self.cursor.position();
        let start = self.cursor.token().span;
        let digits = |token: Token, parser: &Self| {
            let text = parser.cursor.slice(token.span);
            token.kind == TokenKind::Word && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(self.cursor.token(), self) {
            return Ok(());
        }
        let mut numbers = 1;
        let mut end = start;
        loop {
            let (comma, next) = (self.cursor.token_at(position + 1), self.cursor.token_at(position + 2));
            let touch = comma.span.start == end.end && next.span.start == comma.span.end;
            if comma.kind != TokenKind::Comma || !touch || !digits(next, self) {
                break;
            }
            (position, end, numbers) = (position + 2, next.span, numbers + 1);
        }
        if numbers < FEWEST_WITH_COMMAS {
            return Ok(());
        }
        let span = start.to(end);
        let text = self.cursor.slice(span);
        let dotted = text.replace(',', ".");
        let message = format!("`{text}` is not a version: dots stand between its numbers");
        let problem = Diagnostic::new(Code::MALFORMED_VERSION, message).at(span, "");
        Err(self.report(problem.fix("write dots", span, dotted)))
    }

    /// A range; its ends touch its dots, so that in `5.. and` the `and` is not an end.
    pub(super) fn range(&mut self, what: &str) -> Parse<Range> {
        let dots = self.cursor.at(TokenKind::DotDot);
        let low = if dots { None } else { Some(self.word(what)?) };
        let start = low.as_ref().map_or(self.cursor.token().span, |low| low.span);
        let touches = |parser: &Self| parser.cursor.token().span.start == parser.cursor.previous().end;
        let open = dots || self.cursor.at(TokenKind::DotDot) && touches(self);
        if !open {
            return Ok(Range { high: low.clone(), low, single: true, span: start });
        }
        let dots = self.cursor.advance().span;
        if low.is_some() {
            self.structure.suffixes.push(dots.start);
        }
        let ends = self.cursor.at(TokenKind::Word) && touches(self);
        let high = ends.then(|| self.take_word());
        Ok(Range { low, high, single: false, span: start.to(self.cursor.previous()) })
    }

    pub(super) fn number_range(&mut self, number: &Number) -> Parse<Range> {
        let range = self.range(number.noun)?;
        for end in range.low.iter().chain(range.high.iter().filter(|_| !range.single)) {
            self.check_number(end, number);
        }
        Ok(range)
    }

    /// A build or a range of them, each end with its revision or without.
    pub(super) fn build_range(&mut self) -> Parse<Range> {
        let range = self.range("a build")?;
        for end in range.low.iter().chain(range.high.iter().filter(|_| !range.single)) {
            if !is_revised(&end.text) {
                self.check_number(end, &Number::BUILD);
            }
        }
        Ok(range)
    }

    pub(super) fn number(&mut self, number: &Number) -> Parse<Word> {
        let word = self.word(number.noun)?;
        self.check_number(&word, number);
        Ok(word)
    }

    /// A number given as an operand.
    pub(super) fn number_operand(&mut self, number: &Number) -> Parse<Operand> {
        self.number(number).map(Operand::Word)
    }

    /// Reports a malformed number; the parameters of a condition may stand for numbers.
    fn check_number(&mut self, word: &Word, number: &Number) {
        if number.accepts(&word.text) || self.parameters.iter().any(|parameter| parameter.text == word.text) {
            return;
        }
        let digits = word.text.chars().all(|c| c.is_ascii_digit());
        let diagnostic =
            Diagnostic::new(Code::MALFORMED_NUMBER, format!("`{}` is not {}", word.text, number.noun));
        let diagnostic = if digits {
            diagnostic.at(word.span, "too large").help(format!("the largest is {}", number.max))
        } else if number.hexadecimal {
            diagnostic.at(word.span, "not a number").help("write digits, or `0x` and hexadecimal digits")
        } else if *number == Number::BUILD && is_revised(&word.text) {
            diagnostic.at(word.span, "a platform's build has no revision in it").help(
                "write the build alone; conditions (`os build 19045.5737`) and packages (`build fixed in`) ask for revisions",
            )
        } else {
            diagnostic.at(word.span, "not a number").help("write digits only")
        };
        self.report(diagnostic);
    }
}

/// Whether this is a build with its revision, as Windows 10 and later show it.
fn is_revised(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}
