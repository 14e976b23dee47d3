//! Host files as text: YAML, JSON and NDJSON.
//!
//! Hostile files give problems, never a panic: depth is limited by the parsers, size by
//! [`MAX_HOST_FILE`], and what YAML aliases may add by a budget. What the facts of a host mean
//! is the business of [`crate::Host`].

mod places;
mod survey;

use std::cell::LazyCell;

use caveat_diag::SourceFile;
use caveat_document::Fault;
use caveat_ir::host::{HOST_SCHEMA, HostFile};
use serde::Deserialize;

pub use places::HostPlaces;

use crate::host::problem::HostProblem;

/// The largest host file that is read, in bytes.
pub const MAX_HOST_FILE: usize = 64 << 20;

/// The hosts of a file called `name`, in order. The extension says what the file is; without
/// a known one, its beginning does. A host without a name is called after the file.
#[must_use]
pub fn load_hosts(name: &str, text: &str) -> Vec<Result<HostFile, HostProblem>> {
    if text.len() > MAX_HOST_FILE {
        return vec![Err(
            HostProblem::of_file("the file is larger than 64 MiB").help("split it, one host a file")
        )];
    }
    let (skipped, unmarked) = without_mark(text);
    let places = LazyCell::new(|| HostPlaces::new(name, text));
    let hosts = match Format::of(name, unmarked) {
        Format::Yaml => yaml(text, skipped),
        Format::Json => json(text, skipped),
        Format::Lines => lines(text, skipped),
    };
    if hosts.is_empty() {
        return vec![Err(HostProblem::of_file("the file holds no host").help("write at least one"))];
    }
    let stem = stem(name);
    let many = hosts.len() > 1;
    let named = hosts.into_iter().enumerate().map(|(index, host)| {
        let fallback = if many { format!("{stem}#{}", index + 1) } else { stem.to_owned() };
        let host = host.map_err(|error| {
            let fault = if error.of_all { places.any_fault() } else { places.fault(index) };
            error.explained(fault)
        });
        host.and_then(checked).map(|mut host| {
            host.name.get_or_insert(fallback);
            host
        })
    });
    named.collect()
}

/// The text without the mark that says how it is encoded, and how long that is.
fn without_mark(text: &str) -> (u32, &str) {
    match text.strip_prefix('\u{feff}') {
        Some(unmarked) => (3, unmarked),
        None => (0, text),
    }
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Yaml,
    Json,
    /// NDJSON
    Lines,
}

impl Format {
    fn of(name: &str, text: &str) -> Self {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            Some("ndjson" | "jsonl") => Self::Lines,
            _ => Self::sniffed(text),
        }
    }

    fn sniffed(text: &str) -> Self {
        let text = text.trim_start();
        let first = text.lines().next().unwrap_or_default();
        let more = text.lines().skip(1).any(|line| !line.trim().is_empty());
        match text.as_bytes().first() {
            Some(b'{') if more && serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok() => Self::Lines,
            Some(b'{' | b'[') => Self::Json,
            _ => Self::Yaml,
        }
    }
}

/// Why a library could not make a host of a text.
struct Malformed {
    format: &'static str,
    message: String,
    /// The byte that it had come to.
    at: Option<u32>,
    /// Whether it is said of all hosts of the file together.
    of_all: bool,
}

impl Malformed {
    /// The problem, as the places of the file explain it, else as the library says it.
    fn explained(self, fault: Option<Fault>) -> HostProblem {
        let Self { format, message, at, .. } = self;
        let fault = fault.unwrap_or_else(|| Fault::new(message));
        let problem = HostProblem::of_file(&format!("not a host in {format}: {}", fault.message()));
        let place = fault.span().map(places::bytes).or(at.map(|at| at..at));
        HostProblem { help: fault.help(), place, ..problem }
    }
}

type Read = Vec<Result<HostFile, Malformed>>;

fn yaml(text: &str, skipped: u32) -> Read {
    let unmarked = text.get(skipped as usize..).unwrap_or_default();
    let malformed = |message: String, at| Malformed { format: "YAML", message, at, of_all: false };
    let count = match survey::documents(unmarked) {
        Ok(count) => count,
        Err(error) => return vec![Err(malformed(error.to_owned(), None))],
    };
    let mut hosts = Vec::new();
    for document in serde_yaml::Deserializer::from_str(unmarked).take(count) {
        match Option::<HostFile>::deserialize(document) {
            Ok(None) => {}
            Ok(Some(host)) => hosts.push(Ok(host)),
            Err(error) => {
                let place = |at: serde_yaml::Location| {
                    SourceFile::new("", unmarked).offset(at.line(), at.column()) + skipped
                };
                let at = error.location().map(place);
                hosts.push(Err(malformed(without_place(&error.to_string()), at)));
            }
        }
    }
    hosts
}

fn json(text: &str, skipped: u32) -> Read {
    let unmarked = text.get(skipped as usize..).unwrap_or_default();
    let hosts = if unmarked.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<HostFile>>(unmarked)
    } else {
        serde_json::from_str::<HostFile>(unmarked).map(|host| vec![host])
    };
    match hosts {
        Ok(hosts) => hosts.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(Malformed { of_all: true, ..not_json(text, &error, 0) })],
    }
}

fn lines(text: &str, skipped: u32) -> Read {
    let unmarked = text.get(skipped as usize..).unwrap_or_default();
    let lines = unmarked.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(index, line)| serde_json::from_str(line).map_err(|error| not_json(text, &error, index)))
        .collect()
}

/// What is wrong with JSON that has some lines of the text before it. Its columns are counted in bytes.
fn not_json(text: &str, error: &serde_json::Error, before: usize) -> Malformed {
    let start: usize =
        text.split_inclusive('\n').take((error.line() + before).max(1) - 1).map(str::len).sum();
    let mut at = text.len().min(start + error.column().max(1) - 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let message = without_place(&error.to_string());
    Malformed { format: "JSON", message, at: u32::try_from(at).ok(), of_all: false }
}

/// What a library says, without the place that it says it of.
fn without_place(message: &str) -> String {
    message.split_once(" at line ").map_or(message, |(message, _)| message).to_owned()
}

fn checked(host: HostFile) -> Result<HostFile, HostProblem> {
    match host.schema.as_deref() {
        None | Some(HOST_SCHEMA) => Ok(host),
        Some(other) => {
            let message = format!("`{other}` is not a schema of host files that is known here");
            let help = format!("write `schema: {HOST_SCHEMA}`, or leave it out");
            Err(HostProblem { path: "schema".to_owned(), ..HostProblem::of_file(&message).help(&help) })
        }
    }
}

/// The file's name without folders and extension.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match file.rsplit_once('.') {
        _ if name == "-" => "stdin",
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}
