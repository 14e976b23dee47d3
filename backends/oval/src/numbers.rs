//! Numbers for the elements of all documents of a run, and the ids made of them.
//!
//! Each kind is numbered once for the whole run, so that two documents that share an element
//! share its id, and no id depends on what else is in a document.

use std::collections::{BTreeMap, HashMap};

use caveat_backend::{EmitBug, Entry, Ledger, Meaning};

use crate::model::{Document, Kind, Name};

/// Number and version of every element.
#[derive(Debug)]
pub(crate) struct Numbers {
    entries: HashMap<(Kind, Name), Numbered>,
}

/// What the ledger says of an element.
#[derive(Debug)]
pub(crate) struct Numbered {
    pub(crate) number: u32,
    /// `oval:NAMESPACE:KIND:NUMBER`
    pub(crate) id: String,
    pub(crate) version: String,
}

/// An element and its id.
pub(crate) struct Identified<'a, T> {
    pub(crate) id: &'a str,
    pub(crate) version: &'a str,
    pub(crate) name: &'a Name,
    pub(crate) element: &'a T,
}

impl<T> Identified<'_, T> {
    /// The attributes every element begins with.
    pub(crate) fn head(&self) -> [(&str, &str); 2] {
        [("id", self.id), ("version", self.version)]
    }
}

impl Numbers {
    /// Draws numbers from the ledger for everything in the documents.
    pub(crate) fn assign(ledger: &mut Ledger, namespace: &str, documents: &[Document]) -> Self {
        let mut entries = HashMap::new();
        for kind in Kind::ALL {
            let wanted: BTreeMap<String, Meaning> =
                documents.iter().flat_map(|document| wanted(document, kind)).collect();
            let assigned = ledger.assign(kind.as_str(), &wanted);
            let numbered = |(name, entry): (String, Entry)| {
                let id = format!("oval:{namespace}:{}:{}", kind.as_str(), entry.id);
                let version = entry.version.to_string();
                ((kind, Name::from(name)), Numbered { number: entry.id, id, version })
            };
            entries.extend(assigned.into_iter().map(numbered));
        }
        Self { entries }
    }

    /// Number, id and version of an element.
    pub(crate) fn get(&self, kind: Kind, name: &Name) -> Result<&Numbered, EmitBug> {
        let missing = || EmitBug(format!("the {} `{name}` has no number", kind.as_str()));
        self.entries.get(&(kind, Name::clone(name))).ok_or_else(missing)
    }

    /// The id of an element.
    pub(crate) fn id(&self, kind: Kind, name: &Name) -> Result<&str, EmitBug> {
        Ok(&self.get(kind, name)?.id)
    }

    /// The elements in the order of their numbers.
    pub(crate) fn sorted<'e, T>(
        &'e self,
        kind: Kind,
        elements: &'e BTreeMap<Name, T>,
    ) -> Result<Vec<Identified<'e, T>>, EmitBug> {
        let identify = |(name, element)| {
            let Numbered { number, id, version } = self.get(kind, name)?;
            Ok((*number, Identified { id, version, name, element }))
        };
        let mut elements = elements.iter().map(identify).collect::<Result<Vec<_>, EmitBug>>()?;
        elements.sort_by_key(|(number, _)| *number);
        Ok(elements.into_iter().map(|(_, element)| element).collect())
    }
}

/// The elements of a kind, each with the digest of its meaning. The name of anything but a
/// definition is that digest already.
fn wanted(document: &Document, kind: Kind) -> Vec<(String, Meaning)> {
    let by_content = |name: &Name| (name.to_string(), Meaning::from(name.to_string()));
    match kind {
        Kind::Definition => {
            let definitions = document.definitions.iter();
            definitions
                .map(|(name, definition)| (name.to_string(), definition.digest.clone().into()))
                .collect()
        }
        Kind::Test => document.tests.keys().map(by_content).collect(),
        Kind::Object => document.objects.keys().map(by_content).collect(),
        Kind::State => document.states.keys().map(by_content).collect(),
        Kind::Variable => document.variables.keys().map(by_content).collect(),
    }
}
