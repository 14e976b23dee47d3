//! Events as Windows and Sysmon write them: what a host's logs hold when everything that is there was
//! started, loaded, installed and set while somebody watched.

use std::collections::BTreeMap;
use std::fmt;

use caveat_backend_sigma::{Run, Sighting, Signal, Watch};
use caveat_eval::{Fact, Host, HostFacts};
use caveat_ir::host::{DataEntry, FileEntry, HostFile, RegistryData, Scalar, ServiceEntry};
use caveat_ir::value::{Architecture, FileVersion, Hive, RegistryPath, StartType, View};
use serde_json::{Value, json};

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The category of Sysmon's events, or the log of Windows.
    pub source: &'static str,
    /// Its fields.
    pub fields: BTreeMap<&'static str, Value>,
}

impl Event {
    /// An event with these fields.
    #[must_use]
    pub fn new<const N: usize>(source: &'static str, fields: [(&'static str, Value); N]) -> Self {
        Self { source, fields: fields.into() }
    }

    pub(super) fn row(&self) -> Value {
        let mut row = json!(self.fields);
        row["source"] = self.source.into();
        row
    }

    /// The text of a field.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.fields.get(field).and_then(Value::as_str).unwrap_or("")
    }
}

/// A program that starts.
#[must_use]
pub fn started(path: &str, version: &str) -> Event {
    Event::new("process_creation", [("Image", path.into()), ("FileVersion", version.into())])
}

/// A library that is loaded.
#[must_use]
pub fn loaded(path: &str, version: &str) -> Event {
    Event::new("image_load", [("ImageLoaded", path.into()), ("FileVersion", version.into())])
}

/// A registry value that is set.
#[must_use]
pub fn value_set(object: &str, details: &str) -> Event {
    let fields =
        [("EventType", "SetValue".into()), ("TargetObject", object.into()), ("Details", details.into())];
    Event::new("registry_set", fields)
}

/// A key or value that comes or goes: `CreateKey`, `DeleteKey` or `DeleteValue`.
#[must_use]
pub fn object(kind: &str, object: &str) -> Event {
    let source = if kind == "CreateKey" { "registry_add" } else { "registry_delete" };
    Event::new(source, [("EventType", kind.into()), ("TargetObject", object.into())])
}

/// A service that is installed, in the System and in the Security log.
#[must_use]
pub fn installed(name: &str, display: &str) -> [Event; 2] {
    let provider = "Service Control Manager".into();
    let system = [("Provider_Name", provider), ("EventID", 7045.into()), ("ServiceName", display.into())];
    let security = [("EventID", 4697.into()), ("ServiceName", name.into())];
    [Event::new("system", system), Event::new("security", security)]
}

/// A service that enters a state: 4 is running, 1 stopped.
#[must_use]
pub fn state(name: &str, display: &str, state: u8) -> Event {
    let data = format!("{name}/{state}\0");
    let bytes = data.encode_utf16().flat_map(u16::to_le_bytes);
    let word = if state == 4 { "running" } else { "stopped" };
    let fields = [
        ("Provider_Name", "Service Control Manager".into()),
        ("EventID", 7036.into()),
        ("param1", display.into()),
        ("param2", word.into()),
        ("Binary", bytes.map(|byte| format!("{byte:02X}")).collect::<String>().into()),
    ];
    Event::new("system", fields)
}

/// Start type of a service, as the registry has it.
#[must_use]
pub fn start_set(service: &str, start: StartType) -> Event {
    let object = format!(r"HKLM\System\CurrentControlSet\Services\{service}\Start");
    value_set(&object, &double_word(start.registry_number()))
}

/// A double word, as Sysmon writes it.
fn double_word(number: impl fmt::LowerHex) -> String {
    format!("DWORD (0x{number:08x})")
}

/// A quad word, as Sysmon writes it.
fn quad_word(number: u64) -> String {
    format!("QWORD (0x{:08x}-0x{:08x})", number >> 32, number & 0xffff_ffff)
}

/// A key as Sysmon names it.
fn spelled(key: &RegistryPath) -> String {
    match key.hive {
        Hive::LocalMachine if key.view == Some(View::Bits32) => {
            format!(r"HKLM\{}", key.key.replacen("SOFTWARE", r"SOFTWARE\WOW6432Node", 1))
        }
        Hive::CurrentUser => format!(r"HKU\S-1-5-21-1-2-3-1001\{}", key.key),
        other => format!(r"{}\{}", other.short_name(), key.key),
    }
}

/// A value as Sysmon names it.
fn spelled_value(key: &RegistryPath, name: &str) -> String {
    format!(r"{}\{}", spelled(key), if name.is_empty() { "(Default)" } else { name })
}

/// Everything that a host logs; what the signals watch going away has gone away where it is not there.
#[must_use]
pub fn events(file: &HostFile, host: &Host, signals: &[Signal]) -> Vec<Event> {
    let files = file.files.iter().enumerate().flat_map(|(number, file)| file_events(number, file));
    let services = file.services.iter().flat_map(service_events);
    let keys = file.registry.iter().flat_map(|entry| {
        // A 32-bit Windows has one view only.
        let redirects = host.architecture() != Fact::Present(Architecture::X86);
        let of_32 = matches!(&entry.view, Some(Scalar::Integer(32))) && redirects;
        let key = RegistryPath::parse(&entry.key, of_32.then_some(View::Bits32)).expect("a key");
        let created = object("CreateKey", &spelled(&key));
        let values = entry.values.iter().map(|(name, data)| value_event(&key, name, data));
        [created].into_iter().chain(values).collect::<Vec<_>>()
    });
    let gone = signals.iter().filter_map(|signal| gone(signal, host));
    files.chain(services).chain(keys).chain(gone).collect()
}

/// The digests of a file, as Sysmon writes them.
fn hashes(file: &FileEntry) -> String {
    let digests = [("MD5", &file.md5), ("SHA1", &file.sha1), ("SHA256", &file.sha256)];
    let known = digests.into_iter().filter_map(|(kind, digest)| match digest {
        Some(Scalar::Text(digest)) => Some(format!("{kind}={}", digest.to_ascii_uppercase())),
        _ => None,
    });
    known.collect::<Vec<_>>().join(",")
}

fn file_events(number: usize, file: &FileEntry) -> Vec<Event> {
    let suffix = [" (xpsp.040810-1234)", "", " built by: WinDDK"][number % 3];
    let version = match &file.version {
        // A version resource always has four numbers, where a host file may leave out the last.
        Some(Scalar::Text(version)) => match version.parse::<FileVersion>() {
            Ok(version) => format!("{version}{suffix}"),
            Err(_) => version.clone(),
        },
        _ => "?".to_owned(),
    };
    let lower = file.path.to_ascii_lowercase();
    let mut events = match lower.rsplit('.').next() {
        Some("exe" | "com" | "scr") => vec![started(&file.path, &version), loaded(&file.path, &version)],
        Some("sys") => vec![Event::new("driver_load", [("ImageLoaded", file.path.clone().into())])],
        _ => vec![loaded(&file.path, &version)],
    };
    for event in &mut events {
        event.fields.insert("Hashes", hashes(file).into());
    }
    events
}

fn service_events(service: &ServiceEntry) -> Vec<Event> {
    let mut events: Vec<Event> = installed(&service.name, &service.name).into();
    let start = match &service.start {
        Some(Scalar::Text(word)) => word.parse::<StartType>().ok(),
        _ => None,
    };
    events.extend(start.map(|start| start_set(&service.name, start)));
    let stopped = matches!(&service.state, Some(Scalar::Text(word)) if word == "stopped");
    if start.is_some_and(|start| start != StartType::Disabled) && !stopped {
        events.push(state(&service.name, "A Display Name", 4));
    }
    events
}

/// What Sysmon writes in place of lists and bytes.
const BYTES: &str = "Binary Data";

fn value_event(key: &RegistryPath, name: &str, data: &RegistryData) -> Event {
    let number = |text: &str| match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    let kind = data.kind.to_ascii_lowercase();
    let details = match (&data.data, kind.as_str()) {
        (DataEntry::One(one), "reg_dword") => number(&one.to_string()).map(double_word),
        (DataEntry::One(one), "reg_qword") => number(&one.to_string()).map(quad_word),
        (DataEntry::One(one), "reg_sz" | "reg_expand_sz") => Some(one.to_string()),
        _ => None,
    };
    let details = details.unwrap_or_else(|| BYTES.to_owned());
    value_set(&spelled_value(key, name), &details)
}

fn gone(signal: &Signal, host: &Host) -> Option<Event> {
    match &signal.watch {
        Watch::KeyDeleted(key) => {
            (host.registry_key(key.borrowed()) == Fact::Absent).then(|| object("DeleteKey", &spelled(key)))
        }
        Watch::ValueDeleted { key, name } => (host.registry_value(key.borrowed(), name) == Fact::Absent)
            .then(|| object("DeleteValue", &spelled_value(key, name))),
        _ => None,
    }
}

/// Whether a host logged an event of the kind and about the thing that a signal watches.
#[must_use]
pub fn is_shown(signal: &Signal, events: &[Event]) -> bool {
    let logged = |source: &str, field: &str, wanted: &dyn Fn(&str) -> bool| {
        let of_source = events.iter().filter(|event| event.source == source);
        of_source.map(|event| event.text(field).to_ascii_lowercase()).any(|text| wanted(&text))
    };
    let is = |text: String| move |found: &str| found == text.to_ascii_lowercase();
    let at = |files: &[Sighting]| {
        let ends: Vec<String> = files.iter().map(|one| one.path.tail().to_ascii_lowercase()).collect();
        move |found: &str| ends.iter().any(|end| found.ends_with(end))
    };
    match &signal.watch {
        Watch::Started(files) => logged("process_creation", "Image", &at(files)),
        Watch::Loaded(files) => logged("image_load", "ImageLoaded", &at(files)),
        Watch::StartSet { service, .. } => {
            let object = start_set(service, StartType::Manual).text("TargetObject").to_owned();
            logged("registry_set", "TargetObject", &is(object))
        }
        Watch::Hashed(run, hashes) => {
            let ends: Vec<String> = hashes.iter().map(|one| one.path.tail().to_ascii_lowercase()).collect();
            let at = |found: &str| ends.iter().any(|end| found.ends_with(end));
            match run {
                Run::Started => logged("process_creation", "Image", &at),
                Run::Loaded => logged("image_load", "ImageLoaded", &at),
                Run::Driver => logged("driver_load", "ImageLoaded", &at),
            }
        }
        Watch::Audited(service) => logged("security", "ServiceName", &is(service.clone())),
        Watch::Ran(service) => {
            // The case of the name shows in the digits.
            let binaries = [service.clone(), service.to_ascii_lowercase(), service.to_ascii_uppercase()]
                .map(|name| state(&name, "", 4).text("Binary").to_owned());
            binaries.into_iter().any(|binary| logged("system", "Binary", &is(binary)))
        }
        Watch::KeyCreated(key) => logged("registry_add", "TargetObject", &is(spelled(key))),
        Watch::KeyDeleted(key) => logged("registry_delete", "TargetObject", &is(spelled(key))),
        Watch::ValueSet { key, name, data } => {
            let object = spelled_value(key, name).to_ascii_lowercase();
            // Of lists and bytes an event shows that they were set, and no more.
            let readable = |event: &&Event| data.is_none() || event.text("Details") != BYTES;
            let set = events.iter().filter(|event| event.source == "registry_set").filter(readable);
            set.map(|event| event.text("TargetObject").to_ascii_lowercase()).any(|found| found == object)
        }
        Watch::ValueDeleted { key, name } => {
            logged("registry_delete", "TargetObject", &is(spelled_value(key, name)))
        }
    }
}
