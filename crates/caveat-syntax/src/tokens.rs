//! The token stream: every token of a file, comments included, with exact byte
//! spans. White space is what lies between the spans. Tokens carry no text of
//! their own; slice the source by their span.

use caveat_diag::{Diagnostic, Span};

/// The kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `windows-nt-4.0`, `5.0.2195`, `0x400`: names, keywords, numbers, versions and dates.
    Word,
    /// `'…'`
    RawString,
    /// `"…"`
    String,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `..`
    DotDot,
    /// `-`
    Minus,
    /// `// …`
    LineComment,
    /// `/* … */`
    BlockComment,
    /// `/// …`
    DocComment,
    /// Characters that belong to no token; they have been reported.
    Invalid,
    /// The end of the file, always the last token.
    Eof,
}

impl TokenKind {
    /// Whether the token is a comment of any sort.
    #[must_use]
    pub const fn is_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::BlockComment | Self::DocComment)
    }

    /// Whether the token is a string literal of either sort.
    #[must_use]
    pub const fn is_string(self) -> bool {
        matches!(self, Self::RawString | Self::String)
    }
}

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
    /// Whether a line ends between the token before and this one.
    pub newline_before: bool,
}

/// A file cut into tokens.
#[derive(Debug, Clone)]
pub struct Lexed {
    /// All tokens, ended by one [`TokenKind::Eof`].
    pub tokens: Vec<Token>,
    /// Lexical errors in the order of the text, 100 at most.
    pub diagnostics: Vec<Diagnostic>,
}
