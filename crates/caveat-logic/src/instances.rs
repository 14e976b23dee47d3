//! One of several keys, of which all parts of a test hold: looked for part by part, as each looks at one value or star.

use std::collections::BTreeMap;

use caveat_ir::Truth;
use caveat_ir::expr::{KeyPart, Subject, ValueCheck};
use caveat_ir::value::{RegistryPath, stars};

use crate::registry::{Check, Data, sorts};

/// What a star stands for that no part asks for.
const ANY: &str = "1";

/// A key by what its stars stand for, and its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SomeKey {
    pattern: String,
    /// What stars stand for, as far as parts ask for it.
    stars: Vec<Option<String>>,
    pub(crate) values: BTreeMap<String, Data>,
}

impl SomeKey {
    /// A key of which all parts hold, if one is found, and whether it is certain that there is one, or none.
    pub(crate) fn of(pattern: &RegistryPath, parts: &[KeyPart]) -> (Option<Self>, bool) {
        let mut by_subject: BTreeMap<&Subject, Vec<&KeyPart>> = BTreeMap::new();
        for part in parts {
            by_subject.entry(&part.subject).or_default().push(part);
        }
        let mut key = Self {
            pattern: pattern.key.clone(),
            stars: vec![None; stars::count(&pattern.key)],
            values: BTreeMap::new(),
        };
        let mut impossible = None;
        for (subject, parts) in by_subject {
            let checks: Vec<&ValueCheck> = parts.iter().map(|part| &part.check).collect();
            let (sorts, complete) = sorts(&checks);
            let found = match subject {
                Subject::Value(name) => key.value(name, &parts, sorts),
                Subject::Star(number) => key.star(usize::from(*number).wrapping_sub(1), &parts, sorts),
            };
            if !found {
                impossible = Some(impossible.unwrap_or(false) || complete);
            }
        }
        match impossible {
            None => (Some(key), true),
            Some(certain) => (None, certain),
        }
    }

    /// Gives the key a value that passes, or none where that will do.
    fn value(&mut self, name: &str, parts: &[&KeyPart], sorts: Vec<Data>) -> bool {
        if parts.iter().all(|part| part.negated) {
            return true;
        }
        let found = sorts.into_iter().find(|data| passes(parts, data));
        let is_found = found.is_some();
        self.values.extend(found.map(|data| (name.to_owned(), data)));
        is_found
    }

    /// Has the star of this index stand for a text that passes.
    fn star(&mut self, index: usize, parts: &[&KeyPart], sorts: Vec<Data>) -> bool {
        let text = |data: Data| data.as_text().filter(|text| can_be_in_name(text)).map(str::to_owned);
        let texts = sorts.into_iter().filter(|data| passes(parts, data)).filter_map(text);
        for text in texts {
            let Some(slot) = self.stars.get_mut(index) else { return false };
            *slot = Some(text.clone());
            let again = stars::matched(&self.pattern, &self.key(ANY)).unwrap_or_default();
            if again.get(index) == Some(&text) {
                return true;
            }
        }
        false
    }

    /// The key below its hive, with a text for the stars that no part asks for.
    pub(crate) fn key(&self, other: &str) -> String {
        stars::filled(&self.pattern, self.stars.iter().map(|text| text.as_deref().unwrap_or(other)))
    }
}

fn passes(parts: &[&KeyPart], data: &Data) -> bool {
    let wanted = |part: &KeyPart| if part.negated { Truth::False } else { Truth::True };
    parts.iter().all(|part| Check::new(&part.check).truth(data) == wanted(part))
}

fn can_be_in_name(text: &str) -> bool {
    !text.is_empty() && !text.contains('\\') && !text.chars().any(char::is_control)
}
