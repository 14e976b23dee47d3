//! A host whose architecture may not be known, answered for both that it may be.
//!
//! Which keys a 32-bit program sees, and what lies in them, depends on the architecture. Where that is
//! not known, each question is asked of the host as one of 64 bits and as one of 32: what both
//! answer is so, and anything else is not known.

use std::borrow::Cow;

use caveat_ir::RuleSet;
use caveat_ir::host::HostFile;
use caveat_ir::updates::Revision;
use caveat_ir::value::{
    Architecture, Digest, Family, FileVersion, InstallationType, Kb, KeyRef, Language, OsVersion, PathRef,
    ProductType, StartType,
};
use caveat_runtime::{EveryFact, Fact, Instances, RegistryValue, Suites};

use super::Case;
use super::problem::HostProblem;

/// A host.
#[derive(Debug, Clone)]
pub struct Host {
    case: Case,
    /// The host as one of 32 bits, where it may be that.
    other: Option<Box<Case>>,
}

impl Host {
    /// The host that a file describes, with its problems. `platforms` defines the platforms
    /// that the file may name.
    #[must_use]
    pub fn new(file: &HostFile, platforms: &RuleSet) -> (Self, Vec<HostProblem>) {
        let (case, mut problems) = Case::new(file, platforms, Architecture::X64);
        let known = matches!(case.architecture(), Fact::Present(_) | Fact::Absent);
        let other = (!known).then(|| {
            let (other, others) = Case::new(file, platforms, Architecture::X86);
            problems.retain(|problem| others.contains(problem));
            Box::new(other)
        });
        (Self { case, other }, problems)
    }

    /// What follows of the revision of its build from the updates that it lists, if anything does.
    #[must_use]
    pub fn listed_revision(&self) -> Option<&Revision> {
        self.case.revision.derived.as_ref()
    }

    /// What the host answers in all cases; an architecture that makes no sense leaves errors.
    fn agreed<'h, T: PartialEq>(&'h self, ask: impl Fn(&'h Case) -> Fact<T>) -> Fact<T> {
        let answer = ask(&self.case);
        let Some(other) = &self.other else { return answer };
        match (answer, ask(other)) {
            (answer, other) if answer == other => answer,
            (Fact::Error(message), Fact::Error(_)) => Fact::Error(message),
            _ => self.case.architecture().and_then(|_| Fact::Unknown),
        }
    }
}

impl EveryFact for Host {
    fn name(&self) -> &str {
        self.case.name()
    }

    fn os_family(&self) -> Fact<Family> {
        self.case.os_family()
    }

    fn os_version(&self) -> Fact<OsVersion> {
        self.case.os_version()
    }

    fn build(&self) -> Fact<u32> {
        self.case.build()
    }

    fn revision(&self) -> Fact<u32> {
        self.case.revision()
    }

    fn revision_at_least(&self) -> Fact<u32> {
        self.case.revision_at_least()
    }

    fn service_pack(&self) -> Fact<u32> {
        self.case.service_pack()
    }

    fn product_type(&self) -> Fact<ProductType> {
        self.case.product_type()
    }

    fn installation_type(&self) -> Fact<InstallationType> {
        self.case.installation_type()
    }

    fn suites(&self) -> Fact<Suites<'_>> {
        self.case.suites()
    }

    fn architecture(&self) -> Fact<Architecture> {
        self.case.architecture()
    }

    fn language(&self) -> Fact<Language> {
        self.case.language()
    }

    fn variable(&self, name: &str) -> Fact<()> {
        self.agreed(|case| case.variable(name))
    }

    fn file(&self, path: PathRef<'_>) -> Fact<()> {
        self.agreed(|case| case.file(path))
    }

    fn file_version(&self, path: PathRef<'_>) -> Fact<FileVersion> {
        self.agreed(|case| case.file_version(path))
    }

    fn file_size(&self, path: PathRef<'_>) -> Fact<u64> {
        self.agreed(|case| case.file_size(path))
    }

    fn file_digest(&self, path: PathRef<'_>, algorithm: Digest) -> Fact<Cow<'_, str>> {
        self.agreed(|case| case.file_digest(path, algorithm))
    }

    fn registry_key(&self, key: KeyRef<'_>) -> Fact<()> {
        self.agreed(|case| case.registry_key(key))
    }

    fn registry_value(&self, key: KeyRef<'_>, name: &str) -> Fact<RegistryValue<'_>> {
        self.agreed(|case| case.registry_value(key, name))
    }

    fn registry_keys(&self, pattern: KeyRef<'_>) -> Fact<Instances<'_>> {
        self.agreed(|case| case.registry_keys(pattern))
    }

    fn service(&self, name: &str) -> Fact<()> {
        self.agreed(|case| case.service(name))
    }

    fn service_start(&self, name: &str) -> Fact<StartType> {
        self.agreed(|case| case.service_start(name))
    }

    fn service_running(&self, name: &str) -> Fact<bool> {
        self.agreed(|case| case.service_running(name))
    }

    fn hotfix(&self, kb: Kb) -> Fact<()> {
        self.agreed(|case| case.hotfix(kb))
    }
}
