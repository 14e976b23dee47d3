//! What a Windows would show of a host: its registry, files and services.
//!
//! This reads host files on its own, from the knowledge where Windows keeps each fact, and
//! shares nothing with `caveat-eval`: two readings that agree are worth more than one.

use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::host::{DataEntry, FactKind, FileEntry, HostFile, RegistryData, Scalar, ServiceEntry};

/// The outcome of looking for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// It is there.
    There(T),
    /// It is not there.
    Absent,
    /// It was not collected.
    Unknown,
    /// It was collected and cannot be read.
    Malformed,
}

/// The data of a registry value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// `reg_sz`
    Text(String),
    /// `reg_expand_sz`
    Expandable(String),
    /// `reg_multi_sz`
    Multi(Vec<String>),
    /// `reg_dword`
    Number(u32),
    /// `reg_binary`, in hexadecimal digits
    Bytes(String),
    /// Another type: its name, OVAL's datatype and the value.
    Other(&'static str, &'static str, String),
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its version; absent when it has no version resource.
    pub version: Found<String>,
    /// Its size.
    pub size: Found<u64>,
    /// `md5`, `sha1` and `sha256`.
    pub digests: BTreeMap<&'static str, Found<String>>,
}

/// A service's current state, as OVAL names it.
pub type ServiceState = Found<&'static str>;

/// A registry key: hive and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key<'a> {
    /// The long name of the hive.
    pub hive: &'a str,
    /// The path below it.
    pub path: &'a str,
    /// `32_bit` or `64_bit`
    pub view: Option<&'a str>,
}

const NT: &str = r"hkey_local_machine\software\microsoft\windows nt\currentversion";
const PROFILES: &str = r"hkey_local_machine\software\microsoft\windows nt\currentversion\profilelist";
const WINDOWS: &str = r"hkey_local_machine\software\microsoft\windows\currentversion";
const PRODUCT_OPTIONS: &str = r"hkey_local_machine\system\currentcontrolset\control\productoptions";
const ENVIRONMENT: &str = r"hkey_local_machine\system\currentcontrolset\control\session manager\environment";
const LANGUAGE: &str = r"hkey_local_machine\system\currentcontrolset\control\nls\language";
const SERVICES: &str = r"hkey_local_machine\system\currentcontrolset\services\";
/// What the keys of updates begin with.
pub(super) const HOTFIXES: &str = r"hkey_local_machine\software\microsoft\windows nt\currentversion\hotfix\";

/// Where Windows records the folders that environment variables name.
const FOLDERS: [(&str, &str, &[&str]); 7] = [
    (NT, "systemroot", &["systemroot", "windir"]),
    (WINDOWS, "programfilesdir", &["programfiles"]),
    (WINDOWS, "programfilesdir (x86)", &["programfiles(x86)"]),
    (WINDOWS, "commonfilesdir", &["commonprogramfiles"]),
    (WINDOWS, "commonfilesdir (x86)", &["commonprogramfiles(x86)"]),
    (PROFILES, "programdata", &["programdata"]),
    (PROFILES, "public", &["public"]),
];

/// Variables that a machine's registry does not give a process: those of users, and those that are made for the
/// process or joined from several (Microsoft, "Recognized environment variables", and `CreateEnvironmentBlock`).
const NOT_OF_THE_MACHINE: [&str; 20] = [
    "appdata",
    "localappdata",
    "userprofile",
    "homedrive",
    "homepath",
    "temp",
    "tmp",
    "onedrive",
    "allusersprofile",
    "programw6432",
    "commonprogramw6432",
    "computername",
    "username",
    "userdomain",
    "logonserver",
    "sessionname",
    "processor_architecture",
    "processor_architew6432",
    "path",
    "psmodulepath",
];

/// Identifiers of languages (Microsoft, "Language Identifier Constants and Strings"); a tag
/// without region stands for the first.
const LANGUAGES: [(&str, u16); 14] = [
    ("en-US", 0x0409),
    ("ja-JP", 0x0411),
    ("de-DE", 0x0407),
    ("fr-FR", 0x040c),
    ("it-IT", 0x0410),
    ("ko-KR", 0x0412),
    ("ru-RU", 0x0419),
    ("pt-BR", 0x0416),
    ("pt-PT", 0x0816),
    ("zh-TW", 0x0404),
    ("zh-CN", 0x0804),
    ("es-MX", 0x080a),
    ("es-ES", 0x0c0a),
    ("en-GB", 0x0809),
];

/// How far the architecture is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Architecture {
    Bits32,
    Bits64,
    Unknown,
}

/// A host as Windows shows it.
#[derive(Debug)]
pub struct Machine<'a> {
    host: &'a HostFile,
    /// Variables by lower-case name.
    environment: BTreeMap<String, &'a str>,
    architecture: Architecture,
    /// The machine as one of 32 and as one of 64 bits, while nobody knows which it is.
    cases: Option<Box<[Self; 2]>>,
    /// Keys that were listed, and those above them.
    keys: BTreeSet<String>,
    /// The same as they were written, by where they are kept.
    written: BTreeMap<String, String>,
    values: BTreeMap<(String, String), Found<Data>>,
}

impl<'a> Machine<'a> {
    /// A host without `os.platform`, whose facts all stand in the file.
    ///
    /// # Panics
    /// When the file names a platform, which only rules could resolve.
    #[must_use]
    pub fn new(host: &'a HostFile) -> Self {
        assert!(host.os.platform.is_none(), "hosts are exported by their own facts, without `os.platform`");
        let mut machine = Self::of(host, architecture(host));
        if machine.architecture == Architecture::Unknown {
            let cases = [Architecture::Bits32, Architecture::Bits64];
            machine.cases = Some(Box::new(cases.map(|case| Self::of(host, case))));
        }
        machine
    }

    fn of(host: &'a HostFile, architecture: Architecture) -> Self {
        let environment =
            host.environment.iter().map(|(name, value)| (lower(name), value.as_str())).collect();
        let (keys, values, cases) = (BTreeSet::new(), BTreeMap::new(), None);
        let mut machine =
            Self { host, environment, architecture, cases, keys, written: BTreeMap::new(), values };
        for entry in &host.registry {
            let (hive, path) = split_hive(&entry.key);
            let view = entry.view.as_ref().map(|view| format!("{view}_bit"));
            let key = machine.place(&Key { hive, path, view: view.as_deref() });
            for (at, _) in key.match_indices('\\') {
                machine.keys.insert(key[..at].to_owned());
            }
            machine.write(&key, &format!("{hive}\\{path}"));
            for (name, data) in &entry.values {
                machine.values.insert((key.clone(), lower(name)), read_data(data));
            }
            machine.keys.insert(key);
        }
        machine
    }

    /// The machine as one of 32 and as one of 64 bits, while nobody knows which it is.
    pub(super) fn cases(&self) -> Option<&[Self; 2]> {
        self.cases.as_deref()
    }

    /// Whether it is one of 64 bits.
    pub(super) fn is_wide(&self) -> bool {
        self.architecture == Architecture::Bits64
    }

    /// The file that it was made from.
    pub(super) fn host(&self) -> &'a HostFile {
        self.host
    }

    /// The family of the operating system, as OVAL names it.
    #[must_use]
    pub fn family(&self) -> Found<String> {
        match self.host.os.family.as_ref().map(ToString::to_string).as_deref() {
            // Of which nothing is said but that something is left out may be anything.
            None if self.is_partial(FactKind::Os) && !self.tells_version() => Found::Unknown,
            None => Found::There("windows".to_owned()),
            Some(family @ ("windows" | "macos" | "unix")) => Found::There(family.to_owned()),
            Some(_) => Found::Malformed,
        }
    }

    /// Whether a version of Windows is stated, or anything said of it.
    fn tells_version(&self) -> bool {
        let tells = |name: &str| self.values.contains_key(&(NT.to_owned(), name.to_owned()));
        self.host.os.version.is_some() || tells("currentversion") || tells("currentmajorversionnumber")
    }

    /// Whether the host is known to be no Windows.
    fn elsewhere(&self) -> bool {
        matches!(self.family(), Found::There(family) if family != "windows")
    }

    /// A registry value.
    #[must_use]
    pub fn value(&self, key: &Key<'_>, name: &str) -> Found<Data> {
        if let Some([narrow, wide]) = self.cases.as_deref() {
            return self.agreed(narrow.value(key, name), &wide.value(key, name));
        }
        let (key, name) = (self.place(key), lower(name));
        if let Some(found) = self.values.get(&(key.clone(), name.clone())) {
            return found.clone();
        }
        let implied = self
            .os_value(&key, &name)
            .or_else(|| self.folder_value(&key, &name))
            .or_else(|| self.machine_variable(&key, &name))
            .or_else(|| self.service_value(&key, &name))
            .or_else(|| self.value_of_update(&key, &name));
        implied.unwrap_or_else(|| self.unlisted(FactKind::Registry))
    }

    /// Keeps the names of a key and of those above it. Where its place has a name more, that is `Wow6432Node`.
    fn write(&mut self, place: &str, written: &str) {
        let names: Vec<&str> = written.split('\\').collect();
        let mut left = names.iter();
        let mut whole = String::new();
        for (end, _) in place.match_indices('\\').chain([(place.len(), "")]) {
            let part = place[..end].rsplit('\\').next().unwrap_or_default();
            let name = match left.clone().next() {
                Some(name) if lower(name) == part => left.next().copied().unwrap_or_default(),
                _ => "Wow6432Node",
            };
            whole = if whole.is_empty() { name.to_owned() } else { format!("{whole}\\{name}") };
            self.written.entry(place[..end].to_owned()).or_insert_with(|| whole.clone());
        }
    }

    /// The listed keys below a hive that match, as programs of a view see them, and whether there are no others.
    pub(super) fn keys_that_match(
        &self,
        hive: &str,
        pattern: &regex::Regex,
        view: Option<&str>,
    ) -> (Vec<String>, bool) {
        if let Some([narrow, wide]) = self.cases.as_deref() {
            let both = [narrow, wide].map(|case| case.keys_that_match(hive, pattern, view));
            let [(narrow, complete), (wide, _)] = both;
            return if narrow == wide { (narrow, complete) } else { (Vec::new(), false) };
        }
        let prefix = format!("{}\\", lower(hive));
        let seen = |place: &String| {
            let written = self.written.get(place)?;
            let path = written.get(prefix.len()..)?.to_owned();
            let moved = path.replacen(r"Wow6432Node\", "", 1);
            let logical = if view == Some("32_bit") && moved != path { moved } else { path };
            (self.place(&Key { hive, path: &logical, view }) == *place).then_some(logical)
        };
        let places = self.keys.iter().filter(|place| place.starts_with(&prefix));
        let found = places.filter_map(seen).filter(|path| pattern.is_match(path)).collect();
        (found, !self.is_partial(FactKind::Registry))
    }

    /// Whether a registry key is there.
    #[must_use]
    pub fn key(&self, key: &Key<'_>) -> Found<()> {
        if let Some([narrow, wide]) = self.cases.as_deref() {
            return self.agreed(narrow.key(key), &wide.key(key));
        }
        let key = self.place(key);
        if self.keys.contains(&key)
            || [NT, WINDOWS, PRODUCT_OPTIONS, ENVIRONMENT, LANGUAGE].contains(&key.as_str())
        {
            return Found::There(());
        }
        if let Some((service, rest)) = below(&key, SERVICES) {
            match (self.listed_service(service), rest) {
                (Some(entry), _) if is_malformed(entry) => return Found::Malformed,
                (Some(_), "") => return Found::There(()),
                (None, _) if self.has_more_services() => return Found::Unknown,
                (None, "") => return Found::Absent,
                _ => {}
            }
        }
        self.key_of_updates(&key).unwrap_or_else(|| self.unlisted(FactKind::Registry))
    }

    /// What a machine of either kind shows; otherwise it depends on an architecture that nobody knows.
    pub(super) fn agreed<T: PartialEq>(&self, narrow: Found<T>, wide: &Found<T>) -> Found<T> {
        match self.host.os.architecture {
            _ if narrow == *wide => narrow,
            Some(_) => Found::Malformed,
            None => Found::Unknown,
        }
    }

    /// A file by its full path.
    #[must_use]
    pub fn file(&self, path: &str) -> Found<FileFacts> {
        let same = |entry: &&FileEntry| lower(&self.expand(&entry.path)) == lower(path);
        match self.host.files.iter().find(same) {
            Some(entry) => file_facts(entry, !self.is_partial(FactKind::Files)),
            None => self.unlisted(FactKind::Files),
        }
    }

    /// A service and its current state.
    #[must_use]
    pub fn service(&self, name: &str) -> Found<ServiceState> {
        if let Some(entry) = self.listed_service(name) {
            return if is_malformed(entry) { Found::Malformed } else { Found::There(service_state(entry)) };
        }
        if self.keys.contains(&format!("{SERVICES}{}", lower(name))) {
            return Found::There(Found::Unknown);
        }
        if self.has_more_services() { Found::Unknown } else { Found::Absent }
    }

    /// Whether there may be services that are listed nowhere.
    fn has_more_services(&self) -> bool {
        let open = self.host.services.is_empty() && self.is_partial(FactKind::Registry);
        open || self.is_partial(FactKind::Services)
    }

    /// Where a key is kept: 32-bit programs on a 64-bit Windows see `Wow6432Node` for `SOFTWARE`.
    fn place(&self, key: &Key<'_>) -> String {
        const SOFTWARE: &str = r"hkey_local_machine\software\";
        const CLASSES: &str = r"hkey_classes_root\";
        let whole = lower(&format!("{}\\{}", key.hive, key.path));
        let is_moved = key.view == Some("32_bit") && self.is_wide();
        let class = whole.strip_prefix(CLASSES).filter(|_| is_moved);
        if let Some(class) = class.filter(|class| is_class_apart(class)) {
            return format!(r"{CLASSES}wow6432node\{class}");
        }
        let rest = whole.strip_prefix(SOFTWARE).filter(|_| key.view == Some("32_bit"));
        match (rest, self.architecture) {
            (Some(rest), Architecture::Bits64)
                if rest != "wow6432node" && !rest.starts_with(r"wow6432node\") =>
            {
                format!(r"{SOFTWARE}wow6432node\{rest}")
            }
            _ => whole,
        }
    }

    fn is_partial(&self, kind: FactKind) -> bool {
        self.host.partial.contains(&kind)
    }

    pub(super) fn unlisted<T>(&self, kind: FactKind) -> Found<T> {
        if self.is_partial(kind) { Found::Unknown } else { Found::Absent }
    }

    /// A fact that every host has: unknown when left out.
    fn certain(fact: Option<&Scalar>, read: impl Fn(&str) -> Option<Data>) -> Found<Data> {
        match fact {
            None => Found::Unknown,
            Some(Scalar::Float(_)) => Found::Malformed,
            Some(fact) => read(&fact.to_string()).map_or(Found::Malformed, Found::There),
        }
    }

    fn os_value(&self, key: &str, name: &str) -> Option<Found<Data>> {
        let os = &self.host.os;
        let text = |text: &str| Some(Data::Text(text.to_owned()));
        Some(match (key, name) {
            // Another system has no such registry.
            (NT | PRODUCT_OPTIONS, _) if self.elsewhere() => Found::Absent,
            (NT, "currentversion") => Self::certain(os.version.as_ref(), |version| {
                let (major, minor) = os_version(version)?;
                // Windows 10 and later say 6.3 here, and the truth in two other values.
                text(&if major >= 10 { "6.3".to_owned() } else { format!("{major}.{minor}") })
            }),
            (NT, "currentmajorversionnumber") => self.half_of_version(|(major, _)| major),
            (NT, "currentminorversionnumber") => self.half_of_version(|(_, minor)| minor),
            (NT, "currentbuildnumber" | "currentbuild") => {
                Self::certain(os.build.as_ref(), |build| text(&build.parse::<u32>().ok()?.to_string()))
            }
            (NT, "ubr") => self.revision(),
            (NT, "csdversion") => self.service_pack(),
            (PRODUCT_OPTIONS, "producttype") => Self::certain(os.product_type.as_ref(), |kind| match kind {
                "workstation" => text("WinNT"),
                "server" => text("ServerNT"),
                "domain-controller" => text("LanmanNT"),
                _ => None,
            }),
            (NT, "installationtype") => self.installation_type(),
            (PRODUCT_OPTIONS, "productsuite") => match &os.suites {
                Some(suites) if suites.is_empty() => Found::Absent,
                Some(suites) => Found::There(Data::Multi(suites.clone())),
                None => self.left_out(),
            },
            (ENVIRONMENT, "processor_architecture") => {
                Self::certain(os.architecture.as_ref(), |architecture| match architecture {
                    "x86" => text("x86"),
                    "ia64" => text("IA64"),
                    "x64" => text("AMD64"),
                    "arm64" => text("ARM64"),
                    "arm" => text("ARM"),
                    "alpha" => text("ALPHA"),
                    "mips" => text("MIPS"),
                    "powerpc" => text("PPC"),
                    _ => None,
                })
            }
            (LANGUAGE, "installlanguage") => Self::certain(os.language.as_ref(), |tag| {
                let covers = |known: &str| known == tag || known.split('-').next() == Some(tag);
                let (_, identifier) = LANGUAGES.iter().find(|(known, _)| covers(known))?;
                text(&format!("{identifier:04X}"))
            }),
            _ => return None,
        })
    }

    /// What is left out is none when neither the facts of the system nor the registry are open.
    fn left_out(&self) -> Found<Data> {
        match self.unlisted(FactKind::Os) {
            Found::Absent => self.unlisted(FactKind::Registry),
            other => other,
        }
    }

    /// The revision, which every Windows 10 has and some before it.
    fn revision(&self) -> Found<Data> {
        if let Some(revision) = &self.host.os.revision {
            let number = revision.to_string().parse().ok().filter(|_| !matches!(revision, Scalar::Float(_)));
            return number.map_or(Found::Malformed, |number| Found::There(Data::Number(number)));
        }
        match self.version() {
            Found::There((..10, _)) => self.left_out(),
            Found::Malformed => Found::Malformed,
            _ => Found::Unknown,
        }
    }

    /// The installation type, which every Windows from Vista on has, and none before.
    fn installation_type(&self) -> Found<Data> {
        let stated = self.host.os.installation_type.as_ref();
        let text = |text: &str| Some(Data::Text(text.to_owned()));
        match (stated, self.version()) {
            (None, Found::There((..6, _))) => self.left_out(),
            (None, Found::Malformed) => Found::Malformed,
            (stated, _) => Self::certain(stated, |kind| match kind {
                "client" => text("Client"),
                "server" => text("Server"),
                "server-core" => text("Server Core"),
                "nano-server" => text("Nano Server"),
                "embedded" => text("Embedded"),
                "windows-pe" => text("WindowsPE"),
                _ => None,
            }),
        }
    }

    /// The version, from where it is stated. In the registry two numbers tell it from 10.0 on.
    fn version(&self) -> Found<(u32, u32)> {
        let at = |name: &str| self.values.get(&(NT.to_owned(), name.to_owned()));
        match (at("currentmajorversionnumber"), at("currentminorversionnumber"), at("currentversion")) {
            (
                Some(Found::There(Data::Number(major @ ..65_536))),
                Some(Found::There(Data::Number(minor @ ..65_536))),
                _,
            ) => Found::There((*major, *minor)),
            (None, None, Some(Found::There(Data::Text(text)))) => {
                let version = os_version(text).filter(|(major, minor)| *text == format!("{major}.{minor}"));
                version.filter(|(major, _)| *major < 10_000).map_or(Found::Malformed, Found::There)
            }
            (None, None, None) => match &self.host.os.version {
                None => Found::Unknown,
                Some(Scalar::Float(_)) => Found::Malformed,
                Some(text) => os_version(&text.to_string()).map_or(Found::Malformed, Found::There),
            },
            _ => Found::Malformed,
        }
    }

    /// What tells the version from 10.0 on.
    fn half_of_version(&self, half: fn((u32, u32)) -> u32) -> Found<Data> {
        match self.version() {
            Found::There((..10, _)) => Found::Absent,
            Found::There(version) => Found::There(Data::Number(half(version))),
            Found::Malformed => Found::Malformed,
            Found::Absent | Found::Unknown => Found::Unknown,
        }
    }

    fn service_pack(&self) -> Found<Data> {
        let Some(pack) = &self.host.os.service_pack else { return self.left_out() };
        match pack.to_string().parse::<u32>() {
            _ if matches!(pack, Scalar::Float(_)) => Found::Malformed,
            Ok(0) => Found::Absent,
            Ok(number) => Found::There(Data::Text(format!("Service Pack {number}"))),
            Err(_) => Found::Malformed,
        }
    }

    /// A known folder. One that this Windows has, and that is not listed, was not collected.
    fn folder_value(&self, key: &str, name: &str) -> Option<Found<Data>> {
        let folder = FOLDERS.iter().find(|folder| folder.0 == key && folder.1 == name)?;
        let path = folder.2.iter().find_map(|variable| self.environment.get(*variable));
        let unlisted = match self.architecture {
            _ if self.elsewhere() => Found::Absent,
            // Windows has them from 6.0 on.
            _ if key == PROFILES => match self.version() {
                Found::There((..6, _)) => self.unlisted_variable(),
                _ => Found::Unknown,
            },
            Architecture::Bits32 if name.ends_with("(x86)") => self.unlisted_variable(),
            _ => Found::Unknown,
        };
        Some(path.map_or(unlisted, |path| Found::There(Data::Text(self.expand(path)))))
    }

    /// A variable of the machine.
    fn machine_variable(&self, key: &str, name: &str) -> Option<Found<Data>> {
        if key != ENVIRONMENT || NOT_OF_THE_MACHINE.contains(&name) {
            return None;
        }
        let known = FOLDERS.iter().any(|folder| folder.2.contains(&name)) || name == "systemdrive";
        let unlisted = || if self.elsewhere() { Found::Absent } else { self.unlisted_variable() };
        let stated = self.environment.get(name).map(|value| Found::There(Data::Text(self.expand(value))));
        (!known).then(|| stated.unwrap_or_else(unlisted))
    }

    /// What a variable is that this Windows does not set by itself.
    fn unlisted_variable(&self) -> Found<Data> {
        match self.unlisted(FactKind::Environment) {
            Found::Absent => self.unlisted(FactKind::Registry),
            other => other,
        }
    }

    fn service_value(&self, key: &str, name: &str) -> Option<Found<Data>> {
        let (service, "") = below(key, SERVICES)? else { return None };
        match (self.listed_service(service), name) {
            (Some(entry), _) if is_malformed(entry) => Some(Found::Malformed),
            (Some(entry), "start") => Some(service_start(entry)),
            (Some(_), _) => None,
            // No such service, so no such value, unless its key was listed.
            (None, _) if self.keys.contains(key) => None,
            (None, _) if self.has_more_services() => Some(Found::Unknown),
            (None, _) => Some(Found::Absent),
        }
    }

    fn listed_service(&self, name: &str) -> Option<&'a ServiceEntry> {
        self.host.services.iter().find(|entry| lower(&entry.name) == lower(name))
    }

    /// The path with its leading variable replaced, where that is known.
    fn expand(&self, path: &str) -> String {
        let parts = path.strip_prefix('%').and_then(|rest| rest.split_once('%'));
        let folder = parts.and_then(|(variable, rest)| Some((self.variable(&lower(variable))?, rest)));
        folder.map_or_else(
            || path.to_owned(),
            |(folder, rest)| format!("{}{rest}", folder.trim_end_matches('\\')),
        )
    }

    fn variable(&self, name: &str) -> Option<String> {
        if name == "systemdrive" {
            return self.variable("systemroot").and_then(|root| Some(root.get(..2)?.to_owned()));
        }
        let folder = FOLDERS.iter().find(|folder| folder.2.contains(&name));
        let (key, value) = folder.map_or((ENVIRONMENT, name), |folder| (folder.0, folder.1));
        let listed = self.values.get(&(key.to_owned(), value.to_owned()));
        let aliases = folder.map_or_else(|| vec![name], |folder| folder.2.to_vec());
        match listed {
            Some(Found::There(Data::Text(path) | Data::Expandable(path))) => Some(path.clone()),
            _ => aliases.iter().find_map(|alias| self.environment.get(*alias)).map(|path| (*path).to_owned()),
        }
    }
}

/// Whether a 64-bit Windows keeps the class apart for 32-bit programs ("Registry Keys Affected by WOW64").
fn is_class_apart(class: &str) -> bool {
    let first = class.split('\\').next().unwrap_or(class);
    ["clsid", "directshow", "interface", "media type", "mediafoundation"].contains(&first)
}

pub(super) fn lower(text: &str) -> String {
    let only =
        |mut letters: Box<dyn Iterator<Item = char>>| letters.next().filter(|_| letters.next().is_none());
    // Windows knows a letter's case where the way there leads back, and letters of one unit only.
    let folded = |c: char| {
        let small =
            only(Box::new(c.to_lowercase())).filter(|small| only(Box::new(small.to_uppercase())) == Some(c));
        small.filter(|_| u32::from(c) < 0x1_0000).unwrap_or(c)
    };
    text.chars().map(folded).collect()
}

/// The architecture, from where it is stated: among the facts of the system or in the registry.
fn architecture(host: &HostFile) -> Architecture {
    let listed = host.registry.iter().find_map(|entry| {
        let (hive, path) = split_hive(&entry.key);
        let values = (lower(&format!("{hive}\\{path}")) == ENVIRONMENT).then_some(&entry.values)?;
        let (_, data) =
            values.iter().find(|(name, _)| name.eq_ignore_ascii_case("PROCESSOR_ARCHITECTURE"))?;
        match read_data(data) {
            Found::There(Data::Text(text) | Data::Expandable(text)) => Some(lower(&text)),
            _ => None,
        }
    });
    let stated = host.os.architecture.as_ref().map(Scalar::to_string).or(listed);
    match stated.as_deref() {
        Some("x86" | "arm" | "alpha" | "mips" | "powerpc" | "ppc") => Architecture::Bits32,
        Some("ia64" | "x64" | "amd64" | "arm64") => Architecture::Bits64,
        _ => Architecture::Unknown,
    }
}

/// The long name of the hive, and the path below it.
fn split_hive(key: &str) -> (&str, &str) {
    let (hive, path) = key.split_once('\\').unwrap_or((key, ""));
    let long = match hive.to_ascii_uppercase().as_str() {
        "HKLM" => "HKEY_LOCAL_MACHINE",
        "HKCR" => "HKEY_CLASSES_ROOT",
        "HKCU" => "HKEY_CURRENT_USER",
        "HKU" => "HKEY_USERS",
        "HKCC" => "HKEY_CURRENT_CONFIG",
        _ => hive,
    };
    (long, path)
}

/// The first component below `folder`, and the rest.
pub(super) fn below<'k>(key: &'k str, folder: &str) -> Option<(&'k str, &'k str)> {
    let rest = key.strip_prefix(folder)?;
    Some(rest.split_once('\\').unwrap_or((rest, "")))
}

fn os_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn read_data(data: &RegistryData) -> Found<Data> {
    let one = match &data.data {
        DataEntry::One(scalar) => Some(scalar),
        DataEntry::Many(_) => None,
    };
    let text = || one.map(Scalar::to_string);
    let read = match data.kind.as_str() {
        "reg_sz" => text().map(Data::Text),
        "reg_expand_sz" => text().map(Data::Expandable),
        "reg_multi_sz" => Some(Data::Multi(match &data.data {
            DataEntry::One(scalar) => vec![scalar.to_string()],
            DataEntry::Many(scalars) => scalars.iter().map(Scalar::to_string).collect(),
        })),
        "reg_dword" => text().and_then(|text| number(&text)).map(Data::Number),
        "reg_binary" => text().filter(|text| is_hex(text)).map(Data::Bytes),
        "reg_link" => text().map(|text| Data::Other("reg_link", "string", text)),
        "reg_dword_big_endian" => text()
            .and_then(|text| number(&text))
            .map(|number| Data::Other("reg_dword_big_endian", "int", number.to_string())),
        "reg_qword" => text()
            .and_then(|text| large_number(&text))
            .map(|number| Data::Other("reg_qword", "int", number.to_string())),
        kind => BYTES.into_iter().find(|of| *of == kind).and_then(|kind| {
            text().filter(|text| is_hex(text)).map(|text| Data::Other(kind, "binary", text))
        }),
    };
    read.map_or(Found::Malformed, Found::There)
}

/// Types whose data are bytes, beside `reg_binary`.
const BYTES: [&str; 4] =
    ["reg_none", "reg_resource_list", "reg_full_resource_descriptor", "reg_resource_requirements_list"];

/// A double word in decimal digits, or in hexadecimal ones after `0x`.
fn number(text: &str) -> Option<u32> {
    large_number(text).and_then(|number| number.try_into().ok())
}

fn large_number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn is_hex(text: &str) -> bool {
    text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a fact of a service cannot be read, which spoils it as a whole.
fn is_malformed(entry: &ServiceEntry) -> bool {
    service_start(entry) == Found::Malformed || service_state(entry) == Found::Malformed
}

fn service_start(entry: &ServiceEntry) -> Found<Data> {
    let Some(start) = &entry.start else { return Found::Unknown };
    let number = match start.to_string().as_str() {
        "boot" => 0,
        "system" => 1,
        "automatic" => 2,
        "manual" => 3,
        "disabled" => 4,
        _ => return Found::Malformed,
    };
    Found::There(Data::Number(number))
}

fn service_state(entry: &ServiceEntry) -> ServiceState {
    match entry.state.as_ref().map(Scalar::to_string).as_deref() {
        None => Found::Unknown,
        Some("running") => Found::There("SERVICE_RUNNING"),
        Some("stopped") => Found::There("SERVICE_STOPPED"),
        Some(_) => Found::Malformed,
    }
}

/// The facts of a file. One that cannot be read spoils the others: OVAL has an error for a
/// collected object as a whole only, as OpenSCAP does not see those of single entities.
fn file_facts(entry: &FileEntry, complete: bool) -> Found<FileFacts> {
    let version = match &entry.version {
        None if complete => Found::Absent,
        None => Found::Unknown,
        Some(Scalar::Float(_) | Scalar::Bool(_)) => Found::Malformed,
        Some(version) if is_version(&version.to_string()) => Found::There(version.to_string()),
        Some(_) => Found::Malformed,
    };
    let size = match &entry.size {
        None => Found::Unknown,
        Some(size) => size.to_string().parse().map_or(Found::Malformed, Found::There),
    };
    let digest = |digest: &Option<Scalar>, digits: usize| match digest {
        None => Found::Unknown,
        Some(digest) if digest.to_string().len() == digits && is_hex(&digest.to_string()) => {
            Found::There(lower(&digest.to_string()))
        }
        Some(_) => Found::Malformed,
    };
    let digests = BTreeMap::from([
        ("md5", digest(&entry.md5, 32)),
        ("sha1", digest(&entry.sha1, 40)),
        ("sha256", digest(&entry.sha256, 64)),
    ]);
    let malformed = version == Found::Malformed
        || size == Found::Malformed
        || digests.values().any(|digest| *digest == Found::Malformed);
    if malformed { Found::Malformed } else { Found::There(FileFacts { version, size, digests }) }
}

/// Up to four numbers of 16 bits.
fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 4 && parts.iter().all(|part| !part.starts_with('+') && part.parse::<u16>().is_ok())
}
