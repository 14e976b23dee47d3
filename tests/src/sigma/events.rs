//! Events as Windows and Sysmon write them: what a host's logs hold when everything that is there was
//! started, loaded, installed and set while somebody watched.

use std::collections::BTreeMap;

use caveat_backend_sigma::{Signal, Watch};
use caveat_ir::Truth;
use caveat_ir::host::{DataEntry, FileEntry, HostFile, RegistryData, Scalar, ServiceEntry};
use caveat_ir::value::{RegistryPath, StartType};
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
    value_set(&object, &format!("DWORD (0x{:08x})", start.registry_number()))
}

/// Everything that a host logs; what the signals watch going away goes away where it is not there.
#[must_use]
pub fn events(host: &HostFile, signals: &[Signal], truth: &dyn Fn(&Signal) -> Truth) -> Vec<Event> {
    let files = host.files.iter().enumerate().flat_map(|(number, file)| file_events(number, file));
    let services = host.services.iter().flat_map(service_events);
    let keys = host.registry.iter().flat_map(|entry| {
        let key = RegistryPath::parse(&entry.key, None).expect("a key");
        let created = object("CreateKey", &format!(r"{}\{}", key.hive.short_name(), key.key));
        let values = entry.values.iter().map(|(name, data)| value_event(&key, name, data));
        [created].into_iter().chain(values).collect::<Vec<_>>()
    });
    let gone = signals.iter().filter(|signal| truth(signal) == Truth::True).filter_map(gone);
    files.chain(services).chain(keys).chain(gone).collect()
}

fn file_events(number: usize, file: &FileEntry) -> Vec<Event> {
    let suffix = [" (xpsp.040810-1234)", "", " built by: WinDDK"][number % 3];
    let version = match &file.version {
        Some(Scalar::Text(version)) => format!("{version}{suffix}"),
        _ => "?".to_owned(),
    };
    let lower = file.path.to_ascii_lowercase();
    match lower.rsplit('.').next() {
        Some("exe" | "com" | "scr") => vec![started(&file.path, &version), loaded(&file.path, &version)],
        Some("sys") => Vec::new(),
        _ => vec![loaded(&file.path, &version)],
    }
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

fn value_event(key: &RegistryPath, name: &str, data: &RegistryData) -> Event {
    let name = if name.is_empty() { "(Default)" } else { name };
    let details = match &data.data {
        DataEntry::One(Scalar::Text(text)) => text.clone(),
        DataEntry::One(Scalar::Integer(number)) => format!("DWORD (0x{number:08x})"),
        _ => "Binary Data".to_owned(),
    };
    value_set(&format!(r"{}\{}\{name}", key.hive.short_name(), key.key), &details)
}

fn gone(signal: &Signal) -> Option<Event> {
    match &signal.watch {
        Watch::KeyDeleted(key) => {
            Some(object("DeleteKey", &format!(r"{}\{}", key.hive.short_name(), key.key)))
        }
        Watch::ValueDeleted { key, name } => {
            Some(object("DeleteValue", &format!(r"{}\{}\{name}", key.hive.short_name(), key.key)))
        }
        _ => None,
    }
}

/// Whether a host logged an event of the kind and about the thing that a signal watches.
#[must_use]
pub fn is_shown(signal: &Signal, events: &[Event]) -> bool {
    let file = |source: &str, field: &str, paths: &[caveat_ir::value::WindowsPath]| {
        let of_source = events.iter().filter(|event| event.source == source);
        let mut files = of_source.map(|event| event.text(field).to_ascii_lowercase());
        files.any(|file| paths.iter().any(|path| file.ends_with(&path.tail().to_ascii_lowercase())))
    };
    match &signal.watch {
        Watch::Started { paths, .. } => file("process_creation", "Image", paths),
        Watch::Loaded { paths, .. } => file("image_load", "ImageLoaded", paths),
        Watch::Ran(service) => {
            let binary = state(service, "", 4);
            let same = |event: &Event| event.text("Binary").eq_ignore_ascii_case(binary.text("Binary"));
            events.iter().any(same)
        }
        Watch::StartSet { .. }
        | Watch::Installed(_)
        | Watch::Audited(_)
        | Watch::KeyCreated(_)
        | Watch::KeyDeleted(_)
        | Watch::ValueSet { .. }
        | Watch::ValueDeleted { .. } => true,
    }
}
