//! What an OVAL definitions document asks to be collected.

use std::collections::BTreeMap;

use regex::Regex;
use roxmltree::{Document, Node};

/// The parts of a definitions document that matter to a collector, and its definitions.
#[derive(Debug, Default)]
pub struct Definitions {
    /// `5.11.2`
    pub schema_version: String,
    /// By id.
    pub definitions: BTreeMap<String, DefinitionInfo>,
    /// By id.
    pub objects: BTreeMap<String, ObjectInfo>,
    /// Local variables by id.
    pub variables: BTreeMap<String, Component>,
}

/// A definition.
#[derive(Debug, Clone)]
pub struct DefinitionInfo {
    /// `vulnerability`, `patch`, `inventory`
    pub class: String,
    /// Its title.
    pub title: String,
}

/// An object.
#[derive(Debug)]
pub struct ObjectInfo {
    /// Its version.
    pub version: String,
    /// What to collect.
    pub wanted: Wanted,
}

/// What to collect.
#[derive(Debug)]
pub enum Wanted {
    /// A registry key; without a name, the key itself.
    Registry {
        /// The hive.
        hive: String,
        /// The key below it.
        key: String,
        /// The name of a value.
        name: Option<String>,
        /// `32_bit` or `64_bit`
        view: Option<String>,
    },
    /// The registry keys that match an expression.
    Keys {
        /// The hive.
        hive: String,
        /// The expression.
        pattern: String,
    },
    /// Keys, or their values, as far as filters let them through.
    Several {
        /// The hive.
        hive: String,
        /// Which keys.
        keys: Keys,
        /// The name of a value; without one, the keys themselves.
        name: Option<String>,
        /// `32_bit` or `64_bit`
        view: Option<String>,
        /// States, each with whether its items are taken.
        filters: Vec<(bool, State)>,
    },
    /// What a query of WMI finds.
    Wmi {
        /// The namespace.
        namespace: String,
        /// The query.
        wql: String,
    },
    /// A file.
    File(Place),
    /// A digest of a file.
    FileHash(Place, String),
    /// A service.
    Service(String),
    /// The family of operating systems.
    Family,
}

/// Which keys.
#[derive(Debug)]
pub enum Keys {
    /// Those that match.
    Matching(Regex),
    /// Those that a variable holds.
    Variable(String),
}

/// What a filter asks of a registry item: each entity with its operation.
#[derive(Debug, Default, Clone)]
pub struct State {
    /// The type.
    pub kind: Option<String>,
    /// The key, by an expression.
    pub key: Option<Regex>,
    /// Datatype, operation and text of the value.
    pub value: Option<(String, String, String)>,
}

/// Where a file is.
#[derive(Debug)]
pub enum Place {
    /// Its whole path.
    Whole(Text),
    /// Its folder and its name.
    Parts(Text, Text),
}

/// A text, or the variable that holds it.
#[derive(Debug)]
pub enum Text {
    /// The text.
    Literal(String),
    /// The variable.
    Variable(String),
}

/// What a local variable is made of.
#[derive(Debug)]
pub enum Component {
    /// A text.
    Literal(String),
    /// The value of an object.
    Object(String),
    /// The keys of an object.
    Keys(String),
    /// Texts after each other.
    Concat(Vec<Component>),
    /// What the first group of a pattern matches in a text; nothing where it does not match.
    Capture(Regex, Box<Component>),
}

impl Definitions {
    /// Reads a document.
    ///
    /// # Panics
    /// When it is not XML, or uses a part of OVAL that this collector does not know.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let document = Document::parse(text).unwrap_or_else(|error| panic!("not XML: {error}\n{text}"));
        let root = document.root_element();
        let schema_version = root.descendants().find(|node| node.tag_name().name() == "schema_version");
        let schema_version = schema_version.map(content).unwrap_or_default();
        let definitions = section(root, "definitions").map(|node| {
            let title = node.descendants().find(|inner| inner.tag_name().name() == "title");
            let info = DefinitionInfo {
                class: attribute(node, "class").unwrap_or_default(),
                title: title.map(content).unwrap_or_default(),
            };
            (id(node), info)
        });
        let states: BTreeMap<String, State> =
            section(root, "states").map(|node| (id(node), state(node))).collect();
        let objects = section(root, "objects").map(|node| {
            let version = attribute(node, "version").unwrap_or_default();
            (id(node), ObjectInfo { version, wanted: wanted(node, &states) })
        });
        let variables = section(root, "variables").map(|node| (id(node), component(only(node))));
        Self {
            schema_version,
            definitions: definitions.collect(),
            objects: objects.collect(),
            variables: variables.collect(),
        }
    }
}

fn section<'a, 'input>(root: Node<'a, 'input>, name: &str) -> impl Iterator<Item = Node<'a, 'input>> {
    let section = root.children().find(|node| node.tag_name().name() == name);
    section.into_iter().flat_map(|node| node.children()).filter(Node::is_element)
}

fn id(node: Node<'_, '_>) -> String {
    attribute(node, "id").unwrap_or_default()
}

fn attribute(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.attribute(name).map(str::to_owned)
}

fn content(node: Node<'_, '_>) -> String {
    node.text().unwrap_or("").to_owned()
}

/// A child's element; nothing when it is nil.
fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
    let child = node.children().find(|child| child.tag_name().name() == name)?;
    (child.attribute((XSI, "nil")) != Some("true")).then_some(child)
}

fn literal(node: Node<'_, '_>, name: &str) -> Option<String> {
    child(node, name).map(content)
}

fn wanted(node: Node<'_, '_>, states: &BTreeMap<String, State>) -> Wanted {
    if let Some(keys) = keys(node, states) {
        return keys;
    }
    for child in node.children() {
        let operation = child.attribute("operation").unwrap_or("equals");
        assert!(operation.ends_with("equals"), "objects are found by equality, not by `{operation}`");
    }
    match node.tag_name().name() {
        "registry_object" => Wanted::Registry {
            hive: literal(node, "hive").unwrap_or_default(),
            key: literal(node, "key").unwrap_or_default(),
            name: literal(node, "name"),
            view: child(node, "behaviors").and_then(|behaviors| attribute(behaviors, "windows_view")),
        },
        "file_object" => Wanted::File(place(node)),
        "filehash58_object" => Wanted::FileHash(place(node), literal(node, "hash_type").unwrap_or_default()),
        "wmi57_object" => Wanted::Wmi {
            namespace: literal(node, "namespace").unwrap_or_default(),
            wql: literal(node, "wql").unwrap_or_default(),
        },
        "service_object" => Wanted::Service(literal(node, "service_name").unwrap_or_default()),
        "family_object" => Wanted::Family,
        other => panic!("nothing is known of `{other}`"),
    }
}

/// Keys that are found by an expression, or that a variable holds.
fn keys(node: Node<'_, '_>, states: &BTreeMap<String, State>) -> Option<Wanted> {
    let key = child(node, "key")?;
    let hive = literal(node, "hive").unwrap_or_default();
    let keys = match (key.attribute("operation"), key.attribute("var_ref")) {
        (Some("pattern match"), None) if content(key).contains("[Hh][Oo][Tt][Ff][Ii][Xx]") => {
            return Some(Wanted::Keys { hive, pattern: content(key) });
        }
        (Some("pattern match"), None) => Keys::Matching(Regex::new(&content(key)).unwrap()),
        (None, Some(variable)) => {
            assert_eq!(key.attribute("var_check"), Some("at least one"));
            Keys::Variable(variable.to_owned())
        }
        _ => return None,
    };
    let filters = node.children().filter(|child| child.tag_name().name() == "filter");
    let filters = filters.map(|filter| {
        let state = states.get(&content(filter)).unwrap_or_else(|| panic!("no state {}", content(filter)));
        (filter.attribute("action") == Some("include"), state.clone())
    });
    Some(Wanted::Several {
        hive,
        keys,
        name: literal(node, "name"),
        view: child(node, "behaviors").and_then(|behaviors| attribute(behaviors, "windows_view")),
        filters: filters.collect(),
    })
}

fn state(node: Node<'_, '_>) -> State {
    let value = child(node, "value").map(|value| {
        let of = |name: &str, default: &str| value.attribute(name).unwrap_or(default).to_owned();
        (of("datatype", "string"), of("operation", "equals"), content(value))
    });
    let key = child(node, "key").filter(|key| key.attribute("operation") == Some("pattern match"));
    State { kind: literal(node, "type"), key: key.map(|key| Regex::new(&content(key)).unwrap()), value }
}

fn place(node: Node<'_, '_>) -> Place {
    let text = |name: &str| {
        let child = child(node, name)?;
        let variable = child.attribute("var_ref").map(|id| Text::Variable(id.to_owned()));
        Some(variable.unwrap_or_else(|| Text::Literal(content(child))))
    };
    match (text("filepath"), text("path"), text("filename")) {
        (Some(whole), None, None) => Place::Whole(whole),
        (None, Some(folder), Some(name)) => Place::Parts(folder, name),
        other => panic!("a file is found by its filepath, or by path and filename, not by {other:?}"),
    }
}

fn component(node: Node<'_, '_>) -> Component {
    match node.tag_name().name() {
        "literal_component" => Component::Literal(content(node)),
        "object_component" => {
            let object = attribute(node, "object_ref").unwrap_or_default();
            match node.attribute("item_field") {
                Some("value") => Component::Object(object),
                Some("key") => Component::Keys(object),
                other => panic!("nothing is known of the field {other:?}"),
            }
        }
        "concat" => Component::Concat(node.children().filter(Node::is_element).map(component).collect()),
        "regex_capture" => {
            let pattern = node.attribute("pattern").unwrap_or_default();
            Component::Capture(Regex::new(pattern).unwrap(), Box::new(component(only(node))))
        }
        other => panic!("nothing is known of `{other}`"),
    }
}

/// The one element within.
fn only<'a, 'i>(node: Node<'a, 'i>) -> Node<'a, 'i> {
    let mut inner = node.children().filter(Node::is_element);
    let first = inner.next().unwrap_or_else(|| panic!("{node:?} is empty"));
    assert!(inner.next().is_none(), "{node:?} has several parts");
    first
}
