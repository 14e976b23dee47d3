//! Hosts in a fixed order: full products of what belongs together, and mixtures of the rest.

use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::host::{FactKind, HostFile};

use super::build::{OS_FACTS, UPDATES, key};
use super::vocabulary::{Update, Vocabulary};
use super::{FileState, Gap, Os, Sketch, StartState};

/// Languages: one that floors name, the usual one, and one that no floor names.
pub const LANGUAGES: [&str; 3] = ["ja-JP", "en-US", "de-DE"];
/// Architectures.
pub const ARCHITECTURES: [&str; 4] = ["x86", "ia64", "x64", "arm64"];
/// Product suites: Terminal Server alone, beside another, not at all, and in the wrong case.
const SUITES: [&[&str]; 4] =
    [&["Enterprise"], &["Terminal Server"], &["Enterprise", "Terminal Server"], &["terminal server"]];
/// A version that is none.
pub const MALFORMED: &str = "5.0.2195.x";
/// What may be left incomplete.
pub const KINDS: [FactKind; 6] = [
    FactKind::Os,
    FactKind::Environment,
    FactKind::Files,
    FactKind::Registry,
    FactKind::Services,
    FactKind::Hotfixes,
];
/// States of a service.
pub const STARTS: [StartState; 8] = [
    StartState::Absent,
    StartState::Start("automatic"),
    StartState::Start("disabled"),
    StartState::Unstated,
    StartState::Start("sometimes"),
    StartState::Start("manual"),
    StartState::Start("boot"),
    StartState::Start("system"),
];

/// Every host worth a try for a bulletin, each once.
#[must_use]
pub fn hosts(vocabulary: &Vocabulary) -> Vec<HostFile> {
    let generator = Generator { vocabulary };
    let sketches = [
        generator.platforms(),
        generator.versions(),
        generator.services(),
        generator.gaps(),
        generator.pairs_of_files(),
        generator.keys(),
        generator.updates(),
        generator.mixtures(80),
    ];
    let mut seen = BTreeSet::new();
    let mut hosts: Vec<HostFile> = sketches.into_iter().flatten().map(|sketch| sketch.host()).collect();
    hosts.retain(|host| {
        let unnamed = HostFile { name: None, ..host.clone() };
        seen.insert(serde_yaml::to_string(&unnamed).unwrap())
    });
    hosts
}

/// Every gap.
#[must_use]
pub fn gaps() -> Vec<Gap> {
    let mut gaps =
        vec![Gap::None, Gap::NoEnvironment, Gap::InRegistry, Gap::InBoth, Gap::Partial(KINDS.to_vec())];
    gaps.extend(KINDS.map(|kind| Gap::Partial(vec![kind])));
    gaps.extend(OS_FACTS.map(Gap::LeftOut));
    gaps.extend(OS_FACTS.map(Gap::Malformed));
    gaps
}

/// How the files of a package stand to their floors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Absent,
    Below,
    Fixed,
}

struct Generator<'a> {
    vocabulary: &'a Vocabulary,
}

impl Generator<'_> {
    fn sketch(&self, package: &Update, os: &Os, level: Level) -> Sketch {
        let state = |below: &String, fixed: &String| match level {
            Level::Absent => FileState::Absent,
            Level::Below => FileState::Version(below.clone()),
            Level::Fixed => FileState::Version(fixed.clone()),
        };
        let files = package.files.iter();
        Sketch {
            os: os.clone(),
            files: files.map(|(path, below, fixed)| (path.clone(), state(below, fixed))).collect(),
            services: self.all_services(&StartState::Start("automatic")),
            registry: Vec::new(),
            updates: Vec::new(),
            gap: Gap::None,
        }
    }

    fn all_services(&self, state: &StartState) -> Vec<(String, StartState)> {
        self.vocabulary.services.iter().map(|name| (name.clone(), state.clone())).collect()
    }

    fn packages(&self) -> impl Iterator<Item = (&Update, &Os)> {
        self.vocabulary.packages.iter().filter_map(|package| Some((package, package.systems.first()?)))
    }

    /// Systems, with every service pack and every architecture.
    fn platforms(&self) -> Vec<Sketch> {
        let mut sketches = Vec::new();
        let first = &self.vocabulary.packages[0];
        let concerned = self
            .vocabulary
            .packages
            .iter()
            .flat_map(|package| package.systems.iter().map(move |os| (package, os)));
        let others = self.vocabulary.others.iter().map(|os| (first, os));
        let all = concerned.map(|pair| (pair, true)).chain(others.map(|pair| (pair, false)));
        for (turn, ((package, os), concerned)) in all.enumerate() {
            for (index, pack) in self.vocabulary.packs(os).into_iter().enumerate() {
                let language = LANGUAGES[(turn + index) % 3].to_owned();
                let os = Os { pack, language, ..os.clone() };
                sketches.push(self.sketch(package, &os, Level::Below));
                if concerned && index % 2 == 1 {
                    sketches.push(self.sketch(package, &os, Level::Fixed));
                }
            }
            for architecture in ARCHITECTURES {
                let os = Os { architecture: architecture.to_owned(), ..os.clone() };
                sketches.push(self.sketch(package, &os, Level::Below));
            }
            for suites in if turn % 2 == 0 { &SUITES[..2] } else { &SUITES[2..] } {
                let suites = suites.iter().map(|suite| (*suite).to_owned()).collect();
                let os = Os { suites, language: "ja-JP".to_owned(), ..os.clone() };
                sketches.push(self.sketch(package, &os, Level::Below));
            }
        }
        sketches
    }

    /// Versions of the first file, with every language where floors depend on it.
    fn versions(&self) -> Vec<Sketch> {
        let mut sketches = Vec::new();
        for (package, os) in self.packages() {
            let Some((path, ..)) = package.files.first() else { continue };
            let versions = self.vocabulary.versions.get(path).into_iter().flatten();
            let states = versions.map(|version| FileState::Version(version.clone()));
            let states = states.chain([FileState::Absent, FileState::Unversioned, malformed()]);
            for (turn, state) in states.enumerate() {
                let some = [LANGUAGES[turn % 3]];
                for language in if package.by_language { &LANGUAGES[..] } else { &some[..] } {
                    let os = Os { language: (*language).to_owned(), ..os.clone() };
                    let mut sketch = self.sketch(package, &os, Level::Absent);
                    sketch.files[0].1 = state.clone();
                    sketches.push(sketch);
                }
            }
        }
        sketches
    }

    /// States of each service, and of every two.
    fn services(&self) -> Vec<Sketch> {
        let mut sketches = Vec::new();
        for (turn, (package, os)) in self.packages().enumerate() {
            let levels = [Level::Below, Level::Fixed];
            for level in levels.into_iter().take(if turn == 0 { 2 } else { 1 }) {
                for index in 0..self.vocabulary.services.len() {
                    for state in STARTS {
                        let mut sketch = self.sketch(package, os, level);
                        sketch.services = self.all_services(&StartState::Absent);
                        sketch.services[index].1 = state;
                        sketches.push(sketch);
                    }
                }
            }
            for first in 0..self.vocabulary.services.len() {
                for second in first + 1..self.vocabulary.services.len() {
                    for state in &STARTS[..5] {
                        for other in &STARTS[..5] {
                            let mut sketch = self.sketch(package, os, Level::Below);
                            sketch.services = self.all_services(&StartState::Absent);
                            sketch.services[first].1 = state.clone();
                            sketch.services[second].1 = other.clone();
                            sketches.push(sketch);
                        }
                    }
                }
            }
        }
        sketches
    }

    /// Everything that may be unknown or malformed.
    fn gaps(&self) -> Vec<Sketch> {
        let mut sketches = Vec::new();
        let levels = [Level::Below, Level::Absent, Level::Fixed];
        let states = [StartState::Start("automatic"), StartState::Absent, StartState::Start("sometimes")];
        for (turn, (package, os)) in self.packages().enumerate() {
            for gap in gaps() {
                // Everything for the first package, the outline for the others.
                for level in levels.iter().take(if turn == 0 { 3 } else { 1 }) {
                    for state in states.iter().take(if turn == 0 { 3 } else { 1 }) {
                        let mut sketch = self.sketch(package, os, *level);
                        sketch.services = self.all_services(state);
                        sketch.gap = gap.clone();
                        sketches.push(sketch);
                    }
                }
            }
        }
        sketches
    }

    /// Packages of several files: the first two in every state.
    fn pairs_of_files(&self) -> Vec<Sketch> {
        let mut sketches = Vec::new();
        for (package, os) in self.packages() {
            let [first, second, ..] = package.files.as_slice() else { continue };
            let states = |file: &(String, String, String)| {
                [
                    FileState::Absent,
                    FileState::Unversioned,
                    FileState::Version(file.1.clone()),
                    FileState::Version(file.2.clone()),
                    FileState::Version("4.0.0.0".to_owned()),
                    malformed(),
                ]
            };
            for state in states(first) {
                for other in states(second) {
                    for gap in [Gap::None, Gap::Partial(vec![FactKind::Files])] {
                        let mut sketch = self.sketch(package, os, Level::Absent);
                        sketch.files[0].1 = state.clone();
                        sketch.files[1].1 = other.clone();
                        sketch.gap = gap;
                        sketches.push(sketch);
                    }
                }
            }
        }
        sketches
    }

    /// Markers and other keys, there and not there.
    fn keys(&self) -> Vec<Sketch> {
        let mut sketches = Vec::new();
        for (package, os) in self.packages() {
            for entry in &self.vocabulary.registry {
                for level in [Level::Absent, Level::Below, Level::Fixed] {
                    for gap in [Gap::None, Gap::Partial(vec![FactKind::Registry])] {
                        let mut sketch = self.sketch(package, os, level);
                        sketch.registry = vec![entry.clone()];
                        sketch.gap = gap;
                        sketches.push(sketch);
                    }
                }
            }
            for entry in &self.vocabulary.odd_values {
                let mut sketch = self.sketch(package, os, Level::Below);
                sketch.registry = vec![entry.clone()];
                sketches.push(sketch);
            }
        }
        sketches
    }

    /// Updates by every name, listed and as keys, on the systems concerned and on a later one.
    fn updates(&self) -> Vec<Sketch> {
        let mut sketches = Vec::new();
        let gaps = [
            Gap::None,
            Gap::Partial(vec![FactKind::Hotfixes]),
            Gap::LeftOut("version"),
            Gap::Malformed("version"),
            Gap::InRegistry,
        ];
        for (package, os) in self.packages() {
            for name in &self.vocabulary.updates {
                for (turn, gap) in gaps.iter().enumerate() {
                    let mut sketch = self.sketch(package, os, Level::Below);
                    sketch.gap = gap.clone();
                    if turn % 2 == 0 {
                        sketch.registry = vec![key(&format!(r"{UPDATES}\{name}"), BTreeMap::new())];
                        sketches.push(sketch.clone());
                        sketch.registry.clear();
                    }
                    sketch.updates = vec![name.clone()];
                    sketches.push(sketch);
                }
            }
        }
        sketches
    }

    /// Anything with anything, drawn by a fixed sequence.
    fn mixtures(&self, count: usize) -> Vec<Sketch> {
        let mut draw = Draw(0x2545_f491_4f6c_dd1d);
        (0..count).map(|_| self.mixture(&mut draw)).collect()
    }

    fn mixture(&self, draw: &mut Draw) -> Sketch {
        let systems = self.vocabulary.systems();
        let os = draw.one(&systems);
        let os = Os {
            pack: *draw.one(&self.vocabulary.packs(os)),
            language: (*draw.one(&LANGUAGES)).to_owned(),
            ..os.clone()
        };
        let file = |path: String| {
            let versions = &self.vocabulary.versions[&path];
            let state = match draw.below(6) {
                0 => FileState::Absent,
                1 => FileState::Unversioned,
                2 => malformed(),
                _ => FileState::Version(draw.one(versions).clone()),
            };
            (path, state)
        };
        let files = self.vocabulary.files().into_iter().map(file).collect();
        let service = |name: &String| (name.clone(), draw.one(&STARTS).clone());
        let services = self.vocabulary.services.iter().map(service).collect();
        let odd = self.vocabulary.odd_values.iter().filter(|_| draw.below(12) == 0).cloned().collect();
        let usual = self.vocabulary.registry.iter().filter(|_| draw.below(4) == 0).cloned();
        let registry = [odd, usual.collect::<Vec<_>>()].concat();
        let updates = self.vocabulary.updates.iter().filter(|_| draw.below(8) == 0).cloned().collect();
        Sketch { os, files, services, registry, updates, gap: draw.one(&gaps()).clone() }
    }
}

fn malformed() -> FileState {
    FileState::Version(MALFORMED.to_owned())
}

/// Numbers in a fixed sequence (xorshift).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }

    fn one<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}
