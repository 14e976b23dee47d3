//! The tree.

use caveat_diag::{FileId, Span};

use crate::read::is_null;

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub data: Data,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Nothing.
    Nothing,
    /// `true` or `false`.
    Truth(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
    /// A word without quotes, which is what is asked for: a number, a truth value, nothing or a text.
    Word(String),
    /// Something that stands elsewhere in the file and is repeated here.
    Repeated,
    /// Values.
    List(Vec<Node>),
    /// Values by their keys, in order.
    Map(Vec<(Key, Node)>),
}

/// The name of a value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// All of it.
    pub span: Span,
    /// Its text.
    pub text: String,
}

impl Node {
    /// What to point at in order to speak of the whole: its first key, or the beginning of a list.
    #[must_use]
    pub fn head(&self) -> Span {
        match &self.data {
            Data::Map(entries) => entries.first().map_or(self.start(), |(key, _)| key.span),
            Data::List(_) => self.start(),
            _ => self.span,
        }
    }

    fn start(&self) -> Span {
        Span { end: self.span.start, ..self.span }
    }

    /// Moves the node and all in it to where it stands in a text that has more before it.
    pub fn shift(&mut self, bytes: usize) {
        self.span = shifted(self.span, bytes);
        match &mut self.data {
            Data::List(items) => items.iter_mut().for_each(|item| item.shift(bytes)),
            Data::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
                key.span = shifted(key.span, bytes);
                value.shift(bytes);
            }),
            _ => {}
        }
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(one, _)| one.text == key).map(|(_, value)| value)
    }

    /// The keys and their values; none for what has no keys.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The values of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match &self.data {
            Data::Nothing => true,
            Data::Word(word) => is_null(word),
            _ => false,
        }
    }

    /// Whether something in it stands elsewhere in the file and is repeated here.
    #[must_use]
    pub fn repeats(&self) -> bool {
        let entries = self.entries().iter().map(|(_, value)| value);
        self.data == Data::Repeated || self.items().iter().chain(entries).any(Self::repeats)
    }

    /// The text of a text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) | Data::Word(text) => Some(text),
            _ => None,
        }
    }

    /// Where the value stands to which `path` leads, such as `files[3].version`; where it leads nowhere, the last
    /// that it leads to. Values are pointed at themselves if they are short, else by their keys. Keys may have dots
    /// in them.
    #[must_use]
    pub fn find(&self, path: &str) -> Span {
        self.lookup(path, self.head())
    }

    fn lookup(&self, path: &str, place: Span) -> Span {
        let path = path.strip_prefix('.').unwrap_or(path);
        if path.is_empty() {
            return place;
        }
        if let Some((index, rest)) = index(path) {
            return self.items().get(index).map_or(place, |item| item.lookup(rest, item.head()));
        }
        let rest =
            |key: &str| path.strip_prefix(key).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        let leading = self.entries().iter().filter_map(|(key, value)| Some((key, value, rest(&key.text)?)));
        match leading.min_by_key(|(_, _, rest)| rest.len()) {
            Some((key, value, rest)) => value.lookup(rest, value.place_under(key)),
            None => place,
        }
    }

    /// Where to point at the value of a key.
    pub(crate) fn place_under(&self, key: &Key) -> Span {
        match self.data {
            Data::Map(_) | Data::List(_) | Data::Repeated | Data::Nothing => key.span,
            _ => self.span,
        }
    }
}

/// The number in brackets that a path begins with, and what follows.
fn index(path: &str) -> Option<(usize, &str)> {
    let (number, rest) = path.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, rest))
}

fn shifted(place: Span, bytes: usize) -> Span {
    span(place.file, place.start as usize + bytes, place.end as usize + bytes)
}

/// A part of a file, in bytes.
pub(crate) fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(file, offset(start), offset(end.max(start)))
}
