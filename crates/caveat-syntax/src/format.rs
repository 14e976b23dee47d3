//! The canonical layout, for files without errors: the same tokens and comments
//! in the same order, white space and semicolons apart.
//!
//! The author decides where a statement goes on in the next line and which small
//! blocks stand on one line; everything else follows from the tokens. Line breaks
//! inside a statement are kept and none are added, so the layout of the layout is
//! the layout.

mod align;
mod lines;
mod pieces;

use crate::parser::Structure;
use crate::tokens::Token;
use lines::{Layout, Line};
use pieces::Piece;

/// Spaces a level.
const INDENT: usize = 4;

/// Lays out the tokens of `text`.
pub(crate) fn layout(text: &str, tokens: &[Token], structure: &Structure) -> String {
    let pieces = pieces::collect(text, tokens, structure);
    let Layout { lines, joints } = lines::arrange(&pieces);
    let padding = align::padding(&pieces, &lines);
    let mut out = String::with_capacity(text.len());
    for line in &lines {
        print(&mut out, line, &pieces, &joints, &padding);
    }
    out
}

fn print(out: &mut String, line: &Line, pieces: &[Piece<'_>], joints: &[&str], padding: &[usize]) {
    if line.blank_before {
        out.push('\n');
    }
    out.extend(std::iter::repeat_n(' ', line.indent * INDENT));
    for index in line.pieces.clone() {
        let (Some(piece), Some(joint)) = (pieces.get(index), joints.get(index)) else { continue };
        if index > line.pieces.start {
            out.push_str(joint);
            out.extend(std::iter::repeat_n(' ', padding.get(index).copied().unwrap_or(0)));
        }
        out.push_str(&piece.text);
    }
    out.push('\n');
}
