//! A parsed file under its module name, and what in it can be relied on.

use std::collections::BTreeSet;
use std::sync::Arc;

use caveat_diag::{Diagnostic, FileId, SourceFile, Span};
use caveat_syntax::{Parsed, ast, parse};

use crate::names::Definitions;

/// As many errors of syntax as the parser tells; there may be more.
const MANY: usize = 100;

/// A parsed file under its module name.
#[derive(Debug)]
pub struct Module {
    name: String,
    file: FileId,
    source: Arc<SourceFile>,
    parsed: Parsed,
    pub(crate) definitions: Definitions,
    damage: Damage,
}

impl Module {
    /// Parses a file. Its name is dotted, such as `std.windows`.
    #[must_use]
    pub fn new(name: impl Into<String>, file: FileId, source: Arc<SourceFile>) -> Self {
        let parsed = parse(file, source.text());
        let definitions = Definitions::of(&parsed.file);
        let damage = Damage::of(&parsed);
        Self { name: name.into(), file, source, parsed, definitions, damage }
    }

    /// Its dotted name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its file.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Its text.
    #[must_use]
    pub fn source(&self) -> &Arc<SourceFile> {
        &self.source
    }

    /// Its tree.
    #[must_use]
    pub fn tree(&self) -> &ast::File {
        &self.parsed.file
    }

    /// Its errors of syntax.
    #[must_use]
    pub fn syntax(&self) -> &[Diagnostic] {
        &self.parsed.diagnostics
    }

    /// Whether it defines platforms.
    #[must_use]
    pub fn defines_platforms(&self) -> bool {
        self.definitions.platforms(self.tree()).next().is_some()
    }

    /// Whether the syntax of an item is without error.
    pub(crate) fn is_whole(&self, item: Span) -> bool {
        !self.damage.items.contains(&item.start) && !self.damage.everywhere
    }

    /// Whether what is defined here under a name, as a part of an item, is all that was meant by it.
    pub(crate) fn is_certain(&self, item: Span, name: Span) -> bool {
        self.is_whole(item) && !self.damage.torn && !self.definitions.is_contested(name)
    }
}

/// Where the errors of syntax lie.
#[derive(Debug, Default)]
struct Damage {
    /// The starts of the items that have one inside, or right after them: the item may go on there.
    items: BTreeSet<u32>,
    /// Whether one lies in no item: definitions may have been lost.
    torn: bool,
    /// Whether there are too many to know where all of them are.
    everywhere: bool,
}

impl Damage {
    fn of(parsed: &Parsed) -> Self {
        let mut damage = Self { everywhere: parsed.diagnostics.len() >= MANY, ..Self::default() };
        let mut items: Vec<Span> = parsed.file.items.iter().map(ast::Item::span).collect();
        items.sort();
        for flaw in &parsed.diagnostics {
            let Some(place) = flaw.span() else {
                damage.everywhere = true;
                continue;
            };
            let next = items.partition_point(|item| item.start < place.start);
            let before = next.checked_sub(1).and_then(|index| items.get(index));
            // What begins where the error is may be what the item before lacks an end for.
            let here = items.get(next).filter(|item| item.start == place.start);
            damage.items.extend(before.into_iter().chain(here).map(|item| item.start));
            damage.torn |= !before.into_iter().chain(here).any(|item| place.end <= item.end);
        }
        damage
    }
}
