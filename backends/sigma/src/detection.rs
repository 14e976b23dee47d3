//! Watches as log sources and detections: which fields of which events hold what is looked for.

use caveat_ir::expr::{Integer, ValueCheck};
use caveat_ir::value::{Digest, RegistryPath, StartType, VersionSet};
use caveat_ir::{Expr, Test};

use crate::rule::{Detection, Logsource, Selection, Value};
use crate::text::{Spelling, control_sets, literal, literals, running, spelling};
use crate::version;
use crate::watch::{Hash, Run, Sighting, Watch, numbers};

/// Where the events of a watch come from.
pub(crate) fn logsource(watch: &Watch) -> Logsource {
    let (category, service) = match watch {
        Watch::Started(_) | Watch::Hashed(Run::Started, _) => (Some("process_creation"), None),
        Watch::Loaded(_) | Watch::Hashed(Run::Loaded, _) => (Some("image_load"), None),
        Watch::StartSet { .. } | Watch::ValueSet { .. } => (Some("registry_set"), None),
        Watch::KeyCreated(_) => (Some("registry_add"), None),
        Watch::KeyDeleted(_) | Watch::ValueDeleted { .. } => (Some("registry_delete"), None),
        Watch::Hashed(Run::Driver, _) => (Some("driver_load"), None),
        Watch::Ran(_) => (None, Some("system")),
        Watch::Audited(_) => (None, Some("security")),
    };
    Logsource { category, product: "windows", service }
}

/// What is looked for in the events of a watch.
pub(crate) fn detection(watch: &Watch) -> Detection {
    match watch {
        Watch::Started(sightings) => file(["Image", "Image|endswith"], sightings),
        Watch::Loaded(sightings) => file(["ImageLoaded", "ImageLoaded|endswith"], sightings),
        Watch::StartSet { service, starts } => start_set(service, starts),
        Watch::Hashed(run, hashes) => hashed(*run, hashes),
        Watch::Audited(service) => {
            one([("EventID", Value::Number(4697)), ("ServiceName", Value::texts(literals(service)))])
        }
        Watch::Ran(service) => ran(service),
        Watch::KeyCreated(key) => registry(key, None, Some(&["CreateKey"])),
        Watch::KeyDeleted(key) => registry(key, None, Some(&["DeleteKey"])),
        Watch::ValueDeleted { key, name } => registry(key, Some(name), Some(&["DeleteValue"])),
        Watch::ValueSet { key, name, data } => {
            let mut detection = registry(key, Some(name), None);
            if let Some(data) = data {
                let joined = condition(data, &mut detection.selections);
                detection.condition = format!("selection and {joined}");
            }
            detection
        }
    }
}

/// A single selection.
fn one(fields: impl IntoIterator<Item = (&'static str, Value)>) -> Detection {
    let selection = Selection(fields.into_iter().collect());
    Detection { selections: vec![("selection".to_owned(), selection)], condition: "selection".to_owned() }
}

/// A file at one of its places, in one of the versions that are looked for there. A variable at the
/// beginning of a path is expanded in events, so only what follows it is compared.
fn file([whole, end]: [&'static str; 2], sightings: &[Sighting]) -> Detection {
    let mut places: Vec<(&'static str, &VersionSet, Vec<String>)> = Vec::new();
    for Sighting { path, versions } in sightings {
        let below = path.variable().is_some();
        let (field, text) = if below { (end, path.tail()) } else { (whole, path.as_str()) };
        match places.iter_mut().find(|(known, same, _)| *known == field && *same == versions) {
            Some((.., texts)) => texts.extend(literals(text)),
            None => places.push((field, versions, literals(text))),
        }
    }
    let fields = places.into_iter().map(|(field, versions, texts)| {
        [(field, Value::texts(texts)), ("FileVersion|re", Value::Text(version::pattern(versions)))]
    });
    one_of(fields.collect())
}

/// One selection, or several of which one suffices.
fn one_of(fields: Vec<[(&'static str, Value); 2]>) -> Detection {
    match <[_; 1]>::try_from(fields) {
        Ok([only]) => one(only),
        Err(several) => {
            let named = |(number, fields): (usize, [_; 2])| {
                (format!("selection_{}", number + 1), Selection(fields.into()))
            };
            let selections = several.into_iter().enumerate().map(named).collect();
            Detection { selections, condition: "1 of selection_*".to_owned() }
        }
    }
}

/// A file at one of its places, with one of the digests that are looked for there.
fn hashed(run: Run, hashes: &[Hash]) -> Detection {
    let [whole, end] = match run {
        Run::Started => ["Image", "Image|endswith"],
        Run::Loaded | Run::Driver => ["ImageLoaded", "ImageLoaded|endswith"],
    };
    let mut places: Vec<(&'static str, Vec<String>, Vec<String>)> = Vec::new();
    for Hash { path, digest, value } in hashes {
        let below = path.variable().is_some();
        let (field, names) =
            if below { (end, literals(path.tail())) } else { (whole, literals(path.as_str())) };
        let hash = format!("{}={}", digest_name(*digest), value.to_ascii_uppercase());
        match places.iter_mut().find(|(known, same, _)| *known == field && *same == names) {
            Some((.., hashes)) => hashes.push(hash),
            None => places.push((field, names, vec![hash])),
        }
    }
    let fields = places.into_iter().map(|(field, names, hashes)| {
        [(field, Value::texts(names)), ("Hashes|contains", Value::texts(hashes))]
    });
    one_of(fields.collect())
}

/// The name of a digest in `Hashes`.
const fn digest_name(digest: Digest) -> &'static str {
    match digest {
        Digest::Md5 => "MD5",
        Digest::Sha1 => "SHA1",
        Digest::Sha256 => "SHA256",
    }
}

fn start_set(service: &str, starts: &[StartType]) -> Detection {
    let below = format!(r"Services\{service}\Start");
    let names = control_sets(&below).map(|name| format!("\\{name}"));
    let starts = starts.iter().map(|start| dword(start.registry_number().into()));
    one([
        ("TargetObject|endswith", Value::texts(names.flat_map(|name| literals(&name)))),
        ("Details", Value::texts(starts)),
    ])
}

/// A double word as Sysmon writes it.
fn dword(number: u64) -> String {
    format!("DWORD (0x{number:08x})")
}

/// A quad word as Sysmon writes it: its higher half first.
fn qword(number: u64) -> String {
    format!("QWORD (0x{:08x}-0x{:08x})", number >> 32, number & 0xFFFF_FFFF)
}

/// A service that enters the running state: by its short name in the binary data, in any language, or
/// by its display name where that is the same.
fn ran(service: &str) -> Detection {
    let text = |text: &str| Value::Text(text.to_owned());
    let event = [("Provider_Name", text("Service Control Manager")), ("EventID", Value::Number(7036))];
    let shown = [("param1", Value::texts(literals(service))), ("param2", text("running"))];
    Detection {
        selections: vec![
            ("selection".to_owned(), Selection(event.into())),
            ("selection_short".to_owned(), Selection(vec![("Binary|re", Value::Text(running(service)))])),
            ("selection_display".to_owned(), Selection(shown.into())),
        ],
        condition: "selection and 1 of selection_*".to_owned(),
    }
}

fn registry(key: &RegistryPath, value: Option<&str>, events: Option<&[&str]>) -> Detection {
    let events = events.map(|events| {
        let events = events.iter().map(|event| (*event).to_owned());
        ("EventType", Value::texts(events))
    });
    let object = match spelling(key, value) {
        Spelling::Names(names) => {
            vec![("TargetObject", Value::texts(names.iter().flat_map(|name| literals(name))))]
        }
        Spelling::OfUsers(ends) => vec![
            ("TargetObject|startswith", Value::Text(literal("HKU\\"))),
            ("TargetObject|endswith", Value::texts(ends.iter().flat_map(|end| literals(end)))),
        ],
    };
    one(events.into_iter().chain(object))
}

/// The data's formula as a condition; its tests become selections.
fn condition(data: &Expr, selections: &mut Vec<(String, Selection)>) -> String {
    match data {
        Expr::All(parts) => joined(parts, " and ", selections),
        Expr::Any(parts) => joined(parts, " or ", selections),
        Expr::Not(part) => format!("not {}", condition(part, selections)),
        Expr::Test(leaf) => test(&leaf.test, selections),
        // Spelled out long before.
        Expr::Platform(_) => "selection".to_owned(),
    }
}

fn joined(parts: &[Expr], word: &str, selections: &mut Vec<(String, Selection)>) -> String {
    let parts: Vec<String> = parts.iter().map(|part| condition(part, selections)).collect();
    format!("({})", parts.join(word))
}

fn test(test: &Test, selections: &mut Vec<(String, Selection)>) -> String {
    let Test::RegistryValue(_, _, check) = test else { return "selection".to_owned() };
    let mut add = |field, value| {
        let name = format!("data_{}", selections.len());
        selections.push((name.clone(), Selection(vec![(field, value)])));
        name
    };
    match check {
        ValueCheck::Text(text) | ValueCheck::TextIgnoringCase(text) => {
            add("Details", Value::texts(literals(text)))
        }
        ValueCheck::Number(comparison, number) => {
            let (begin, written): (_, fn(u64) -> String) = match number {
                Integer::Dword(_) => ("DWORD (0x", dword),
                Integer::Qword(_) => ("QWORD (0x", qword),
            };
            match numbers(*comparison, number.number()) {
                Some((true, passing)) => add("Details", Value::texts(passing.into_iter().map(written))),
                Some((false, failing)) => {
                    let number = add("Details|startswith", Value::Text(begin.to_owned()));
                    let failing = add("Details", Value::texts(failing.into_iter().map(written)));
                    format!("({number} and not {failing})")
                }
                None => "selection".to_owned(),
            }
        }
        ValueCheck::Exists
        | ValueCheck::Matches(_)
        | ValueCheck::Version(_)
        | ValueCheck::Bits(_)
        | ValueCheck::Type(_)
        | ValueCheck::Binary(_) => "selection".to_owned(),
    }
}
