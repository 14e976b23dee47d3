//! A model as a host file: a host on which the formulas hold.

use std::collections::BTreeMap;

use caveat_ir::host::{
    DataEntry, FileEntry, HOST_SCHEMA, HostFile, OsEntry, RegistryData, RegistryEntry, Scalar, ServiceEntry,
};
use caveat_ir::recorded::BUILDS;
use caveat_ir::value::{Kb, RegistryPath, Variable, View, name};

use crate::cell::Cell;
use crate::fact::{Fact, Place};
use crate::formula::Cells;
use crate::instances::SomeKey;
use crate::registry::Data;
use crate::search::Model;
use crate::ties;
use crate::world::World;

/// The number of an article that no update has yet.
const LATER: Kb = Kb(9_999_999);

impl World {
    /// A host of the model: of every fact the first value left. Facts that the formulas do not ask
    /// for are those of a plain Windows 2000.
    #[must_use]
    pub fn witness(&self, name: &str, model: &Model) -> HostFile {
        let mut host = HostFile {
            schema: Some(HOST_SCHEMA.to_owned()),
            name: Some(name.to_owned()),
            os: OsEntry { suites: Some(Vec::new()), ..OsEntry::default() },
            ..HostFile::default()
        };
        let chosen: BTreeMap<&Fact, &Cell> = self
            .facts
            .numbered()
            .filter_map(|(fact, number)| Some((fact, self.chosen(number, model)?)))
            .collect();
        for (fact, cell) in &chosen {
            system(&mut host.os, fact, cell);
            thing(&mut host, fact, cell, &chosen);
        }
        self.spell(&mut host);
        self.fill(&mut host);
        self.complete(&mut host);
        host
    }

    /// Whether the host cannot show all of the model, as something in it no fact decides.
    #[must_use]
    pub fn leaves_open(&self) -> bool {
        self.facts.all().any(|fact| matches!(fact, Fact::Undecidable(_)))
    }

    fn chosen(&self, number: u32, model: &Model) -> Option<&Cell> {
        let left: &Cells = model.0.get(number as usize)?;
        self.facts.variable(number)?.cells.get(left.trailing_zeros() as usize)
    }

    /// Writes names as the formulas do.
    fn spell(&self, host: &mut HostFile) {
        let spell = |name: &mut String| {
            if let Some(written) = self.spelled.get(name.as_str()) {
                name.clone_from(written);
            }
        };
        host.files.iter_mut().for_each(|file| spell(&mut file.path));
        host.services.iter_mut().for_each(|service| spell(&mut service.name));
        for entry in &mut host.registry {
            spell(&mut entry.key);
            let values = std::mem::take(&mut entry.values).into_iter();
            entry.values = values
                .map(|(mut name, data)| {
                    spell(&mut name);
                    (name, data)
                })
                .collect();
        }
    }

    /// What every Windows has and the formulas did not ask for.
    fn fill(&self, host: &mut HostFile) {
        let os = &mut host.os;
        let is_windows = os.family.as_ref().is_none_or(|family| *family == text("windows"));
        if is_windows {
            let version = os.version.get_or_insert_with(|| text("5.0"));
            let known = BUILDS.iter().find(|(known, _)| *version == text(&known.to_string()));
            let build = known.map(|(_, build)| Scalar::Integer((*build).into()));
            os.build = os.build.take().or(build);
            os.service_pack.get_or_insert(Scalar::Integer(0));
            os.product_type.get_or_insert_with(|| text("server"));
        } else {
            os.suites = None;
        }
        os.architecture.get_or_insert_with(|| text("x86"));
        os.language.get_or_insert_with(|| text("en-US"));
        // A variable whose value the formulas speak of has that one, or none.
        let machine = Place::of_machine(Variable::MACHINE);
        let is_told = |name: &str| self.facts.has(&Fact::Value(machine.clone(), name::folded(name)));
        host.environment.extend(self.folders().into_iter().filter(|(name, _)| !is_told(name)));
    }

    /// Adds an update later than all that are known, where the list would tell another revision than the host has.
    fn complete(&self, host: &mut HostFile) {
        let number = |fact: Option<&Scalar>| fact.and_then(|fact| fact.to_string().parse::<u32>().ok());
        let (build, revision) = (number(host.os.build.as_ref()), number(host.os.revision.as_ref()));
        let articles = host.hotfixes.iter().filter_map(|name| Kb::of_update(&name.to_string())).collect();
        let told = build.and_then(|build| self.updates.revision(build, &articles, true));
        if let (Some(revision), Some(told)) = (revision, told)
            && told.exact
            && told.least != revision
        {
            let free = |kb: &Kb| !self.facts.has(&Fact::Hotfix(*kb));
            let later = (0..LATER.0).map(|step| Kb(LATER.0 - step)).find(free);
            host.hotfixes.extend(later.map(|kb| text(&kb.to_string())));
        }
    }

    /// Folders for the variables that paths begin with but the system's drive, none inside another, so that no two paths of
    /// the formulas become one.
    fn folders(&self) -> Vec<(String, String)> {
        let paths = self.facts.all().filter_map(|fact| match fact {
            Fact::File(path) => Some(path.as_str()),
            _ => None,
        });
        let mut folders = vec![("SystemRoot".to_owned(), r"C:\WINDOWS".to_owned())];
        let literal = |root: &str| paths.clone().any(|path| path.starts_with(&name::folded(root)));
        if let Some((_, root)) = folders.first_mut()
            && literal(root)
        {
            r"W:\WINNT".clone_into(root);
        }
        for path in paths.clone() {
            let Some(variable) = path.strip_prefix('%').and_then(|rest| rest.split('%').next()) else {
                continue;
            };
            if variable == "systemdrive" {
                continue;
            }
            let known = folders.iter().any(|(name, _)| name::same(name, variable));
            if !known {
                let folder = match variable {
                    "programfiles" => r"C:\Program Files".to_owned(),
                    "commonprogramfiles" => r"C:\Common Files".to_owned(),
                    other => format!(r"C:\{}", other.replace(['(', ')'], "-")),
                };
                folders.push((variable.to_owned(), folder));
            }
        }
        folders
    }
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.to_owned())
}

/// Writes a fact of the system.
fn system(os: &mut OsEntry, fact: &Fact, cell: &Cell) {
    match fact {
        Fact::Family => os.family = scalar(cell),
        Fact::Version => os.version = scalar(cell),
        Fact::Build => os.build = scalar(cell),
        Fact::Revision => os.revision = scalar(cell),
        Fact::ServicePack => os.service_pack = scalar(cell),
        Fact::Type => os.product_type = scalar(cell),
        Fact::Installation => os.installation_type = scalar(cell),
        Fact::Architecture => os.architecture = scalar(cell),
        Fact::Language => os.language = scalar(cell),
        Fact::Suite(name) if *cell == Cell::Present => os.suites.get_or_insert_default().push(name.clone()),
        Fact::Suite(_)
        | Fact::File(_)
        | Fact::Size(_)
        | Fact::Digest(..)
        | Fact::Key(_)
        | Fact::Value(..)
        | Fact::SomeKey(_)
        | Fact::Service(_)
        | Fact::Hotfix(_)
        | Fact::Undecidable(_) => {}
    }
}

/// The value of a fact of the system that is a word or a number; none where it is not there.
fn scalar(cell: &Cell) -> Option<Scalar> {
    match cell {
        Cell::Family(family) => Some(text(family.as_str())),
        Cell::Version(version) => Some(text(&version.to_string())),
        Cell::Number(number) => Some(Scalar::Integer((*number).into())),
        Cell::Type(kind) => Some(text(kind.as_str())),
        Cell::Installation(kind) => Some(text(kind.as_str())),
        Cell::Architecture(one) => Some(text(one.as_str())),
        Cell::Language(language) => Some(text(language.as_str())),
        Cell::Absent
        | Cell::Present
        | Cell::File(_)
        | Cell::Size(_)
        | Cell::Digest(_)
        | Cell::Data(_)
        | Cell::Key(_)
        | Cell::Service(..) => None,
    }
}

/// Adds what is there beside the system; the size and the digests of a file come with it.
fn thing(host: &mut HostFile, fact: &Fact, cell: &Cell, chosen: &BTreeMap<&Fact, &Cell>) {
    match fact {
        _ if *cell == Cell::Absent => {}
        Fact::File(path) => host.files.push(file(path, cell, chosen)),
        Fact::Key(place) => drop(entry(host, place)),
        Fact::Value(place, name) => {
            if let Cell::Data(data) = cell {
                entry(host, place).values.insert(name.clone(), registry_data(data));
            }
        }
        Fact::SomeKey(test) => {
            if let (Some(pattern), Cell::Key(key)) = (test.key(), cell) {
                host.registry.push(some_key(
                    pattern,
                    key,
                    chosen.keys().take_while(|other| **other != fact).count(),
                ));
            }
        }
        Fact::Service(name) => match cell {
            Cell::Service(Some(start), running) => host.services.push(ServiceEntry {
                name: name.clone(),
                start: Some(text(start.as_str())),
                state: Some(text(if *running { "running" } else { "stopped" })),
            }),
            // Only its key says that there is a service without a start type.
            Cell::Service(None, _) => drop(entry(host, &Place::of_service(name))),
            _ => {}
        },
        Fact::Hotfix(kb) => host.hotfixes.push(text(&update(*kb, chosen))),
        Fact::Size(_)
        | Fact::Digest(..)
        | Fact::Family
        | Fact::Version
        | Fact::Build
        | Fact::Revision
        | Fact::ServicePack
        | Fact::Type
        | Fact::Installation
        | Fact::Architecture
        | Fact::Language
        | Fact::Suite(_)
        | Fact::Undecidable(_) => {}
    }
}

/// One of several keys, called by a number that no other is.
fn some_key(pattern: &RegistryPath, key: &SomeKey, number: usize) -> RegistryEntry {
    let hive = pattern.hive.short_name();
    RegistryEntry {
        key: format!("{hive}\\{}", key.key(&format!("{}", number + 1))),
        view: (pattern.view == Some(View::Bits32)).then(|| text("32")),
        partial: false,
        values: key.values.iter().map(|(name, data)| (name.clone(), registry_data(data))).collect(),
    }
}

/// The name of an update: the usual one, unless the formulas ask for its key and it is not the one
/// that is there.
fn update(kb: Kb, chosen: &BTreeMap<&Fact, &Cell>) -> String {
    let asked: Vec<&str> = chosen.keys().filter_map(|fact| ties::place(fact)?.update()).collect();
    let free = |name: &String| !asked.iter().any(|asked| name::same(name, asked));
    let revisions = (2_u32..).map(|revision| format!("{kb}-v{revision}"));
    std::iter::once(kb.to_string()).chain(revisions).find(free).unwrap_or_default()
}

fn file(path: &str, cell: &Cell, chosen: &BTreeMap<&Fact, &Cell>) -> FileEntry {
    let mut entry = FileEntry { path: path.to_owned(), ..FileEntry::default() };
    if let Cell::File(version) = cell {
        entry.version = Some(text(&version.to_string()));
    }
    for (fact, cell) in chosen {
        match (fact, cell) {
            (Fact::Size(of), Cell::Size(size)) if of == path => {
                entry.size = i64::try_from(*size).ok().map(Scalar::Integer);
            }
            (Fact::Digest(of, algorithm), Cell::Digest(digest)) if of == path => {
                let slot = match algorithm {
                    caveat_ir::value::Digest::Md5 => &mut entry.md5,
                    caveat_ir::value::Digest::Sha1 => &mut entry.sha1,
                    caveat_ir::value::Digest::Sha256 => &mut entry.sha256,
                };
                *slot = Some(text(digest));
            }
            _ => {}
        }
    }
    entry
}

fn entry<'h>(host: &'h mut HostFile, place: &Place) -> &'h mut RegistryEntry {
    let view = place.narrow.then(|| text("32"));
    let found = host.registry.iter().position(|entry| entry.key == place.key && entry.view == view);
    let entry = found.map(|at| host.registry.swap_remove(at));
    let fresh = || RegistryEntry { key: place.key.clone(), view, ..RegistryEntry::default() };
    host.registry.push_mut(entry.unwrap_or_else(fresh))
}

fn registry_data(data: &Data) -> RegistryData {
    let entry = match data {
        Data::Text(value)
        | Data::ExpandText(value)
        | Data::Link(value)
        | Data::Binary(value)
        | Data::Raw(_, value) => DataEntry::One(text(value)),
        Data::Dword(number) | Data::DwordBigEndian(number) => {
            DataEntry::One(Scalar::from(u64::from(*number)))
        }
        Data::Qword(number) => DataEntry::One(Scalar::from(*number)),
        Data::Multi(values) => DataEntry::Many(values.iter().map(|value| text(value)).collect()),
    };
    RegistryData { kind: data.kind().to_string(), data: entry }
}
