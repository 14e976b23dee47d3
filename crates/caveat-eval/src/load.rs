//! Host files as text: YAML, JSON and NDJSON.
//!
//! Hostile files give problems, never a panic: depth is limited by the parsers, size by
//! [`MAX_HOST_FILE`], and what YAML aliases may add by a budget. What the facts of a host mean
//! is the business of [`crate::Host`].

mod survey;

use caveat_ir::host::{HOST_SCHEMA, HostFile};
use serde::Deserialize;

use crate::host::problem::{HostProblem, ProblemKind};

/// The largest host file that is read, in bytes.
pub const MAX_HOST_FILE: usize = 64 << 20;

/// The hosts of a file called `name`, in order. The extension says what the file is; without
/// a known one, its beginning does. A host without a name is called after the file.
#[must_use]
pub fn load_hosts(name: &str, text: &str) -> Vec<Result<HostFile, HostProblem>> {
    if text.len() > MAX_HOST_FILE {
        return vec![Err(problem("the file is larger than 64 MiB", "split it, one host a file", ""))];
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let hosts = match Format::of(name, text) {
        Format::Yaml => yaml(text),
        Format::Json => json(text),
        Format::Lines => lines(text),
    };
    if hosts.is_empty() {
        return vec![Err(problem("the file holds no host", "write at least one", ""))];
    }
    let stem = stem(name);
    let many = hosts.len() > 1;
    let named = hosts.into_iter().enumerate().map(|(index, host)| {
        let fallback = if many { format!("{stem}#{}", index + 1) } else { stem.to_owned() };
        host.and_then(checked).map(|mut host| {
            host.name.get_or_insert(fallback);
            host
        })
    });
    named.collect()
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

fn yaml(text: &str) -> Vec<Result<HostFile, HostProblem>> {
    let count = match survey::documents(text) {
        Ok(count) => count,
        Err(error) => return vec![Err(malformed("YAML", &error, ""))],
    };
    let mut hosts = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text).take(count) {
        match Option::<HostFile>::deserialize(document) {
            Ok(None) => {}
            Ok(Some(host)) => hosts.push(Ok(host)),
            Err(error) => hosts.push(Err(malformed("YAML", &error, ""))),
        }
    }
    hosts
}

fn json(text: &str) -> Vec<Result<HostFile, HostProblem>> {
    let hosts = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<HostFile>>(text)
    } else {
        serde_json::from_str::<HostFile>(text).map(|host| vec![host])
    };
    match hosts {
        Ok(hosts) => hosts.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(malformed("JSON", &error, ""))],
    }
}

fn lines(text: &str) -> Vec<Result<HostFile, HostProblem>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let host = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| malformed("JSON", &error, &format!("line {}", index + 1)))
    };
    lines.map(host).collect()
}

fn checked(host: HostFile) -> Result<HostFile, HostProblem> {
    match host.schema.as_deref() {
        None | Some(HOST_SCHEMA) => Ok(host),
        Some(other) => {
            let message = format!("`{other}` is not a schema of host files that is known here");
            Err(problem(&message, &format!("write `schema: {HOST_SCHEMA}`, or leave it out"), "schema"))
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

fn problem(message: &str, help: &str, path: &str) -> HostProblem {
    let help = (!help.is_empty()).then(|| help.to_owned());
    HostProblem { kind: ProblemKind::Host, message: message.to_owned(), help, path: path.to_owned() }
}

fn malformed(format: &str, error: &impl std::fmt::Display, path: &str) -> HostProblem {
    problem(&format!("not a host in {format}: {}", in_words(&error.to_string())), "", path)
}

/// What serde says, without the names of Rust types.
fn in_words(message: &str) -> String {
    [
        ("data did not match any variant of untagged enum Scalar", "a text or a number must stand here"),
        (
            "data did not match any variant of untagged enum DataEntry",
            "a text, a number or a list of them must stand here",
        ),
        ("struct HostFile", "the facts of a host"),
        ("struct OsEntry", "facts such as `version`"),
        ("struct FileEntry", "a file with its `path`"),
        ("struct RegistryEntry", "a registry key with its `key`"),
        ("struct RegistryData", "a value with its `type` and `data`"),
        ("struct ServiceEntry", "a service with its `name`"),
        ("variant identifier", "a word"),
        ("unknown variant", "unknown word"),
        ("unknown field", "unknown key"),
        ("missing field", "missing key"),
        ("duplicate field", "repeated key"),
        ("unit value", "nothing"),
    ]
    .into_iter()
    .fold(message.to_owned(), |message, (from, to)| message.replace(from, to))
}
