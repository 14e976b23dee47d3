//! A host file as registry, services and files of a machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use caveat_eval::{Host, HostFacts, RegistryValue};
use caveat_ir::Checked;
use caveat_ir::host::{DataEntry, FileEntry, HostFile, RegistryData, RegistryEntry, Scalar};
use caveat_ir::recorded::{self, Place};
use caveat_ir::value::{Digest, Family, FileVersion, Hive, KeyRef, KnownFolder, StartType, Variable};
use md5::Md5;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::hosts::vocabulary::Vocabulary;
use crate::yara::pe::{AMD64, Pe};

/// The system root of every machine; it is not that of the prefix, which has files of its own.
pub const ROOT: &str = r"C:\live\WINNT";

/// Why no machine can be set up like a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Facts left open, which a machine always has.
    Open,
    /// Facts that no Windows holds.
    Malformed,
    /// Another system.
    Elsewhere,
    /// Updates that Windows lists by its management, and the states of services: Wine has its own.
    Managed,
    /// Digests of files whose bytes nobody has.
    Digests,
    /// Variables of a user or process.
    OfUsers,
    /// A file that Wine keeps for itself, or a place outside of its drive.
    Reserved,
}

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "facts are left open",
            Self::Malformed => "facts are malformed",
            Self::Elsewhere => "no Windows",
            Self::Managed => "updates from 6.0 on, or states of services",
            Self::Digests => "digests of unknown bytes",
            Self::OfUsers => "variables of users or processes",
            Self::Reserved => "names that Wine keeps for itself",
        })
    }
}

/// What has to be set up.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The host, completed by what every machine has.
    pub host: HostFile,
    registry: Vec<Value>,
    /// Files by full path.
    pub files: BTreeMap<String, Vec<u8>>,
    wanted: Vec<Value>,
}

impl Plan {
    /// Plans a machine on which the rules find what they find on the host.
    ///
    /// # Errors
    /// Why that cannot be done.
    pub fn new(rules: &Checked, host: &HostFile) -> Result<Self, Reason> {
        let mut host = completed(rules, host)?;
        let files = files(&mut host)?;
        let (facts, problems) = Host::new(&host, rules.rules());
        if !problems.is_empty() {
            return Err(Reason::Malformed);
        }
        let narrow = facts.architecture().present().is_some_and(|one| !one.is_64_bit());
        let registry = registry(&host, &facts, narrow);
        Ok(Self { registry, files, wanted: wanted(rules), host })
    }

    /// The machine in JSON, its files under numbers of the store.
    #[must_use]
    pub fn json(&self, mut store: impl FnMut(&[u8]) -> String) -> Value {
        let files = self.files.iter().map(|(path, bytes)| json!({ "path": path, "from": store(bytes) }));
        json!({
            "clear": self.wanted,
            "registry": self.registry,
            "files": files.collect::<Vec<Value>>(),
        })
    }
}

/// The host with folders that every Windows has, its root moved to [`ROOT`].
fn completed(rules: &Checked, host: &HostFile) -> Result<HostFile, Reason> {
    let mut host = host.clone();
    if !host.partial.is_empty()
        || host.files.iter().any(|file| file.partial)
        || host.registry.iter().any(|key| key.partial)
    {
        return Err(Reason::Open);
    }
    let old = host.environment.iter().find(|(name, _)| name.eq_ignore_ascii_case("SystemRoot"));
    let old = old.map_or_else(|| r"C:\WINDOWS".to_owned(), |(_, root)| root.clone());
    host.environment
        .retain(|name, _| !name.eq_ignore_ascii_case("SystemRoot") && !name.eq_ignore_ascii_case("windir"));
    host.environment.insert("SystemRoot".to_owned(), ROOT.to_owned());
    for file in &mut host.files {
        if file.path.to_lowercase().starts_with(&format!(r"{}\", old.to_lowercase())) {
            file.path = format!("{ROOT}{}", file.path.get(old.len()..).unwrap_or_default());
        }
    }
    for entry in &mut host.registry {
        entry.values.retain(|name, _| {
            !(name.eq_ignore_ascii_case("SystemRoot") && entry.key.ends_with("CurrentVersion"))
        });
    }
    let (facts, problems) = Host::new(&host, rules.rules());
    if !problems.is_empty() {
        return Err(Reason::Malformed);
    }
    match facts.os_family().present() {
        Some(Family::Windows) => {}
        Some(_) => return Err(Reason::Elsewhere),
        None => return Err(Reason::Open),
    }
    let (Some(version), Some(architecture)) = (facts.os_version().present(), facts.architecture().present())
    else {
        return Err(Reason::Open);
    };
    if version.major >= 6 && (!host.hotfixes.is_empty() || !asked(rules, |words| &words.hotfixes).is_empty())
        || host.services.iter().any(|service| service.state.is_some())
        || says(rules, "running")
        || says(rules, "stopped")
    {
        return Err(Reason::Managed);
    }
    if host.services.iter().any(|service| service.start.is_none()) {
        return Err(Reason::Open);
    }
    for name in host.environment.keys() {
        if matches!(Variable::named(name), Variable::User | Variable::Process) {
            return Err(Reason::OfUsers);
        }
    }
    let folders = [
        (KnownFolder::ProgramFiles, r"C:\Program Files", true),
        (KnownFolder::CommonProgramFiles, r"C:\Program Files\Common Files", true),
        (KnownFolder::ProgramFilesX86, r"C:\Program Files (x86)", architecture.is_64_bit()),
        (
            KnownFolder::CommonProgramFilesX86,
            r"C:\Program Files (x86)\Common Files",
            architecture.is_64_bit(),
        ),
        (KnownFolder::ProgramData, r"C:\ProgramData", version.major >= 6),
        (KnownFolder::Public, r"C:\Users\Public", version.major >= 6),
    ];
    for (folder, path, is_there) in folders {
        if is_there
            && facts
                .registry_value(machine(folder.registry_value().0), folder.registry_value().1)
                .present()
                .is_none()
        {
            host.environment.insert(folder.variable().to_owned(), path.to_owned());
        }
    }
    Ok(host)
}

/// What the vocabularies of all bulletins have of something.
fn asked<T: Clone>(rules: &Checked, of: impl Fn(&Vocabulary) -> &Vec<T>) -> Vec<T> {
    let rules = rules.rules();
    rules.bulletins.iter().flat_map(|bulletin| of(&Vocabulary::new(rules, bulletin)).clone()).collect()
}

/// Whether the rules hold this word as data.
fn says(rules: &Checked, word: &str) -> bool {
    serde_json::to_string(rules.rules()).unwrap().contains(&format!("\"{word}\""))
}

fn machine(key: &str) -> KeyRef<'_> {
    KeyRef { hive: Hive::LocalMachine, key, view: None }
}

/// The files, by full path; the host learns their sizes and digests.
fn files(host: &mut HostFile) -> Result<BTreeMap<String, Vec<u8>>, Reason> {
    let environment: BTreeMap<String, String> =
        host.environment.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    let mut found = BTreeMap::new();
    for file in &mut host.files {
        let path = expanded(&file.path, &environment).ok_or(Reason::Open)?;
        let name = path.rsplit('\\').next().unwrap_or_default().to_lowercase();
        let reserved = ["ntdll.dll", "kernel32.dll", "kernelbase.dll"].contains(&name.as_str());
        if reserved
            || !path.to_lowercase().starts_with(r"c:\")
            || path.to_lowercase().starts_with(r"c:\windows")
        {
            return Err(Reason::Reserved);
        }
        if file.md5.is_some() || file.sha1.is_some() || file.sha256.is_some() {
            return Err(Reason::Digests);
        }
        let mut bytes = match &file.version {
            None => b"no version".to_vec(),
            Some(version) => {
                let version: FileVersion = version.to_string().parse().map_err(|_| Reason::Malformed)?;
                Pe::new(AMD64, &name, version).bytes()
            }
        };
        if let Some(size) = &file.size {
            let size: usize = size.to_string().parse().map_err(|_| Reason::Malformed)?;
            if size < bytes.len() || size > 1 << 20 {
                return Err(Reason::Reserved);
            }
            bytes.resize(size, 0);
        }
        describe(file, &bytes);
        found.insert(path, bytes);
    }
    Ok(found)
}

fn describe(file: &mut FileEntry, bytes: &[u8]) {
    let digits = |bytes: &[u8]| Some(Scalar::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect()));
    file.size = Some(Scalar::Integer(i64::try_from(bytes.len()).unwrap()));
    for algorithm in [Digest::Md5, Digest::Sha1, Digest::Sha256] {
        match algorithm {
            Digest::Md5 => file.md5 = digits(&Md5::digest(bytes)),
            Digest::Sha1 => file.sha1 = digits(&Sha1::digest(bytes)),
            Digest::Sha256 => file.sha256 = digits(&Sha256::digest(bytes)),
        }
    }
}

fn expanded(path: &str, environment: &BTreeMap<String, String>) -> Option<String> {
    let Some(rest) = path.strip_prefix('%') else { return Some(path.to_owned()) };
    let (name, rest) = rest.split_once('%')?;
    let name =
        if name.eq_ignore_ascii_case("windir") { "systemroot".to_owned() } else { name.to_lowercase() };
    Some(format!("{}{rest}", environment.get(&name)?))
}

/// Keys and values, each in its views.
fn registry(host: &HostFile, facts: &Host, narrow: bool) -> Vec<Value> {
    let mut keys = Vec::new();
    let mut add = |key: &str, view: &str, values: Vec<Value>| {
        keys.push(json!({ "key": key, "view": view, "values": values }));
    };
    let both = if narrow { "both" } else { "64" };
    let places = Place::ALL.iter().map(|place| (place.key(), place.name().to_owned()));
    let folders = KnownFolder::ALL.iter().map(|folder| folder.registry_value());
    let folders = folders.map(|(key, name)| (key, name.to_owned()));
    let variables = host.environment.keys().filter(|name| Variable::named(name) == Variable::Machine);
    let variables = variables.map(|name| (Variable::MACHINE, name.clone()));
    for (key, name) in places.chain(folders).chain(variables) {
        if let Some(value) = facts.registry_value(machine(key), &name).present() {
            add(&format!(r"HKLM\{key}"), both, vec![of_fact(&name, &value)]);
        }
    }
    for entry in &host.registry {
        let view = match &entry.view {
            Some(view) if view.to_string() == "32" && !narrow => "32",
            _ => both,
        };
        add(&entry.key, view, entry.values.iter().map(|(name, data)| of_file(name, data)).collect());
    }
    for service in &host.services {
        let start = service.start.as_ref().and_then(|start| start.to_string().parse::<StartType>().ok());
        let start = start
            .map(|start| json!({ "name": "Start", "type": "reg_dword", "data": start.registry_number() }));
        add(&format!(r"HKLM\{}\{}", recorded::SERVICES, service.name), both, start.into_iter().collect());
    }
    for update in &host.hotfixes {
        let installed = json!({ "name": "Installed", "type": "reg_dword", "data": 1 });
        add(&format!(r"HKLM\{}\{update}", recorded::UPDATES), both, vec![installed]);
    }
    keys
}

fn of_fact(name: &str, value: &RegistryValue<'_>) -> Value {
    let (kind, data) = match value {
        RegistryValue::Text(text) => ("reg_sz", json!(text)),
        RegistryValue::ExpandText(text) => ("reg_expand_sz", json!(text)),
        RegistryValue::Multi(texts) => ("reg_multi_sz", json!(texts)),
        RegistryValue::Dword(number) => ("reg_dword", json!(number)),
        RegistryValue::Binary(digits) => ("reg_binary", json!(digits)),
        // No host of the suite that is set up has such a value of a fact of the system.
        other => return json!({ "name": name, "type": other.kind().as_str(), "data": other.to_string() }),
    };
    json!({ "name": name, "type": kind, "data": data })
}

fn of_file(name: &str, data: &RegistryData) -> Value {
    let text = |scalar: &Scalar| scalar.to_string();
    let kind = data.kind.to_lowercase();
    let content = match &data.data {
        DataEntry::Many(items) => json!(items.iter().map(text).collect::<Vec<_>>()),
        DataEntry::One(one) if kind == "reg_dword" => {
            let digits = text(one);
            let number = digits.strip_prefix("0x").map_or_else(
                || digits.parse::<u32>().unwrap(),
                |digits| u32::from_str_radix(digits, 16).unwrap(),
            );
            json!(number)
        }
        DataEntry::One(one) => json!(text(one)),
    };
    json!({ "name": name, "type": kind, "data": content })
}

/// The keys and values that the rules ask for, of which the prefix may have some.
fn wanted(rules: &Checked) -> Vec<Value> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for RegistryEntry { key, values, .. } in asked(rules, |words| &words.registry) {
        keys.entry(key).or_default().extend(values.into_keys());
    }
    for service in asked(rules, |words| &words.services) {
        keys.entry(format!(r"HKLM\{}\{service}", recorded::SERVICES)).or_default();
    }
    keys.into_iter().map(|(key, values)| json!({ "key": key, "values": values })).collect()
}
