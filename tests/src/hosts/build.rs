//! From the outline of a host to its host file.

use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::host::{
    DataEntry, FactKind, FileEntry, HOST_SCHEMA, HostFile, OsEntry, RegistryData, RegistryEntry, Scalar,
    ServiceEntry,
};

/// An operating system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Os {
    /// Its name in host names.
    pub label: String,
    /// The family, where it is another than Windows.
    pub family: Option<String>,
    /// The NT version.
    pub version: String,
    /// The build number.
    pub build: u32,
    /// `workstation`, `server` or `domain-controller`
    pub kind: String,
    /// The product suites.
    pub suites: Vec<String>,
    /// `x86`, `ia64`, `x64` or `arm64`
    pub architecture: String,
    /// The service pack; stated as 0 or left out when there is none.
    pub pack: Option<u32>,
    /// The language.
    pub language: String,
}

/// What there is of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// No file.
    Absent,
    /// A file without a version resource.
    Unversioned,
    /// A file of this version, well-formed or not.
    Version(String),
}

/// What there is of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartState {
    /// No service.
    Absent,
    /// A service of unknown start type.
    Unstated,
    /// A service of this start type, well-formed or not.
    Start(&'static str),
}

/// What is not known of a host, not readable, or stands in an unusual place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// Nothing.
    None,
    /// Facts of these kinds are not complete.
    Partial(Vec<FactKind>),
    /// A fact of the operating system is left out.
    LeftOut(&'static str),
    /// A fact of the operating system makes no sense.
    Malformed(&'static str),
    /// No environment variable is known.
    NoEnvironment,
    /// The facts of the operating system are given as registry values.
    InRegistry,
    /// They are given in both places.
    InBoth,
}

/// A host in outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// Its operating system.
    pub os: Os,
    /// Its files, by path.
    pub files: Vec<(String, FileState)>,
    /// Its services, by name.
    pub services: Vec<(String, StartState)>,
    /// Its registry keys and values.
    pub registry: Vec<RegistryEntry>,
    /// The names of its updates.
    pub updates: Vec<String>,
    /// What is not known.
    pub gap: Gap,
}

/// The key of updates.
pub(super) const UPDATES: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix";
pub(super) const NT: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion";
const PRODUCT_OPTIONS: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions";
const ENVIRONMENT: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
const LANGUAGE: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\Language";
const WINDOWS: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion";
const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\";

/// Where Windows keeps facts that hosts state elsewhere.
const TOLD_ELSEWHERE: [(&str, &[&str]); 6] = [
    (
        NT,
        &[
            "currentversion",
            "currentmajorversionnumber",
            "currentminorversionnumber",
            "currentbuildnumber",
            "csdversion",
            "ubr",
            "systemroot",
        ],
    ),
    (PRODUCT_OPTIONS, &["producttype", "productsuite"]),
    (ENVIRONMENT, &["processor_architecture"]),
    (LANGUAGE, &["installlanguage"]),
    (WINDOWS, &["programfilesdir", "programfilesdir (x86)", "commonfilesdir", "commonfilesdir (x86)"]),
    (SERVICES, &["start"]),
];

/// Whether the value is a fact of the system, one of its folders or a service.
pub(super) fn is_told_elsewhere(key: &str, name: &str) -> bool {
    let is = |(place, names): &(&str, &[&str])| {
        let place = place.to_ascii_lowercase();
        (key == place || place.ends_with('\\') && key.starts_with(&place)) && names.contains(&name)
    };
    TOLD_ELSEWHERE.iter().any(is)
}

/// The entries without values that were listed before, or that are told elsewhere: a host that lists one
/// twice contradicts itself, and says nothing about rules.
fn distinct(entries: &[RegistryEntry]) -> Vec<RegistryEntry> {
    let mut seen = BTreeSet::new();
    let entry = |entry: &RegistryEntry| {
        let mut entry = entry.clone();
        let key = entry.key.to_ascii_lowercase();
        let is_bare = entry.values.is_empty();
        entry.values.retain(|name, _| {
            let name = name.to_ascii_lowercase();
            !is_told_elsewhere(&key, &name) && seen.insert((key.clone(), name))
        });
        (is_bare || !entry.values.is_empty()).then_some(entry)
    };
    entries.iter().filter_map(entry).collect()
}

impl Sketch {
    /// The host file, with a name that says what the host is.
    #[must_use]
    pub fn host(&self) -> HostFile {
        let old = matches!(self.os.version.as_str(), "4.0" | "5.0");
        let root = if old { r"C:\WINNT" } else { r"C:\WINDOWS" };
        let environment = self.environment(root);
        // Two paths of rules may be one on this host.
        let mut seen = BTreeSet::new();
        let files = self.files.iter().filter_map(|(path, state)| file_entry(&environment, path, state));
        let files = files.filter(|file| seen.insert(file.path.to_lowercase())).collect();
        let mut host = HostFile {
            schema: Some(HOST_SCHEMA.to_owned()),
            name: Some(self.name()),
            os: self.os.entry(),
            files,
            environment: environment.clone(),
            registry: distinct(&self.registry),
            services: self.services.iter().filter_map(|(name, state)| service_entry(name, state)).collect(),
            hotfixes: self.updates.iter().cloned().map(Scalar::Text).collect(),
            ..HostFile::default()
        };
        self.gap.apply(&mut host, &self.os);
        host
    }

    /// The folders that the files lie in: a path below a variable without a value is no file.
    fn environment(&self, root: &str) -> BTreeMap<String, String> {
        let mut environment = BTreeMap::from([("SystemRoot".to_owned(), root.to_owned())]);
        for (path, _) in &self.files {
            if let Some((variable, _)) = path.strip_prefix('%').and_then(|path| path.split_once('%')) {
                let is_root = variable.eq_ignore_ascii_case("windir");
                let folder = if is_root { root.to_owned() } else { format!(r"C:\{variable}") };
                environment.entry(variable.to_owned()).or_insert(folder);
            }
        }
        environment
    }

    fn name(&self) -> String {
        let os = &self.os;
        let pack = os.pack.map_or_else(|| "no sp".to_owned(), |pack| format!("sp {pack}"));
        let mut words = vec![format!("{} {pack} {} {}", os.label, os.architecture, os.language)];
        if !os.suites.is_empty() {
            words.push(os.suites.join("+"));
        }
        let short = |path: &str| path.trim_start_matches(r"%SystemRoot%\").to_owned();
        words.extend(self.files.iter().map(|(path, state)| match state {
            FileState::Absent => format!("no {}", short(path)),
            FileState::Unversioned => format!("{} without version", short(path)),
            FileState::Version(version) => format!("{} {version}", short(path)),
        }));
        words.extend(self.services.iter().filter_map(|(name, state)| match state {
            StartState::Absent => None,
            StartState::Unstated => Some(format!("{name} of unknown start")),
            StartState::Start(start) => Some(format!("{name} {start}")),
        }));
        words.extend(self.registry.iter().map(|entry| {
            let value = |(name, value): (&String, &RegistryData)| {
                format!("{name} {} {:?}", value.kind, data_words(&value.data))
            };
            let values: Vec<String> = entry.values.iter().map(value).collect();
            format!("{} {}", entry.key, values.join(" ")).trim_end().to_owned()
        }));
        words.extend(self.updates.iter().cloned());
        words.extend(self.gap.name());
        words.join(", ")
    }
}

impl Os {
    fn entry(&self) -> OsEntry {
        let text = |text: &str| Some(Scalar::Text(text.to_owned()));
        OsEntry {
            family: self.family.as_deref().and_then(text),
            version: text(&self.version),
            build: Some(Scalar::Integer(self.build.into())),
            service_pack: self.pack.map(|pack| Scalar::Integer(pack.into())),
            product_type: text(&self.kind),
            // No suites are stated as such, or not at all, to try both.
            suites: (!self.suites.is_empty() || self.build.is_multiple_of(2)).then(|| self.suites.clone()),
            architecture: text(&self.architecture),
            language: text(&self.language),
            ..OsEntry::default()
        }
    }

    /// The facts as registry values.
    fn registry(&self) -> Vec<RegistryEntry> {
        let sz = |text: &str| value("reg_sz", DataEntry::One(Scalar::Text(text.to_owned())));
        let kind = match self.kind.as_str() {
            "workstation" => "WinNT",
            "server" => "ServerNT",
            _ => "LanmanNT",
        };
        let processor = match self.architecture.as_str() {
            "x64" => "AMD64",
            other => other,
        };
        let language = match self.language.as_str() {
            "ja-JP" => "0411",
            "de-DE" => "0407",
            _ => "0409",
        };
        let number = |number: &str| value("reg_dword", DataEntry::One(Scalar::Text(number.to_owned())));
        let mut version = BTreeMap::from([("CurrentBuildNumber".to_owned(), sz(&self.build.to_string()))]);
        match self.version.split_once('.') {
            // Since Windows 10 the old value stays at 6.3.
            Some((major, minor)) if major.len() > 1 => version.extend([
                ("CurrentVersion".to_owned(), sz("6.3")),
                ("CurrentMajorVersionNumber".to_owned(), number(major)),
                ("CurrentMinorVersionNumber".to_owned(), number(minor)),
            ]),
            _ => drop(version.insert("CurrentVersion".to_owned(), sz(&self.version))),
        }
        if let Some(pack) = self.pack.filter(|pack| *pack > 0) {
            version.insert("CSDVersion".to_owned(), sz(&format!("Service Pack {pack}")));
        }
        let mut options = BTreeMap::from([("ProductType".to_owned(), sz(kind))]);
        if !self.suites.is_empty() {
            let suites = self.suites.iter().map(|suite| Scalar::Text(suite.clone())).collect();
            options.insert("ProductSuite".to_owned(), value("reg_multi_sz", DataEntry::Many(suites)));
        }
        vec![
            key(NT, version),
            key(PRODUCT_OPTIONS, options),
            key(ENVIRONMENT, [("PROCESSOR_ARCHITECTURE".to_owned(), sz(processor))].into()),
            key(LANGUAGE, [("InstallLanguage".to_owned(), sz(language))].into()),
        ]
    }
}

impl Gap {
    fn name(&self) -> Option<String> {
        Some(match self {
            Self::None => return None,
            Self::Partial(kinds) => format!("partial {kinds:?}").to_ascii_lowercase(),
            Self::LeftOut(fact) => format!("{fact} left out"),
            Self::Malformed(fact) => format!("{fact} malformed"),
            Self::NoEnvironment => "no environment".to_owned(),
            Self::InRegistry => "facts in the registry".to_owned(),
            Self::InBoth => "facts in the registry as well".to_owned(),
        })
    }

    fn apply(&self, host: &mut HostFile, os: &Os) {
        match self {
            Self::None => {}
            Self::Partial(kinds) => {
                if kinds.contains(&FactKind::Os) {
                    host.os.suites = None;
                    host.os.service_pack = None;
                }
                host.partial.clone_from(kinds);
            }
            Self::LeftOut(fact) => set(&mut host.os, fact, None),
            Self::Malformed(fact) => set(&mut host.os, fact, Some(Scalar::Text("what?".to_owned()))),
            Self::NoEnvironment => host.environment.clear(),
            Self::InRegistry => {
                host.os = OsEntry::default();
                host.registry.extend(os.registry());
            }
            Self::InBoth => host.registry.extend(os.registry()),
        }
    }
}

/// Facts of the operating system that [`Gap::LeftOut`] and [`Gap::Malformed`] speak of.
pub(super) const OS_FACTS: [&str; 6] =
    ["version", "build", "service pack", "product type", "architecture", "language"];

fn set(os: &mut OsEntry, fact: &str, value: Option<Scalar>) {
    let place = match fact {
        "version" => &mut os.version,
        "build" => &mut os.build,
        "service pack" => &mut os.service_pack,
        "product type" => &mut os.product_type,
        "architecture" => &mut os.architecture,
        "language" => &mut os.language,
        other => panic!("`{other}` is not a fact"),
    };
    *place = value;
}

fn file_entry(environment: &BTreeMap<String, String>, path: &str, state: &FileState) -> Option<FileEntry> {
    let version = match state {
        FileState::Absent => return None,
        FileState::Unversioned => None,
        FileState::Version(version) => Some(Scalar::Text(version.clone())),
    };
    let below = |(variable, folder): (&String, &String)| {
        let rest = path.strip_prefix('%')?.strip_prefix(variable.as_str())?.strip_prefix('%')?;
        Some(format!("{folder}{rest}"))
    };
    let path = environment.iter().find_map(below).unwrap_or_else(|| path.to_owned());
    // On disk the case may be another than in the rule.
    let path = path.replacen(r"\System32\", r"\system32\", 1);
    Some(FileEntry { path, version, size: Some(Scalar::Integer(145_168)), ..FileEntry::default() })
}

fn data_words(data: &DataEntry) -> String {
    match data {
        DataEntry::One(scalar) => scalar.to_string(),
        DataEntry::Many(scalars) => scalars.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"),
    }
}

fn service_entry(name: &str, state: &StartState) -> Option<ServiceEntry> {
    let start = match state {
        StartState::Absent => return None,
        StartState::Unstated => None,
        StartState::Start(start) => Some(Scalar::Text((*start).to_owned())),
    };
    Some(ServiceEntry { name: name.to_owned(), start, state: None })
}

pub(super) fn key(path: &str, values: BTreeMap<String, RegistryData>) -> RegistryEntry {
    RegistryEntry { key: path.to_owned(), values, ..RegistryEntry::default() }
}

pub(super) fn value(kind: &str, data: DataEntry) -> RegistryData {
    RegistryData { kind: kind.to_owned(), data }
}
