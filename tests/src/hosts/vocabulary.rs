//! What a bulletin speaks of: platforms, files and the versions at which its tests turn,
//! services, registry keys.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use caveat_ir::expr::{Comparison, ValueCheck};
use caveat_ir::host::{DataEntry, RegistryData, RegistryEntry, Scalar};
use caveat_ir::rule::{Bulletin, FloorLanguages, Package, Platform, RuleSet, SelectorId};
use caveat_ir::value::{
    Architecture, FileVersion, NumberSet, OsVersion, ProductType, RegistryPath, RegistryType, TextRange,
    VersionSet,
};
use caveat_ir::{Expr, Test};

use super::Os;
use super::build::{key, value};
use super::values::odd;

/// The vocabulary of a bulletin.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    /// Its packages.
    pub packages: Vec<Update>,
    /// Systems that it does not concern, and one that it does not know.
    pub others: Vec<Os>,
    /// Service packs worth a try, by a system's label.
    pub packs: BTreeMap<String, Vec<Option<u32>>>,
    /// Versions at which a test of the file turns, and their neighbours.
    pub versions: BTreeMap<String, Vec<String>>,
    /// Services.
    pub services: Vec<String>,
    /// Registry keys and values that markers and conditions ask for.
    pub registry: Vec<RegistryEntry>,
    /// The same values with data that conditions may trip over.
    pub odd_values: Vec<RegistryEntry>,
    /// Names of updates: those of the articles that are asked for, and some like them.
    pub updates: Vec<String>,
    /// Updates that conditions ask for.
    pub hotfixes: Vec<String>,
}

/// What a package speaks of.
#[derive(Debug, Clone)]
pub struct Update {
    /// Systems that it is for.
    pub systems: Vec<Os>,
    /// Its files, each with a version that is outdated and one that is not.
    pub files: Vec<(String, String, String)>,
    /// Whether a floor depends on the language.
    pub by_language: bool,
}

impl Vocabulary {
    /// Reads it off the rules.
    #[must_use]
    pub fn new(rules: &RuleSet, bulletin: &Bulletin) -> Self {
        let tests = tests(rules, bulletin);
        let unaffected = bulletin.unaffected.iter().flat_map(|line| &line.platforms);
        let mut others: Vec<Os> = unaffected.flat_map(|id| systems(rules, *id)).collect();
        others.push(foreign("x86"));
        others.push(foreign("x64"));
        let mut seen = BTreeSet::new();
        others.retain(|os| seen.insert((os.label.clone(), os.architecture.clone())));
        let packages: Vec<Update> = bulletin.packages.iter().map(|package| update(rules, package)).collect();
        Self {
            packs: packs(rules, bulletin),
            versions: versions(&tests, &packages),
            services: services(&tests),
            registry: registry(bulletin, &tests),
            odd_values: odd_values(&tests),
            updates: updates(&tests),
            hotfixes: tests.iter().filter_map(hotfix).collect(),
            packages,
            others,
        }
    }

    /// What all bulletins speak of together.
    #[must_use]
    pub fn of_all(rules: &RuleSet) -> Self {
        let mut all = rules.bulletins.iter().map(|bulletin| Self::new(rules, bulletin));
        let first = all.next().expect("there is a bulletin");
        all.fold(first, Self::merged)
    }

    fn merged(mut self, other: Self) -> Self {
        self.packages.extend(other.packages);
        add_new(&mut self.others, other.others);
        for (label, packs) in other.packs {
            add_new(self.packs.entry(label).or_default(), packs);
        }
        for (path, versions) in other.versions {
            add_new(self.versions.entry(path).or_default(), versions);
        }
        add_new(&mut self.services, other.services);
        add_new(&mut self.registry, other.registry);
        add_new(&mut self.odd_values, other.odd_values);
        add_new(&mut self.updates, other.updates);
        add_new(&mut self.hotfixes, other.hotfixes);
        self
    }

    /// Every system, those concerned first.
    #[must_use]
    pub fn systems(&self) -> Vec<Os> {
        let concerned = self.packages.iter().flat_map(|package| &package.systems);
        concerned.chain(&self.others).cloned().collect()
    }

    /// Service packs worth a try on a system.
    #[must_use]
    pub fn packs(&self, os: &Os) -> Vec<Option<u32>> {
        self.packs.get(&os.label).cloned().unwrap_or_else(|| vec![None, Some(1)])
    }

    /// Every file.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.versions.keys().cloned().collect()
    }
}

/// Every test that a claim about the bulletin makes, apart from those of its platforms.
fn tests<'a>(rules: &'a RuleSet, bulletin: &'a Bulletin) -> Vec<Test> {
    let mut tests = BTreeSet::new();
    let mut add = |expr: &Expr| expr.leaves(&mut |leaf| tests.extend([leaf.test.clone()]));
    rules.claims(bulletin).for_each(|claim| add(&claim.formula));
    bulletin.unaffected.iter().filter_map(|line| line.when.as_deref()).for_each(&mut add);
    bulletin.packages.iter().flat_map(|package| &package.markers).for_each(&mut add);
    tests.into_iter().collect()
}

fn add_new<T: PartialEq>(known: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}

fn foreign(architecture: &str) -> Os {
    Os {
        label: "windows-7".to_owned(),
        family: None,
        version: "6.1".to_owned(),
        build: 7601,
        kind: "workstation".to_owned(),
        suites: Vec::new(),
        architecture: architecture.to_owned(),
        pack: None,
        language: "en-US".to_owned(),
    }
}

/// The systems that a selector covers: one for every product type and architecture.
fn systems(rules: &RuleSet, id: SelectorId) -> Vec<Os> {
    let selector = rules.selector(id).unwrap();
    let platform = rules.platform(selector.platform).unwrap();
    let facts = &platform.facts;
    let types: Vec<ProductType> = match &facts.types {
        Some(types) => types.iter().copied().collect(),
        None => ProductType::ALL.to_vec(),
    };
    let architectures = selector.architectures.as_ref().or(facts.architectures.as_ref());
    let architectures: Vec<Architecture> =
        architectures.map_or_else(|| vec![Architecture::X86], |all| all.iter().copied().collect());
    let version = facts.version.unwrap_or(OsVersion { major: 5, minor: 0 });
    let pack = selector.service_packs.as_ref().and_then(|packs| packs.ranges().last().copied());
    let pack = pack.map(|(low, high)| if high == u32::MAX { low } else { high }).filter(|pack| *pack > 0);
    let system = |kind: ProductType, architecture: Architecture| Os {
        label: label(platform, kind, types.len() > 1),
        family: facts.family.map(|family| family.to_string()),
        version: version.to_string(),
        build: facts.builds.as_ref().and_then(NumberSet::first).unwrap_or_else(|| build(version)),
        kind: kind.to_string(),
        suites: facts.suites.iter().cloned().collect(),
        architecture: architecture.to_string(),
        pack,
        language: "en-US".to_owned(),
    };
    types.iter().flat_map(|kind| architectures.iter().map(|one| system(*kind, *one))).collect()
}

fn label(platform: &Platform, kind: ProductType, several: bool) -> String {
    let edition = platform.edition.as_ref().map(|edition| format!(" {edition}")).unwrap_or_default();
    let kind = if several { format!(" ({kind})") } else { String::new() };
    format!("{}{edition}{kind}", platform.name)
}

/// The build of the first release of a version.
fn build(version: OsVersion) -> u32 {
    match (version.major, version.minor) {
        (4, _) => 1381,
        (5, 0) => 2195,
        (5, 1) => 2600,
        (5, 2) => 3790,
        (6, 0) => 6000,
        (6, 1) => 7600,
        (6, 2) => 9200,
        (6, 3) => 9600,
        _ => 10240,
    }
}

/// None, and for every range of the selectors its ends and the packs beside them.
fn packs(rules: &RuleSet, bulletin: &Bulletin) -> BTreeMap<String, Vec<Option<u32>>> {
    let given = bulletin.packages.iter().flat_map(|package| &package.platforms);
    let all = given.chain(bulletin.unaffected.iter().flat_map(|line| &line.platforms));
    let mut packs: BTreeMap<String, BTreeSet<Option<u32>>> = BTreeMap::new();
    for id in all {
        let ranges = rules.selector(*id).unwrap().service_packs.clone();
        for os in systems(rules, *id) {
            let packs = packs.entry(os.label).or_insert_with(|| BTreeSet::from([None, Some(0), Some(1)]));
            for (low, high) in ranges.iter().flat_map(|ranges| ranges.ranges().iter().copied()) {
                let high = high.min(low + 3);
                packs.extend((low.saturating_sub(1)..=high + 1).map(Some));
                packs.insert(Some(10 * high.max(1) + low));
            }
        }
    }
    packs.into_iter().map(|(label, packs)| (label, packs.into_iter().collect())).collect()
}

fn update(rules: &RuleSet, package: &Package) -> Update {
    let file = |file: &caveat_ir::rule::PackageFile| {
        let floor = file.floors.iter().map(|floor| floor.version).min()?;
        let highest = file.floors.iter().map(|floor| floor.version).max()?;
        Some((file.path.to_string(), floor.previous().unwrap_or(floor).to_string(), highest.to_string()))
    };
    let floors = package.files.iter().flat_map(|file| &file.floors);
    let by_language = floors.clone().any(|floor| floor.languages != FloorLanguages::Every);
    Update {
        systems: package.platforms.iter().flat_map(|id| systems(rules, *id)).collect(),
        files: package.files.iter().filter_map(file).collect(),
        by_language,
    }
}

/// For every file: versions around those at which a test turns, and unusual ones.
fn versions(tests: &[Test], packages: &[Update]) -> BTreeMap<String, Vec<String>> {
    let mut turns: BTreeMap<String, BTreeSet<FileVersion>> = BTreeMap::new();
    for test in tests {
        match test {
            Test::FileVersion(path, set) => {
                turns.entry(path.to_string()).or_default().extend(turning_points(set));
            }
            Test::FileExists(path) | Test::FileSize(path, ..) | Test::FileDigest(path, ..) => {
                turns.entry(path.to_string()).or_default();
            }
            _ => {}
        }
    }
    for (path, ..) in packages.iter().flat_map(|package| &package.files) {
        turns.entry(path.clone()).or_default();
    }
    turns.into_iter().map(|(path, turns)| (path, around(&turns))).collect()
}

fn turning_points(set: &VersionSet) -> Vec<FileVersion> {
    set.intervals().iter().flat_map(|interval| [Some(interval.low), interval.end()]).flatten().collect()
}

fn around(turns: &BTreeSet<FileVersion>) -> Vec<String> {
    let mut versions = BTreeSet::from([FileVersion::MIN, FileVersion::MAX]);
    let mut texts = vec!["5".to_owned(), "5.1".to_owned(), "0005.00.2195.06000".to_owned()];
    for turn in turns.iter().filter(|turn| **turn > FileVersion::MIN) {
        let [major, minor, build, _] = turn.0;
        versions.extend([turn.previous(), Some(*turn), turn.next()].into_iter().flatten());
        versions.insert(FileVersion([major, minor, build, 10_000]));
        texts.push(format!("{major}.{minor}.{build}"));
    }
    let mut all: Vec<String> = versions.iter().map(ToString::to_string).collect();
    texts.sort();
    texts.dedup();
    all.extend(texts);
    all
}

fn services(tests: &[Test]) -> Vec<String> {
    let mut services: Vec<String> = Vec::new();
    for test in tests {
        if let Test::Service(name, _) = test
            && !services.iter().any(|other| other.eq_ignore_ascii_case(name))
        {
            services.push(name.clone());
        }
    }
    services
}

fn updates(tests: &[Test]) -> Vec<String> {
    let articles = tests.iter().filter_map(|test| match test {
        Test::Hotfix(kb) => Some(kb.0),
        _ => None,
    });
    let names = |kb: u32| {
        let old = [format!("Q{kb}"), format!("kb{kb}-v2"), format!("{kb}"), format!("KB{kb}")];
        old.into_iter().chain([format!("KB{kb} - Update"), format!("KB{kb}0"), format!("KB-{kb}")])
    };
    articles.flat_map(names).collect()
}

fn hotfix(test: &Test) -> Option<String> {
    match test {
        Test::Hotfix(kb) => Some(kb.to_string()),
        _ => None,
    }
}

/// Keys that markers and conditions ask for, with values that satisfy them.
fn registry(bulletin: &Bulletin, tests: &[Test]) -> Vec<RegistryEntry> {
    let mut entries: Vec<RegistryEntry> = Vec::new();
    let mut add = |test: &Test| {
        let entry = match test {
            Test::RegistryKey(path) => entry(path, None),
            Test::RegistryValue(path, name, check) => entry(path, Some((name.clone(), satisfying(check)))),
            _ => return,
        };
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    };
    let markers = bulletin.packages.iter().flat_map(|package| &package.markers);
    markers.for_each(|marker| marker.leaves(&mut |leaf| add(&leaf.test)));
    tests.iter().for_each(add);
    entries
}

/// Values that conditions ask for, each with data of many sorts. Those that hold facts of the system
/// are left out: odd data there would be malformed facts.
fn odd_values(tests: &[Test]) -> Vec<RegistryEntry> {
    let mut entries: Vec<RegistryEntry> = Vec::new();
    for test in tests {
        let Test::RegistryValue(path, name, check) = test else { continue };
        let key = path.folded();
        if key.starts_with(r"hklm\system\") || key.ends_with(r"\currentversion") {
            continue;
        }
        let counted = tests.iter().any(|other| match other {
            Test::RegistryValue(other, of, ValueCheck::Number(..) | ValueCheck::Bits(_)) => {
                other.folded() == key && of == name
            }
            _ => false,
        });
        // OpenSCAP 1.3.7 crashes when it compares an empty text as a number.
        let all = odd(check, &satisfying(check)).into_iter().filter(|data| !counted || !is_empty(data));
        for one in all.map(|data| entry(path, Some((name.clone(), data)))) {
            if !entries.contains(&one) {
                entries.push(one);
            }
        }
    }
    entries
}

fn is_empty(data: &RegistryData) -> bool {
    matches!(&data.data, DataEntry::One(text) if text.to_string().is_empty())
}

fn entry(path: &RegistryPath, named: Option<(String, RegistryData)>) -> RegistryEntry {
    let view = path.view.map(|view| match view {
        caveat_ir::value::View::Bits32 => Scalar::Integer(32),
        caveat_ir::value::View::Bits64 => Scalar::Integer(64),
    });
    let path = format!("{}\\{}", path.hive.short_name(), path.key);
    RegistryEntry { view, ..key(&path, named.into_iter().collect()) }
}

fn satisfying(check: &ValueCheck) -> RegistryData {
    let one = |kind: &str, scalar: Scalar| value(kind, DataEntry::One(scalar));
    match check {
        ValueCheck::Exists | ValueCheck::Matches(_) => one("reg_sz", "1".into()),
        ValueCheck::Text(text) | ValueCheck::TextIgnoringCase(text) => one("reg_sz", text.as_str().into()),
        ValueCheck::Version(set) => {
            let first = set.ranges().first().map_or(Bound::Unbounded, TextRange::low);
            let text = match first {
                Bound::Included(low) => low.to_string(),
                Bound::Excluded(low) => format!("{low}.0.0.1"),
                Bound::Unbounded => "0".to_owned(),
            };
            one("reg_sz", text.as_str().into())
        }
        ValueCheck::Number(comparison, number) => {
            let satisfying = match comparison {
                Comparison::Less => number.number().saturating_sub(1),
                Comparison::NotEqual | Comparison::Greater => number.number().saturating_add(1),
                Comparison::Equal | Comparison::LessOrEqual | Comparison::GreaterOrEqual => number.number(),
            };
            one(number.kind().as_str(), satisfying.into())
        }
        ValueCheck::Bits(bits) => one(bits.kind().as_str(), bits.number().into()),
        ValueCheck::Type(types) => {
            let kind = types.first().copied().unwrap_or(RegistryType::Text);
            match kind {
                RegistryType::Multi => value("reg_multi_sz", DataEntry::Many(vec!["1".into()])),
                kind => one(kind.as_str(), "00".into()),
            }
        }
        ValueCheck::Binary(digits) => one("reg_binary", digits.as_str().into()),
    }
}
