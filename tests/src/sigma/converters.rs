//! Converters of pySigma with their usual pipelines, by way of the scripts beside this file: what they make of rules, and
//! where their queries can run here, what those find.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Runs;
use super::engine::Engine;
use super::events::Event;
use super::lucene::Lucene;
use crate::rules::root;

const SCRIPT: &str = include_str!("converters.py");

/// A converter, and how it is used.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Converter {
    /// What users call it.
    #[serde(skip)]
    pub title: &'static str,
    /// Its name in sigma-cli.
    pub backend: &'static str,
    /// The pipelines, in sigma-cli's order.
    pub pipelines: &'static [&'static str],
    /// The format of its output, where it is not the usual one.
    pub format: Option<&'static str>,
}

/// What became of a rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Converted {
    /// No query.
    Refused {
        /// What the converter says.
        refused: String,
    },
    /// A query.
    Query {
        /// Its text.
        query: String,
        /// The names of fields that stand in place of the rule's.
        fields: BTreeMap<String, Vec<String>>,
        /// Whether it asks for a kind of event.
        asks: bool,
    },
}

#[derive(Deserialize)]
struct Answer {
    converted: Vec<Vec<Converted>>,
    versions: BTreeMap<String, String>,
    found: Vec<BTreeSet<usize>>,
}

/// What the script is asked.
#[derive(Default, Serialize)]
struct Question<'a> {
    converters: &'a [Converter],
    rules: &'a [&'a str],
    packages: Vec<String>,
    queries: &'a [&'a str],
    rows: Vec<BTreeMap<String, String>>,
}

/// The Python that has them.
#[derive(Debug, Clone)]
pub struct Converters {
    python: PathBuf,
}

/// The packages that `.ci/engines` installs, with their versions.
#[must_use]
pub fn packages() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join(".ci/converters.txt")).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once("=="));
    pairs.map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

impl Converters {
    /// The converters beside sigma-cli, in the versions of `.ci/converters.txt`.
    ///
    /// # Errors
    /// A line that says why the test cannot run here. In CI that is a failure.
    pub fn find() -> Result<Self, String> {
        let found = Self { python: Engine::find()?.python().to_owned() };
        let wanted = packages();
        let question = Question { packages: wanted.keys().cloned().collect(), ..Question::default() };
        if found.ask(&question).is_some_and(|answer| answer.versions == wanted) {
            return Ok(found);
        }
        let line = "skipped: the converters of `.ci/converters.txt` are not installed in these versions";
        let ci = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!ci, "{line}, which CI must not accept");
        Err(line.to_owned())
    }

    fn ask(&self, question: &Question<'_>) -> Option<Answer> {
        let input = serde_json::to_string(question).unwrap();
        let mut command = Command::new(&self.python);
        command.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
    }

    /// What each converter makes of each rule.
    #[must_use]
    pub fn convert(&self, converters: &[Converter], rules: &[&str]) -> Vec<Vec<Converted>> {
        self.ask(&Question { converters, rules, ..Question::default() }).expect("the script").converted
    }

    /// The events that each query of `SQLite` finds.
    #[must_use]
    pub fn found(&self, queries: &[&str], events: &[Event]) -> Vec<BTreeSet<usize>> {
        let rows = events.iter().map(logged).collect();
        self.ask(&Question { queries, rows, ..Question::default() }).expect("the script").found
    }
}

/// Queries for Elasticsearch, run in Lucene, where all fields are set up to compare without regard to case.
#[derive(Debug, Clone)]
pub struct Elastic(pub Converters);

impl Runs for Elastic {
    fn name(&self) -> &'static str {
        "Lucene"
    }

    fn fired(&self, rules: &[&str], events: &[Event]) -> Vec<BTreeSet<usize>> {
        const USUAL: Converter = Converter {
            title: "Elasticsearch",
            backend: "lucene",
            pipelines: &["sysmon", "ecs_windows"],
            format: None,
        };
        let converted = self.0.convert(&[USUAL], rules).remove(0);
        let query = |one: &Converted| match one {
            Converted::Query { query, .. } => query.clone(),
            // Whatever is refused finds nothing.
            Converted::Refused { .. } => "-*:*".to_owned(),
        };
        let queries: Vec<String> = converted.iter().map(query).collect();
        let texts: Vec<&str> = queries.iter().map(String::as_str).collect();
        searched(&texts, &names(&converted), events, true)
    }
}

/// The names of fields that any of the queries uses.
#[must_use]
pub fn names(converted: &[Converted]) -> BTreeMap<String, BTreeSet<String>> {
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for one in converted {
        let Converted::Query { fields, .. } = one else { continue };
        for (name, to) in fields {
            names.entry(name.clone()).or_default().extend(to.iter().cloned());
        }
    }
    names
}

/// An event as it is logged, with the log and the number that pipelines ask for.
#[must_use]
pub fn logged(event: &Event) -> BTreeMap<String, String> {
    const SYSMON: &str = "Microsoft-Windows-Sysmon/Operational";
    let (channel, number) = match event.source {
        "process_creation" => (SYSMON, Some(1)),
        "driver_load" => (SYSMON, Some(6)),
        "image_load" => (SYSMON, Some(7)),
        "registry_add" | "registry_delete" => (SYSMON, Some(12)),
        "registry_set" => (SYSMON, Some(13)),
        "security" => ("Security", None),
        "system" => ("System", None),
        other => panic!("{other}"),
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut fields: BTreeMap<String, String> =
        event.fields.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
    fields.insert("Channel".to_owned(), channel.to_owned());
    fields.extend(number.map(|number: u8| ("EventID".to_owned(), number.to_string())));
    fields
}

/// The events that each query of Lucene finds, where they have the names of fields that the queries use; with `folds`
/// without regard to the case of letters in any field.
#[must_use]
pub fn searched(
    queries: &[&str],
    fields: &BTreeMap<String, BTreeSet<String>>,
    events: &[Event],
    folds: bool,
) -> Vec<BTreeSet<usize>> {
    let line = |event: &Event| {
        let parts = logged(event).into_iter().flat_map(|(name, value)| {
            let mut names = fields.get(&name).cloned().unwrap_or_default();
            names.insert(own_name(&name));
            names.into_iter().map(move |name| format!("{name}\u{1f}{value}"))
        });
        parts.collect::<Vec<_>>().join("\u{1f}")
    };
    let lines: Vec<String> =
        queries.iter().map(|query| (*query).to_owned()).chain(events.iter().map(line)).collect();
    assert!(lines.iter().all(|line| !line.contains(['\n', '\r'])), "a line each");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sigma/Search.java");
    let arguments: &[&str] = if folds { &["folds"] } else { &[] };
    let output = Lucene::java(&program, arguments, format!("{}\n{}\n", queries.len(), lines.join("\n")));
    let numbers = |line: &str| line.split(' ').skip(1).map(|number| number.parse().unwrap()).collect();
    output.lines().map(numbers).collect()
}

/// What pipelines for Elasticsearch call a field that they add themselves.
fn own_name(field: &str) -> String {
    match field {
        "Channel" => "winlog.channel".to_owned(),
        "EventID" => "event.code".to_owned(),
        other => other.to_owned(),
    }
}
