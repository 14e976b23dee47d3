//! The services of a host, from their list and from the registry.

use std::collections::BTreeMap;

use caveat_ir::host::ServiceEntry;
use caveat_ir::value::{StartType, name};
use caveat_runtime::recorded::{self, START};
use caveat_runtime::{Fact, RegistryValue};

use super::problem::Problems;
use super::registry::Registry;
use super::{read, well_known};

/// A service that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServiceFacts {
    /// When it starts.
    pub(super) start: Fact<StartType>,
    /// Whether it runs.
    pub(super) running: Fact<bool>,
}

/// Services by folded name.
#[derive(Debug, Clone, Default)]
pub(super) struct Services {
    services: BTreeMap<String, Fact<ServiceFacts>>,
    complete: bool,
}

impl Services {
    pub(super) fn read(
        entries: &[ServiceEntry],
        complete: bool,
        registry: &mut Registry,
        problems: &mut Problems,
    ) -> Self {
        // Services that are not listed here may be keys that are not listed there.
        let complete = complete && (registry.is_complete() || !entries.is_empty());
        let mut services = Self { services: BTreeMap::new(), complete };
        for (index, entry) in entries.iter().enumerate() {
            services.add(entry, &format!("services[{index}]"), problems);
        }
        for name in registry.below(recorded::SERVICES) {
            services.add_key(name, registry, problems);
        }
        services.back(registry);
        services
    }

    fn add(&mut self, entry: &ServiceEntry, at: &str, problems: &mut Problems) {
        let facts = service(entry, at, problems);
        match self.services.get_mut(&name::folded(&entry.name)) {
            None => {
                self.services.insert(name::folded(&entry.name), facts);
            }
            Some(first) if *first != facts => {
                let message = format!("the service `{}` is listed twice, with different facts", entry.name);
                *first = Fact::Error(problems.contradiction(at, message));
            }
            Some(_) => {}
        }
    }

    /// Takes the start type from the service's registry key. The key alone makes the service.
    fn add_key(&mut self, name: String, registry: &mut Registry, problems: &mut Problems) {
        let key = key(&name);
        let path = well_known::value_path(&key, START);
        let listed = registry.listed(&key, START);
        let listed =
            listed.map(|listed| listed.and_then(|value| problems.read(&path, read::start_type(value))));
        let Some(listed) = listed else { return self.add_key_alone(name, &key, registry) };
        match self.services.get_mut(&name) {
            None => {
                let facts = ServiceFacts { start: listed, running: Fact::Unknown };
                self.services.insert(name, Fact::Present(facts));
            }
            Some(Fact::Present(facts)) if facts.start == Fact::Unknown => facts.start = listed,
            Some(Fact::Present(facts)) => {
                if let Some(message) = contradiction(&name, &facts.start, &listed) {
                    let error = problems.contradiction(&path, message);
                    registry.spoil(&key, START, &error);
                    facts.start = Fact::Error(error);
                }
            }
            Some(_) => {}
        }
    }

    fn add_key_alone(&mut self, name: String, key: &str, registry: &Registry) {
        let start = registry.unlisted(&well_known::folded(key)).and_then(|()| Fact::Absent);
        let there = registry.key(&well_known::folded(key));
        let service = there.map(|()| ServiceFacts { start, running: Fact::Unknown });
        if service != Fact::Absent {
            self.services.entry(name).or_insert(service);
        }
    }

    /// Puts the start types into the registry.
    fn back(&self, registry: &mut Registry) {
        for (name, service) in &self.services {
            if let Fact::Present(facts) = service {
                let start = facts.start.clone().map(|start| RegistryValue::Dword(start.registry_number()));
                registry.add_key(well_known::folded(&key(name)));
                registry.back(&key(name), START, start);
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Fact<&ServiceFacts> {
        match self.services.get(&name::folded(name)) {
            Some(listed) => listed.as_ref(),
            None if self.complete => Fact::Absent,
            None => Fact::Unknown,
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }
}

fn key(name: &str) -> String {
    format!(r"{}\{name}", recorded::SERVICES)
}

fn contradiction(name: &str, given: &Fact<StartType>, listed: &Fact<StartType>) -> Option<String> {
    match (given, listed) {
        (Fact::Present(given), Fact::Present(listed)) if given != listed => {
            Some(format!("the service `{name}` has start type `{given}`, but the registry says `{listed}`"))
        }
        _ => None,
    }
}

/// The facts of a service; one that is malformed spoils both.
fn service(entry: &ServiceEntry, at: &str, problems: &mut Problems) -> Fact<ServiceFacts> {
    let start = entry.start.as_ref().map(|start| problems.read(&format!("{at}.start"), read::parsed(start)));
    let running =
        entry.state.as_ref().map(|state| problems.read(&format!("{at}.state"), read::running(state)));
    match (start.unwrap_or(Fact::Unknown), running.unwrap_or(Fact::Unknown)) {
        (Fact::Error(message), _) | (_, Fact::Error(message)) => Fact::Error(message),
        (start, running) => Fact::Present(ServiceFacts { start, running }),
    }
}
