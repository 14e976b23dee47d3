//! The nom parsers: what each token looks like. They recognise and slice; they
//! report nothing themselves but name the [`Problem`] they saw.

use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take, take_till, take_while, take_while1};
use nom::character::complete::{char, none_of, one_of};
use nom::combinator::{map, opt, recognize, value, verify};
use nom::multi::many0_count;
use nom::sequence::{pair, preceded};
use nom::{IResult, Input as _, Parser};
use nom_locate::LocatedSpan;

use super::characters::is_forbidden;
use super::{BYTE_ORDER_MARK, is_line_break};
use crate::tokens::TokenKind;

/// The text left to read, with its place.
pub(super) type Input<'a> = LocatedSpan<&'a str>;

/// A token as recognised.
pub(super) struct Lexeme<'a> {
    pub(super) kind: TokenKind,
    pub(super) text: Input<'a>,
    pub(super) problem: Option<Problem>,
}

/// What is wrong with a lexeme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// Characters that begin no token.
    Invalid,
    /// A string in typographic quotation marks.
    TypographicQuotes,
    /// A string without an end.
    UnterminatedString,
    /// A comment without an end.
    UnterminatedComment,
}

const DOUBLE_QUOTES: &str = "“”„‟«»＂";
const SINGLE_QUOTES: &str = "‘’‚‛‹›＇";

/// Whether the character is a quotation mark of running text.
pub(super) fn is_typographic_quote(c: char) -> bool {
    DOUBLE_QUOTES.contains(c) || SINGLE_QUOTES.contains(c)
}

/// White space up to the next token, and forbidden characters, which have been reported.
pub(super) fn gap(input: Input<'_>) -> (Input<'_>, Input<'_>) {
    input.take_split(input.fragment().find(|c| !is_gap(c)).unwrap_or(input.fragment().len()))
}

fn is_gap(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | BYTE_ORDER_MARK) || is_forbidden(c)
}

/// The next token; nothing at the end of the text.
pub(super) fn lexeme(input: Input<'_>) -> Option<(Input<'_>, Lexeme<'_>)> {
    let (rest, (kind, problem)) =
        alt((word, punctuation, raw_string, string, comment, block_comment, typographic, invalid))
            .parse(input)
            .ok()?;
    let length = rest.location_offset() - input.location_offset();
    Some((rest, Lexeme { kind, text: input.take(length), problem }))
}

type Shape = (TokenKind, Option<Problem>);

fn word(input: Input<'_>) -> IResult<Input<'_>, Shape> {
    let joint = verify(take_while1(is_joint), |joint: &Input<'_>| !joint.fragment().contains(".."));
    let letters = || take_while1(is_word_letter);
    value((TokenKind::Word, None), pair(letters(), many0_count(preceded(joint, letters())))).parse(input)
}

const fn is_word_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

const fn is_joint(c: char) -> bool {
    matches!(c, '-' | '.')
}

fn punctuation(input: Input<'_>) -> IResult<Input<'_>, Shape> {
    let kind = alt((
        value(TokenKind::OpenBrace, char('{')),
        value(TokenKind::CloseBrace, char('}')),
        value(TokenKind::OpenParen, char('(')),
        value(TokenKind::CloseParen, char(')')),
        value(TokenKind::Comma, char(',')),
        value(TokenKind::Semicolon, char(';')),
        value(TokenKind::Equal, char('=')),
        value(TokenKind::NotEqual, tag("!=")),
        value(TokenKind::LessOrEqual, tag("<=")),
        value(TokenKind::Less, char('<')),
        value(TokenKind::GreaterOrEqual, tag(">=")),
        value(TokenKind::Greater, char('>')),
        value(TokenKind::DotDot, tag("..")),
        value(TokenKind::Minus, char('-')),
    ));
    map(kind, |kind| (kind, None)).parse(input)
}

fn raw_string(input: Input<'_>) -> IResult<Input<'_>, Shape> {
    let body = take_till(|c| c == '\'' || is_line_break(c));
    delimited(input, TokenKind::RawString, '\'', recognize(body))
}

fn string(input: Input<'_>) -> IResult<Input<'_>, Shape> {
    let escape = recognize(pair(char('\\'), opt(none_of("\n\r"))));
    let body = recognize(many0_count(alt((is_not("\"\\\n\r"), escape))));
    delimited(input, TokenKind::String, '"', body)
}

fn delimited<'a>(
    input: Input<'a>,
    kind: TokenKind,
    quote: char,
    body: impl Parser<Input<'a>, Output = Input<'a>, Error = nom::error::Error<Input<'a>>>,
) -> IResult<Input<'a>, Shape> {
    let (rest, (text, closed)) =
        pair(recognize(preceded(char(quote), body)), opt(char(quote))).parse(input)?;
    match closed {
        Some(_) => Ok((rest, (kind, None))),
        None => Ok((unterminated(input, text.fragment()), (kind, Some(Problem::UnterminatedString)))),
    }
}

/// Where to go on after a string without an end: at the braces that end its line, which are hardly part of it.
fn unterminated<'a>(input: Input<'a>, text: &str) -> Input<'a> {
    input.take_from(text.trim_end_matches([' ', '\t', '{', '}']).len().max(1))
}

fn comment(input: Input<'_>) -> IResult<Input<'_>, Shape> {
    let (rest, text) = recognize(pair(tag("//"), take_till(is_line_break))).parse(input)?;
    let text = text.fragment();
    let documents = text.starts_with("///") && !text.starts_with("////");
    let kind = if documents { TokenKind::DocComment } else { TokenKind::LineComment };
    Ok((rest, (kind, None)))
}

/// Comments nest, counted rather than by recursion: a hostile file nests a million of them.
fn block_comment(input: Input<'_>) -> IResult<Input<'_>, Shape> {
    let (mut rest, _) = tag("/*").parse(input)?;
    let mut depth = 1usize;
    while depth > 0 {
        match mark(rest) {
            Ok((after, opens)) => {
                depth = if opens { depth + 1 } else { depth - 1 };
                rest = after;
            }
            Err(_) => {
                let end = rest.take_from(rest.fragment().len());
                return Ok((end, (TokenKind::BlockComment, Some(Problem::UnterminatedComment))));
            }
        }
    }
    Ok((rest, (TokenKind::BlockComment, None)))
}

/// The next `/*` (true) or `*/` (false) inside a comment.
fn mark(input: Input<'_>) -> IResult<Input<'_>, bool> {
    let other = alt((recognize(take_while1(|c| !matches!(c, '/' | '*'))), recognize(one_of("/*"))));
    let marks = || alt((value(true, tag("/*")), value(false, tag("*/"))));
    let skip = recognize(many0_count(preceded(nom::combinator::not(marks()), other)));
    preceded(skip, marks()).parse(input)
}

fn typographic(input: Input<'_>) -> IResult<Input<'_>, Shape> {
    let quoted = |marks: &'static str, plain: char| {
        let end = move |c| marks.contains(c) || c == plain;
        let body = take_till(move |c| end(c) || is_line_break(c));
        recognize((one_of(marks), body, nom::character::complete::satisfy(end)))
    };
    let kind = alt((
        value(TokenKind::String, quoted(DOUBLE_QUOTES, '"')),
        value(TokenKind::RawString, quoted(SINGLE_QUOTES, '\'')),
    ));
    map(kind, |kind| (kind, Some(Problem::TypographicQuotes))).parse(input)
}

fn invalid(input: Input<'_>) -> IResult<Input<'_>, Shape> {
    let run = pair(take(1usize), take_while(begins_nothing));
    value((TokenKind::Invalid, Some(Problem::Invalid)), run).parse(input)
}

fn begins_nothing(c: char) -> bool {
    !(is_gap(c) || is_word_letter(c) || is_typographic_quote(c) || "{}(),;=!<>.-'\"/".contains(c))
}
