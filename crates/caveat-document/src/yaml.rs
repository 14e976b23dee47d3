//! YAML and JSON, which are nearly one. Whoever reads such files reads them with other libraries, which know no places;
//! this tells where things stand, once something is wrong. What it cannot follow has no tree.

use caveat_diag::FileId;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span as Range};

use crate::node::span;
use crate::{Data, Key, Node};

/// Deeper files have no tree. Those who read them go less deep.
const MAX_DEPTH: usize = 128;

/// Which of the two a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// A word without quotes may be a text.
    Yaml,
    /// It never is.
    Json,
}

/// The trees of the documents in a text, up to the first that cannot be followed.
#[must_use]
pub fn documents(file: FileId, text: &str, flavor: Flavor) -> Vec<Node> {
    let mut builder = Builder { file, offsets: Offsets::new(text), flavor, open: Vec::new() };
    let mut found = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, range)) = event else { break };
        match builder.take(event, range) {
            Ok(Some(document)) => found.push(document),
            Ok(None) => {}
            Err(TooDeep) => break,
        }
    }
    found
}

struct TooDeep;

/// A list or map that is not closed yet.
struct Open {
    start: usize,
    /// The children so far: values of a list, keys and values of a map by turns.
    nodes: Vec<Node>,
    is_map: bool,
}

struct Builder<'t> {
    file: FileId,
    offsets: Offsets<'t>,
    flavor: Flavor,
    open: Vec<Open>,
}

impl Builder<'_> {
    /// Takes the next event; gives a document when that ends it.
    fn take(&mut self, event: Event<'_>, range: Range) -> Result<Option<Node>, TooDeep> {
        let start = self.offsets.of(range.start);
        let node = match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let is_map = matches!(event, Event::MappingStart(..));
                self.open.push(Open { start, nodes: Vec::new(), is_map });
                return if self.open.len() > MAX_DEPTH { Err(TooDeep) } else { Ok(None) };
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(None) };
                let end = self.offsets.of(range.end);
                self.closed(open, end)
            }
            Event::Scalar(text, style, ..) => {
                let end = self.offsets.of(range.end);
                let data = self.scalar(text.into_owned(), style);
                Node { span: span(self.file, start, end), data }
            }
            Event::Alias(_) => {
                let end = self.offsets.of(range.end);
                Node { span: span(self.file, start, end), data: Data::Repeated }
            }
            _ => return Ok(None),
        };
        match self.open.last_mut() {
            Some(open) => {
                open.nodes.push(node);
                Ok(None)
            }
            None => Ok(Some(node)),
        }
    }

    fn closed(&self, open: Open, end: usize) -> Node {
        let Open { start, nodes, is_map } = open;
        let data = if is_map { Data::Map(pairs(nodes)) } else { Data::List(nodes) };
        Node { span: span(self.file, start, end), data }
    }

    fn scalar(&self, text: String, style: ScalarStyle) -> Data {
        match (style, self.flavor) {
            (ScalarStyle::Plain, Flavor::Yaml) => Data::Word(text),
            (ScalarStyle::Plain, Flavor::Json) => match (text.as_str(), text.parse(), text.parse()) {
                ("true" | "false", ..) => Data::Truth(text == "true"),
                ("null", ..) => Data::Nothing,
                (_, Ok(number), _) => Data::Integer(number),
                (.., Ok(number)) => Data::Float(number),
                _ => Data::Word(text),
            },
            _ => Data::Text(text),
        }
    }
}

/// Keys and values by turns, as pairs.
fn pairs(nodes: Vec<Node>) -> Vec<(Key, Node)> {
    let mut pairs = Vec::with_capacity(nodes.len() / 2);
    let mut nodes = nodes.into_iter();
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        let text = key.text().unwrap_or_default().to_owned();
        pairs.push((Key { span: key.head(), text }, value));
    }
    pairs
}

/// From counted characters to bytes, by steps from the last place: the parser goes forward with few exceptions.
struct Offsets<'t> {
    text: &'t str,
    characters: usize,
    bytes: usize,
}

impl<'t> Offsets<'t> {
    const fn new(text: &'t str) -> Self {
        Self { text, characters: 0, bytes: 0 }
    }

    fn of(&mut self, marker: Marker) -> usize {
        let wanted = marker.index();
        let (before, after) = self.text.split_at_checked(self.bytes).unwrap_or((self.text, ""));
        self.bytes = match wanted.checked_sub(self.characters) {
            Some(step) => before.len() + after.char_indices().nth(step).map_or(after.len(), |(at, _)| at),
            None => {
                let back = self.characters - wanted;
                before.char_indices().rev().nth(back - 1).map_or(0, |(at, _)| at)
            }
        };
        self.characters = wanted;
        self.bytes
    }
}
