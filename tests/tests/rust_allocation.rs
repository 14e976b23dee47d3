//! Generated code asks a host without allocating.

use std::borrow::Cow;

use caveat_runtime::value::{
    Architecture, Digest, Family, FileVersion, Kb, KeyRef, Language, OsVersion, PathRef, ProductType,
    StartType,
};
use caveat_runtime::{Fact, HostFacts, RegistryValue, Suites, Verdict};

mod rules {
    caveat::include_rules!("../rules");
}

/// A Windows 2000 Server, service pack 4, with one version for all files.
struct Server {
    version: FileVersion,
    suites: Vec<String>,
}

impl HostFacts for Server {
    fn name(&self) -> &'static str {
        "server"
    }
    fn os_family(&self) -> Fact<Family> {
        Fact::Present(Family::Windows)
    }
    fn os_version(&self) -> Fact<OsVersion> {
        Fact::Present(OsVersion { major: 5, minor: 0 })
    }
    fn build(&self) -> Fact<u32> {
        Fact::Present(2195)
    }
    fn service_pack(&self) -> Fact<u32> {
        Fact::Present(4)
    }
    fn product_type(&self) -> Fact<ProductType> {
        Fact::Present(ProductType::Server)
    }
    fn suites(&self) -> Fact<Suites<'_>> {
        Fact::Present(Suites(Cow::Borrowed(&self.suites)))
    }
    fn architecture(&self) -> Fact<Architecture> {
        Fact::Present(Architecture::X86)
    }
    fn language(&self) -> Fact<Language> {
        Fact::Present(Language::english())
    }
    fn file(&self, _: PathRef<'_>) -> Fact<()> {
        Fact::Present(())
    }
    fn file_version(&self, _: PathRef<'_>) -> Fact<FileVersion> {
        Fact::Present(self.version)
    }
    fn file_size(&self, _: PathRef<'_>) -> Fact<u64> {
        Fact::Unknown
    }
    fn file_digest(&self, _: PathRef<'_>, _: Digest) -> Fact<Cow<'_, str>> {
        Fact::Unknown
    }
    fn registry_key(&self, _: KeyRef<'_>) -> Fact<()> {
        Fact::Absent
    }
    fn registry_value(&self, _: KeyRef<'_>, _: &str) -> Fact<RegistryValue<'_>> {
        Fact::Present(RegistryValue::Dword(17))
    }
    fn service(&self, _: &str) -> Fact<()> {
        Fact::Present(())
    }
    fn service_start(&self, _: &str) -> Fact<StartType> {
        Fact::Present(StartType::Automatic)
    }
    fn service_running(&self, _: &str) -> Fact<bool> {
        Fact::Present(true)
    }
    fn hotfix(&self, _: Kb) -> Fact<()> {
        Fact::Absent
    }
}

#[test]
fn an_evaluation_allocates_nothing() {
    for (version, verdict) in [([5, 0, 2195, 1], Verdict::Vulnerable), ([5, 0, 2195, 9999], Verdict::Fixed)] {
        let host = Server { version: FileVersion(version), suites: vec!["Terminal Server".to_owned()] };
        let mut found = None;
        let counted = allocation_counter::measure(|| found = Some(rules::evaluate(&host)));
        assert_eq!(found.map(|outcomes| outcomes.ms04_006.verdict), Some(verdict));
        assert_eq!(counted.count_total, 0, "{counted:?}");
    }
}
