//! Any host over a bulletin's vocabulary, for property tests.

use caveat_ir::host::{FactKind, HostFile, RegistryEntry};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::systematic::{ARCHITECTURES, KINDS, LANGUAGES, MALFORMED, STARTS, gaps};
use super::vocabulary::Vocabulary;
use super::{FileState, Gap, Os, Sketch, StartState};

/// Random hosts; they shrink towards systems that the bulletin concerns, without files,
/// services, keys and gaps.
pub fn host(vocabulary: &Vocabulary) -> BoxedStrategy<HostFile> {
    let things = (files(vocabulary), services(vocabulary), keys(vocabulary), updates(vocabulary));
    let parts = (system(vocabulary), things, gap());
    let sketch = |(os, (files, services, registry, updates), gap)| Sketch {
        os,
        files,
        services,
        registry,
        updates,
        gap,
    };
    parts.prop_map(move |parts| sketch(parts).host()).boxed()
}

fn system(vocabulary: &Vocabulary) -> impl Strategy<Value = Os> + use<> {
    let vocabulary = vocabulary.clone();
    let parts = (
        select(vocabulary.systems()),
        any::<Index>(),
        select(LANGUAGES.to_vec()),
        prop::option::weighted(0.1, select(ARCHITECTURES.to_vec())),
        prop::option::weighted(
            0.2,
            subsequence(vec!["Enterprise", "Terminal Server", "Small Business"], 0..=2),
        ),
    );
    parts.prop_map(move |(os, pack, language, architecture, suites)| {
        let architecture = architecture.map_or(os.architecture.clone(), str::to_owned);
        let suites =
            suites.map_or(os.suites.clone(), |suites| suites.into_iter().map(str::to_owned).collect());
        let pack = *pack.get(&vocabulary.packs(&os));
        Os { pack, language: language.to_owned(), architecture, suites, ..os }
    })
}

fn files(vocabulary: &Vocabulary) -> Vec<BoxedStrategy<(String, FileState)>> {
    let file = |(path, versions): (&String, &Vec<String>)| {
        let path = path.clone();
        let state = prop_oneof![
            1 => Just(FileState::Absent),
            6 => select(versions.clone()).prop_map(FileState::Version),
            2 => any::<[u16; 4]>().prop_map(|[a, b, c, d]| FileState::Version(format!("{}.{}.{c}.{d}", a % 8, b % 3))),
            1 => Just(FileState::Unversioned),
            1 => Just(FileState::Version(MALFORMED.to_owned())),
        ];
        state.prop_map(move |state| (path.clone(), state)).boxed()
    };
    vocabulary.versions.iter().map(file).collect()
}

fn services(vocabulary: &Vocabulary) -> Vec<BoxedStrategy<(String, StartState)>> {
    let service = |name: &String| {
        let name = name.clone();
        select(STARTS.to_vec()).prop_map(move |state| (name.clone(), state)).boxed()
    };
    vocabulary.services.iter().map(service).collect()
}

fn keys(vocabulary: &Vocabulary) -> impl Strategy<Value = Vec<RegistryEntry>> + use<> {
    // Of two entries for one value the first counts.
    let odd = some_of(&vocabulary.odd_values, 0.1);
    (odd, some_of(&vocabulary.registry, 0.3)).prop_map(|(odd, usual)| [odd, usual].concat())
}

fn some_of(entries: &[RegistryEntry], probability: f64) -> impl Strategy<Value = Vec<RegistryEntry>> + use<> {
    let entries = entries.to_vec();
    vec(prop::bool::weighted(probability), entries.len()).prop_map(move |chosen| {
        let chosen = entries.iter().zip(chosen).filter(|(_, chosen)| *chosen);
        chosen.map(|(entry, _)| entry.clone()).collect()
    })
}

/// No more than two, of which most hosts have none that is asked for.
fn updates(vocabulary: &Vocabulary) -> impl Strategy<Value = Vec<String>> + use<> {
    let names = vocabulary.updates.clone();
    let most = names.len().min(2);
    subsequence(names, 0..=most)
}

fn gap() -> impl Strategy<Value = Gap> {
    let kinds = subsequence(KINDS.to_vec(), 1..=KINDS.len());
    prop_oneof![
        3 => Just(Gap::None),
        2 => kinds.prop_map(|kinds: Vec<FactKind>| Gap::Partial(kinds)),
        3 => select(gaps()),
    ]
}
