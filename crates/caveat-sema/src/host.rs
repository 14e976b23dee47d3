//! Hosts of tests inside rules: they become host files, as if collected.

use std::collections::BTreeMap;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::host::{
    DataEntry, FactKind, FileEntry, HOST_SCHEMA, HostFile, OsEntry, RegistryData, RegistryEntry, Scalar,
    ServiceEntry,
};
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{
    Architecture, BuildRevision, Family, FileVersion, Hive, Kb, KnownFolder, Language, OsVersion,
    RegistryPath, RegistryType, StartType, name,
};
use caveat_syntax::ast::{Data, HostFact, Operand, PlatformRef, Stmt, Text, Word};

use crate::lower::Lowering;
use crate::predicate::{DOUBLE_WORD, QUAD_WORD};

/// Kinds of facts after `missing`.
const MISSING: [&str; 12] = [
    "files",
    "registry",
    "services",
    "hotfixes",
    "environment",
    "version",
    "build",
    "service-pack",
    "type",
    "suites",
    "architecture",
    "language",
];

/// Where the known folders are on hosts of tests, unless they say otherwise.
const FOLDERS: [(KnownFolder, &str); 7] = [
    (KnownFolder::SystemRoot, r"C:\WINDOWS"),
    (KnownFolder::ProgramFiles, r"C:\Program Files"),
    (KnownFolder::ProgramFilesX86, r"C:\Program Files (x86)"),
    (KnownFolder::CommonProgramFiles, r"C:\Program Files\Common Files"),
    (KnownFolder::CommonProgramFilesX86, r"C:\Program Files (x86)\Common Files"),
    (KnownFolder::ProgramData, r"C:\ProgramData"),
    (KnownFolder::Public, r"C:\Users\Public"),
];

impl Lowering<'_> {
    pub(crate) fn host(&mut self, name: &str, facts: &[Stmt<HostFact>]) -> HostFile {
        let mut host = HostFile {
            schema: Some(HOST_SCHEMA.to_owned()),
            name: Some(name.to_owned()),
            ..HostFile::default()
        };
        for fact in facts {
            self.host_fact(&mut host, &fact.kind, fact.span);
        }
        if !facts.iter().any(|fact| misses_environment(&fact.kind)) {
            add_folders(&mut host);
        }
        for fact in facts {
            if let HostFact::Missing(words) = &fact.kind {
                for word in words {
                    self.missing(&mut host, word);
                }
            }
        }
        host
    }

    fn host_fact(&mut self, host: &mut HostFile, fact: &HostFact, span: Span) {
        match fact {
            HostFact::Os(reference) => {
                self.once(host.os != OsEntry::default(), "os", span);
                host.os = self.os_entry(reference).unwrap_or_default();
            }
            HostFact::Build { build, or_later } => {
                self.once(host.os.revision.is_some(), "build", span);
                if let Some(BuildRevision { build, revision }) = self.word(build) {
                    host.os.build = Some(Scalar::Integer(build.into()));
                    host.os.revision = Some(match or_later {
                        true => Scalar::Text(format!("at least {revision}")),
                        false => Scalar::Integer(revision.into()),
                    });
                }
            }
            HostFact::File { path, version, size } => {
                let file = self.file_entry(path, version.as_ref(), size.as_ref());
                host.files.extend(file);
            }
            HostFact::Registry { view, key, value } => {
                let entry = self.registry_entry(view.as_ref(), key, value.as_ref());
                host.registry.extend(entry);
            }
            HostFact::Service { name, words } => {
                let service = self.service_entry(name, words);
                host.services.push(service);
            }
            HostFact::Hotfix(name) => host.hotfixes.extend(self.update(name).map(Scalar::Text)),
            HostFact::Environment { name, value } => {
                host.environment.retain(|other, _| !name::same(other, &name.text));
                host.environment.insert(name.text.clone(), value.value.clone());
            }
            HostFact::Missing(_) | HostFact::Error => {}
        }
    }

    /// The facts that a platform stands for: the first of several values.
    fn os_entry(&mut self, reference: &PlatformRef) -> Option<OsEntry> {
        let id = self.platform_ref(reference)?;
        let selector = self.builder.rules.selector(id)?;
        let OsFacts {
            family, version, builds, types, suites, architectures, service_packs, language, ..
        } = self.builder.rules.facts(selector);
        let text = |value: String| Some(Scalar::Text(value));
        let packs = self.builder.rules.service_packs(selector).or(service_packs);
        let first = packs.and_then(|set| set.first()).unwrap_or(0);
        let windows = family.is_none_or(|family| family == Family::Windows);
        Some(OsEntry {
            platform: None,
            edition: None,
            family: family.and_then(|family| text(family.to_string())),
            version: version.and_then(|version| text(version.to_string())),
            build: builds.and_then(|builds| builds.first()).map(|build| Scalar::Integer(build.into())),
            revision: None,
            service_pack: windows.then(|| Scalar::Integer(first.into())),
            product_type: types
                .and_then(|types| types.first().copied())
                .and_then(|kind| text(kind.to_string())),
            installation_type: None,
            suites: windows.then(|| suites.into_iter().collect()),
            architecture: architectures
                .and_then(|set| set.first().copied())
                .and_then(|one| text(one.to_string())),
            language: text(language.unwrap_or_else(Language::english).to_string()),
        })
    }

    fn file_entry(&mut self, path: &Text, version: Option<&Word>, size: Option<&Word>) -> Option<FileEntry> {
        let path = self.path(path)?.to_string();
        let version = version
            .and_then(|word| self.word::<FileVersion>(word))
            .map(|version| Scalar::Text(version.to_string()));
        let size = size.and_then(|word| self.number::<i64>(word, "a size in bytes")).map(Scalar::Integer);
        Some(FileEntry { path, version, size, ..FileEntry::default() })
    }

    fn registry_entry(
        &mut self,
        view: Option<&Word>,
        key: &Text,
        value: Option<&(Text, Data)>,
    ) -> Option<RegistryEntry> {
        let path = self.registry(&key.value, key.span, None)?;
        let view = view.map(|word| Scalar::Text(word.text.clone()));
        let mut values = BTreeMap::new();
        if let Some((name, data)) = value {
            values.insert(name.value.clone(), self.registry_data(data, name.span)?);
        }
        Some(RegistryEntry { key: path.to_string(), view, values, partial: false })
    }

    fn registry_data(&mut self, data: &Data, span: Span) -> Option<RegistryData> {
        let one = |kind: &str, value: Scalar| {
            Some(RegistryData { kind: kind.to_owned(), data: DataEntry::One(value) })
        };
        match data {
            Data::String { text: Operand::Text(text), .. } => one("reg_sz", Scalar::Text(text.value.clone())),
            Data::Dword(Operand::Word(word)) => {
                let number: u32 = self.number(word, DOUBLE_WORD)?;
                one("reg_dword", Scalar::from(u64::from(number)))
            }
            Data::Qword(Operand::Word(word)) => {
                let number: u64 = self.number(word, QUAD_WORD)?;
                one("reg_qword", Scalar::from(number))
            }
            Data::Typed(kind, data) => self.typed(kind, data),
            Data::Binary(bytes) => one("reg_binary", Scalar::Text(self.bytes(bytes)?)),
            Data::Multi(texts) => {
                let texts = texts.iter().map(|text| Scalar::Text(text.value.clone())).collect();
                Some(RegistryData { kind: "reg_multi_sz".to_owned(), data: DataEntry::Many(texts) })
            }
            Data::Version(_) | Data::String { .. } | Data::Dword(_) | Data::Qword(_) => {
                let problem = Diagnostic::new(
                    Code::UNKNOWN_VALUE,
                    "a host's registry holds strings, numbers and bytes",
                );
                self.report(
                    problem
                        .at(span, "")
                        .help("write `\"…\"`, `dword N`, `qword N`, `binary \"…\"`, `multi \"…\", \"…\"` or `reg_none \"…\"` and so on"),
                );
                None
            }
        }
    }

    /// Data of a type that has no word of its own.
    fn typed(&mut self, kind: &Word, data: &Operand) -> Option<RegistryData> {
        let known: RegistryType = self.listed(kind)?;
        let data = match (known, data) {
            (RegistryType::DwordBigEndian, Operand::Word(word)) => {
                let number: u32 = self.number(word, DOUBLE_WORD)?;
                Scalar::from(u64::from(number))
            }
            (RegistryType::ExpandText | RegistryType::Link, Operand::Text(text)) => {
                Scalar::Text(text.value.clone())
            }
            (
                RegistryType::None
                | RegistryType::ResourceList
                | RegistryType::FullResourceDescriptor
                | RegistryType::ResourceRequirementsList,
                Operand::Text(text),
            ) => Scalar::Text(self.bytes(text)?),
            _ => {
                let message = format!("`{}` is not written so", kind.text);
                let problem = Diagnostic::new(Code::UNKNOWN_VALUE, message).at(kind.span, "");
                self.report(problem.help(form_of(known)));
                return None;
            }
        };
        Some(RegistryData { kind: known.to_string(), data: DataEntry::One(data) })
    }

    fn service_entry(&mut self, name: &Text, words: &[Word]) -> ServiceEntry {
        let mut service = ServiceEntry { name: name.value.clone(), ..ServiceEntry::default() };
        for word in words {
            let state = matches!(word.text.as_str(), "running" | "stopped");
            if state {
                service.state = Some(Scalar::Text(word.text.clone()));
            } else if let Some(start) = self.listed::<StartType>(word) {
                service.start = Some(Scalar::Text(start.to_string()));
            }
        }
        service.start.get_or_insert_with(|| Scalar::Text(StartType::Automatic.to_string()));
        service
    }

    /// The name that an update is listed by; as a word, it has to be that of an article.
    fn update(&mut self, name: &Operand) -> Option<String> {
        match name {
            Operand::Text(text) => Some(text.value.clone()),
            Operand::Word(word) if Kb::of_update(&word.text).is_some() => Some(word.text.clone()),
            Operand::Word(word) => self.word::<Kb>(word).map(|kb| kb.to_string()),
        }
    }

    fn missing(&mut self, host: &mut HostFile, word: &Word) {
        let os = &mut host.os;
        let kind = match word.text.as_str() {
            "files" => Some(FactKind::Files),
            "registry" => Some(FactKind::Registry),
            "services" => Some(FactKind::Services),
            "hotfixes" => Some(FactKind::Hotfixes),
            "environment" => Some(FactKind::Environment),
            "version" => forget(&mut os.version),
            "build" => forget(&mut os.build),
            "type" => forget(&mut os.product_type),
            "architecture" => forget(&mut os.architecture),
            "language" => forget(&mut os.language),
            "service-pack" => forget(&mut os.service_pack).or(Some(FactKind::Os)),
            "suites" => forget(&mut os.suites).or(Some(FactKind::Os)),
            other => {
                let problem =
                    Diagnostic::new(Code::UNKNOWN_VALUE, format!("`{other}` is not a kind of fact"));
                self.report(problem.at(word.span, "").suggest(other, MISSING, word.span));
                None
            }
        };
        host.partial.extend(kind);
    }
}

/// How data of a type is written.
const fn form_of(kind: RegistryType) -> &'static str {
    match kind {
        RegistryType::Text => "write `\"…\"`",
        RegistryType::Multi => "write `multi \"…\", \"…\"`",
        RegistryType::Dword => "write `dword N`",
        RegistryType::DwordBigEndian => "write `reg_dword_big_endian N`",
        RegistryType::Qword => "write `qword N`",
        RegistryType::Binary => "write `binary \"…\"`",
        RegistryType::ExpandText => "write `reg_expand_sz \"…\"`",
        RegistryType::Link => "write `reg_link \"…\"`",
        RegistryType::None
        | RegistryType::ResourceList
        | RegistryType::FullResourceDescriptor
        | RegistryType::ResourceRequirementsList => "write its bytes in quotation marks, two digits each",
    }
}

/// The folders that a host's Windows has, where they usually are.
fn add_folders(host: &mut HostFile) {
    let architecture = host.os.architecture.as_ref().map(ToString::to_string);
    let wide =
        architecture.and_then(|word| word.parse::<Architecture>().ok()).is_some_and(Architecture::is_64_bit);
    let version = host.os.version.as_ref().map(ToString::to_string);
    let modern =
        version.and_then(|text| text.parse::<OsVersion>().ok()).is_some_and(|version| version.major >= 6);
    for (folder, path) in FOLDERS {
        let mut listed = host.environment.keys().map(|name| KnownFolder::from_variable(name));
        let stated = listed.any(|one| one == Some(folder)) || is_in_registry(host, folder);
        let is_had = (wide || !folder.is_of_64_bit()) && (modern || !folder.is_since_vista());
        if is_had && !stated {
            host.environment.insert(folder.variable().to_owned(), path.to_owned());
        }
    }
}

fn is_in_registry(host: &HostFile, folder: KnownFolder) -> bool {
    let (key, value) = folder.registry_value();
    let holds = |entry: &RegistryEntry| {
        let is_key = RegistryPath::parse(&entry.key, None)
            .is_ok_and(|path| path.hive == Hive::LocalMachine && path.key.eq_ignore_ascii_case(key));
        is_key && entry.values.keys().any(|name| name.eq_ignore_ascii_case(value))
    };
    host.registry.iter().any(holds)
}

fn misses_environment(fact: &HostFact) -> bool {
    matches!(fact, HostFact::Missing(words) if words.iter().any(|word| word.text == "environment"))
}

/// Forgets a fact; the other facts of its kind stay complete.
fn forget<T>(fact: &mut Option<T>) -> Option<FactKind> {
    *fact = None;
    None
}
