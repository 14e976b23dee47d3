//! Rule sets made by hand, and what the back end makes of them.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Arc;

use caveat_backend::{Backend, EmitCx, Ledger, Note, Options, Outputs, Policy};
use caveat_backend_oval::Oval;
use caveat_diag::{SourceMap, Span};
use caveat_ir::expr::{Comparison, Integer, Reason, ServiceCheck, ValueCheck};
use caveat_ir::rule::{
    Bulletin, Exposure, Floor, FloorLanguages, Knowledge, LocalText, OsFacts, Package, PackageFile, Platform,
    PlatformId, RatedOn, Selector, SelectorId, Vulnerability, Workaround,
};
use caveat_ir::value::{
    Architecture, Date, Digest, FileVersion, InstallationType, Kb, Language, NumberSet, ProductType, Rating,
    RegistryPath, RegistryType, Restart, StartType, TextRange, TextVersion, VersionSet, View, WindowsPath,
};
use caveat_ir::{Checked, Expr, Origin, PlacedList, Places, RuleSet, Test, check};

/// Rules in the making.
pub(crate) struct Builder {
    pub(crate) rules: RuleSet,
    places: Places,
    origins: Vec<Origin>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        let mut sources = SourceMap::new();
        let text = "0123456789\n".repeat(100);
        let file = sources.add("rules/example.caveat", text);
        let places = Places::new(Arc::new(sources));
        let origins = (0..1000).map(|at| Origin::from(Span::new(file, at, at + 1))).collect();
        Self { rules: RuleSet::default(), places, origins }
    }

    /// A place: line `line`, column `column`, both from 1.
    pub(crate) fn at(&self, line: usize, column: usize) -> Origin {
        self.origins[(line - 1) * 11 + column - 1]
    }

    pub(crate) fn platform(
        &mut self,
        name: &str,
        edition: Option<&str>,
        title: &str,
        facts: OsFacts,
    ) -> SelectorId {
        let origin = self.at(2, 1);
        self.rules.platforms.push(Platform {
            name: name.to_owned(),
            edition: edition.map(str::to_owned),
            title: title.to_owned(),
            cpe: Some(format!("cpe:/o:microsoft:{name}")),
            facts,
            known: Knowledge::default(),
            origin,
        });
        let platform = PlatformId(u32::try_from(self.rules.platforms.len() - 1).unwrap());
        self.selector(Selector {
            platform,
            base: None,
            service_packs: None,
            architectures: None,
            language: None,
        })
    }

    pub(crate) fn selector(&mut self, selector: Selector) -> SelectorId {
        self.rules.selectors.push(selector);
        SelectorId(u32::try_from(self.rules.selectors.len() - 1).unwrap())
    }

    /// The platform narrowed to service packs.
    pub(crate) fn with_service_packs(&mut self, base: SelectorId, low: u32, high: u32) -> SelectorId {
        let platform = self.rules.selector(base).unwrap().platform;
        let service_packs = Some(NumberSet::range(low, high));
        self.selector(Selector {
            platform,
            base: Some(base),
            service_packs,
            architectures: None,
            language: None,
        })
    }

    pub(crate) fn check(self) -> Checked {
        match check(self.rules, self.places) {
            Ok(checked) => checked,
            Err(problems) => panic!("{problems:#?}"),
        }
    }
}

pub(crate) fn path(text: &str) -> WindowsPath {
    text.parse().unwrap()
}

pub(crate) fn version(text: &str) -> FileVersion {
    text.parse().unwrap()
}

/// The range with these ends, each after its sign, with a blank between them.
pub(crate) fn text_range(ends: &str) -> TextRange {
    let (mut low, mut high) = (Bound::Unbounded, Bound::Unbounded);
    for end in ends.split_whitespace() {
        let at = end.find(|c: char| c.is_ascii_digit()).unwrap();
        let version: TextVersion = end[at..].parse().unwrap();
        match &end[..at] {
            ">=" => low = Bound::Included(version),
            ">" => low = Bound::Excluded(version),
            "<=" => high = Bound::Included(version),
            _ => high = Bound::Excluded(version),
        }
    }
    TextRange::new(low, high)
}

pub(crate) fn key(text: &str) -> RegistryPath {
    RegistryPath::parse(text, None).unwrap()
}

pub(crate) fn test(test: Test) -> Expr {
    Expr::test(test, Origin::default())
}

pub(crate) fn titles(text: &str) -> Vec<LocalText> {
    vec![LocalText { language: Language::english(), text: text.to_owned() }]
}

pub(crate) fn floor(text: &str) -> Floor {
    Floor::new(version(text))
}

pub(crate) fn file(text: &str, floors: Vec<Floor>) -> PackageFile {
    PackageFile { path: path(text), floors, origin: Origin::default() }
}

pub(crate) fn package(name: &str, platforms: Vec<SelectorId>, files: Vec<PackageFile>) -> Package {
    Package { platforms: platforms.into(), files, restart: Some(Restart::Required), ..Package::new(name) }
}

pub(crate) fn vulnerability(id: &str) -> Vulnerability {
    Vulnerability::new(id.parse().unwrap())
}

pub(crate) fn bulletin(id: &str, vulnerabilities: Vec<Vulnerability>, packages: Vec<Package>) -> Bulletin {
    Bulletin {
        titles: titles(&format!("Title of {id}")),
        kb: vec![Kb(830_352)].into(),
        published: Some("2004-02-11".parse::<Date>().unwrap().into()),
        severity: Some(Rating::Important.into()),
        references: vec!["https://technet.microsoft.com/security/bulletin/ms04-006".to_owned()],
        vulnerabilities,
        packages,
        ..Bulletin::new(id.parse().unwrap())
    }
}

pub(crate) const SERVER: [ProductType; 2] = [ProductType::Server, ProductType::DomainController];

pub(crate) fn server_facts(os: &str) -> OsFacts {
    OsFacts {
        version: Some(os.parse().unwrap()),
        types: Some(SERVER.into()),
        architectures: Some([Architecture::X86].into()),
        ..OsFacts::default()
    }
}

/// The platforms of MS04-006: Windows 2000 Server SP2 to SP4, NT Server 4.0 SP6, its Terminal
/// Server Edition SP6.
pub(crate) fn servers(builder: &mut Builder) -> [SelectorId; 3] {
    let title = "Microsoft Windows 2000 Server";
    let windows_2000 = builder.platform("windows-2000", Some("server"), title, server_facts("5.0"));
    let suites: BTreeSet<String> = ["Terminal Server".to_owned()].into();
    let nt = OsFacts { without_suites: suites.clone(), ..server_facts("4.0") };
    let nt = builder.platform("windows-nt-4.0", Some("server"), "Microsoft Windows NT Server 4.0", nt);
    let tse = OsFacts { suites, ..server_facts("4.0") };
    let title = "Microsoft Windows NT Server 4.0, Terminal Server Edition";
    let tse = builder.platform("windows-nt-4.0-tse", None, title, tse);
    [
        builder.with_service_packs(windows_2000, 2, 4),
        builder.with_service_packs(nt, 6, 6),
        builder.with_service_packs(tse, 6, 6),
    ]
}

pub(crate) fn rated(rating: Rating, on: Vec<SelectorId>) -> RatedOn {
    RatedOn { rating, on: on.into(), origin: Origin::default() }
}

pub(crate) const WINS: &str = r"%SystemRoot%\System32\wins.exe";

/// A bulletin of the size and shape of MS04-006, with the given id.
pub(crate) fn wins(builder: &Builder, id: &str, [w2k, nt, tse]: [SelectorId; 3]) -> Bulletin {
    let service = |check, line| Expr::test(Test::Service("WINS".to_owned(), check), builder.at(line, 3));
    let package = |name: &str, platform, floors| Package {
        requires: vec![service(ServiceCheck::Installed, 5)].into(),
        origin: builder.at(10, 5),
        ..self::package(name, vec![platform], vec![file(WINS, floors)])
    };
    let japanese: Language = "ja".parse().unwrap();
    let only = Floor { languages: FloorLanguages::Only(japanese), ..floor("4.0.1381.39778") };
    let others = Floor { languages: FloorLanguages::Otherwise(vec![japanese]), ..floor("4.0.1381.33554") };
    let vulnerability = Vulnerability {
        doc: Some("WINS does not check the length of packets.".to_owned()),
        ratings: vec![rated(Rating::Low, vec![w2k, nt, tse])],
        exposures: vec![Exposure {
            when: service(ServiceCheck::Enabled, 6).into(),
            text: None,
            on: PlacedList::default(),
        }],
        workarounds: vec![Workaround {
            title: "Block the ports".to_owned(),
            when: None,
            on: PlacedList::default(),
            blocks: Vec::new(),
            notes: Vec::new(),
        }],
        origin: builder.at(4, 2),
        ..vulnerability("CVE-2003-0825")
    };
    let packages = vec![
        package("Windows 2000", w2k, vec![floor("5.0.2195.6870")]),
        package("Windows NT Server 4.0", nt, vec![floor("4.0.1381.7255")]),
        package("Windows NT Server 4.0 TSE", tse, vec![only, others]),
    ];
    bulletin(id, vec![vulnerability], packages)
}

pub(crate) fn ms04_006() -> Checked {
    let mut builder = Builder::new();
    let platforms = servers(&mut builder);
    let bulletin = wins(&builder, "MS04-006", platforms);
    builder.rules.bulletins.push(bulletin);
    builder.check()
}

fn numbers_bytes_and_types() -> Vec<ValueCheck> {
    let numbers = COMPARISONS.map(|comparison| ValueCheck::Number(comparison, Integer::Qword(1 << 63)));
    let bits = [Integer::Dword(0x400), Integer::Qword(0x400)].map(ValueCheck::Bits);
    let types = RegistryType::ALL.iter().map(|kind| ValueCheck::Type([*kind].into()));
    let several = ValueCheck::Type([RegistryType::Text, RegistryType::Qword].into());
    let bytes = ValueCheck::Binary("00ff".to_owned());
    numbers.into_iter().chain(bits).chain(types).chain([several, bytes]).collect()
}

/// One test of every kind, with the borders of each.
pub(crate) fn every_test() -> Vec<Test> {
    let run = || key(r"HKLM\SOFTWARE\Acme\Product");
    let value = |check| Test::RegistryValue(run(), "Setting".to_owned(), check);
    let wins = || path(WINS);
    let between = |low: &str, end: &str| VersionSet::between(version(low), Some(version(end)));
    let mut tests = vec![
        Test::OsVersion("5.0".parse().unwrap()),
        Test::OsVersion("6.3".parse().unwrap()),
        Test::OsVersion("10.0".parse().unwrap()),
        Test::OsBuild(NumberSet::range(2195, 2195)),
        Test::OsBuild(vec![(0, 1381), (2195, 2600), (10_240, u32::MAX)].into()),
        Test::OsBuild(NumberSet::range(0, u32::MAX)),
        Test::OsBuild(Vec::new().into()),
        Test::OsRevision(NumberSet::range(4291, 4291)),
        Test::OsRevision(vec![(0, 1), (3000, 3930), (4000, u32::MAX)].into()),
        Test::OsRevision(NumberSet::range(0, u32::MAX)),
        Test::OsRevision(Vec::new().into()),
        Test::ServicePack(NumberSet::range(0, 0)),
        Test::ServicePack(vec![(0, 1), (3, u32::MAX)].into()),
        Test::ServicePack(NumberSet::range(2, 4)),
        Test::ServicePack(Vec::new().into()),
        Test::ProductType([ProductType::Workstation].into()),
        Test::ProductType(SERVER.into()),
        Test::ProductType(BTreeSet::new()),
        Test::InstallationType([InstallationType::ServerCore, InstallationType::NanoServer].into()),
        Test::Suite("Terminal Server".to_owned()),
        Test::Architecture(Architecture::ALL.iter().copied().collect()),
        Test::Language("ja".parse().unwrap()),
        Test::Language("en".parse().unwrap()),
        Test::FileExists(path(r"C:\boot.ini")),
        Test::FileExists(path(r"C:\Program Files\Acme\acme.exe")),
        Test::FileExists(path(r"%windir%\notepad.exe")),
        Test::FileExists(path(r"%ProgramFiles(x86)%\Acme\acme.exe")),
        Test::FileExists(path(r"%CommonProgramFiles%\Acme\acme.exe")),
        Test::FileExists(path(r"%CommonProgramFiles(x86)%\Acme\acme.exe")),
        Test::FileVersion(wins(), VersionSet::below(version("5.0.2195.6870"))),
        Test::FileVersion(wins(), between("4.86", "4.87").union(&between("5.0", "5.1"))),
        Test::FileVersion(wins(), VersionSet::all()),
        Test::FileVersion(wins(), VersionSet::all().complement()),
        Test::FileVersion(wins(), between("5.0.0.0", "5.0.0.1")),
        Test::FileSize(path(r"%ProgramFiles%\Acme\acme.exe"), Comparison::Less, u64::from(u32::MAX) + 1),
        Test::RegistryKey(run()),
        Test::RegistryKey(RegistryPath { view: Some(View::Bits32), ..run() }),
        Test::RegistryKey(key(r"HKCR\HCP")),
        Test::RegistryValue(run(), String::new(), ValueCheck::Exists),
        Test::RegistryValue(
            RegistryPath { view: Some(View::Bits64), ..run() },
            "Setting".to_owned(),
            ValueCheck::Exists,
        ),
        value(ValueCheck::Text("on".to_owned())),
        value(ValueCheck::Text(String::new())),
        value(ValueCheck::TextIgnoringCase("On".to_owned())),
        value(ValueCheck::Matches("^[0-9]+(a|b)?$".to_owned())),
        value(ValueCheck::Version(
            vec![text_range(">=6.0 <7.0"), text_range(">8.1 <=12.3.0.22234872")].into(),
        )),
        value(ValueCheck::Version(vec![text_range("")].into())),
        value(ValueCheck::Version(Vec::new().into())),
        Test::Hotfix(Kb(830_352)),
        Test::Unknowable(Reason::Stated("the network is trusted".to_owned())),
    ];
    tests.extend(numbers_bytes_and_types().into_iter().map(value));
    for comparison in COMPARISONS {
        tests.push(value(ValueCheck::Number(comparison, Integer::Dword(4))));
        tests.push(Test::FileSize(wins(), comparison, 144_384));
    }
    for start in StartType::ALL {
        tests.push(Test::Service("WINS".to_owned(), ServiceCheck::Start(*start)));
    }
    for check in
        [ServiceCheck::Installed, ServiceCheck::Enabled, ServiceCheck::Running, ServiceCheck::Stopped]
    {
        tests.push(Test::Service("WINS".to_owned(), check));
    }
    for algorithm in Digest::ALL {
        tests.push(Test::FileDigest(wins(), *algorithm, "0f".repeat(algorithm.length() / 2)));
    }
    tests
}

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

/// A bulletin whose update is missing where `when` holds.
pub(crate) fn conditional(id: &str, platform: SelectorId, when: Expr) -> Bulletin {
    let package =
        Package { vulnerable_when: Some(when.into()), ..package("all", vec![platform], Vec::new()) };
    bulletin(id, vec![vulnerability("CVE-2004-0001")], vec![package])
}

/// What came out.
pub(crate) struct Emitted {
    pub(crate) outputs: Outputs,
    pub(crate) notes: Vec<Note>,
    pub(crate) ledger: Ledger,
}

impl Emitted {
    pub(crate) fn text(&self, path: &str) -> &str {
        let found = self.outputs.iter().find(|artifact| artifact.path == path);
        found.map_or_else(|| panic!("there is no `{path}`"), |artifact| &artifact.text)
    }
}

pub(crate) fn emit(rules: &Checked) -> Emitted {
    emit_with(rules, &[], Policy::default(), Ledger::default())
}

pub(crate) fn emit_with(
    rules: &Checked,
    options: &[(&str, &str)],
    policy: Policy,
    mut ledger: Ledger,
) -> Emitted {
    let options = Options::new(&Oval.info().options, options.iter().copied()).unwrap();
    let mut cx = EmitCx::new(&options, policy, &mut ledger);
    Oval.emit(rules, &mut cx).unwrap();
    let caveat_backend::Emitted { outputs, notes, .. } = cx.finish();
    Emitted { outputs, notes, ledger }
}

/// Runs OpenSCAP; none when it is not installed, which CI does not accept.
pub(crate) fn oscap(arguments: &[&str]) -> Option<Output> {
    match Command::new("oscap").args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) if std::env::var_os("CI").is_some_and(|ci| ci == "true") => {
            panic!("oscap is required in CI: {error}")
        }
        Err(error) => {
            eprintln!("skipped: oscap cannot be run: {error}");
            None
        }
    }
}

/// A file in the test's own folder.
pub(crate) fn scratch(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

/// The definitions of a map.
pub(crate) fn definitions(map: &str) -> Vec<serde_json::Value> {
    let map: serde_json::Value = serde_json::from_str(map).unwrap();
    map["definitions"].as_array().unwrap().clone()
}
