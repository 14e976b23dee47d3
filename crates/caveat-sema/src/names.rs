//! What modules and bulletins define.

use std::collections::{BTreeMap, BTreeSet};

use caveat_diag::{Code, Diagnostic, Span};
use caveat_syntax::ast::{self, ConditionDef, ConditionKind, Item, PlatformDef};

/// What tells a condition: its kind, its name and, for products, its version.
type Key<'a> = (ConditionKind, &'a str, Option<&'a str>);

/// The definitions of one module: indices of its items.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    /// By name.
    platforms: BTreeMap<String, usize>,
    /// By kind and name; several only for a product's versions, in their order.
    conditions: BTreeMap<(ConditionKind, String), Vec<usize>>,
    /// The names that are defined twice, where they are first.
    contested: BTreeSet<Span>,
    /// What is defined twice.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl Definitions {
    pub(crate) fn of(tree: &ast::File) -> Self {
        let mut definitions = Self::default();
        let mut conditions = BTreeMap::new();
        for (index, item) in tree.items.iter().enumerate() {
            match item {
                Item::Platform(platform) => definitions.add_platform(tree, platform, index),
                Item::Condition(condition) => {
                    definitions.add_condition(tree, &mut conditions, condition, index);
                }
                Item::Bulletin(_) | Item::Summary(_) => {}
            }
        }
        for ((kind, name, _), index) in conditions {
            definitions.conditions.entry((kind, name.to_owned())).or_default().push(index);
        }
        definitions
    }

    fn add_platform(&mut self, tree: &ast::File, platform: &PlatformDef, index: usize) {
        let name = &platform.name;
        match self.platforms.get(&name.text).and_then(|first| platform_at(tree, *first)) {
            Some(first) => self.twice("platform", name, first.name.span),
            None => {
                self.platforms.insert(name.text.clone(), index);
            }
        }
    }

    fn add_condition<'t>(
        &mut self,
        tree: &'t ast::File,
        conditions: &mut BTreeMap<Key<'t>, usize>,
        condition: &'t ConditionDef,
        index: usize,
    ) {
        let first = *conditions.entry(key(condition)).or_insert(index);
        if let Some(first) = condition_at(tree, first).filter(|_| first != index) {
            self.twice(condition.kind.keyword(), &condition.name, first.name.span);
        }
    }

    fn twice(&mut self, what: &str, name: &ast::Word, first: Span) {
        self.contested.insert(first);
        self.diagnostics.push(duplicate(what, name, first));
    }

    /// Whether a name is defined twice.
    pub(crate) fn is_contested(&self, name: Span) -> bool {
        self.contested.contains(&name)
    }

    /// The platforms, by name.
    pub(crate) fn platforms<'t>(&self, tree: &'t ast::File) -> impl Iterator<Item = &'t PlatformDef> {
        self.platforms.values().filter_map(|index| platform_at(tree, *index))
    }

    /// All conditions, by kind and name.
    pub(crate) fn conditions<'t>(&self, tree: &'t ast::File) -> impl Iterator<Item = &'t ConditionDef> {
        self.conditions.values().flatten().filter_map(|index| condition_at(tree, *index))
    }

    /// The kinds and names of conditions.
    pub(crate) fn condition_names(&self) -> impl Iterator<Item = (ConditionKind, &str)> {
        self.conditions.keys().map(|(kind, name)| (*kind, name.as_str()))
    }

    /// The conditions of a kind and name: several only for a product's versions.
    pub(crate) fn named<'t>(
        &self,
        tree: &'t ast::File,
        kind: ConditionKind,
        name: &str,
    ) -> Vec<&'t ConditionDef> {
        let found = self.conditions.get(&(kind, name.to_owned())).into_iter().flatten();
        found.filter_map(|index| condition_at(tree, *index)).collect()
    }
}

fn platform_at(tree: &ast::File, index: usize) -> Option<&PlatformDef> {
    match tree.items.get(index)? {
        Item::Platform(platform) => Some(platform),
        _ => None,
    }
}

fn condition_at(tree: &ast::File, index: usize) -> Option<&ConditionDef> {
    match tree.items.get(index)? {
        Item::Condition(condition) => Some(condition),
        _ => None,
    }
}

fn key(condition: &ConditionDef) -> Key<'_> {
    let version = condition.version.as_ref().map(|version| version.text.as_str());
    (condition.kind, condition.name.text.as_str(), version)
}

/// The conditions of one bulletin.
#[derive(Default)]
pub(crate) struct Local<'a> {
    conditions: BTreeMap<Key<'a>, &'a ConditionDef>,
}

impl<'a> Local<'a> {
    /// Adds a condition; the diagnostic says that it is there already.
    pub(crate) fn add(&mut self, condition: &'a ConditionDef) -> Option<Diagnostic> {
        let first = *self.conditions.entry(key(condition)).or_insert(condition);
        let again = !std::ptr::eq(first, condition);
        again.then(|| duplicate(condition.kind.keyword(), &condition.name, first.name.span))
    }

    pub(crate) fn conditions(&self) -> impl Iterator<Item = &'a ConditionDef> {
        self.conditions.values().copied()
    }

    /// The conditions of a kind and name: several only for a product's versions.
    pub(crate) fn named(&self, kind: ConditionKind, name: &str) -> Vec<&'a ConditionDef> {
        let from = self.conditions.range((kind, name, None)..);
        let found = from.take_while(|((k, n, _), _)| *k == kind && *n == name);
        found.map(|(_, definition)| *definition).collect()
    }
}

fn duplicate(what: &str, name: &ast::Word, first: Span) -> Diagnostic {
    Diagnostic::new(Code::DUPLICATE_DEFINITION, format!("the {what} `{}` is defined twice", name.text))
        .at(name.span, "defined again here")
        .because(first, "first defined here")
        .help("give each a name of its own")
}
