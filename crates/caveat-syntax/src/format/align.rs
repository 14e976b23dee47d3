//! Columns: the first values of neighbouring statements, and the cells of tables.

use super::lines::{Line, Role};
use super::pieces::Piece;
use crate::parser::BlockStyle;
use crate::tokens::TokenKind;

/// How many spaces stand before each piece beyond the usual.
pub(super) fn padding(pieces: &[Piece<'_>], lines: &[Line]) -> Vec<usize> {
    let mut padding = vec![0; pieces.len()];
    let mut rest = lines;
    while let Some(line) = rest.first() {
        let length = match line.style {
            Some(BlockStyle::Table) => table(pieces, rest, &mut padding),
            Some(BlockStyle::Parts) => 1,
            Some(BlockStyle::Statements) | None => run(pieces, rest, &mut padding),
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    padding
}

/// Aligns the first values of the statements that `lines` begins with; says how many lines that concerns.
fn run(pieces: &[Piece<'_>], lines: &[Line], padding: &mut [usize]) -> usize {
    let mut heads: Vec<Head> = Vec::new();
    let mut length = 0;
    for (index, line) in lines.iter().enumerate() {
        if index > 0 && line.blank_before {
            break;
        }
        if line.role != Role::Comment {
            let alike = |head: &Head| heads.first().is_none_or(|first| first.defines == head.defines);
            match simple(pieces, line).filter(alike).filter(|_| !goes_on(lines, index)) {
                Some(head) => heads.push(head),
                None => break,
            }
        }
        length = index + 1;
    }
    let column = heads.iter().map(|head| head.width).max().unwrap_or(0);
    for head in heads {
        if let Some(spaces) = padding.get_mut(head.value) {
            *spaces = column - head.width;
        }
    }
    length.max(1)
}

/// The beginning of a statement, up to its first value.
struct Head {
    width: usize,
    /// The piece that is the first value.
    value: usize,
    /// Whether it defines a condition; definitions have a column of their own.
    defines: bool,
}

/// The head of a statement without a block, of which there is no more than this line.
fn simple(pieces: &[Piece<'_>], line: &Line) -> Option<Head> {
    let all = pieces.get(line.pieces.clone())?;
    let length = all.iter().position(Piece::is_comment).unwrap_or(all.len());
    let (statement, comments) = all.split_at_checked(length)?;
    let plain = line.role == Role::Statement
        && comments.iter().all(Piece::is_comment)
        && statement.iter().all(|piece| !matches!(piece.kind, TokenKind::OpenBrace | TokenKind::CloseBrace));
    let words = head_length(statement)?;
    if !plain || statement.len() <= words {
        return None;
    }
    let widths = statement.iter().take(words).map(Piece::width);
    let keyword = statement.first().map_or("", |piece| &*piece.text);
    let defines = ["condition", "component", "role", "product"].contains(&keyword);
    Some(Head { width: widths.sum::<usize>() + words - 1, value: line.pieces.start + words, defines })
}

/// How many words come before the first value; nothing for statements that stand alone.
fn head_length(statement: &[Piece<'_>]) -> Option<usize> {
    let text = |index: usize| statement.get(index).map_or("", |piece| &*piece.text);
    let titled = statement.get(1).is_some_and(|piece| piece.kind == TokenKind::Word);
    match (text(0), text(1)) {
        ("use", _) => None,
        ("included", "in") | ("without", "suite") => Some(2),
        ("title", _) if titled => Some(2),
        _ => Some(1),
    }
}

/// Whether the statement of this line goes on in a later one.
fn goes_on(lines: &[Line], index: usize) -> bool {
    let later = lines.get(index + 1..).unwrap_or_default();
    later.iter().find(|line| line.role != Role::Comment).is_some_and(|line| line.role == Role::Continuation)
}

/// Aligns the cells of a table; says how many lines it has.
fn table(pieces: &[Piece<'_>], lines: &[Line], padding: &mut [usize]) -> usize {
    let inside = |line: &&Line| line.style == Some(BlockStyle::Table) && line.role != Role::Close;
    let length = lines.iter().take_while(inside).count();
    let rows: Vec<Vec<(usize, usize)>> =
        lines.iter().take(length).filter_map(|line| cells(pieces, line)).collect();
    let mut columns: Vec<usize> = Vec::new();
    for (index, (_, width)) in rows.iter().flat_map(|row| row.iter().enumerate()) {
        match columns.get_mut(index) {
            Some(column) => *column = (*column).max(*width),
            None => columns.push(*width),
        }
    }
    for row in &rows {
        let following = row.iter().skip(1);
        for (((_, width), (piece, _)), column) in row.iter().zip(following).zip(&columns) {
            if let Some(spaces) = padding.get_mut(*piece) {
                *spaces = column - width + CELL_GAP - 1;
            }
        }
    }
    length.max(1)
}

/// Spaces between the cells of a table.
const CELL_GAP: usize = 2;

/// The cells of a row with their widths; nothing for comments and rows with comments inside.
fn cells(pieces: &[Piece<'_>], line: &Line) -> Option<Vec<(usize, usize)>> {
    let all = pieces.get(line.pieces.clone())?;
    let length = all.iter().position(Piece::is_comment).unwrap_or(all.len());
    let trailing = all.iter().skip(length).all(Piece::is_comment);
    let row = line.role == Role::Statement && trailing;
    row.then(|| (line.pieces.start..).zip(all.iter().take(length).map(Piece::width)).collect())
}
