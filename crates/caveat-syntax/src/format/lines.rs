//! Which pieces stand on one line, how far each line is indented, and where a
//! blank line comes first.

use std::ops::Range;

use super::INDENT;
use super::pieces::{Gap, Piece};
use crate::parser::BlockStyle;
use crate::tokens::TokenKind;

/// How long a line with a block on it may be.
const WIDTH: usize = 110;

/// A line of output.
pub(super) struct Line {
    pub(super) pieces: Range<usize>,
    /// In levels.
    pub(super) indent: usize,
    pub(super) blank_before: bool,
    pub(super) role: Role,
    /// What sort of block the line stands in; nothing at the top of the file.
    pub(super) style: Option<BlockStyle>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing but comments.
    Comment,
    /// The beginning of a statement.
    Statement,
    /// More of the statement of the line before.
    Continuation,
    /// A closing bracket and what follows it.
    Close,
}

/// The lines of a file, and what stands before each piece that does not begin one.
pub(super) struct Layout {
    pub(super) lines: Vec<Line>,
    pub(super) joints: Vec<&'static str>,
}

pub(super) fn arrange(pieces: &[Piece<'_>]) -> Layout {
    let mut arranger = Arranger {
        pieces,
        tall: count_tall(pieces),
        open: Vec::new(),
        lines: Vec::new(),
        joints: Vec::with_capacity(pieces.len()),
        width: 0,
    };
    for (index, piece) in pieces.iter().enumerate() {
        arranger.place(index, piece);
    }
    let Arranger { mut lines, joints, .. } = arranger;
    set_blocks_apart(&mut lines);
    Layout { lines, joints }
}

/// For each piece how many line ends come up to and with it.
fn count_tall(pieces: &[Piece<'_>]) -> Vec<usize> {
    let ends = pieces.iter().map(|piece| piece.line_ends + usize::from(piece.is_tall()));
    ends.scan(0, |sum, ends| {
        *sum += ends;
        Some(*sum)
    })
    .collect()
}

/// An open bracket.
struct Open {
    /// For braces.
    style: Option<BlockStyle>,
    /// Whether its block stays on its line.
    inline: bool,
    /// The indentation of the line it stands on.
    indent: usize,
}

struct Arranger<'p, 'a> {
    pieces: &'p [Piece<'a>],
    tall: Vec<usize>,
    open: Vec<Open>,
    lines: Vec<Line>,
    joints: Vec<&'static str>,
    /// Of the current line so far.
    width: usize,
}

impl<'p, 'a> Arranger<'p, 'a> {
    fn place(&mut self, index: usize, piece: &Piece<'_>) {
        let joint = joint(self.before(index), piece, self.is_inline());
        if self.breaks(index, piece) {
            self.begin_line(index, piece);
        } else {
            self.width += joint.len();
            self.extend_line(index, piece);
        }
        self.joints.push(joint);
        let indent = self.lines.last().map_or(0, |line| line.indent);
        match piece.kind {
            TokenKind::OpenBrace => {
                let inline = self.is_inline() || self.fits(index, piece);
                self.open.push(Open { style: piece.block, inline, indent });
            }
            TokenKind::OpenParen => self.open.push(Open { style: None, inline: false, indent }),
            TokenKind::CloseBrace | TokenKind::CloseParen => {
                self.open.pop();
            }
            _ => {}
        }
        self.width += piece.width();
    }

    fn before(&self, index: usize) -> Option<&'p Piece<'a>> {
        index.checked_sub(1).and_then(|before| self.pieces.get(before))
    }

    fn is_inline(&self) -> bool {
        self.open.last().is_some_and(|open| open.inline)
    }

    /// Whether a new line begins with this piece.
    fn breaks(&self, index: usize, piece: &Piece<'_>) -> bool {
        let Some(before) = self.before(index) else { return true };
        if piece.line_ends > 0 {
            return piece.kind != TokenKind::Comma || before.is_comment();
        }
        if self.is_inline() {
            return false;
        }
        if piece.is_comment() {
            return piece.gap == Gap::Semicolon && self.leads(index);
        }
        let only_comments = self.lines.last().is_some_and(|line| line.role == Role::Comment);
        piece.kind == TokenKind::CloseBrace || piece.starts_statement && !only_comments
    }

    /// Whether the comment stands on the line of the statement after it.
    fn leads(&self, index: usize) -> bool {
        self.pieces.get(index + 1).is_some_and(|next| next.starts_statement && next.line_ends == 0)
    }

    fn begin_line(&mut self, index: usize, piece: &Piece<'_>) {
        let new_statement = piece.starts_statement || piece.between;
        let blank_before = piece.line_ends > 1 && new_statement && !self.at_block_start();
        let indent = self.indent(piece);
        let role = match piece.kind {
            _ if piece.is_comment() => Role::Comment,
            _ if piece.starts_statement => Role::Statement,
            TokenKind::CloseBrace | TokenKind::CloseParen => Role::Close,
            _ => Role::Continuation,
        };
        let style = self.open.last().map(|open| open.style.unwrap_or(BlockStyle::Parts));
        self.lines.push(Line { pieces: index..index + 1, indent, blank_before, role, style });
        self.width = indent * INDENT;
    }

    fn extend_line(&mut self, index: usize, piece: &Piece<'_>) {
        let Some(line) = self.lines.last_mut() else { return };
        line.pieces.end = index + 1;
        if line.role == Role::Comment && !piece.is_comment() {
            line.role = if piece.starts_statement { Role::Statement } else { Role::Continuation };
        }
    }

    /// Whether the line before opened a block, or there is none.
    fn at_block_start(&self) -> bool {
        let Some(line) = self.lines.last() else { return true };
        let pieces = self.pieces.get(line.pieces.clone()).unwrap_or_default();
        let last = pieces.iter().rev().find(|piece| !piece.is_comment());
        last.is_some_and(|piece| piece.kind == TokenKind::OpenBrace)
    }

    fn indent(&self, piece: &Piece<'_>) -> usize {
        let top = self.open.last();
        let content = top.map_or(0, |open| open.indent + 1);
        let in_parens = top.is_some_and(|open| open.style.is_none());
        match piece.kind {
            TokenKind::CloseBrace | TokenKind::CloseParen => top.map_or(0, |open| open.indent),
            _ if piece.starts_statement || piece.between || in_parens => content,
            _ => content + 1,
        }
    }

    /// Whether the block that `{` opens was written on one line that is not too long.
    fn fits(&self, index: usize, open: &Piece<'_>) -> bool {
        let lines = |index: usize| self.tall.get(index).copied().unwrap_or(0);
        if lines(open.closer) != lines(index) {
            return false;
        }
        let mut width = self.width + open.width();
        let mut depth = 1usize;
        let mut before = open;
        for (at, piece) in self.pieces.iter().enumerate().skip(index + 1) {
            if piece.line_ends > 0 || depth == 0 && self.ends_line(at, piece) {
                break;
            }
            width += joint(Some(before), piece, depth > 0).len() + piece.width();
            if width > WIDTH {
                return false;
            }
            match piece.kind {
                TokenKind::OpenBrace => depth += 1,
                TokenKind::CloseBrace => depth = depth.saturating_sub(1),
                _ => {}
            }
            before = piece;
        }
        true
    }

    /// Whether the line that a block closes on ends before this piece; comments at its end do not count.
    fn ends_line(&self, index: usize, piece: &Piece<'_>) -> bool {
        let breaks = |piece: &Piece<'_>| {
            piece.line_ends > 0 || piece.starts_statement || piece.kind == TokenKind::CloseBrace
        };
        breaks(piece) || piece.is_comment() && self.pieces.get(index + 1).is_none_or(breaks)
    }
}

/// What stands before a piece that goes on a line.
fn joint(before: Option<&Piece<'_>>, piece: &Piece<'_>, inline: bool) -> &'static str {
    let Some(before) = before else { return "" };
    let opens = before.kind == TokenKind::OpenBrace;
    let closes = piece.kind == TokenKind::CloseBrace;
    let range_end =
        before.kind == TokenKind::DotDot && piece.kind == TokenKind::Word && piece.gap == Gap::None;
    match piece.kind {
        _ if inline && piece.gap == Gap::Semicolon && !opens && !closes => "; ",
        TokenKind::Comma | TokenKind::CloseParen => "",
        _ if before.kind == TokenKind::OpenParen || piece.suffix || range_end => "",
        _ if opens && closes => "",
        _ => " ",
    }
}

/// Puts a blank line between items of which one is a block.
fn set_blocks_apart(lines: &mut [Line]) {
    let top = |line: &Line| line.style.is_none();
    let mut previous: Option<(usize, bool)> = None;
    let mut index = 0;
    while index < lines.len() {
        let rest = lines.get(index + 1..).unwrap_or_default();
        let starts = lines.get(index).is_some_and(|line| top(line) && line.role == Role::Statement);
        if !starts {
            index += 1;
            continue;
        }
        let ends = |line: &Line| top(line) && matches!(line.role, Role::Statement | Role::Comment);
        let end = index + 1 + rest.iter().position(ends).unwrap_or(rest.len());
        let block = lines.get(end - 1).is_some_and(|line| line.role == Role::Close);
        if let Some((after, was_block)) = previous
            && (block || was_block)
            && let Some(gap) = lines.get_mut(after..=index)
            && gap.iter().all(|line| !line.blank_before)
            && let Some(first) = gap.first_mut()
        {
            first.blank_before = true;
        }
        previous = Some((end, block));
        index = end;
    }
}
