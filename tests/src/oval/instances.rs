//! Objects that find several keys, or the value of one name in each: what a collector finds, and what it leaves open.
//!
//! It is a careful collector: a key that may belong to what it finds, as something of it is not known or cannot be read,
//! stays in doubt until a filter of this or a later object excludes it.

use super::characteristics::{Collector, Item, data_lines, element};
use super::definitions::{Component, Keys, State, Wanted};
use super::machine::{Data, Found, Key};

/// How sure it is that a key belongs to what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Doubt {
    Sure,
    Malformed,
    Unknown,
}

/// What was found.
pub(super) struct Several {
    found: Vec<(String, Doubt, Option<Item>)>,
    /// Whether there may be keys that nobody has listed.
    open: bool,
}

impl Several {
    /// The flag of the object and its items.
    pub(super) fn collected(self) -> (&'static str, Vec<Item>) {
        let worst = self.found.iter().map(|(_, doubt, _)| *doubt).max().unwrap_or(Doubt::Sure);
        let items: Vec<Item> = self
            .found
            .into_iter()
            .filter(|(_, doubt, _)| *doubt == Doubt::Sure)
            .filter_map(|(_, _, item)| item)
            .collect();
        let flag = match worst {
            Doubt::Malformed if items.is_empty() && !self.open => "error",
            Doubt::Unknown | Doubt::Malformed => "incomplete",
            Doubt::Sure if self.open => "incomplete",
            Doubt::Sure if items.is_empty() => "does not exist",
            Doubt::Sure => "complete",
        };
        (flag, items)
    }
}

impl Collector<'_> {
    pub(super) fn several(&self, wanted: &Wanted) -> Several {
        let Wanted::Several { hive, keys, name, view, filters } = wanted else {
            panic!("{wanted:?} finds one item")
        };
        let (keys, open) = match keys {
            Keys::Matching(pattern) => {
                let (keys, complete) = self.machine.keys_that_match(hive, pattern, view.as_deref());
                (keys.into_iter().map(|key| (key, Doubt::Sure)).collect::<Vec<_>>(), !complete)
            }
            Keys::Variable(id) => {
                let Some(Component::Keys(object)) = self.definitions.variables.get(id) else {
                    panic!("the variable {id} holds no keys")
                };
                let before = self.several(&self.definitions.objects[object].wanted);
                (before.found.into_iter().map(|(key, doubt, _)| (key, doubt)).collect(), before.open)
            }
        };
        let mut found = Vec::new();
        for (path, doubt) in keys {
            let key = Key { hive, path: &path, view: view.as_deref() };
            let (doubt, data) = match name.as_ref().map(|name| self.machine.value(&key, name)) {
                None => (doubt, None),
                Some(Found::There(data)) => (doubt, Some(data)),
                Some(Found::Absent) => continue,
                Some(Found::Unknown) => (Doubt::Unknown, None),
                Some(Found::Malformed) => (doubt.max(Doubt::Malformed), None),
            };
            // A value that was not read passes no filter and fails none.
            let is_read = name.is_none() || data.is_some();
            let passes = |(include, state): &(bool, State)| state.holds(&path, data.as_ref()) == *include;
            let of_key = |(_, state): &&(bool, State)| is_read || state.is_of_key();
            if filters.iter().filter(of_key).all(passes) {
                let item = is_read.then(|| item(&key, name.as_deref(), data.as_ref()));
                found.push((path, doubt, item));
            }
        }
        Several { found, open }
    }
}

fn item(key: &Key<'_>, name: Option<&str>, data: Option<&Data>) -> Item {
    let mut lines = vec![element("win:hive", "", key.hive), element("win:key", "", key.path)];
    lines.extend(name.map(|name| element("win:name", "", name)));
    lines.extend(data.map(data_lines).into_iter().flatten());
    lines.extend(key.view.map(|view| element("win:windows_view", "", view)));
    Item { element: "win:registry_item", lines }
}

impl State {
    fn is_of_key(&self) -> bool {
        self.kind.is_none() && self.value.is_none()
    }

    /// Whether an item is like that: all entities are, of a list one of its texts.
    fn holds(&self, key: &str, data: Option<&Data>) -> bool {
        let of_key = self.key.as_ref().is_none_or(|pattern| pattern.is_match(key));
        let of_type = self.kind.as_ref().is_none_or(|kind| data.map(type_of) == Some(kind));
        let of_value =
            self.value.as_ref().is_none_or(|wanted| data.is_some_and(|data| compares(data, wanted)));
        of_key && of_type && of_value
    }
}

fn type_of(data: &Data) -> &'static str {
    match data {
        Data::Text(_) => "reg_sz",
        Data::Expandable(_) => "reg_expand_sz",
        Data::Multi(_) => "reg_multi_sz",
        Data::Number(_) => "reg_dword",
        Data::Bytes(_) => "reg_binary",
        Data::Other(kind, ..) => kind,
    }
}

fn compares(data: &Data, (datatype, operation, text): &(String, String, String)) -> bool {
    // A state of numbers asks for the type, too, which other data is not of.
    if datatype == "int" {
        let Data::Number(number) = data else { return false };
        let wanted: u32 = text.parse().unwrap();
        return match operation.as_str() {
            "equals" => *number == wanted,
            "not equal" => *number != wanted,
            "less than" => *number < wanted,
            "less than or equal" => *number <= wanted,
            "greater than" => *number > wanted,
            "greater than or equal" => *number >= wanted,
            "bitwise and" => *number & wanted == wanted,
            other => panic!("numbers do not compare by {other}"),
        };
    }
    let texts = match data {
        Data::Text(text) | Data::Expandable(text) | Data::Bytes(text) => vec![text.clone()],
        Data::Multi(texts) => texts.clone(),
        Data::Number(number) => vec![number.to_string()],
        Data::Other(_, _, value) => vec![value.clone()],
    };
    let one = |found: &String| match operation.as_str() {
        "equals" => found == text,
        "case insensitive equals" => found.to_lowercase() == text.to_lowercase(),
        "pattern match" => regex::Regex::new(text).unwrap().is_match(found),
        other => panic!("texts do not compare by {other}"),
    };
    texts.iter().any(one)
}
