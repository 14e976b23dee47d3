//! A Windows machine as a host: each question becomes one about the registry, a file or a service.

use std::borrow::Cow;

use caveat_runtime::value::{
    Architecture, Digest, Family, FileVersion, InstallationType, Kb, KeyRef, Language, OsVersion, PathRef,
    ProductType, StartType,
};
use caveat_runtime::{EveryFact, Fact, Instances, RegistryValue, Suites, recorded};

use crate::answers::Answers;
use crate::system::{ServiceState, System};
use crate::{instances, os, paths};

/// What a machine without a name is called.
const NAMELESS: &str = "this machine";

/// A Windows machine as a host.
///
/// It remembers its answers: the first one to a question is the one for good. Look at the machine
/// with a new host to see what has changed.
#[derive(Debug)]
pub struct WindowsHost<S> {
    name: String,
    answers: Answers<S>,
}

impl<S: System> WindowsHost<S> {
    /// The machine that a system answers for.
    #[must_use]
    pub fn of(system: S) -> Self {
        let answers = Answers::of(system);
        let name = os::computer_name(&answers).unwrap_or_else(|| NAMELESS.to_owned());
        Self { name, answers }
    }

    /// Asks for something about a file.
    fn of_file<T>(&self, path: PathRef<'_>, ask: impl FnOnce(&str) -> Fact<T>) -> Fact<T> {
        paths::resolved(&self.answers, path).and_then(|path| ask(&path))
    }
}

/// Asks for something about a service, whose key lies directly below that of all services.
fn of_service<T>(name: &str, ask: impl FnOnce(KeyRef<'_>) -> Fact<T>) -> Fact<T> {
    if name.is_empty() || name.contains('\\') {
        return Fact::Absent;
    }
    ask(os::machine(&format!(r"{}\{name}", recorded::SERVICES)))
}

impl<S: System> EveryFact for WindowsHost<S> {
    fn name(&self) -> &str {
        &self.name
    }

    fn os_family(&self) -> Fact<Family> {
        Fact::Present(Family::Windows)
    }

    fn os_version(&self) -> Fact<OsVersion> {
        os::version(&self.answers)
    }

    fn build(&self) -> Fact<u32> {
        os::build(&self.answers)
    }

    fn revision(&self) -> Fact<u32> {
        os::revision(&self.answers)
    }

    /// Every Windows that has updates of a known revision says in the registry which revision it has.
    fn revision_at_least(&self) -> Fact<u32> {
        Fact::Unknown
    }

    fn service_pack(&self) -> Fact<u32> {
        os::service_pack(&self.answers)
    }

    fn product_type(&self) -> Fact<ProductType> {
        os::product_type(&self.answers)
    }

    fn installation_type(&self) -> Fact<InstallationType> {
        os::installation_type(&self.answers)
    }

    fn suites(&self) -> Fact<Suites<'_>> {
        os::suites(&self.answers)
    }

    fn architecture(&self) -> Fact<Architecture> {
        os::architecture(&self.answers)
    }

    fn language(&self) -> Fact<Language> {
        os::language(&self.answers)
    }

    fn variable(&self, name: &str) -> Fact<()> {
        paths::root(&self.answers, name).map(|_| ())
    }

    fn file(&self, path: PathRef<'_>) -> Fact<()> {
        self.file_size(path).map(|_| ())
    }

    fn file_version(&self, path: PathRef<'_>) -> Fact<FileVersion> {
        self.of_file(path, |path| self.answers.file_version(path))
    }

    fn file_size(&self, path: PathRef<'_>) -> Fact<u64> {
        self.of_file(path, |path| self.answers.file_size(path))
    }

    fn file_digest(&self, path: PathRef<'_>, algorithm: Digest) -> Fact<Cow<'_, str>> {
        self.of_file(path, |path| self.answers.file_digest(path, algorithm).map(Cow::Owned))
    }

    fn registry_key(&self, key: KeyRef<'_>) -> Fact<()> {
        self.answers.key(key)
    }

    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> Fact<RegistryValue<'_>> {
        self.answers.value(key, name)
    }

    fn registry_keys(&self, pattern: KeyRef<'_>) -> Fact<Instances<'_>> {
        Fact::Present(instances::keys(&self.answers, pattern))
    }

    fn service(&self, name: &str) -> Fact<()> {
        of_service(name, |key| self.answers.key(key))
    }

    fn service_start(&self, name: &str) -> Fact<StartType> {
        of_service(name, |key| self.answers.value(key, "Start")).and_then(|value| {
            let number = |start: &&StartType| value == RegistryValue::Dword(start.registry_number());
            match StartType::ALL.iter().find(number) {
                Some(start) => Fact::Present(*start),
                None => Fact::error(format!("{value} is not the start type of the service {name}")),
            }
        })
    }

    fn service_running(&self, name: &str) -> Fact<bool> {
        let state = of_service(name, |_| self.answers.service_state(name));
        state.and_then(|state| match state {
            ServiceState::Running => Fact::Present(true),
            ServiceState::Stopped => Fact::Present(false),
            ServiceState::Other => Fact::Unknown,
        })
    }

    fn hotfix(&self, kb: Kb) -> Fact<()> {
        let in_registry = || listed(self.answers.subkeys(os::machine(recorded::UPDATES)), kb);
        let elsewhere = || listed(self.answers.quick_fixes(), kb);
        match self.os_version() {
            Fact::Present(version) if recorded::updates_are_keys(version) => in_registry(),
            Fact::Present(_) => elsewhere(),
            open => match (in_registry(), elsewhere()) {
                (one @ (Fact::Present(()) | Fact::Absent), other) if one == other => one,
                _ => open.and_then(|_| Fact::Unknown),
            },
        }
    }
}

/// Whether one of the names is that of an update of this article. Without a list there is none.
fn listed(names: Fact<Vec<String>>, kb: Kb) -> Fact<()> {
    names.and_then(|names| {
        let found = names.iter().any(|name| Kb::of_update(name) == Some(kb));
        if found { Fact::Present(()) } else { Fact::Absent }
    })
}
