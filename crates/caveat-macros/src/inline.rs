//! The source text of rules that stand in a program, at the lines and columns where they stand.

use caveat_driver::inputs::display;
use proc_macro::{Span, TokenStream, TokenTree};

/// A text of a source file, blanks in place of what precedes it.
pub(crate) struct Source {
    /// The file's name for people.
    pub(crate) shown: String,
    pub(crate) text: String,
}

/// The text from the first to the last token, when it can be read: not inside another macro.
pub(crate) fn source(input: &TokenStream) -> Option<Source> {
    let first = input.clone().into_iter().next()?.span();
    let last = input.clone().into_iter().last()?;
    let path = first.local_file()?;
    let text = std::fs::read_to_string(&path).ok()?;
    let start = Offset::new(&text, first.start())?;
    let end = Offset::new(&text, last.span().end())?;
    let inner = text.get(start.0..end.0)?;
    let quoted = matches!(last, TokenTree::Literal(_)).then(|| contents(inner)).flatten();
    let (from, to) = quoted.map_or((start.0, end.0), |(from, to)| (start.0 + from, start.0 + to));
    Some(Source { shown: display(&path), text: placed(&text, from, to) })
}

/// A byte offset.
struct Offset(usize);

impl Offset {
    fn new(text: &str, span: Span) -> Option<Self> {
        let line: usize = text.split_inclusive('\n').take(span.line() - 1).map(str::len).sum();
        let rest = text.get(line..)?;
        let column = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).nth(span.column() - 1)?;
        Some(Self(line + column))
    }
}

/// Where the contents of a string literal begin and end, if they are what the literal stands for.
fn contents(literal: &str) -> Option<(usize, usize)> {
    let from = literal.find('"')? + 1;
    let to = literal.rfind('"')?;
    let raw = literal.starts_with('r');
    (raw || !literal.contains('\\')).then_some((from, to))
}

/// The text from byte `from` to byte `to`, in its line and column.
fn placed(text: &str, from: usize, to: usize) -> String {
    let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
    let before: String = text.get(..from).unwrap_or("").chars().map(blank).collect();
    before + text.get(from..to).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_line_and_column() {
        assert_eq!(placed("ä b\n  cd e", 7, 9), "   \n  cd");
    }

    #[test]
    fn only_literals_that_are_what_they_show_have_contents() {
        assert_eq!(contents("\"abc\""), Some((1, 4)));
        assert_eq!(contents("r#\"a\\\"b\"#"), Some((3, 7)));
        assert_eq!(contents("\"a\\n\""), None);
        assert_eq!(contents("17"), None);
    }
}
