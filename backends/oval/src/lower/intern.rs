//! Tests, objects, states and variables of one document, each once.
//!
//! An element is called by the digest of its content, in which registry and file names are
//! folded and comments have no part. Of several spellings the least is kept, so that a document
//! does not depend on the order in which it was put together.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use caveat_backend::digest;
use caveat_ir::expr::Reason;
use caveat_ir::value::{Hive, KnownFolder, RegistryPath, RegistryType, Variable, View, WindowsPath, name};
use caveat_ir::{canonical, describe};

use super::plan::Place;
use super::several::{Chain, Link};
use crate::model::{Document, FilePlace, Folder, Keys, Name, Object, Read, Root, State, Test, TestBody};

/// What the test of conditions that an author calls undecidable says.
const UNDECIDABLE: &str = "what no fact of a host can tell";

/// A registry value that no host has: Windows lets no program create a key right below `HKLM`
/// (Microsoft, `RegCreateKeyExW`, remarks).
const NOWHERE: (&str, &str) = ("Nowhere", "Nothing");

/// Adds an element under the digest of its content.
fn intern<T: Ord>(table: &mut BTreeMap<Name, T>, content: &[&str], element: T) -> Name {
    let name: Name = digest(&canonical::fields(content)).into();
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
        let comment = match words {
            // One test stands for all of them; what each is about, its criterion says.
            caveat_ir::Test::Unknowable(Reason::Stated(_)) => UNDECIDABLE.to_owned(),
            other => describe::test(other, false),
        };
        let test = Test { comment, body: TestBody::Unknown };
        intern(&mut self.tests, &["ind-def:unknown", &canonical::test(words)], test)
    }

    fn object(&mut self, place: &Place) -> Name {
        match place {
            Place::Key(path) => self.registry(path, None),
            Place::Value(path, name) => self.registry(path, Some(name)),
            Place::File(path, first) => {
                let (file, [folder, name]) = self.file(path, *first);
                intern(&mut self.objects, &["file", &folder, &name], Object::File(file))
            }
            Place::Digest(path, first, algorithm) => {
                let (file, [folder, name]) = self.file(path, *first);
                let content = ["filehash58", &folder, &name, algorithm.as_str()];
                intern(&mut self.objects, &content, Object::FileHash(file, *algorithm))
            }
            Place::Host => intern(&mut self.objects, &["family"], Object::Family),
            Place::Keys(pattern) => {
                let object = Object::Several {
                    hive: Hive::LocalMachine,
                    view: None,
                    keys: Keys::Matching(pattern.clone()),
                    value: None,
                    filters: Vec::new(),
                };
                intern(&mut self.objects, &["registry keys", pattern], object)
            }
            Place::Several(chain) => self.chain(chain),
            Place::Wmi(query) => intern(&mut self.objects, &["wmi57", query], Object::Wmi(query.clone())),
            Place::Service(name) => {
                let content = ["service", &name::folded(name)];
                intern(&mut self.objects, &content, Object::Service(name.clone()))
            }
        }
    }

    /// The last object of a chain; the others are made for it.
    fn chain(&mut self, chain: &Chain) -> Name {
        let mut keys = Keys::Matching(chain.keys.clone());
        let mut last: Option<Name> = None;
        for link in &chain.links {
            if let Some(object) = last.take() {
                let content = ["keys", &object].map(str::to_owned);
                let content = content.each_ref().map(String::as_str);
                keys =
                    Keys::Variable(intern(&mut self.variables, &content, Read::Keys(Name::clone(&object))));
            }
            last = Some(self.link(chain, &keys, link));
        }
        last.unwrap_or_else(|| Name::from(""))
    }

    fn link(&mut self, chain: &Chain, keys: &Keys, link: &Link) -> Name {
        let filters: Vec<(bool, Name)> =
            link.filters.iter().map(|filter| (filter.include, self.state(&filter.state))).collect();
        let value = link.value.as_deref().map(name::folded);
        let (how, which) = match keys {
            Keys::Matching(pattern) => ("matching", pattern.as_str()),
            Keys::Variable(name) => ("variable", &**name),
        };
        let mut content = vec![
            "several",
            chain.hive.short_name(),
            view_digits(chain.view),
            how,
            which,
            if value.is_some() { "value" } else { "key" },
            value.as_deref().unwrap_or_default(),
        ];
        for (include, state) in &filters {
            content.extend([if *include { "include" } else { "exclude" }, &**state]);
        }
        let object = Object::Several {
            hive: chain.hive,
            view: chain.view,
            keys: keys.clone(),
            value: link.value.clone(),
            filters: filters.clone(),
        };
        intern(&mut self.objects, &content, object)
    }

    fn registry(&mut self, path: &RegistryPath, value: Option<&str>) -> Name {
        let view = view_digits(path.view);
        let name = name::folded(value.unwrap_or_default());
        let content =
            ["registry", &path.folded(), if value.is_some() { "value" } else { "key" }, &name, view];
        let object = Object::Registry { path: path.clone(), value: value.map(str::to_owned) };
        intern(&mut self.objects, &content, object)
    }

    /// The place of a file, and the content that names it.
    fn file(&mut self, path: &WindowsPath, first: Option<KnownFolder>) -> (FilePlace, [String; 2]) {
        let variable = path.variable().map(|name| (name, Variable::named(name)));
        let folder = match variable {
            Some((_, Variable::Folder(root))) => Folder::Variable(self.folder(root, tail_folder(root, path))),
            Some((name, Variable::Machine)) => Folder::Variable(self.below(name, first, tail(path))),
            _ if path.folder().ends_with(':') => Folder::Literal(format!(r"{}\", path.folder())),
            _ => Folder::Literal(path.folder().to_owned()),
        };
        let named = match &folder {
            Folder::Variable(name) => name.to_string(),
            Folder::Literal(path) => name::folded(path),
        };
        let file = path.file_name();
        let content = [named, name::folded(file)];
        (FilePlace { folder, file: file.to_owned() }, content)
    }

    /// The variable that holds a folder below a known one.
    fn folder(&mut self, root: KnownFolder, tail: &str) -> Name {
        let root = self.root(root);
        let object = Name::clone(&root.object);
        let made = root.made();
        let variable = Read::Folder { root, tail: tail.to_owned() };
        intern(&mut self.variables, &[made, &object, &name::folded(tail)], variable)
    }

    /// The variable that holds a folder below what a variable of the machine names.
    fn below(&mut self, name: &str, first: Option<KnownFolder>, tail: &str) -> Name {
        let object = self.machine_value((Variable::MACHINE, name));
        let first = first.map(|root| self.root(root));
        let (made, root) = first.as_ref().map_or(("", ""), |root| (root.made(), &*root.object));
        let content = ["below variable", &object, made, root, &name::folded(tail)].map(str::to_owned);
        let what = Read::Below { object, name: name.to_owned(), first, tail: tail.to_owned() };
        intern(&mut self.variables, &content.each_ref().map(String::as_str), what)
    }

    fn root(&mut self, folder: KnownFolder) -> Root {
        let system =
            folder.is_since_vista().then(|| self.machine_value(KnownFolder::SystemRoot.registry_value()));
        Root { folder, object: self.machine_value(folder.registry_value()), system }
    }

    /// The variable that is never set.
    fn nothing(&mut self) -> Name {
        let object = self.machine_value(NOWHERE);
        let variable = Read::Nothing(Name::clone(&object));
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
            State::Key(_) => "key",
        };
        let [datatype, operation, value] = match state {
            State::RegistryType(kind) => [kind.as_str(), "", ""],
            State::Family(family) => [family.as_str(), "", ""],
            State::Service(service) => [service.as_str(), "", ""],
            State::Malformed(variable) => [variable, "", ""],
            State::Registry { value: entity, .. }
            | State::Key(entity)
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

/// The folder of a path below its variable, with its backslash.
fn tail(path: &WindowsPath) -> &str {
    path.tail().rsplit_once('\\').map_or("", |(folder, _)| folder)
}

/// The same. The folder of a drive is its root.
fn tail_folder(root: KnownFolder, path: &WindowsPath) -> &str {
    match tail(path) {
        "" if root == KnownFolder::SystemDrive => r"\",
        folder => folder,
    }
}

fn view_digits(view: Option<View>) -> &'static str {
    match view {
        None => "",
        Some(View::Bits32) => "32",
        Some(View::Bits64) => "64",
    }
}
