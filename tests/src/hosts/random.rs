//! Any host over a bulletin's vocabulary, for property tests.

use caveat_ir::host::{FactKind, HostFile, RegistryEntry};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};

use super::systematic::{ARCHITECTURES, KINDS, LANGUAGES, MALFORMED, STARTS, gaps};
use super::unusual::{NO_VERSIONS, QUIRKS, others, update_key, with_data};
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
    let key = prop::option::weighted(0.2, installed(vocabulary));
    let quirks = vec(prop::bool::weighted(0.06), QUIRKS.len());
    let host = move |(parts, key, quirks): (_, Option<Option<RegistryEntry>>, Vec<bool>)| {
        let mut host = sketch(parts).host();
        host.registry.extend(key.flatten());
        let quirks = QUIRKS.iter().zip(quirks).filter(|(_, chosen)| *chosen);
        quirks.for_each(|((_, change), _)| change(&mut host));
        host
    };
    (parts, key, quirks).prop_map(host).boxed()
}

/// The key of an update that the rules ask for, or of one like it; none where they ask for none.
fn installed(vocabulary: &Vocabulary) -> BoxedStrategy<Option<RegistryEntry>> {
    if vocabulary.updates.is_empty() {
        return Just(None).boxed();
    }
    select(vocabulary.updates.clone()).prop_map(|name| Some(update_key(&name))).boxed()
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
            2 => Just(FileState::Absent),
            12 => select(versions.clone()).prop_map(FileState::Version),
            2 => any::<[u16; 4]>().prop_map(|[a, b, c, d]| FileState::Version(format!("{}.{}.{c}.{d}", a % 8, b % 3))),
            1 => Just(FileState::Unversioned),
            1 => select([&[MALFORMED], &NO_VERSIONS[..]].concat())
                .prop_map(|version| FileState::Version(version.to_owned())),
        ];
        state.prop_map(move |state| (path.clone(), state)).boxed()
    };
    vocabulary.versions.iter().map(file).collect()
}

fn services(vocabulary: &Vocabulary) -> Vec<BoxedStrategy<(String, StartState)>> {
    let service = |name: &String| {
        let name = name.clone();
        // Mostly as it should be.
        let start = prop_oneof![1 => select(STARTS.to_vec()), 1 => select(STARTS[..3].to_vec())];
        start.prop_map(move |state| (name.clone(), state)).boxed()
    };
    vocabulary.services.iter().map(service).collect()
}

/// Some of the keys, a good part of them with other data than the rules ask for.
fn keys(vocabulary: &Vocabulary) -> impl Strategy<Value = Vec<RegistryEntry>> + use<> {
    let entries = vocabulary.registry.clone();
    let count = entries.len();
    let usual = vec((prop::bool::weighted(0.3), prop::option::weighted(0.4, any::<Index>())), count)
        .prop_map(move |chosen| -> Vec<RegistryEntry> {
            let chosen = entries.iter().zip(chosen).filter(|(_, (chosen, _))| *chosen);
            chosen
                .map(|(entry, (_, other))| other.map_or_else(|| entry.clone(), |at| changed(entry, at)))
                .collect()
        });
    // Of two entries for one value the first counts. Where rules ask for many values, an odd one of each would leave
    // hardly any host that they decide.
    let most = vocabulary.odd_values.len().min(2);
    let odd = prop_oneof![7 => Just(0..=0), 3 => Just(0..=most)];
    let odd_values = vocabulary.odd_values.clone();
    let odd = odd.prop_flat_map(move |number| subsequence(odd_values.clone(), number));
    (odd, usual).prop_map(|(odd, usual)| [odd, usual].concat())
}

fn changed(entry: &RegistryEntry, at: Index) -> RegistryEntry {
    match entry.values.values().next() {
        Some(data) => with_data(entry, at.get(&others(data))),
        None => entry.clone(),
    }
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
