//! Tests, objects, states and variables of one document, each once.
//!
//! An element is called by the digest of its content, in which registry and file names are
//! folded and comments have no part. Of several spellings the least is kept, so that a document
//! does not depend on the order in which it was put together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use caveat_backend::digest;
use caveat_ir::describe;
use caveat_ir::value::{Hive, KnownFolder, RegistryPath, View, WindowsPath, name};

use super::plan::Place;
use crate::model::{
    Document, FilePlace, Folder, Name, Object, Read, RegistryType, State, Test, TestBody, Variable,
};

/// A registry value that no host has: Windows lets no program create a key right below `HKLM`
/// (Microsoft, `RegCreateKeyExW`, remarks).
const NOWHERE: (&str, &str) = ("Nowhere", "Nothing");

/// Adds an element under the digest of its content.
fn intern<T: Ord>(table: &mut BTreeMap<Name, T>, content: &[&str], element: T) -> Name {
    let name: Name = digest(&unambiguous(content)).into();
    match table.entry(Name::clone(&name)) {
        Entry::Vacant(slot) => {
            slot.insert(element);
        }
        Entry::Occupied(mut slot) if element < *slot.get() => {
            slot.insert(element);
        }
        Entry::Occupied(_) => {}
    }
    name
}

/// The fields in one text, each with its length before it, so that no two lists give the same.
/// Names of elements are made from this: changing it renumbers every document ever written.
pub(super) fn unambiguous(fields: &[&str]) -> String {
    let mut text = String::with_capacity(fields.iter().map(|field| field.len() + 4).sum());
    for field in fields {
        text.push_str(&field.len().to_string());
        text.push(':');
        text.push_str(field);
    }
    text
}

impl Document {
    /// The test that observes this, with the words of the test it stands for.
    pub(super) fn test(&mut self, words: &caveat_ir::Test, place: &Place, state: Option<&State>) -> Name {
        let comment = observed_words(words, state, false);
        let state = state.map(|state| self.state(state));
        self.observation(comment, place, state.as_ref())
    }

    /// The test that is an error where the place has an item, and false where it has none.
    pub(super) fn malformed(&mut self, words: &caveat_ir::Test, place: &Place) -> Name {
        let nothing = self.nothing();
        let state = self.state(&State::Malformed(nothing));
        self.observation(malformed_words(words), place, Some(&state))
    }

    fn observation(&mut self, comment: String, place: &Place, state: Option<&Name>) -> Name {
        let object = self.object(place);
        let component = place.component();
        let body = TestBody::Observe { component, object: Name::clone(&object), state: state.cloned() };
        let content = [component.stem(), &object, state.map_or("", |state| state)];
        intern(&mut self.tests, &content, Test { comment, body })
    }

    /// The test of what nothing can tell.
    pub(super) fn unknown(&mut self, words: &caveat_ir::Test) -> Name {
        let comment = describe::test(words, false);
        let test = Test { comment: comment.clone(), body: TestBody::Unknown };
        intern(&mut self.tests, &["ind-def:unknown", &comment], test)
    }

    fn object(&mut self, place: &Place) -> Name {
        match place {
            Place::Key(path) => self.registry(path, None),
            Place::Value(path, name) => self.registry(path, Some(name)),
            Place::File(path) => {
                let (file, [folder, name]) = self.file(path);
                intern(&mut self.objects, &["file", &folder, &name], Object::File(file))
            }
            Place::Digest(path, algorithm) => {
                let (file, [folder, name]) = self.file(path);
                let content = ["filehash58", &folder, &name, algorithm.as_str()];
                intern(&mut self.objects, &content, Object::FileHash(file, *algorithm))
            }
            Place::Host => intern(&mut self.objects, &["family"], Object::Family),
            Place::Keys(pattern) => {
                intern(&mut self.objects, &["registry keys", pattern], Object::Keys(pattern.clone()))
            }
            Place::Wmi(query) => intern(&mut self.objects, &["wmi57", query], Object::Wmi(query.clone())),
            Place::Service(name) => {
                let content = ["service", &name::folded(name)];
                intern(&mut self.objects, &content, Object::Service(name.clone()))
            }
        }
    }

    fn registry(&mut self, path: &RegistryPath, value: Option<&str>) -> Name {
        let view = match path.view {
            None => "",
            Some(View::Bits32) => "32",
            Some(View::Bits64) => "64",
        };
        let name = name::folded(value.unwrap_or_default());
        let content =
            ["registry", &path.folded(), if value.is_some() { "value" } else { "key" }, &name, view];
        let object = Object::Registry { path: path.clone(), value: value.map(str::to_owned) };
        intern(&mut self.objects, &content, object)
    }

    /// The place of a file, and the content that names it.
    fn file(&mut self, path: &WindowsPath) -> (FilePlace, [String; 2]) {
        let folder = match path.variable().and_then(KnownFolder::from_variable) {
            Some(root) => Folder::Variable(self.variable(root, tail_folder(root, path))),
            None if path.folder().ends_with(':') => Folder::Literal(format!(r"{}\", path.folder())),
            None => Folder::Literal(path.folder().to_owned()),
        };
        let named = match &folder {
            Folder::Variable(name) => name.to_string(),
            Folder::Literal(path) => name::folded(path),
        };
        let file = path.file_name();
        let content = [named, name::folded(file)];
        (FilePlace { folder, file: file.to_owned() }, content)
    }

    fn variable(&mut self, root: KnownFolder, tail: &str) -> Name {
        let object = self.machine_value(root.registry_value());
        let system =
            root.is_since_vista().then(|| self.machine_value(KnownFolder::SystemRoot.registry_value()));
        let made = match root {
            KnownFolder::SystemDrive => "drive",
            _ if system.is_some() => "below drive",
            _ => "concat",
        };
        let what = Read::Folder { system, root, tail: tail.to_owned() };
        let variable = Variable { what, object: Name::clone(&object) };
        intern(&mut self.variables, &[made, &object, &name::folded(tail)], variable)
    }

    /// The variable that is never set.
    fn nothing(&mut self) -> Name {
        let object = self.machine_value(NOWHERE);
        let variable = Variable { what: Read::Nothing, object: Name::clone(&object) };
        intern(&mut self.variables, &["nothing", &object], variable)
    }

    /// A value of a key below `HKLM`.
    fn machine_value(&mut self, (key, value): (&str, &str)) -> Name {
        let path = RegistryPath { hive: Hive::LocalMachine, key: key.to_owned(), view: None };
        self.registry(&path, Some(value))
    }

    fn state(&mut self, state: &State) -> Name {
        let what = match state {
            State::Registry { kind, .. } => kind.map_or("registry", RegistryType::as_str),
            State::RegistryType(_) => "type",
            State::FileVersion(_) => "version",
            State::FileSize(_) => "size",
            State::FileHash(_) => "hash",
            State::Service(_) => "service",
            State::Family(_) => "family",
            State::Malformed(_) => "malformed",
        };
        let [datatype, operation, value] = match state {
            State::RegistryType(kind) => [kind.as_str(), "", ""],
            State::Family(family) => [family.as_str(), "", ""],
            State::Service(service) => [service.as_str(), "", ""],
            State::Malformed(variable) => [variable, "", ""],
            State::Registry { value: entity, .. }
            | State::FileVersion(entity)
            | State::FileSize(entity)
            | State::FileHash(entity) => [entity.datatype.as_str(), entity.operation.as_str(), &entity.value],
        };
        intern(&mut self.states, &[what, datatype, operation, value], state.clone())
    }
}

/// What an observation says in words: those of the test it stands for, but for the type of a value,
/// for which rules have no words.
pub(super) fn observed_words(words: &caveat_ir::Test, state: Option<&State>, negated: bool) -> String {
    match state {
        Some(State::RegistryType(kind)) => {
            let is = if negated { "is not" } else { "is" };
            format!("{} {is} of the type {}", describe::subject(words), kind.as_str())
        }
        _ => describe::test(words, negated),
    }
}

/// That what a test asks for is there, and makes no sense.
pub(super) fn malformed_words(words: &caveat_ir::Test) -> String {
    format!("{} and is malformed", describe::test(words, false))
}

/// The part of a path between its variable and its file name. The folder of a drive is its root.
fn tail_folder(root: KnownFolder, path: &WindowsPath) -> &str {
    match path.tail().rsplit_once('\\').map_or("", |(folder, _)| folder) {
        "" if root == KnownFolder::SystemDrive => r"\",
        folder => folder,
    }
}
