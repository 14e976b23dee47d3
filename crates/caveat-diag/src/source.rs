//! Source files, byte spans into them, and the way from a span to line and column.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A file of the [`SourceMap`] it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The id with this index, for maps that number files themselves.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self(index)
    }
}

/// A half-open range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `file`.
    #[must_use]
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The smallest span that covers both; `other` must lie in the same file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Where a span starts, for people: 1-based line, 1-based column in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file's name as shown to the user.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, counted in characters.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// One file: its name for people and its text.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: String,
    text: String,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// A file of this name and text. Texts of 4 GiB and more cannot be addressed; the driver refuses them
    /// before.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        let breaks = text.bytes().zip(1u32..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Self { name, text, line_starts }
    }

    /// The file's name as shown to the user: its path, or `<stdin>`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole lines of a span and, where two empty lines would meet without them, the empty line after:
    /// what to take out so that a formatted text stays formatted.
    #[must_use]
    pub fn whole_lines(&self, span: Span) -> Span {
        let starts = &self.line_starts;
        let line_of = |offset: u32| starts.partition_point(|start| *start <= offset).max(1) - 1;
        let start_of = |line: usize| starts.get(line).copied().unwrap_or_else(|| to_u32(self.text.len()));
        let text = |line: usize| self.text.get(start_of(line) as usize..start_of(line + 1) as usize);
        let is_blank = |line: usize| text(line).is_some_and(|text| text.trim().is_empty());
        let first = line_of(span.start);
        let mut last = line_of(span.end.saturating_sub(1).max(span.start));
        let opens = first.checked_sub(1).is_none_or(is_blank);
        while opens && last + 1 < starts.len() && is_blank(last + 1) {
            last += 1;
        }
        Span { start: start_of(first), end: start_of(last + 1), ..span }
    }

    /// 1-based line of a byte offset; offsets past the end count as the end.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        to_u32(self.line_starts.partition_point(|start| *start <= offset).max(1))
    }

    /// The byte at a 1-based line and column, the latter in characters; what lies past the end of the line counts as
    /// its end.
    #[must_use]
    pub fn offset(&self, line: usize, column: usize) -> u32 {
        let end = to_u32(self.text.len());
        let start = self.line_starts.get(line.max(1) - 1).copied().unwrap_or(end);
        let rest = self.text.get(start as usize..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let before: usize = line.chars().take(column.max(1) - 1).map(char::len_utf8).sum();
        start + to_u32(before)
    }

    /// 1-based line and column of a byte offset; offsets past the end count as the end.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self.line(offset);
        let start = self.line_starts.get(line as usize - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..offset as usize).unwrap_or("");
        (line, to_u32(before.chars().count()) + 1)
    }
}

/// Files by their ids. Clones share the files.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    files: BTreeMap<FileId, Arc<SourceFile>>,
}

impl SourceMap {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, under the next id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = self.next_id();
        self.put(id, Arc::new(SourceFile::new(name, text)));
        id
    }

    /// The id of the file that is added next: that after the last.
    #[must_use]
    pub fn next_id(&self) -> FileId {
        self.files.last_key_value().map_or(FileId(0), |(last, _)| FileId(last.0.saturating_add(1)))
    }

    /// Puts a file under an id, in the place of the one that was there.
    pub fn put(&mut self, id: FileId, file: Arc<SourceFile>) {
        self.files.insert(id, file);
    }

    /// Takes a file out.
    pub fn remove(&mut self, id: FileId) {
        self.files.remove(&id);
    }

    /// The file with this id, if it is of this map.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(&id).map(Arc::as_ref)
    }

    /// The text under a span; empty when the span is not of this map.
    #[must_use]
    pub fn snippet(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|file| file.text.get(span.start as usize..span.end as usize))
            .unwrap_or("")
    }

    /// Where the span starts, for people.
    #[must_use]
    pub fn location(&self, span: Span) -> Option<Location> {
        let file = self.get(span.file)?;
        let (line, column) = file.line_column(span.start);
        Some(Location { path: file.name.clone(), line, column })
    }

    /// All files in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().map(|(id, file)| (*id, file.as_ref()))
    }
}

impl FromIterator<(FileId, Arc<SourceFile>)> for SourceMap {
    fn from_iter<T: IntoIterator<Item = (FileId, Arc<SourceFile>)>>(files: T) -> Self {
        Self { files: files.into_iter().collect() }
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
