//! A Sigma rule as a document, and its YAML. What it says is decided elsewhere.

use caveat_backend::EmitBug;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// A rule, its keys in the order of Sigma's repository.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Rule {
    pub(crate) title: String,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) related: Vec<Related>,
    pub(crate) status: String,
    #[serde(serialize_with = "block")]
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) references: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) logsource: Logsource,
    pub(crate) detection: Detection,
    pub(crate) falsepositives: Vec<String>,
    pub(crate) level: &'static str,
}

/// A rule in whose place this one stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Related {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
}

/// Where the events come from: a category of Sysmon's, or a log of Windows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Logsource {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<&'static str>,
    pub(crate) product: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<&'static str>,
}

/// Selections by name, in order, and how they are joined.
#[derive(Debug, Clone, Default)]
pub(crate) struct Detection {
    pub(crate) selections: Vec<(String, Selection)>,
    pub(crate) condition: String,
}

impl Serialize for Detection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.selections.len() + 1))?;
        for (name, selection) in &self.selections {
            map.serialize_entry(name, selection)?;
        }
        map.serialize_entry("condition", &self.condition)?;
        map.end()
    }
}

/// Fields with their modifiers, and values of which one must be found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection(pub(crate) Vec<(&'static str, Value)>);

impl Serialize for Selection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(field, value)| (field, value)))
    }
}

/// What a field is compared with.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Number(u32),
    Text(String),
    Texts(Vec<String>),
}

impl Value {
    /// One text, or a list.
    pub(crate) fn texts(texts: impl IntoIterator<Item = String>) -> Self {
        let mut texts: Vec<String> = texts.into_iter().collect();
        match texts.len() {
            1 => Self::Text(texts.remove(0)),
            _ => Self::Texts(texts),
        }
    }
}

/// A text as lines, where every reader reads the lines back; else in quotes.
fn block<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() || c == ' ';
    let stays = |line: &str| line.trim() == line && line.chars().all(plain);
    let quiet = |c: char| ('\u{2000}'..='\u{206f}').contains(&c) || c == '\u{feff}';
    if text.trim() == text && text.split('\n').all(stays) && !text.contains(quiet) {
        serde_saphyr::LitStr(text).serialize(serializer)
    } else {
        serializer.serialize_str(text)
    }
}

impl Rule {
    /// The rule's text. Strings that readers of YAML 1.1 or 1.2 take for something else are quoted.
    pub(crate) fn yaml(&self) -> Result<String, EmitBug> {
        let options = serde_saphyr::ser_options! {
            indent_step: 4,
            compact_list_indent: false,
            prefer_block_scalars: false,
        };
        serde_saphyr::to_string_with_options(self, options)
            .map_err(|error| EmitBug(format!("the rule {} cannot be written: {error}", self.id)))
    }
}
