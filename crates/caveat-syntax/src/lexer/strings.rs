//! String literals from the inside: which escapes there are, what is wrong with
//! the others, and what value a literal has.

use caveat_diag::{Code, Diagnostic, Label, Span};
use nom::branch::alt;
use nom::bytes::complete::{is_not, tag, take_while};
use nom::character::complete::{anychar, char};
use nom::combinator::{map, opt, recognize};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

use super::characters::{is_uncarriable, name};
use super::lexemes::Input;
use super::offset;

/// A piece of a string's body.
enum Piece<'a> {
    Plain(&'a str),
    Escape(Result<char, Flaw>),
}

/// What is wrong with an escape.
enum Flaw {
    /// No such letter.
    Unknown(char),
    /// `\u` without `{…}` of one to six hexadecimal digits.
    Shape,
    /// Not the number of a character.
    NoCharacter,
    /// A character that cannot be written even as an escape.
    Forbidden(char),
}

fn piece(input: Input<'_>) -> IResult<Input<'_>, Piece<'_>> {
    alt((
        map(is_not("\\"), |plain: Input<'_>| Piece::Plain(plain.into_fragment())),
        map(preceded(char('\\'), alt((unicode_escape, simple_escape))), Piece::Escape),
        map(recognize(anychar), |other: Input<'_>| Piece::Plain(other.into_fragment())),
    ))
    .parse(input)
}

fn simple_escape(input: Input<'_>) -> IResult<Input<'_>, Result<char, Flaw>> {
    let value = |letter| match letter {
        '\\' | '"' | '\'' => Ok(letter),
        'n' => Ok('\n'),
        'r' => Ok('\r'),
        't' => Ok('\t'),
        other => Err(Flaw::Unknown(other)),
    };
    map(anychar, value).parse(input)
}

fn unicode_escape(input: Input<'_>) -> IResult<Input<'_>, Result<char, Flaw>> {
    let digits = take_while(|c: char| c.is_ascii_hexdigit());
    let braced = terminated(preceded(char('{'), digits), char('}'));
    map(preceded(tag("u"), opt(braced)), |digits: Option<Input<'_>>| match digits {
        Some(digits) => character(digits.fragment()),
        None => Err(Flaw::Shape),
    })
    .parse(input)
}

fn character(digits: &str) -> Result<char, Flaw> {
    if digits.is_empty() || digits.len() > 6 {
        return Err(Flaw::Shape);
    }
    let number = u32::from_str_radix(digits, 16).map_err(|_| Flaw::Shape)?;
    match char::from_u32(number) {
        None => Err(Flaw::NoCharacter),
        Some(c) if is_uncarriable(c) => Err(Flaw::Forbidden(c)),
        Some(c) => Ok(c),
    }
}

fn pieces(body: &str) -> impl Iterator<Item = (Piece<'_>, usize, usize)> {
    let mut rest = Input::new(body);
    std::iter::from_fn(move || {
        let start = rest.location_offset();
        let (after, piece) = piece(rest).ok()?;
        rest = after;
        Some((piece, start, after.location_offset()))
    })
}

/// One diagnostic for each flawed escape of a `"…"` literal; one in all for those that are unknown.
pub(super) fn check_escapes(literal: Span, text: &str) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let mut unknown = None;
    for (piece, start, end) in pieces(inner(text)) {
        let Piece::Escape(Err(flaw)) = piece else { continue };
        let first = literal.start + 1;
        let span = Span::new(literal.file, first + offset(start), first + offset(end));
        match (&flaw, unknown.and_then(|index: usize| diagnostics.get_mut(index))) {
            (Flaw::Unknown(_), Some(known)) => {
                known.labels.push(Label { span, text: String::new(), primary: true });
            }
            (Flaw::Unknown(_), None) => {
                unknown = Some(diagnostics.len());
                diagnostics.push(report(&flaw, span));
            }
            _ => diagnostics.push(report(&flaw, span)),
        }
    }
    diagnostics
}

fn report(flaw: &Flaw, span: Span) -> Diagnostic {
    let invalid = |message: String| Diagnostic::new(Code::INVALID_ESCAPE, message);
    match flaw {
        Flaw::Unknown(c) => invalid(format!("unknown escape `\\{c}`"))
            .at(span, "")
            .help(r#"escapes are `\\`, `\"`, `\'`, `\n`, `\r`, `\t` and `\u{…}`"#)
            .help("for a Windows path, use a raw string: `'C:\\folder'`"),
        Flaw::Shape => invalid("malformed `\\u` escape".to_owned())
            .at(span, "")
            .help("write one to six hexadecimal digits in braces: `\\u{1F600}`"),
        Flaw::NoCharacter => {
            invalid("this number is not a Unicode character".to_owned()).at(span, "a surrogate, or too large")
        }
        Flaw::Forbidden(c) => {
            Diagnostic::new(Code::FORBIDDEN_CHARACTER, format!("forbidden character {}", name(*c)))
                .at(span, "not allowed even as an escape")
                .note("no target can carry control characters and noncharacters")
        }
    }
}

/// The value of a string literal as written. Flawed escapes, which have been reported, are left out.
pub(crate) fn value(text: &str) -> String {
    let body = inner(text);
    if text.starts_with('\'') || !body.contains('\\') {
        return body.to_owned();
    }
    let mut value = String::with_capacity(body.len());
    for (piece, _, _) in pieces(body) {
        match piece {
            Piece::Plain(plain) => value.push_str(plain),
            Piece::Escape(Ok(c)) => value.push(c),
            Piece::Escape(Err(_)) => {}
        }
    }
    value
}

/// What stands between the quotation marks, the last of which may be missing.
fn inner(text: &str) -> &str {
    let mut chars = text.chars();
    let open = chars.next();
    let body = chars.as_str();
    match body.chars().next_back() {
        Some(last)
            if Some(last) == open || super::lexemes::is_typographic_quote(last) && open != Some('"') =>
        {
            body.get(..body.len() - last.len_utf8()).unwrap_or(body)
        }
        _ => body,
    }
}
