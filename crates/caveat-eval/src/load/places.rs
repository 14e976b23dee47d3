//! Where things stand in host files. The libraries that read them know no places, so a file is followed anew once
//! something is wrong with it.

use std::ops::Range;

use caveat_diag::{FileId, Span};
use caveat_document::{Data, Fault, Flavor, Node, documents};
use caveat_ir::host::HostFile;
use caveat_ir::value::name;

use super::Format;

/// Larger files are not followed; what is wrong with them is told without its place, or with its line alone.
const MAX_FOLLOWED: usize = 16 << 20;

/// Only one file is spoken of.
const FILE: FileId = FileId::new(0);

/// The trees of the hosts in a file.
#[derive(Debug)]
pub struct HostPlaces(Vec<Node>);

impl HostPlaces {
    /// Follows the text of a host file that [`load_hosts`](crate::load_hosts) read under this name.
    #[must_use]
    pub fn new(file: &str, text: &str) -> Self {
        let (skipped, text) = super::without_mark(text);
        let mut hosts = match Format::of(file, text) {
            _ if text.len() > MAX_FOLLOWED => Vec::new(),
            Format::Yaml => {
                documents(FILE, text, Flavor::Yaml).into_iter().filter(|one| !one.is_nothing()).collect()
            }
            Format::Json => json(text),
            Format::Lines => lines(text),
        };
        for host in &mut hosts {
            host.shift(skipped as usize);
        }
        Self(hosts)
    }

    /// Where the value stands in the host of this number to which `path` leads, such as `files[3].version` or
    /// `HKLM\\Key!Value`; where it leads nowhere, the last that it leads to.
    #[must_use]
    pub fn find(&self, host: usize, path: &str) -> Option<Range<u32>> {
        let host = self.0.get(host)?;
        let listed = path.split_once('!').and_then(|(key, value)| registry_value(host, key, value));
        Some(bytes(listed.unwrap_or_else(|| host.find(path))))
    }

    /// What does not fit into the first host into which something does not.
    pub(super) fn any_fault(&self) -> Option<Fault> {
        (0..self.0.len()).find_map(|host| self.fault(host))
    }

    /// What does not fit into the host of this number.
    pub(super) fn fault(&self, host: usize) -> Option<Fault> {
        self.0.get(host).filter(|tree| !tree.repeats())?.read::<HostFile>().err()
    }
}

pub(super) fn bytes(span: Span) -> Range<u32> {
    span.start..span.end
}

/// The hosts of a JSON file: one, or a list.
fn json(text: &str) -> Vec<Node> {
    match documents(FILE, text, Flavor::Json).into_iter().next() {
        Some(Node { data: Data::List(hosts), .. }) => hosts,
        other => other.into_iter().collect(),
    }
}

/// The hosts of a file with one on each line.
fn lines(text: &str) -> Vec<Node> {
    let mut start = 0;
    let mut hosts = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            let nothing = Node { span: Span::new(FILE, 0, 0), data: Data::Nothing };
            let mut host = documents(FILE, line, Flavor::Json).into_iter().next().unwrap_or(nothing);
            host.shift(start);
            hosts.push(host);
        }
        start += line.len();
    }
    hosts
}

/// Where a value of the registry is listed, else its key, else the registry.
fn registry_value(host: &Node, key: &str, value: &str) -> Option<Span> {
    let registry = host.get("registry")?;
    let is = |entry: &&Node| {
        let listed = entry.get("key").and_then(Node::text);
        listed.is_some_and(|listed| name::same(listed.trim_matches('\\'), key))
    };
    let Some(entry) = registry.items().iter().find(is) else { return Some(host.find("registry")) };
    let values = entry.get("values").map(Node::entries).unwrap_or_default();
    let listed = values.iter().find(|(one, _)| name::same(&one.text, value));
    Some(listed.map_or_else(|| entry.find("key"), |(one, _)| one.span))
}
