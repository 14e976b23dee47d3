//! An OVAL document as types: what there is to write, free of how it is written.
//!
//! Elements refer to each other by [`Name`], not by number: `lower` makes a document before any
//! number is known, `numbers` then numbers all documents of a run together. Only what the
//! portable subset of OVAL needs can be said: no sets, no ONE or XOR, no external variables.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use caveat_backend::Fidelity;
use caveat_diag::Location;
use caveat_ir::value::{
    BulletinId, Date, Digest, Family, Hive, KnownFolder, Rating, RegistryPath, RegistryType, View,
};

/// What an element is called before it has a number: a definition by what it is about, anything
/// else by the digest of its content.
pub(crate) type Name = Rc<str>;

/// A document.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Its file name without extension.
    pub(crate) stem: String,
    pub(crate) bulletins: BTreeSet<BulletinId>,
    pub(crate) timestamp: String,
    /// How it relates to the rules.
    pub(crate) fidelity: Fidelity,
    pub(crate) definitions: BTreeMap<Name, Definition>,
    pub(crate) tests: BTreeMap<Name, Test>,
    pub(crate) objects: BTreeMap<Name, Object>,
    pub(crate) states: BTreeMap<Name, State>,
    pub(crate) variables: BTreeMap<Name, Read>,
    /// Where each test was written.
    pub(crate) places: BTreeMap<Name, BTreeSet<Location>>,
}

/// The five kinds of numbered elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Definition,
    Test,
    Object,
    State,
    Variable,
}

impl Kind {
    /// All, in the order of a document.
    pub(crate) const ALL: [Self; 5] =
        [Self::Definition, Self::Test, Self::Object, Self::State, Self::Variable];

    /// As in ids.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Definition => "def",
            Self::Test => "tst",
            Self::Object => "obj",
            Self::State => "ste",
            Self::Variable => "var",
        }
    }

    /// The element that holds those of the kind.
    pub(crate) const fn container(self) -> &'static str {
        match self {
            Self::Definition => "definitions",
            Self::Test => "tests",
            Self::Object => "objects",
            Self::State => "states",
            Self::Variable => "variables",
        }
    }
}

/// A definition.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) class: Class,
    pub(crate) subject: Subject,
    pub(crate) title: String,
    /// The titles of the platforms, by family.
    pub(crate) platforms: Vec<(Family, Vec<String>)>,
    pub(crate) references: Vec<Reference>,
    pub(crate) description: String,
    pub(crate) advisory: Option<Advisory>,
    pub(crate) notes: Vec<String>,
    pub(crate) criteria: Criteria,
    /// The digest of its meaning: class and criteria, without any wording.
    pub(crate) digest: String,
}

/// What a definition states when it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The host is vulnerable.
    Vulnerability,
    /// The update is missing.
    Patch,
    /// The host is of the platform.
    Inventory,
}

impl Class {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Vulnerability => "vulnerability",
            Self::Patch => "patch",
            Self::Inventory => "inventory",
        }
    }
}

/// What in the rules a definition is about.
#[derive(Debug, Default)]
pub(crate) struct Subject {
    pub(crate) bulletin: Option<String>,
    pub(crate) cve: Option<String>,
    pub(crate) package: Option<String>,
    pub(crate) kb: Vec<String>,
    pub(crate) place: Option<Location>,
}

/// A reference of a definition.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) source: &'static str,
    pub(crate) id: String,
    pub(crate) url: Option<String>,
}

/// What vendors state of their definitions in an element of their own, for programs.
#[derive(Debug)]
pub(crate) struct Advisory {
    /// The rating on the platforms of the definition.
    pub(crate) severity: Option<Rating>,
    pub(crate) issued: Option<Date>,
    /// The day of the last revision.
    pub(crate) updated: Option<Date>,
    pub(crate) cves: Vec<String>,
}

/// AND or OR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    And,
    Or,
}

impl Operator {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::And => "AND",
            Self::Or => "OR",
        }
    }

    /// The operator between the negated parts of a negated group.
    pub(crate) const fn dual(self) -> Self {
        match self {
            Self::And => Self::Or,
            Self::Or => Self::And,
        }
    }
}

/// A group of conditions. It is never negated: negation stands at the leaves.
#[derive(Debug)]
pub(crate) struct Criteria {
    pub(crate) operator: Operator,
    pub(crate) comment: String,
    /// Whether it decides if the definition concerns the host at all.
    pub(crate) applicability: bool,
    pub(crate) parts: Vec<Part>,
}

/// A part of a group.
#[derive(Debug)]
pub(crate) enum Part {
    Criteria(Criteria),
    Criterion(Reach),
    Extend(Reach),
}

/// A leaf of criteria: a test or another definition, perhaps negated.
#[derive(Debug)]
pub(crate) struct Reach {
    pub(crate) to: Name,
    pub(crate) negated: bool,
    pub(crate) comment: String,
    pub(crate) applicability: bool,
}

/// A test. Of two tests of the same content the lesser one is kept, so that the wording does
/// not depend on which came first; the same holds for objects and variables.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    pub(crate) comment: String,
    pub(crate) body: TestBody,
}

/// What a test does.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TestBody {
    /// At least one item of the object exists and, given a state, satisfies it.
    Observe { component: Component, object: Name, state: Option<Name> },
    /// Nothing: its result is always unknown.
    Unknown,
}

/// The families of test, object and state that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Component {
    Registry,
    File,
    FileHash,
    Service,
    Family,
    Wmi,
}

impl Component {
    /// The element names' common beginning, with the namespace prefix.
    pub(crate) const fn stem(self) -> &'static str {
        match self {
            Self::Registry => "win-def:registry",
            Self::File => "win-def:file",
            Self::FileHash => "ind-def:filehash58",
            Self::Service => "win-def:service",
            Self::Family => "ind-def:family",
            Self::Wmi => "win-def:wmi57",
        }
    }

    /// The namespace prefix of the element and of everything in it.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Registry | Self::File | Self::Service | Self::Wmi => "win-def",
            Self::FileHash | Self::Family => "ind-def",
        }
    }
}

/// What to look at.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Object {
    /// A registry key, or one of its values.
    Registry {
        path: RegistryPath,
        value: Option<String>,
    },
    File(FilePlace),
    FileHash(FilePlace, Digest),
    Service(String),
    /// The host itself.
    Family,
    /// What this query of `root\cimv2` finds.
    Wmi(String),
    /// Several keys, or the value of that name in each, as far as the filters let them through.
    Several {
        hive: Hive,
        view: Option<View>,
        keys: Keys,
        value: Option<String>,
        /// States, and whether their items are taken or left out.
        filters: Vec<(bool, Name)>,
    },
}

/// Which keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keys {
    /// Those that match this expression.
    Matching(String),
    /// Those that the variable holds.
    Variable(Name),
}

impl Object {
    pub(crate) const fn component(&self) -> Component {
        match self {
            Self::Registry { .. } | Self::Several { .. } => Component::Registry,
            Self::File(_) => Component::File,
            Self::FileHash(..) => Component::FileHash,
            Self::Service(_) => Component::Service,
            Self::Family => Component::Family,
            Self::Wmi(_) => Component::Wmi,
        }
    }

    /// The states that its filters name.
    pub(crate) fn states(&self) -> impl Iterator<Item = &Name> {
        let filters = match self {
            Self::Several { filters, .. } => filters.as_slice(),
            _ => &[],
        };
        filters.iter().map(|(_, state)| state)
    }

    /// The variable that holds the folder of a file, or keys.
    pub(crate) const fn variable(&self) -> Option<&Name> {
        match self {
            Self::Several { keys: Keys::Variable(name), .. } => Some(name),
            Self::File(place) | Self::FileHash(place, _) => match &place.folder {
                Folder::Variable(name) => Some(name),
                Folder::Literal(_) => None,
            },
            Self::Registry { .. } | Self::Several { .. } | Self::Service(_) | Self::Family | Self::Wmi(_) => {
                None
            }
        }
    }
}

/// A file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FilePlace {
    pub(crate) folder: Folder,
    pub(crate) file: String,
}

/// A folder.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Folder {
    /// Its path.
    Literal(String),
    /// The variable that holds its path.
    Variable(Name),
}

/// What an item must be like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Registry {
        kind: Option<RegistryType>,
        value: Entity,
    },
    /// A registry value is of this type.
    RegistryType(RegistryType),
    FileVersion(Entity),
    FileSize(Entity),
    FileHash(Entity),
    Service(ServiceState),
    Family(Family),
    /// The key of a registry item matches.
    Key(Entity),
    /// The key of a registry item equals a variable that is never set, which is an error for every
    /// item there is.
    Malformed(Name),
}

impl State {
    pub(crate) const fn component(&self) -> Component {
        match self {
            Self::Registry { .. } | Self::RegistryType(_) | Self::Key(_) | Self::Malformed(_) => {
                Component::Registry
            }
            Self::FileVersion(_) | Self::FileSize(_) => Component::File,
            Self::FileHash(_) => Component::FileHash,
            Self::Service(_) => Component::Service,
            Self::Family(_) => Component::Family,
        }
    }

    /// The value it compares with, unless that is of a closed list or in a variable.
    pub(crate) const fn entity(&self) -> Option<&Entity> {
        match self {
            Self::Registry { value: entity, .. }
            | Self::Key(entity)
            | Self::FileVersion(entity)
            | Self::FileSize(entity)
            | Self::FileHash(entity) => Some(entity),
            Self::RegistryType(_) | Self::Service(_) | Self::Family(_) | Self::Malformed(_) => None,
        }
    }

    /// The variable it compares with.
    pub(crate) const fn variable(&self) -> Option<&Name> {
        match self {
            Self::Malformed(name) => Some(name),
            _ => None,
        }
    }
}

/// A comparison with a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entity {
    pub(crate) datatype: Datatype,
    pub(crate) operation: Operation,
    pub(crate) value: String,
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Datatype {
    String,
    Int,
    Version,
    Binary,
}

impl Datatype {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Version => "version",
            Self::Binary => "binary",
        }
    }
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Equals,
    NotEqual,
    EqualsIgnoringCase,
    Matches,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    BitwiseAnd,
}

impl Operation {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEqual => "not equal",
            Self::EqualsIgnoringCase => "case insensitive equals",
            Self::Matches => "pattern match",
            Self::Less => "less than",
            Self::LessOrEqual => "less than or equal",
            Self::Greater => "greater than",
            Self::GreaterOrEqual => "greater than or equal",
            Self::BitwiseAnd => "bitwise and",
        }
    }
}

/// What a service is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ServiceState {
    Running,
    Stopped,
}

impl ServiceState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "SERVICE_RUNNING",
            Self::Stopped => "SERVICE_STOPPED",
        }
    }
}

/// What is read from registry objects.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Read {
    /// The path of a folder below a known one.
    Folder {
        root: Root,
        /// What follows the known folder, with its backslash; empty for the known folder itself.
        tail: String,
    },
    /// The path of a folder below the one that a variable of the machine names.
    Below {
        /// The value of the variable.
        object: Name,
        /// The name of the variable.
        name: String,
        /// The known folder that the value begins with; none for a full path.
        first: Option<Root>,
        /// What follows the variable, with its backslash; empty for its folder itself.
        tail: String,
    },
    /// The keys that an object finds.
    Keys(Name),
    /// Nothing: no host has the value.
    Nothing(Name),
}

/// A known folder, which a registry value holds; that of the system's drive is the system root.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Root {
    pub(crate) folder: KnownFolder,
    /// The value.
    pub(crate) object: Name,
    /// The value that holds the system root, whose drive the folder's may begin with.
    pub(crate) system: Option<Name>,
}

impl Root {
    /// The objects it is read from.
    fn objects(&self) -> impl Iterator<Item = &Name> {
        std::iter::once(&self.object).chain(&self.system)
    }

    /// In which way it is made of its value.
    pub(crate) const fn made(&self) -> &'static str {
        match self.folder {
            KnownFolder::SystemDrive => "drive",
            _ if self.system.is_some() => "below drive",
            _ => "concat",
        }
    }
}

impl Read {
    /// The objects it is read from.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Name> {
        let (own, root) = match self {
            Self::Folder { root, .. } => (None, Some(root)),
            Self::Below { object, first, .. } => (Some(object), first.as_ref()),
            Self::Nothing(object) | Self::Keys(object) => (Some(object), None),
        };
        own.into_iter().chain(root.into_iter().flat_map(Root::objects))
    }
}
