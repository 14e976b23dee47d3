//! Small rule sets, made by hand.

use std::collections::BTreeSet;

use caveat_eval::{Host, HostProblem};
use caveat_ir::expr::{Expr, ServiceCheck, Test, ValueCheck};
use caveat_ir::host::HostFile;
use caveat_ir::rule::{
    Bulletin, Exposure, Floor, Knowledge, OsFacts, Package, PackageFile, Platform, PlatformId, RatedOn,
    RuleSet, Selector, SelectorId, Vulnerability,
};
use caveat_ir::value::{Architecture, NumberSet, ProductType, Rating, RegistryPath};
use caveat_ir::{Checked, Origin, PlacedList, Places, check};

/// Windows 2000: any edition, server, and server with service pack 2 to 4.
pub(crate) const ANY_2000: SelectorId = SelectorId(0);
pub(crate) const SERVER: SelectorId = SelectorId(1);
pub(crate) const SERVER_SP: SelectorId = SelectorId(2);
/// Windows Server 2003.
pub(crate) const NEWER: SelectorId = SelectorId(3);

pub(crate) const WINS: &str = r"%SystemRoot%\System32\wins.exe";
pub(crate) const DLL: &str = r"%SystemRoot%\System32\winsrpc.dll";
pub(crate) const HOTFIX_KEY: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix\KB830352";

pub(crate) fn platforms() -> RuleSet {
    let windows_2000 = OsFacts {
        version: Some("5.0".parse().unwrap()),
        builds: Some(NumberSet::range(2195, 2195)),
        architectures: Some([Architecture::X86].into()),
        ..OsFacts::default()
    };
    let server = OsFacts {
        types: Some([ProductType::Server, ProductType::DomainController].into()),
        suites: ["Small Business".to_owned()].into(),
        service_packs: Some(NumberSet::range(4, 4)),
        ..windows_2000.clone()
    };
    let newer = OsFacts { version: Some("5.2".parse().unwrap()), ..OsFacts::default() };
    let server_any = OsFacts { suites: BTreeSet::new(), service_packs: None, ..server.clone() };
    RuleSet {
        platforms: vec![
            platform("windows-2000", None, windows_2000),
            platform("windows-2000", Some("server"), server_any),
            platform("windows-server-2003", None, newer),
            platform("windows-2000", Some("small-business"), server),
        ]
        .into(),
        selectors: vec![
            selector(0, None, None),
            selector(1, None, None),
            selector(1, Some(SERVER), Some(NumberSet::range(2, 4))),
            selector(2, None, None),
        ],
        ..RuleSet::default()
    }
}

fn platform(name: &str, edition: Option<&str>, facts: OsFacts) -> Platform {
    let title = [Some(name), edition].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let edition = edition.map(str::to_owned);
    let (known, origin) = (Knowledge::default(), Origin::default());
    Platform { name: name.to_owned(), edition, title, cpe: None, facts, known, origin }
}

fn selector(platform: u32, base: Option<SelectorId>, service_packs: Option<NumberSet>) -> Selector {
    let platform = PlatformId(platform);
    Selector { platform, base, service_packs, architectures: None, language: None }
}

pub(crate) fn leaf(test: Test) -> Expr {
    Expr::test(test, Origin::default())
}

pub(crate) fn service(name: &str, check: ServiceCheck) -> Expr {
    leaf(Test::Service(name.to_owned(), check))
}

pub(crate) fn value(key: &str, name: &str, check: ValueCheck) -> Expr {
    leaf(Test::RegistryValue(key_path(key), name.to_owned(), check))
}

pub(crate) fn key_path(key: &str) -> RegistryPath {
    RegistryPath::parse(key, None).unwrap()
}

pub(crate) fn floor(version: &str) -> Floor {
    Floor::new(version.parse().unwrap())
}

pub(crate) fn file(path: &str, floors: Vec<Floor>) -> PackageFile {
    PackageFile { path: path.parse().unwrap(), floors, origin: Origin::default() }
}

pub(crate) fn package(name: &str, platforms: Vec<SelectorId>, files: Vec<PackageFile>) -> Package {
    Package { platforms: platforms.into(), files, ..Package::new(name) }
}

pub(crate) fn rated(rating: Rating, on: Vec<SelectorId>) -> RatedOn {
    RatedOn { rating, on: on.into(), origin: Origin::default() }
}

pub(crate) fn vulnerability(id: &str) -> Vulnerability {
    let ratings = vec![rated(Rating::Important, Vec::new())];
    Vulnerability { ratings, ..Vulnerability::new(id.parse().unwrap()) }
}

pub(crate) fn bulletin(vulnerabilities: Vec<Vulnerability>, packages: Vec<Package>) -> Bulletin {
    Bulletin { vulnerabilities, packages, ..Bulletin::new("MS04-006".parse().unwrap()) }
}

/// One vulnerability of servers, fixed by one package of two files, exposed by a service.
pub(crate) fn wins() -> Bulletin {
    let mut vulnerability = vulnerability("CVE-2003-0825");
    vulnerability.exposures = vec![Exposure {
        when: service("WINS", ServiceCheck::Enabled).into(),
        text: None,
        on: PlacedList::default(),
    }];
    let files = vec![file(WINS, vec![floor("5.0.2195.6870")]), file(DLL, vec![floor("5.0.2195.6870")])];
    let mut package = package("Windows 2000 Server", vec![SERVER_SP], files);
    package.markers = vec![leaf(Test::RegistryKey(key_path(HOTFIX_KEY)))].into();
    bulletin(vec![vulnerability], vec![package])
}

pub(crate) fn checked(bulletins: Vec<Bulletin>) -> Checked {
    check(RuleSet { bulletins, ..platforms() }, Places::default()).unwrap()
}

pub(crate) fn parse(yaml: &str) -> HostFile {
    caveat_eval::load_hosts("host.yaml", yaml).remove(0).unwrap()
}

/// A host from YAML, with its problems.
pub(crate) fn read(yaml: &str) -> (Host, Vec<HostProblem>) {
    Host::new(&parse(yaml), &platforms())
}

/// A host from YAML that has no problems.
pub(crate) fn host(yaml: &str) -> Host {
    let (host, problems) = read(yaml);
    assert_eq!(problems, [], "{yaml}");
    host
}

/// The one problem of a host, as a line.
pub(crate) fn problem(yaml: &str) -> String {
    let (_, problems) = read(yaml);
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    problem.to_string()
}
