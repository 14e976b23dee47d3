//! A host read from a host file: its facts, indexed and completed from each other.
//!
//! Windows keeps most facts of the operating system, services and updates in its registry.
//! Here every fact of either kind gives the other when that is not listed, so a rule may ask for
//! whichever it likes. What makes no sense becomes [`Fact::Error`] for whoever asks for it,
//! and a [`HostProblem`]. This module reads no files: see [`crate::load_hosts`].

mod cases;
mod environment;
mod files;
mod os;
mod platform;
pub(crate) mod problem;
mod read;
mod registry;
mod revision;
mod services;
mod updates;
mod well_known;

use std::borrow::Cow;

use caveat_ir::RuleSet;
use caveat_ir::host::{FactKind, HostFile};
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{
    Architecture, Digest, Family, FileVersion, InstallationType, Kb, KeyRef, Language, OsVersion, PathRef,
    ProductType, StartType,
};
use caveat_runtime::recorded::{self, System};
use caveat_runtime::{EveryFact, Fact, Instances, RegistryValue, Suites};

pub use cases::Host;

use environment::Environment;
use files::{FileFacts, Files};
use problem::{HostProblem, Problems};
use registry::Registry;
use revision::Bound;
use services::Services;
use updates::Updates;

/// The value that the installer of an update leaves in the update's key.
const INSTALLED: &str = "Installed";
const IS_INSTALLED: RegistryValue<'static> = RegistryValue::Dword(1);

/// A host, taken for one of 32 or of 64 bits where its architecture is not known.
#[derive(Debug, Clone)]
struct Case {
    name: String,
    os: System<'static>,
    files: Files,
    registry: Registry,
    services: Services,
    updates: Updates,
    environment: Environment,
    revision: Bound,
}

impl Case {
    /// The host that a file describes, with its problems.
    fn new(file: &HostFile, platforms: &RuleSet, assumed: Architecture) -> (Self, Vec<HostProblem>) {
        let mut problems = Problems::default();
        let complete = |kind| !file.partial.contains(&kind);
        let platform = platform::facts(&file.os, platforms, &mut problems);
        let mut registry = Registry::read(&file.registry, complete(FactKind::Registry), &mut problems);
        // On a host of 32 bits both views are one, and facts of the system may stand in either.
        if let Some(small) = small_architecture(file, platform.as_ref()) {
            registry.settle(small, &mut problems);
        }
        let mut os =
            os::read_all(&file.os, complete(FactKind::Os), platform.as_ref(), &mut registry, &mut problems);
        registry.settle(os.architecture.as_ref().present().copied().unwrap_or(assumed), &mut problems);
        let variables = &file.environment;
        let environment =
            Environment::read(variables, complete(FactKind::Environment), &os, &mut registry, &mut problems);
        let files = Files::read(&file.files, complete(FactKind::Files), &environment, &mut problems);
        let services =
            Services::read(&file.services, complete(FactKind::Services), &mut registry, &mut problems);
        let listed = complete(FactKind::Hotfixes);
        let updates = Updates::read(&file.hotfixes, listed, &os.version, &registry, &mut problems);
        let table = &platforms.updates;
        let revision = revision::settle(&file.os, &mut os, &updates, table, &mut registry, &mut problems);
        os::back(&os, &mut registry);
        environment.back(&mut registry);
        let name = file.name.clone().unwrap_or_default();
        (Self { name, os, files, registry, services, updates, environment, revision }, problems.0)
    }

    fn file_facts(&self, path: PathRef<'_>) -> Fact<&FileFacts> {
        self.files.get(&self.environment.resolve(path))
    }

    /// The service or update whose registry key this is, or lies in; updates only where they are
    /// listed in the registry.
    fn owner(&self, place: &str, has_updates: bool) -> Option<Owner> {
        let below = |root: &str| place.strip_prefix(&well_known::folded(root))?.strip_prefix('\\');
        let (is_update, tail) = match below(recorded::SERVICES) {
            Some(tail) => (false, tail),
            None => (true, below(recorded::UPDATES).filter(|_| has_updates)?),
        };
        let (name, is_key) = tail.split_once('\\').map_or((tail, true), |(name, _)| (name, false));
        let fact = if is_update { self.updates.key(name) } else { self.services.get(name).map(|_| ()) };
        Some(Owner { fact, is_update, is_key })
    }

    /// Whether the key is there for a service or update in it: one of either list.
    fn holds(&self, place: &str, has_updates: bool) -> Fact<()> {
        let holds = |root: &str| format!(r"{}\", well_known::folded(root)).starts_with(&format!(r"{place}\"));
        match () {
            () if !self.services.is_complete() && holds(recorded::SERVICES) => Fact::Unknown,
            () if has_updates && holds(recorded::UPDATES) => self.updates.any_key(),
            () => Fact::Absent,
        }
    }

    /// A registry key, if updates are listed in the registry or are not.
    fn key(&self, place: &str, has_updates: bool) -> Fact<()> {
        let listed = self.registry.key(place);
        if matches!(listed, Fact::Present(()) | Fact::Error(_)) {
            return listed;
        }
        match self.owner(place, has_updates) {
            Some(Owner { fact: Fact::Present(()), is_key: true, .. }) => return Fact::Present(()),
            Some(Owner { fact: fact @ (Fact::Absent | Fact::Unknown | Fact::Error(_)), .. }) => return fact,
            _ => {}
        }
        match self.holds(place, has_updates) {
            Fact::Absent if listed == Fact::Unknown => Fact::Unknown,
            Fact::Absent => self.registry.unlisted(place),
            held => held,
        }
    }

    /// A registry value, if updates are listed in the registry or are not.
    fn value(&self, place: &str, name: &str, has_updates: bool) -> Fact<RegistryValue<'_>> {
        if let Some(listed) = self.registry.value(place, name) {
            return listed.as_ref().map(RegistryValue::borrowed);
        }
        let none = |fact: Fact<()>| fact.and_then(|()| Fact::Absent);
        if let Some(unlisted) = self.environment.unlisted_value(place, name) {
            return none(unlisted);
        }
        match self.owner(place, has_updates) {
            Some(Owner { fact: Fact::Present(()), is_update: true, is_key: true })
                if name.eq_ignore_ascii_case(INSTALLED) && !self.registry.lists(place) =>
            {
                // What is left out of the registry may be another number.
                if self.registry.lists_all(place) { Fact::Present(IS_INSTALLED) } else { Fact::Unknown }
            }
            Some(Owner { fact: Fact::Present(()), .. }) | None => none(self.registry.unlisted(place)),
            Some(Owner { fact, .. }) => none(fact),
        }
    }
}

/// The architecture of a host that is certain to be of 32 bits: stated, else implied by the platform.
fn small_architecture(file: &HostFile, platform: Option<&OsFacts>) -> Option<Architecture> {
    let stated = file.os.architecture.as_ref();
    let implied = platform.and_then(|facts| facts.architectures.as_ref()).filter(|_| stated.is_none());
    let all_small = implied.filter(|all| all.iter().all(|one| !one.is_64_bit()));
    let stated = stated.and_then(|one| read::parsed::<Architecture>(one).ok());
    stated.filter(|one| !one.is_64_bit()).or_else(|| all_small.and_then(|all| all.first().copied()))
}

/// The service or update behind a registry key.
struct Owner {
    /// Whether it is there.
    fact: Fact<()>,
    is_update: bool,
    /// Whether the key is its own, not one below.
    is_key: bool,
}

impl EveryFact for Case {
    fn name(&self) -> &str {
        &self.name
    }

    fn os_family(&self) -> Fact<Family> {
        self.os.family.clone()
    }

    fn os_version(&self) -> Fact<OsVersion> {
        self.os.version.clone()
    }

    fn build(&self) -> Fact<u32> {
        self.os.build.clone()
    }

    fn revision(&self) -> Fact<u32> {
        self.os.revision.clone()
    }

    fn revision_at_least(&self) -> Fact<u32> {
        self.revision.least.clone()
    }

    fn service_pack(&self) -> Fact<u32> {
        self.os.service_pack.clone()
    }

    fn product_type(&self) -> Fact<ProductType> {
        self.os.product_type.clone()
    }

    fn installation_type(&self) -> Fact<InstallationType> {
        self.os.installation_type.clone()
    }

    fn suites(&self) -> Fact<Suites<'_>> {
        self.os.suites.as_ref().map(Suites::borrowed)
    }

    fn architecture(&self) -> Fact<Architecture> {
        self.os.architecture.clone()
    }

    fn language(&self) -> Fact<Language> {
        self.os.language.clone()
    }

    fn variable(&self, name: &str) -> Fact<()> {
        self.environment.variable(name)
    }

    fn file(&self, path: PathRef<'_>) -> Fact<()> {
        self.file_facts(path).map(|_| ())
    }

    fn file_version(&self, path: PathRef<'_>) -> Fact<FileVersion> {
        self.file_facts(path).and_then(|file| file.version.clone())
    }

    fn file_size(&self, path: PathRef<'_>) -> Fact<u64> {
        self.file_facts(path).and_then(|file| file.size.clone())
    }

    fn file_digest(&self, path: PathRef<'_>, algorithm: Digest) -> Fact<Cow<'_, str>> {
        self.file_facts(path).and_then(|file| file.digest(algorithm))
    }

    fn registry_key(&self, key: KeyRef<'_>) -> Fact<()> {
        let place = self.registry.place(key);
        self.updates.reading(|has_updates| self.key(&place, has_updates))
    }

    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> Fact<RegistryValue<'_>> {
        let place = self.registry.place(key);
        self.updates.reading(|has_updates| self.value(&place, name, has_updates))
    }

    fn registry_keys(&self, pattern: KeyRef<'_>) -> Fact<Instances<'_>> {
        let (keys, complete) = self.registry.matching(pattern);
        Fact::Present(Instances { keys: keys.into(), complete })
    }

    fn service(&self, name: &str) -> Fact<()> {
        self.services.get(name).map(|_| ())
    }

    fn service_start(&self, name: &str) -> Fact<StartType> {
        self.services.get(name).and_then(|service| service.start.clone())
    }

    fn service_running(&self, name: &str) -> Fact<bool> {
        self.services.get(name).and_then(|service| service.running.clone())
    }

    fn hotfix(&self, kb: Kb) -> Fact<()> {
        self.updates.get(kb)
    }
}
