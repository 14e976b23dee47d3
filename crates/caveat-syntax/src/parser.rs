//! The recovering parser: recursive descent over the tokens of `docs/language.md`.
//!
//! A function that cannot go on reports once and returns [`Failed`]; the loop over
//! the statements of a block catches it, skips to the end of the statement and
//! leaves an `Error` node. Recursion is bounded by [`NESTING_LIMIT`]; everything
//! else, skipping included, is iterative and linear.
//!
//! The parser gives words no meaning beyond the grammar; of their shape it only
//! checks numbers. For the formatter it notes down the [`Structure`] it saw.

mod blocks;
mod bulletin;
mod cursor;
mod expr;
mod forms;
mod items;
mod package;
mod pairs;
mod platform;
mod predicate;
mod report;
mod structure;
mod terms;
mod test;

use caveat_diag::{Diagnostic, FileId};

use crate::ast::{self, Word};
use crate::sink::Sink;
use crate::tokens::Lexed;
use cursor::Cursor;
use forms::Block;
use pairs::Pairs;
pub(crate) use structure::{BlockStyle, Structure};

/// How deep parentheses, braces and `not` nest.
const NESTING_LIMIT: usize = 128;

/// The marker of a problem that has been reported: give up on this statement.
#[derive(Debug, Clone, Copy)]
struct Failed;

type Parse<T> = Result<T, Failed>;

/// What came of a file.
pub(crate) struct Outcome {
    /// The tree.
    pub(crate) tree: ast::File,
    /// Lexical and grammar errors.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where statements and blocks are, for the formatter.
    pub(crate) structure: Structure,
}

/// Parses the tokens of `text`.
pub(crate) fn run(file: FileId, text: &str, lexed: Lexed) -> Outcome {
    let Lexed { tokens, diagnostics } = lexed;
    let cursor = Cursor::new(file, text, &tokens);
    let pairs = Pairs::find(cursor.tokens());
    let mut parser = Parser {
        flaws: diagnostics.iter().filter_map(|d| d.span().map(|span| span.start)).collect(),
        sink: Sink::default(),
        structure: Structure::default(),
        blocks: Vec::new(),
        depth: 0,
        statement: Statement::default(),
        parameters: Vec::new(),
        of_key: false,
        ended_at: None,
        end_reported: false,
        cursor,
        pairs,
    };
    parser.report_nesting();
    let tree = parser.file();
    let mut sink = Sink::default();
    sink.merge(diagnostics);
    sink.merge(parser.sink.finish());
    Outcome { tree, diagnostics: sink.finish(), structure: parser.structure }
}

/// The statement being parsed.
#[derive(Debug, Clone, Copy, Default)]
struct Statement {
    /// Its first token.
    start: usize,
    /// How it is written, for advice; empty while that is not known.
    usage: &'static str,
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    pairs: Pairs,
    sink: Sink,
    structure: Structure,
    /// Where lexical errors start, in order.
    flaws: Vec<u32>,
    /// The blocks around the current token.
    blocks: Vec<&'static Block>,
    /// How deep the current token is nested.
    depth: usize,
    statement: Statement,
    /// The parameters of the condition being parsed.
    parameters: Vec<Word>,
    /// Whether conditions are about one of several keys.
    of_key: bool,
    /// The token after the last block that needs no further end.
    ended_at: Option<usize>,
    /// Whether the end of the file has been reported as unexpected.
    end_reported: bool,
}
