//! What the back end makes of rules, and what its text says of each rule.

use std::collections::BTreeMap;

use caveat_backend::{Artifact, Backend, EmitCx, Ledger, Note, Options, Policy};
use caveat_backend_yara::Yara;
use caveat_ir::Checked;
use caveat_ir::value::{FileVersion, VersionInterval, VersionSet};

/// The artifacts and notes for rules.
pub fn emit(rules: &Checked, options: &[(&str, &str)], policy: Policy) -> (Vec<Artifact>, Vec<Note>) {
    let options = Options::new(&Yara.info().options, options.iter().copied()).unwrap();
    let mut ledger = Ledger::default();
    let mut cx = EmitCx::new(&options, policy, &mut ledger);
    Yara.emit(rules, &mut cx).unwrap();
    let caveat_backend::Emitted { outputs, notes, .. } = cx.finish();
    (outputs.iter().cloned().collect(), notes)
}

/// All rules in one text; an empty one when there is no rule.
pub fn bundle(rules: &Checked, identity: &str) -> String {
    let (artifacts, _) = emit(rules, &[("layout", "bundle"), ("identity", identity)], Policy::Approximate);
    artifacts.into_iter().map(|artifact| artifact.text).collect()
}

/// A rule, as its text says it.
#[derive(Debug, Clone)]
pub struct Emitted {
    /// Its name.
    pub name: String,
    /// Its meta.
    pub meta: BTreeMap<String, String>,
    /// The machines it asks for; any when empty.
    pub machines: Vec<String>,
}

impl Emitted {
    /// The rules of a text as the back end lays it out.
    pub fn read(text: &str) -> Vec<Self> {
        let rules = text.split("\nrule ").skip(1);
        rules.map(Self::read_one).collect()
    }

    fn read_one(text: &str) -> Self {
        let (name, rest) = text.split_once(": ").unwrap();
        let (meta, condition) = rest.split_once("  condition:\n").unwrap();
        let entry = |line: &str| {
            let (key, value) = line.trim().split_once(" = \"")?;
            Some((key.trim().to_owned(), plain(value.strip_suffix('"')?)))
        };
        let machines = condition.split("pe.MACHINE_").skip(1);
        let word = |rest: &str| rest.split([' ', ')', '\n']).next().unwrap().to_owned();
        Self {
            name: name.to_owned(),
            meta: meta.lines().filter_map(entry).collect(),
            machines: machines.map(word).collect(),
        }
    }

    /// The versions that it says it reports; none where it is a digest that tells the file.
    pub fn versions(&self) -> VersionSet {
        let ranges = self.meta.get("affected_version").into_iter().flat_map(|words| words.split(", or "));
        ranges.map(range).collect::<Vec<_>>().into()
    }

    /// Whether it says that it reports files whose resource has this name.
    pub fn is_about(&self, name: &str) -> bool {
        let built = self.meta.get("built_as").into_iter().flat_map(|names| names.split(", "));
        built.chain([self.meta["file"].as_str()]).any(|one| one.eq_ignore_ascii_case(name))
    }
}

/// A string without the backslashes that escape; others do not stand in the texts that are read here.
fn plain(text: &str) -> String {
    let mut chars = text.chars();
    std::iter::from_fn(|| chars.next().and_then(|c| if c == '\\' { chars.next() } else { Some(c) })).collect()
}

/// A range in words.
fn range(words: &str) -> VersionInterval {
    let version = |text: &str| text.parse::<FileVersion>().unwrap();
    let below = |text: &str| version(text).previous().unwrap();
    let (low, high) = match words.strip_prefix("at least ") {
        Some(rest) => match rest.split_once(" and less than ") {
            Some((low, end)) => (version(low), below(end)),
            None => (version(rest), FileVersion::MAX),
        },
        None => match words.strip_prefix("less than ") {
            Some(end) => (FileVersion::MIN, below(end)),
            None if words == "any version" => (FileVersion::MIN, FileVersion::MAX),
            None => (version(words), version(words)),
        },
    };
    VersionInterval { low, high }
}
