//! All the ways to know less of a host.

use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::host::{FactKind, FileEntry, HostFile, OsEntry, Scalar};

use super::os::{self, FACTS};
use super::registry::{
    bare, drop_keys, drop_value, is_listed, is_of_service, is_of_update, kinds, lists, service_key,
    tells_another, update,
};
use crate::hosts::systematic::KINDS;

/// A host of which less is known.
#[derive(Debug, Clone)]
pub struct Way {
    /// What kind of thing was forgotten.
    pub kind: &'static str,
    /// What was forgotten.
    pub what: String,
    /// What is left.
    pub host: HostFile,
    /// Whether nothing was forgotten in truth, as another place says the same.
    pub same: bool,
}

/// All the ways to know less of a host, each of which changes the file.
#[must_use]
pub fn ways(host: &HostFile) -> Vec<Way> {
    let mut ways = Ways { host, found: Vec::new() };
    ways.of_the_system();
    ways.of_the_revision();
    ways.of_the_platform();
    ways.of_the_environment();
    ways.of_files();
    ways.of_the_registry();
    ways.of_services();
    ways.of_updates();
    ways.of_kinds();
    ways.found
}

struct Ways<'a> {
    host: &'a HostFile,
    found: Vec<Way>,
}

/// Says that facts of this kind are not complete.
fn mark(host: &mut HostFile, kind: FactKind) {
    if !host.partial.contains(&kind) {
        host.partial.push(kind);
    }
}

fn mark_all(host: &mut HostFile, kinds: BTreeSet<FactKind>) {
    for kind in kinds {
        mark(host, kind);
    }
}

impl Ways<'_> {
    fn less(&mut self, kind: &'static str, what: impl Into<String>, change: impl FnOnce(&mut HostFile)) {
        self.add(kind, what.into(), false, change);
    }

    fn same(&mut self, kind: &'static str, what: impl Into<String>, change: impl FnOnce(&mut HostFile)) {
        self.add(kind, what.into(), true, change);
    }

    fn add(&mut self, kind: &'static str, what: String, same: bool, change: impl FnOnce(&mut HostFile)) {
        let mut host = self.host.clone();
        change(&mut host);
        if host != *self.host {
            host.name = Some(format!("{kind} {what}: {}", host.name.unwrap_or_default()));
            self.found.push(Way { kind, what, host, same });
        }
    }

    fn of_the_system(&mut self) {
        for fact in &FACTS {
            if fact.is_listed(self.host) && (fact.stated)(&self.host.os) {
                self.same("os, which the registry has", fact.name, |host| (fact.clear)(&mut host.os));
                self.same("registry, which os has", fact.name, |host| {
                    for place in fact.places {
                        drop_value(host, *place);
                    }
                });
            }
            self.less("os", fact.name, |host| forget_os(host, fact));
            if self.host.os.platform.is_some() {
                self.less("os, the platform stays", fact.name, |host| {
                    let (platform, edition) = (host.os.platform.clone(), host.os.edition.clone());
                    forget_os(host, fact);
                    host.os.platform = platform;
                    host.os.edition = edition;
                });
            }
        }
        let windows = self.host.os.family.as_ref().is_some_and(|family| family.to_string() == "windows");
        if windows && self.host.os.platform.is_none() {
            self.same("family", "windows", |host| host.os.family = None);
        }
    }

    /// A bound is less than the revision.
    fn of_the_revision(&mut self) {
        let Some(Scalar::Integer(exact)) = self.host.os.revision else { return };
        // What the registry says is no bound.
        if FACTS.iter().any(|fact| fact.name == "revision" && fact.is_listed(self.host)) {
            return;
        }
        for least in BTreeSet::from([exact, exact - 1, exact / 2, 0]).into_iter().filter(|least| *least >= 0)
        {
            self.less("revision", format!("but at least {least}"), |host| {
                host.os.revision = Some(format!("at least {least}").into());
            });
        }
    }

    fn of_the_platform(&mut self) {
        self.less("platform", "", forget_platform);
        self.less("edition", "", |host| {
            if host.os.edition.take().is_some() {
                mark(host, FactKind::Os);
            }
        });
    }

    fn of_the_environment(&mut self) {
        let listed = os::FOLDERS.iter().filter(|(_, place)| lists(self.host, *place));
        let listed = listed.filter_map(|(names, _)| names.first()).map(|name| os::variable(name).0);
        let given = self.host.environment.keys().map(|name| os::variable(name).0);
        for names in given.chain(listed).collect::<BTreeSet<Vec<String>>>() {
            let first = names.first().cloned().unwrap_or_default();
            let (_, place) = os::variable(&first);
            let is_it = |name: &String| names.contains(&name.to_lowercase());
            let given = self.host.environment.keys().any(is_it);
            if given && place.is_some_and(|place| lists(self.host, place)) {
                self.same("variable, which the registry has", &first, |host| {
                    host.environment.retain(|name, _| !is_it(name));
                });
                self.same("registry, which the environment has", &first, |host| {
                    if let Some(place) = place {
                        drop_value(host, place);
                    }
                });
            }
            self.less("variable", &first, |host| {
                host.environment.retain(|name, _| !is_it(name));
                mark(host, FactKind::Environment);
                if place.is_some_and(|place| drop_value(host, place)) {
                    mark(host, FactKind::Registry);
                }
            });
        }
    }

    fn of_files(&mut self) {
        let paths: BTreeSet<String> =
            self.host.files.iter().map(|file| expanded(self.host, &file.path)).collect();
        for path in paths {
            self.less("file", &path, |host| {
                let original = host.clone();
                host.files.retain(|file| expanded(&original, &file.path) != path);
                mark(host, FactKind::Files);
            });
            self.less("file, all else stays", &path, |host| {
                let original = host.clone();
                let is_it = |file: &FileEntry| expanded(&original, &file.path) == path;
                let unread = original.files.iter().find(|file| is_it(file));
                host.files.retain(|file| !is_it(file));
                host.files.extend(unread.map(|file| FileEntry {
                    path: file.path.clone(),
                    partial: true,
                    ..FileEntry::default()
                }));
            });
            let facts: [(_, fn(&mut FileEntry)); 6] = [
                ("version of a file, all else stays", |file| {
                    file.version = None;
                    file.partial = true;
                }),
                ("version of a file", |file| file.version = None),
                ("size of a file", |file| file.size = None),
                ("md5 of a file", |file| file.md5 = None),
                ("sha1 of a file", |file| file.sha1 = None),
                ("sha256 of a file", |file| file.sha256 = None),
            ];
            for (kind, clear) in facts {
                self.less(kind, &path, |host| {
                    let original = host.clone();
                    let files = host.files.iter_mut();
                    files.filter(|file| expanded(&original, &file.path) == path).for_each(clear);
                    // Left out, a version says that there is none; the others are unknown.
                    if kind == "version of a file" && host.files != original.files {
                        mark(host, FactKind::Files);
                    }
                });
            }
        }
    }

    /// Values that tell a fact of the system, a folder or a listed service are forgotten with that.
    fn of_the_registry(&mut self) {
        let keys: BTreeSet<String> = self.host.registry.iter().map(|entry| bare(&entry.key)).collect();
        for key in keys {
            let of_service = self.host.services.iter().any(|service| service_key(&service.name) == key);
            if !of_service && !tells_another(&key, None) {
                self.less("key", &key, |host| {
                    drop_keys(host, |other| other == key);
                    mark_all(host, kinds(host, &key));
                });
            }
            let entries = self.host.registry.iter().filter(|entry| bare(&entry.key) == key);
            let names = entries.flat_map(|entry| entry.values.keys()).map(|name| name.to_lowercase());
            let is_told = |name: &String| tells_another(&key, Some(name)) || of_service && name == "start";
            let names: BTreeSet<String> = names.filter(|name| !is_told(name)).collect();
            for name in names {
                self.less("value, other keys stay", format!("{key}!{name}"), |host| {
                    let entries = host.registry.iter_mut().filter(|entry| bare(&entry.key) == key);
                    for entry in entries {
                        entry.values.retain(|other, _| other.to_lowercase() != name);
                        entry.partial = true;
                    }
                });
                self.less("value", format!("{key}!{name}"), |host| {
                    drop_value(host, (&key, &name));
                    mark_all(host, kinds(host, &key));
                });
            }
        }
        // A 32-bit Windows has one view.
        if os::is_x86(self.host) {
            self.same("view", "", |host| host.registry.iter_mut().for_each(|entry| entry.view = None));
        }
    }

    fn of_services(&mut self) {
        let names: BTreeSet<String> =
            self.host.services.iter().map(|service| service.name.to_lowercase()).collect();
        for name in names {
            let is_it = |other: &str| other.to_lowercase() == name;
            self.less("service", &name, |host| {
                host.services.retain(|service| !is_it(&service.name));
                mark(host, FactKind::Services);
                if drop_keys(host, |key| is_of_service(key, Some(&name))) {
                    mark(host, FactKind::Registry);
                }
            });
            self.less("start of a service", &name, |host| {
                let services = host.services.iter_mut().filter(|service| is_it(&service.name));
                services.for_each(|service| service.start = None);
                if drop_value(host, (&service_key(&name), "start")) {
                    mark(host, FactKind::Registry);
                }
            });
            self.less("state of a service", &name, |host| {
                let services = host.services.iter_mut().filter(|service| is_it(&service.name));
                services.for_each(|service| service.state = None);
            });
            let mut stated = self.host.services.iter().filter(|service| is_it(&service.name));
            if stated.any(|service| service.start.is_some()) {
                self.same("registry, which the services have", &name, |host| {
                    drop_value(host, (&service_key(&name), "start"));
                });
            }
        }
    }

    fn of_updates(&mut self) {
        let listed: BTreeSet<String> =
            self.host.hotfixes.iter().map(|one| update(&one.to_string())).collect();
        for name in listed {
            self.less("update", &name, |host| {
                host.hotfixes.retain(|other| update(&other.to_string()) != name);
                mark(host, FactKind::Hotfixes);
                if drop_keys(host, |key| is_of_update(key, Some(&name))) {
                    mark(host, FactKind::Registry);
                }
            });
        }
    }

    fn of_kinds(&mut self) {
        for kind in KINDS {
            let name = format!("{kind:?}").to_lowercase();
            self.less("mark", &name, |host| mark(host, kind));
            self.less("kind", &name, |host| forget_kind(host, kind));
        }
        self.less("everything", "", |host| KINDS.into_iter().for_each(|kind| forget_kind(host, kind)));
    }
}

/// Forgets the platform, and with it what it implies.
fn forget_platform(host: &mut HostFile) {
    let edition = host.os.edition.take();
    if host.os.platform.take().is_some() || edition.is_some() {
        mark(host, FactKind::Os);
    }
}

fn forget_os(host: &mut HostFile, fact: &os::Fact) {
    let before = host.clone();
    (fact.clear)(&mut host.os);
    for place in fact.places.iter().chain(fact.beside) {
        if drop_value(host, *place) {
            mark(host, FactKind::Registry);
        }
    }
    let variables = host.environment.len();
    host.environment.retain(|name, _| !fact.variables.contains(&name.to_lowercase().as_str()));
    if host.environment.len() < variables {
        mark(host, FactKind::Environment);
    }
    forget_platform(host);
    if fact.defaults && *host != before {
        mark(host, FactKind::Os);
    }
}

fn forget_kind(host: &mut HostFile, kind: FactKind) {
    let listed = match kind {
        FactKind::Os => {
            for fact in &FACTS {
                forget_os(host, fact);
            }
            // Another family cannot be forgotten: left out, it is Windows.
            let family = host.os.family.take();
            host.os = OsEntry { family, ..OsEntry::default() };
            false
        }
        FactKind::Environment => {
            host.environment = BTreeMap::new();
            os::FOLDERS.map(|(_, place)| drop_value(host, place)).contains(&true)
        }
        FactKind::Files => {
            host.files.clear();
            false
        }
        FactKind::Registry => {
            forget_registry(host);
            false
        }
        FactKind::Services => {
            host.services.clear();
            drop_keys(host, |key| is_of_service(key, None))
        }
        FactKind::Hotfixes => {
            host.hotfixes.clear();
            drop_keys(host, |key| is_of_update(key, None))
        }
    };
    mark(host, kind);
    if listed {
        mark(host, FactKind::Registry);
    }
}

/// Forgets the registry, and what it tells of the system and its folders where else that stands.
fn forget_registry(host: &mut HostFile) {
    let keys = host.registry.iter().map(|entry| bare(&entry.key));
    let told: BTreeSet<FactKind> = keys.flat_map(|key| kinds(host, &key)).collect();
    let facts = FACTS.iter().filter(|fact| fact.places.iter().any(|place| is_listed(host, *place)));
    let facts: Vec<&os::Fact> = facts.collect();
    let folders = os::FOLDERS.iter().filter(|(_, place)| is_listed(host, *place));
    let variables: Vec<&str> = folders.flat_map(|(names, _)| *names).copied().collect();
    host.registry.clear();
    for fact in facts {
        forget_os(host, fact);
        mark(host, FactKind::Os);
    }
    if !variables.is_empty() {
        host.environment.retain(|name, _| !variables.contains(&name.to_lowercase().as_str()));
        mark(host, FactKind::Environment);
    }
    mark_all(host, told);
}

/// The path in lower case, its variable resolved where the file says its value.
fn expanded(host: &HostFile, path: &str) -> String {
    let path = path.to_lowercase();
    let Some((name, rest)) = path.strip_prefix('%').and_then(|path| path.split_once('%')) else {
        return path;
    };
    let (names, _) = os::variable(name);
    let mut variables = host.environment.iter();
    match variables.find(|(name, _)| names.contains(&name.to_lowercase())) {
        Some((_, folder)) => format!("{}{rest}", folder.to_lowercase().trim_end_matches('\\')),
        None => format!("%{}%{rest}", names.first().map_or(name, String::as_str)),
    }
}
