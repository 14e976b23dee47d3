//! What the parser tells the formatter about the token stream. Tokens are named
//! by the byte offset they start at; all lists are in the order of the text.

/// What stands between a pair of braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockStyle {
    /// Statements that begin with a keyword.
    Statements,
    /// Parts of a quantified expression.
    Parts,
    /// Rows of a table of files.
    Table,
}

/// The places a layout depends on.
#[derive(Debug, Default)]
pub(crate) struct Structure {
    /// First tokens of items, statements, rows and parts.
    pub(crate) statements: Vec<u32>,
    /// Opening braces and what they open.
    pub(crate) blocks: Vec<(u32, BlockStyle)>,
    /// Tokens that belong to the word before them: parentheses of calls, dots of ranges.
    pub(crate) suffixes: Vec<u32>,
}
