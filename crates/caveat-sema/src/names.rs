//! What each module defines.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_syntax::ast::{self, ConditionKind};

use crate::Module;

/// A condition's key: its kind, its name and, for products, its version.
pub(crate) type ConditionKey<'a> = (ConditionKind, &'a str, Option<&'a str>);

/// The definitions of one module, or of one bulletin.
#[derive(Default)]
pub(crate) struct Definitions<'a> {
    pub(crate) platforms: BTreeMap<&'a str, &'a ast::PlatformDef>,
    pub(crate) conditions: BTreeMap<ConditionKey<'a>, &'a ast::ConditionDef>,
}

/// The definitions of all modules, in the modules' order.
pub(crate) struct Names<'a> {
    pub(crate) modules: Vec<Definitions<'a>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

pub(crate) fn collect<'a>(modules: &[Module<'a>]) -> Names<'a> {
    let mut names = Names { modules: Vec::with_capacity(modules.len()), diagnostics: Vec::new() };
    for module in modules {
        let mut definitions = Definitions::default();
        for item in &module.ast.items {
            match item {
                ast::Item::Platform(platform) => {
                    let first = insert(&mut definitions.platforms, platform.name.text.as_str(), platform);
                    let again = first.map(|first| duplicate("platform", &platform.name, first.name.span));
                    names.diagnostics.extend(again);
                }
                ast::Item::Condition(condition) => {
                    names.diagnostics.extend(definitions.add(condition));
                }
                ast::Item::Bulletin(_) | ast::Item::Summary(_) => {}
            }
        }
        names.modules.push(definitions);
    }
    names
}

impl<'a> Definitions<'a> {
    /// Adds a condition; the diagnostic says that it is there already.
    pub(crate) fn add(&mut self, condition: &'a ast::ConditionDef) -> Option<Diagnostic> {
        let version = condition.version.as_ref().map(|version| version.text.as_str());
        let key = (condition.kind, condition.name.text.as_str(), version);
        let first = insert(&mut self.conditions, key, condition)?;
        Some(duplicate(condition.kind.keyword(), &condition.name, first.name.span))
    }

    /// The conditions of a kind and name: several only for a product's versions.
    pub(crate) fn named(&self, kind: ConditionKind, name: &str) -> Vec<&'a ast::ConditionDef> {
        let from = self.conditions.range((kind, name, None)..);
        from.take_while(|((k, n, _), _)| *k == kind && *n == name)
            .map(|(_, definition)| *definition)
            .collect()
    }
}

fn insert<K: Ord, V: Copy>(map: &mut BTreeMap<K, V>, key: K, value: V) -> Option<V> {
    match map.entry(key) {
        Entry::Occupied(first) => Some(*first.get()),
        Entry::Vacant(slot) => {
            slot.insert(value);
            None
        }
    }
}

fn duplicate(what: &str, name: &ast::Word, first: Span) -> Diagnostic {
    Diagnostic::new(Code::DUPLICATE_DEFINITION, format!("the {what} `{}` is defined twice", name.text))
        .at(name.span, "defined again here")
        .because(first, "first defined here")
        .help("give each a name of its own")
}
