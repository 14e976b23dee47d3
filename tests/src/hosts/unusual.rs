//! What is rare on hosts and possible all the same: registry data of other types, texts that are no
//! versions, names in other spellings, facts in other places than usual.

use std::collections::BTreeMap;

use caveat_ir::host::{DataEntry, HostFile, RegistryData, RegistryEntry, Scalar, ServiceEntry};

use super::build::{NT, is_told_elsewhere, key, value};
use super::vocabulary::Vocabulary;
use super::{FileState, Gap, Sketch, StartState};

/// Texts that look like versions. Only the last two are some.
pub const VERSION_LIKE: [&str; 20] = [
    "5.12 (Build 9638)",
    "v5.12.3",
    "5,12",
    "",
    " 5.12",
    "5.12 ",
    "5.12.3.0.1",
    "5.70000",
    "65536.1",
    "4294967296.1",
    "99999999999999999999.1",
    "5..12",
    ".5",
    "5.",
    "+5.1",
    "-5.1",
    "٥.١",
    "5.12.3-beta",
    "005.012",
    "5.12.3.65535",
];
/// Versions of files that are none.
pub const NO_VERSIONS: [&str; 6] = ["5.0.2195.x", "5.0.2195.10.1", "5.0.70000.1", "5.0 (Build 1)", "", "5,0"];

fn one(kind: &str, text: &str) -> RegistryData {
    value(kind, DataEntry::One(text.into()))
}

/// Data of other types, or almost the same, in the place of some data.
#[must_use]
pub fn others(data: &RegistryData) -> Vec<RegistryData> {
    let text = match &data.data {
        DataEntry::One(scalar) => scalar.to_string(),
        DataEntry::Many(scalars) => scalars.first().map(ToString::to_string).unwrap_or_default(),
    };
    let many = |texts: &[&str]| {
        value("reg_multi_sz", DataEntry::Many(texts.iter().map(|text| Scalar::from(*text)).collect()))
    };
    let (upper, swapped) = (text.to_uppercase(), other_case(&text));
    let mut others = vec![
        one("reg_expand_sz", &text),
        one("reg_expand_sz", &format!("%SystemRoot%{text}")),
        many(&[&text]),
        many(&["other", &text]),
        many(&[&upper, &text]),
        many(&[]),
        one("reg_sz", &upper),
        one("reg_sz", &swapped),
        // LATIN SMALL LETTER LONG S folds to `s`, but not in ASCII.
        one("reg_sz", &text.replace(['s', 'S'], "ſ")),
        one("reg_sz", &format!("{text} ")),
        one("reg_sz", &format!("<{text}&\">")),
        one("reg_dword", "0"),
        one("reg_dword", "2"),
        one("reg_dword", "0x00000002"),
        one("reg_dword", "4294967295"),
        one("reg_binary", "00ff"),
        one("reg_binary", "00FF"),
        one("reg_binary", ""),
        one("reg_dword", "many"),
        one("reg_binary", "0"),
        one("reg_what", &text),
        one("reg_link", &text),
        one("reg_qword", "2"),
        one("reg_qword", "0x100000001"),
        one("reg_qword", "18446744073709551616"),
        one("reg_dword_big_endian", "2"),
        one("reg_none", "00ff"),
        one("reg_none", ""),
        one("reg_none", "0"),
        one("reg_resource_list", "00ff"),
    ];
    others.extend(VERSION_LIKE.map(|text| one("reg_sz", text)));
    others.extend(["5.12", "6.1"].map(|text| one("reg_expand_sz", text)));
    others.push(many(&["5.12", "6.1"]));
    others
}

/// The text with the case of each letter turned, as far as one letter stands for another.
fn other_case(text: &str) -> String {
    let single = |c: char, mut turned: Box<dyn Iterator<Item = char>>| match (turned.next(), turned.next()) {
        (Some(one), None) => one,
        _ => c,
    };
    let turned = |c: char| {
        if c.is_lowercase() {
            single(c, Box::new(c.to_uppercase()))
        } else {
            single(c, Box::new(c.to_lowercase()))
        }
    };
    text.chars().map(turned).collect()
}

/// Something unusual about a host, and how it comes about.
pub type Quirk = (&'static str, fn(&mut HostFile));

/// All quirks. They change the spelling and the place of facts, or leave facts out.
pub const QUIRKS: [Quirk; 26] = [
    ("files in other case", |host| each(&mut host.files, |file| file.path = drive_kept(&file.path))),
    ("files below variables", |host| {
        let folders = host.environment.clone();
        for (name, folder) in &folders {
            each(&mut host.files, |file| {
                if let Some(rest) = file.path.strip_prefix(folder.as_str()) {
                    file.path = format!("%{}%{rest}", other_case(name));
                }
            });
        }
    }),
    ("files without version", |host| each(&mut host.files, |file| file.version = None)),
    ("larger files", |host| each(&mut host.files, |file| file.size = Some(Scalar::Integer(5_000_000_000)))),
    ("no folders", |host| host.environment.clear()),
    ("the system root alone", |host| host.environment.retain(|name, _| name == "SystemRoot")),
    ("folders in the registry", |host| {
        let root = host.environment.remove("SystemRoot");
        host.registry.extend(root.map(|root| text(NT, "SystemRoot", &root)));
        programs(host, |folder| one("reg_sz", folder));
    }),
    ("folders below the system's drive", |host| {
        programs(host, |folder| {
            let below = folder.split_once(':').map_or(folder, |(_, below)| below);
            one("reg_expand_sz", &format!("%SystemDrive%{below}"))
        });
    }),
    ("folders below any variable", |host| {
        programs(host, |_| one("reg_expand_sz", r"%AcmeRoot%\Programs"));
    }),
    ("an unknown architecture", |host| host.os.architecture = None),
    ("the 32-bit view", |host| {
        each(&mut host.registry, |entry| {
            if !tells_the_system(entry) {
                entry.view = Some(Scalar::Integer(32));
            }
        });
    }),
    ("the 64-bit view", |host| each(&mut host.registry, |entry| entry.view = Some(Scalar::Integer(64)))),
    ("keys in other case", |host| {
        each(&mut host.registry, |entry| {
            let (hive, path) = entry.key.split_once('\\').unwrap_or((&entry.key, ""));
            entry.key = format!("{hive}\\{}", other_case(path));
        });
    }),
    ("services in other case", |host| {
        each(&mut host.services, |service| service.name = other_case(&service.name));
    }),
    ("an odd version", |host| odd(host, "CurrentVersion", &one("reg_expand_sz", "5.1"))),
    ("an odd build", |host| odd(host, "CurrentBuildNumber", &one("reg_sz", "2600.xpsp"))),
    ("an odd service pack", |host| odd(host, "CSDVersion", &one("reg_sz", "Service Pack 2, v.2096"))),
    ("an odd product type", |host| odd(host, "ProductType", &one("reg_sz", "servernt"))),
    ("an odd suite", |host| odd(host, "ProductSuite", &one("reg_sz", "Terminal Server"))),
    ("a revision", |host| host.os.revision = Some(Scalar::Integer(3930))),
    ("a revision in the registry", |host| {
        let revision = host.os.revision.take().unwrap_or(Scalar::Integer(2006));
        host.registry.push(key(NT, [("UBR".to_owned(), one("reg_dword", &revision.to_string()))].into()));
    }),
    ("an installation type", |host| host.os.installation_type = Some("server-core".into())),
    ("an installation type in the registry", |host| installed_as(host, "server core")),
    ("an odd installation type", |host| installed_as(host, "Home")),
    ("services as bare keys", |host| {
        let services = std::mem::take(&mut host.services);
        host.registry.extend(
            services.iter().map(|service| RegistryEntry { values: BTreeMap::new(), ..service_key(service) }),
        );
    }),
    ("services in the registry", |host| {
        let services = std::mem::take(&mut host.services);
        host.registry.extend(services.iter().map(service_key));
    }),
];

/// Whether the entry holds facts of the system, which are read before it is known what views there are.
fn tells_the_system(entry: &RegistryEntry) -> bool {
    let key = entry.key.to_ascii_lowercase();
    entry.values.keys().any(|name| is_told_elsewhere(&key, &name.to_ascii_lowercase()))
}

/// Another value for a fact of the system that stands in the registry alone.
fn odd(host: &mut HostFile, name: &str, data: &RegistryData) {
    if host.os.version.is_none() {
        let values = host.registry.iter_mut().filter_map(|entry| entry.values.get_mut(name));
        values.for_each(|value| *value = data.clone());
    }
}

fn installed_as(host: &mut HostFile, name: &str) {
    host.os.installation_type = None;
    host.registry.push(key(NT, [("InstallationType".to_owned(), one("reg_sz", name))].into()));
}

fn each<T>(entries: &mut [T], change: impl FnMut(&mut T)) {
    entries.iter_mut().for_each(change);
}

fn drive_kept(path: &str) -> String {
    path.get(..2).map_or_else(String::new, |drive| format!("{drive}{}", other_case(&path[2..])))
}

/// Leaves the folder of programs to the registry, as what `data` makes of it.
fn programs(host: &mut HostFile, data: impl Fn(&str) -> RegistryData) {
    let windows = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion";
    if let Some(folder) = host.environment.remove("ProgramFiles") {
        host.registry.push(key(windows, [("ProgramFilesDir".to_owned(), data(&folder))].into()));
    }
}

fn text(path: &str, name: &str, data: &str) -> RegistryEntry {
    key(path, [(name.to_owned(), one("reg_sz", data))].into())
}

fn service_key(service: &ServiceEntry) -> RegistryEntry {
    let start = service.start.as_ref().map(ToString::to_string);
    let number = start.as_deref().map(|start| match start {
        "automatic" => "2",
        "manual" => "3",
        "disabled" => "4",
        other => other,
    });
    let start = number.map(|number| ("Start".to_owned(), one("reg_dword", number)));
    key(&format!(r"HKLM\SYSTEM\CurrentControlSet\Services\{}", service.name), start.into_iter().collect())
}

/// Ways to list an update.
#[must_use]
pub fn spellings(update: &str) -> [Scalar; 6] {
    let digits = update.trim_start_matches("KB");
    [
        update.into(),
        format!("Q{digits}").into(),
        digits.parse().map_or_else(|_| digits.into(), Scalar::Integer),
        format!("kb{digits}").into(),
        format!("KB{digits}-v2").into(),
        format!("{update} SP1").into(),
    ]
}

/// The key that the installer of an update leaves.
#[must_use]
pub fn update_key(update: &str) -> RegistryEntry {
    let path = format!(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix\{update}");
    key(&path, [("Installed".to_owned(), one("reg_dword", "1"))].into())
}

/// A host for each thing that is unusual, in a fixed order.
#[must_use]
pub fn hosts(vocabulary: &Vocabulary) -> Vec<HostFile> {
    let Some(plain) = plain(vocabulary) else { return Vec::new() };
    let named = |what: &str, sketch: &Sketch, change: &dyn Fn(&mut HostFile)| {
        let mut host = sketch.host();
        change(&mut host);
        HostFile { name: Some(format!("{what}: {}", host.name.unwrap_or_default())), ..host }
    };
    let mut hosts: Vec<HostFile> = QUIRKS.iter().map(|(what, change)| named(what, &plain, change)).collect();
    for (place, entry) in vocabulary.registry.iter().enumerate() {
        for data in entry.values.values().flat_map(others) {
            // Of two entries for a value, a sketch takes the first.
            let registry = [vec![with_data(entry, &data)], plain.registry.clone()].concat();
            let what = format!("value {place} as {} {:?}", data.kind, data.data);
            hosts.push(named(&what, &Sketch { registry, ..plain.clone() }, &|_| {}));
        }
    }
    hosts.extend(NO_VERSIONS.map(|version| {
        named(&format!("version `{version}`"), &plain, &|host| {
            each(&mut host.files, |file| file.version = Some(version.into()));
        })
    }));
    for update in &vocabulary.hotfixes {
        for spelling in spellings(update) {
            let what = format!("update {spelling}");
            hosts.push(named(&what, &plain, &|host| host.hotfixes.push(spelling.clone())));
        }
        for name in [update.clone(), format!("{update}-v2"), update.replace("KB", "Q")] {
            let what = format!("update key {name}");
            hosts.push(named(&what, &plain, &|host| host.registry.push(update_key(&name))));
        }
    }
    hosts
}

/// The first system that is concerned, with everything that the rules ask for.
fn plain(vocabulary: &Vocabulary) -> Option<Sketch> {
    let package = vocabulary.packages.first()?;
    let below =
        package.files.iter().map(|(path, below, _)| (path.clone(), FileState::Version(below.clone())));
    let mut files: Vec<(String, FileState)> = below.collect();
    for path in vocabulary.files() {
        if files.iter().all(|(other, _)| *other != path) {
            files.push((path, FileState::Version("1.0.0.0".to_owned())));
        }
    }
    let service = |name: &String| (name.clone(), StartState::Start("automatic"));
    Some(Sketch {
        os: package.systems.first()?.clone(),
        files,
        services: vocabulary.services.iter().map(service).collect(),
        registry: vocabulary.registry.clone(),
        updates: Vec::new(),
        gap: Gap::None,
    })
}

/// The entry with other data for all its values.
#[must_use]
pub fn with_data(entry: &RegistryEntry, data: &RegistryData) -> RegistryEntry {
    let values = entry.values.keys().map(|name| (name.clone(), data.clone())).collect();
    RegistryEntry { values, ..entry.clone() }
}
