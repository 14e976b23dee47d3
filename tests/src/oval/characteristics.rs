//! System characteristics: what a collector on the host would have written for the objects of
//! a definitions document.
//!
//! Every object is stated. What is not there has the flag `does not exist`, what was not
//! collected `not collected`, and what cannot be read `error`. Every element stands on a line
//! of its own, as OpenSCAP skips the sibling after an empty element.

use std::fmt::Write;

use caveat_ir::host::HostFile;

use super::definitions::{Component, Definitions, Place, Text, Wanted};
use super::machine::{Data, FileFacts, Found, Key, Machine, ServiceState};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oval_system_characteristics xmlns="http://oval.mitre.org/XMLSchema/oval-system-characteristics-5"
    xmlns:oval="http://oval.mitre.org/XMLSchema/oval-common-5"
    xmlns:win="http://oval.mitre.org/XMLSchema/oval-system-characteristics-5#windows"
    xmlns:ind="http://oval.mitre.org/XMLSchema/oval-system-characteristics-5#independent"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <generator>
    <oval:product_name>caveat-tests</oval:product_name>
    <oval:schema_version>5.11</oval:schema_version>
    <oval:timestamp>2004-01-01T00:00:00</oval:timestamp>
  </generator>
  <system_info>
    <os_name>Windows</os_name>
    <os_version>-</os_version>
    <architecture>-</architecture>
    <primary_host_name>host</primary_host_name>
    <interfaces>
    </interfaces>
  </system_info>
"#;

/// The system characteristics of a host for a definitions document.
///
/// # Panics
/// When the host's facts do not stand in its file alone; see [`Machine::new`].
#[must_use]
pub fn characteristics(definitions: &Definitions, host: &HostFile) -> String {
    let machine = Machine::new(host);
    let mut collected = String::new();
    let mut items = String::new();
    for (index, (id, object)) in definitions.objects.iter().enumerate() {
        let version = &object.version;
        let collector = Collector { definitions, machine: &machine };
        let (flag, found) = match &object.wanted {
            several @ Wanted::Several { .. } => collector.several(several).collected(),
            wanted => match collector.item(wanted) {
                Found::There(item) => ("complete", vec![item]),
                Found::Absent => ("does not exist", Vec::new()),
                Found::Unknown => ("not collected", Vec::new()),
                Found::Malformed => ("error", Vec::new()),
            },
        };
        let _ = writeln!(collected, r#"    <object id="{id}" version="{version}" flag="{flag}">"#);
        for (nth, Item { element, lines }) in found.into_iter().enumerate() {
            let number = (index + 1) * 1000 + nth;
            let _ = writeln!(collected, r#"      <reference item_ref="{number}"/>"#);
            let _ = writeln!(items, r#"    <{element} id="{number}" status="exists">"#);
            for line in lines {
                let _ = writeln!(items, "      {line}");
            }
            let _ = writeln!(items, "    </{element}>");
        }
        collected.push_str("    </object>\n");
    }
    format!(
        "{HEAD}  <collected_objects>\n{collected}  </collected_objects>\n  <system_data>\n{items}  </system_data>\n</oval_system_characteristics>\n"
    )
}

/// An item: its element and the lines within.
pub(super) struct Item {
    pub(super) element: &'static str,
    pub(super) lines: Vec<String>,
}

pub(super) struct Collector<'a> {
    pub(super) definitions: &'a Definitions,
    pub(super) machine: &'a Machine<'a>,
}

impl Collector<'_> {
    fn item(&self, wanted: &Wanted) -> Found<Item> {
        match wanted {
            Wanted::Registry { hive, key, name, view } => {
                let key = Key { hive, path: key, view: view.as_deref() };
                self.registry(&key, name.as_deref())
            }
            Wanted::Keys { hive, pattern } => match self.machine.update_key(hive, pattern) {
                Found::There(key) => {
                    let lines = vec![element("win:hive", "", hive), element("win:key", "", &key)];
                    Found::There(Item { element: "win:registry_item", lines })
                }
                other => absence(&other),
            },
            Wanted::Several { .. } => unreachable!("several items are collected elsewhere"),
            Wanted::Wmi { namespace, wql } => match self.machine.quick_fix(namespace, wql) {
                Found::There(id) => Found::There(wmi_item(namespace, wql, &id)),
                other => absence(&other),
            },
            Wanted::File(place) => self.file(place, |path, facts| file_item(path, &facts)),
            Wanted::FileHash(place, kind) => self.file(place, |path, facts| hash_item(path, kind, &facts)),
            Wanted::Service(name) => match self.machine.service(name) {
                Found::There(state) => service_item(name, &state),
                other => absence(&other),
            },
            Wanted::Family => match self.machine.family() {
                Found::There(family) => {
                    let lines = vec![element("ind:family", "", &family)];
                    Found::There(Item { element: "ind:family_item", lines })
                }
                other => absence(&other),
            },
        }
    }

    fn registry(&self, key: &Key<'_>, name: Option<&str>) -> Found<Item> {
        let mut lines = vec![element("win:hive", "", key.hive), element("win:key", "", key.path)];
        match name {
            None => match self.machine.key(key) {
                Found::There(()) => {}
                other => return absence(&other),
            },
            Some(name) => match self.machine.value(key, name) {
                Found::There(data) => {
                    lines.push(element("win:name", "", name));
                    lines.extend(data_lines(&data));
                }
                other => return absence(&other),
            },
        }
        lines.extend(key.view.map(|view| element("win:windows_view", "", view)));
        Found::There(Item { element: "win:registry_item", lines })
    }

    fn file(&self, place: &Place, item: impl Fn(&str, FileFacts) -> Found<Item>) -> Found<Item> {
        let path = match place {
            Place::Whole(whole) => self.text(whole),
            Place::Parts(folder, name) => match (self.text(folder), self.text(name)) {
                (Found::There(folder), Found::There(name)) => {
                    Found::There(format!("{}\\{name}", folder.trim_end_matches('\\')))
                }
                (Found::There(_), other) | (other, _) => other,
            },
        };
        let Found::There(path) = path else { return absence(&path) };
        match self.machine.file(&path) {
            Found::There(facts) => item(&path, facts),
            other => absence(&other),
        }
    }

    fn text(&self, text: &Text) -> Found<String> {
        let id = match text {
            Text::Literal(text) => return Found::There(text.clone()),
            Text::Variable(id) => id,
        };
        self.component(self.definitions.variables.get(id).unwrap_or_else(|| panic!("no variable {id}")))
    }

    fn component(&self, component: &Component) -> Found<String> {
        match component {
            Component::Literal(text) => Found::There(text.clone()),
            Component::Keys(_) => panic!("keys are no text"),
            // Two backslashes name the same place as one.
            Component::Object(object) => match self.object_text(object) {
                Found::There(text) => Found::There(text.trim_end_matches('\\').to_owned()),
                other => other,
            },
            Component::Concat(parts) => {
                let mut whole = String::new();
                for part in parts {
                    match self.component(part) {
                        Found::There(text) => whole.push_str(&text),
                        other => return other,
                    }
                }
                Found::There(whole)
            }
            Component::Capture(pattern, of) => match self.component(of) {
                Found::There(text) => {
                    let group = pattern.captures(&text).and_then(|groups| groups.get(1));
                    Found::There(group.map_or_else(String::new, |group| group.as_str().to_owned()))
                }
                other => other,
            },
        }
    }

    /// The text of a registry value that a variable refers to.
    fn object_text(&self, id: &str) -> Found<String> {
        let object = self.definitions.objects.get(id).unwrap_or_else(|| panic!("no object has the id {id}"));
        let Wanted::Registry { hive, key, name: Some(name), view } = &object.wanted else {
            panic!("{id} is not a registry value")
        };
        match self.machine.value(&Key { hive, path: key, view: view.as_deref() }, name) {
            Found::There(Data::Text(text) | Data::Expandable(text)) => Found::There(text),
            Found::There(_) => Found::Malformed,
            other => absence(&other),
        }
    }
}

/// The same absence, of something else.
fn absence<T, U>(found: &Found<T>) -> Found<U> {
    match found {
        Found::Absent => Found::Absent,
        Found::Unknown => Found::Unknown,
        Found::There(_) | Found::Malformed => Found::Malformed,
    }
}

pub(super) fn data_lines(data: &Data) -> Vec<String> {
    let (kind, datatype, values) = match data {
        Data::Text(text) => ("reg_sz", "string", vec![text.clone()]),
        Data::Expandable(text) => ("reg_expand_sz", "string", vec![text.clone()]),
        Data::Multi(texts) => ("reg_multi_sz", "string", texts.clone()),
        Data::Number(number) => ("reg_dword", "int", vec![number.to_string()]),
        Data::Bytes(digits) => ("reg_binary", "binary", vec![digits.clone()]),
        Data::Other(kind, datatype, value) => (*kind, *datatype, vec![value.clone()]),
    };
    let datatype = format!(r#" datatype="{datatype}""#);
    let mut lines = vec![element("win:type", "", kind)];
    lines.extend(values.iter().map(|value| element("win:value", &datatype, value)));
    if values.is_empty() {
        lines.push(element("win:value", r#" status="does not exist""#, ""));
    }
    lines
}

fn file_item(path: &str, facts: &FileFacts) -> Found<Item> {
    let mut lines = path_lines("win", path);
    match &facts.size {
        Found::There(size) => lines.push(element("win:size", r#" datatype="int""#, &size.to_string())),
        Found::Malformed => return Found::Malformed,
        Found::Absent | Found::Unknown => {}
    }
    match &facts.version {
        Found::There(version) => lines.push(element("win:version", r#" datatype="version""#, version)),
        Found::Absent => {
            lines.push(element("win:version", r#" datatype="version" status="does not exist""#, ""));
        }
        Found::Unknown => {}
        Found::Malformed => return Found::Malformed,
    }
    Found::There(Item { element: "win:file_item", lines })
}

fn hash_item(path: &str, kind: &str, facts: &FileFacts) -> Found<Item> {
    let mut lines = path_lines("ind", path);
    lines.push(element("ind:hash_type", "", kind));
    let key = kind.to_ascii_lowercase().replace('-', "");
    match facts.digests.get(key.as_str()) {
        Some(Found::There(digest)) => lines.push(element("ind:hash", "", digest)),
        Some(Found::Unknown) => {}
        _ => return Found::Malformed,
    }
    Found::There(Item { element: "ind:filehash58_item", lines })
}

fn path_lines(prefix: &str, path: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('\\').unwrap_or(("", path));
    vec![
        element(&format!("{prefix}:filepath"), "", path),
        element(&format!("{prefix}:path"), "", folder),
        element(&format!("{prefix}:filename"), "", name),
    ]
}

fn service_item(name: &str, state: &ServiceState) -> Found<Item> {
    let mut lines = vec![element("win:service_name", "", name)];
    match state {
        Found::There(state) => lines.push(element("win:current_state", "", state)),
        Found::Unknown => {}
        Found::Absent | Found::Malformed => return Found::Malformed,
    }
    Found::There(Item { element: "win:service_item", lines })
}

fn wmi_item(namespace: &str, wql: &str, id: &str) -> Item {
    let lines = vec![
        element("win:namespace", "", namespace),
        element("win:wql", "", wql),
        r#"<win:result datatype="record">"#.to_owned(),
        element("field", r#" name="hotfixid""#, id),
        "</win:result>".to_owned(),
    ];
    Item { element: "win:wmi57_item", lines }
}

pub(super) fn element(name: &str, attributes: &str, text: &str) -> String {
    // OpenSCAP compares an empty element as if it were nowhere, and crashes; this is an empty text to it.
    let text = if text.is_empty() { "<![CDATA[]]>".to_owned() } else { escape(text) };
    format!("<{name}{attributes}>{text}</{name}>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
