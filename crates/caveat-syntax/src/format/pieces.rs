//! Tokens as the layout sees them: each with what the source and the parser say
//! about its place. Semicolons are no pieces; they are remembered by the next one.

use std::borrow::Cow;
use std::iter::Peekable;

use crate::lexer::is_line_break;
use crate::parser::{BlockStyle, Structure};
use crate::tokens::{Token, TokenKind};

/// What stands between two pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// Nothing at all.
    None,
    /// White space.
    Space,
    /// A semicolon.
    Semicolon,
}

/// A token that is printed.
pub(super) struct Piece<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) kind: TokenKind,
    /// How many lines end between the piece before and this one.
    pub(super) line_ends: usize,
    /// What separates it from the piece before.
    pub(super) gap: Gap,
    /// Whether an item, statement, row or part begins here.
    pub(super) starts_statement: bool,
    /// Whether it belongs to the word before it.
    pub(super) suffix: bool,
    /// For `{`: what it opens.
    pub(super) block: Option<BlockStyle>,
    /// For `{`: the index of its `}`.
    pub(super) closer: usize,
    /// For comments: whether they stand between statements rather than in one.
    pub(super) between: bool,
}

impl Piece<'_> {
    pub(super) fn is_comment(&self) -> bool {
        self.kind.is_comment()
    }

    /// Whether the piece itself takes several lines.
    pub(super) fn is_tall(&self) -> bool {
        self.kind == TokenKind::BlockComment && self.text.contains('\n')
    }

    /// Columns, counted in characters.
    pub(super) fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// All pieces of a file.
pub(super) fn collect<'a>(text: &'a str, tokens: &[Token], structure: &Structure) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::with_capacity(tokens.len());
    let mut statements = structure.statements.iter().peekable();
    let mut suffixes = structure.suffixes.iter().peekable();
    let mut blocks = structure.blocks.iter().peekable();
    let (mut end, mut line_ends, mut semicolon) = (0, 0, false);
    for token in tokens {
        let start = token.span.start;
        let gap = text.get(end as usize..start as usize).unwrap_or("");
        line_ends = count_line_ends(gap).max(line_ends);
        end = token.span.end;
        match token.kind {
            TokenKind::Semicolon => semicolon = true,
            TokenKind::Eof => {}
            _ => pieces.push(Piece {
                text: printed(text, token),
                kind: token.kind,
                line_ends: std::mem::take(&mut line_ends),
                gap: match std::mem::take(&mut semicolon) {
                    true => Gap::Semicolon,
                    false if gap.is_empty() => Gap::None,
                    false => Gap::Space,
                },
                starts_statement: reached(&mut statements, |place| *place, start).is_some(),
                suffix: reached(&mut suffixes, |place| *place, start).is_some(),
                block: reached(&mut blocks, |place| place.0, start).map(|place| place.1),
                closer: 0,
                between: false,
            }),
        }
    }
    find_closers(&mut pieces);
    place_comments(&mut pieces);
    pieces
}

/// The entry for the token at `start`, if the list has one.
fn reached<'s, T>(
    list: &mut Peekable<impl Iterator<Item = &'s T>>,
    place: impl Fn(&T) -> u32,
    start: u32,
) -> Option<&'s T> {
    list.next_if(|entry| place(entry) == start)
}

fn count_line_ends(gap: &str) -> usize {
    let lone = gap.replace("\r\n", "\n");
    lone.chars().filter(|c| is_line_break(*c)).count()
}

/// Strings are never altered; comments lose what cannot be seen.
fn printed<'a>(text: &'a str, token: &Token) -> Cow<'a, str> {
    let source = text.get(token.span.start as usize..token.span.end as usize).unwrap_or("");
    match token.kind {
        TokenKind::LineComment | TokenKind::DocComment => Cow::Borrowed(source.trim_end()),
        TokenKind::BlockComment if source.contains('\r') => {
            Cow::Owned(source.replace("\r\n", "\n").replace('\r', "\n"))
        }
        _ => Cow::Borrowed(source),
    }
}

fn find_closers(pieces: &mut [Piece<'_>]) {
    let mut open = Vec::new();
    for index in 0..pieces.len() {
        match pieces.get(index).map(|piece| piece.kind) {
            Some(TokenKind::OpenBrace) => open.push(index),
            Some(TokenKind::CloseBrace) => {
                if let Some(opener) = open.pop().and_then(|opener| pieces.get_mut(opener)) {
                    opener.closer = index;
                }
            }
            _ => {}
        }
    }
}

fn place_comments(pieces: &mut [Piece<'_>]) {
    let mut between = true;
    for piece in pieces.iter_mut().rev() {
        if piece.is_comment() {
            piece.between = between;
        } else {
            between = piece.starts_statement || piece.kind == TokenKind::CloseBrace;
        }
    }
}
