//! Regular expressions mean the same to engines that search for them within a text and to Lucene, which compares whole
//! texts, takes `^` and `$` for letters, and knows `&`.

use std::collections::BTreeSet;
use std::io::Write as _;

use caveat_backend_sigma::{Events, Watch, signals};
use caveat_ir::Checked;
use caveat_ir::value::{FileVersion, VersionSet};
use caveat_tests::library::bundled;
use caveat_tests::sigma::engine::{Engine, artifacts, ids};
use caveat_tests::sigma::events::{loaded, started, state};
use caveat_tests::sigma::lucene::Lucene;
use regex::Regex;
use serde_json::Value;

use crate::{engine, made};

/// The library, or nothing and a line that says so.
pub(super) fn lucene() -> Option<Lucene> {
    Lucene::find().inspect_err(|line| drop(writeln!(std::io::stderr(), "{line}"))).ok()
}

/// The expressions that a rule compares a field with.
fn expressions(rule: &str, field: &str) -> Vec<String> {
    let rule: Value = serde_yaml::from_str(rule).unwrap();
    let selections = rule["detection"].as_object().unwrap().values().filter_map(Value::as_object);
    let fields = selections.filter_map(|fields| fields.get(&format!("{field}|re")));
    fields.map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// The versions at which sets turn, and those beside.
fn turns(sets: &BTreeSet<VersionSet>) -> BTreeSet<FileVersion> {
    let ranges = sets.iter().flat_map(VersionSet::intervals);
    let ends = ranges.flat_map(|range| [range.low, range.high]);
    let beside = ends.flat_map(|end| {
        let [major, minor, build, _] = end.0;
        let round = [FileVersion([major, minor, build, 0]), FileVersion([major, minor, 0, 0])];
        [Some(end), end.previous(), end.next()].into_iter().flatten().chain(round)
    });
    beside.collect()
}

/// A version as Windows writes it.
fn texts(version: FileVersion) -> Vec<String> {
    let [a, b, c, d] = version.0;
    let mut texts = vec![
        version.to_string(),
        format!(" {version}"),
        format!("{a}.{b:02}.{c}.{d}"),
        format!("{a}, {b}, {c}, {d}"),
        format!("{version} (xpclient.010817-1148)"),
        format!("{version}(xpclient.010817-1148)"),
        format!("{version} built by: 1.0.0.0"),
    ];
    texts.extend((d == 0).then(|| format!("{a}.{b}.{c}")));
    texts.extend((c == 0 && d == 0).then(|| format!("{a}.{b}")));
    texts
}

/// Texts that are no versions of two to four numbers.
const NO_VERSIONS: [&str; 7] = ["", "-", "?", "5", "5.", "5.2.3790.0.1", "v5.2.3790.0"];

/// Every expression for versions in the rules, with the versions that it stands for.
fn of_versions(rules: &Checked) -> Vec<(String, VersionSet)> {
    let mut found = Vec::new();
    let artifacts = artifacts(rules);
    for bulletin in &rules.rules().bulletins {
        for signal in signals(rules.rules(), bulletin, Events::Any) {
            let (Watch::Started(files) | Watch::Loaded(files)) = &signal.watch else { continue };
            let wanted = signal.id(bulletin).to_string();
            let artifact = artifacts.iter().find(|artifact| ids(artifact).contains(&wanted)).unwrap();
            let expressions = expressions(&artifact.text, "FileVersion");
            let mut sets: Vec<VersionSet> = Vec::new();
            for file in files {
                if !sets.contains(&file.versions) {
                    sets.push(file.versions.clone());
                }
            }
            if expressions.len() == sets.len() {
                found.extend(expressions.into_iter().zip(sets));
            }
        }
    }
    found
}

#[test]
fn versions_are_told_alike_by_whole_texts_and_within_them() {
    let Some(lucene) = lucene() else { return };
    let mut found = of_versions(&bundled());
    found.extend(of_versions(&made::rules()));
    found.sort();
    found.dedup();
    assert!(found.len() > 20, "{}", found.len());
    let versions = turns(&found.iter().map(|(_, set)| set.clone()).collect());
    let texts: Vec<(String, Option<FileVersion>)> = versions
        .into_iter()
        .flat_map(|version| texts(version).into_iter().map(move |text| (text, Some(version))))
        .chain(NO_VERSIONS.map(|text| (text.to_owned(), None)))
        .collect();
    let lines: Vec<String> = texts.iter().map(|(text, _)| text.clone()).collect();
    let expressions: Vec<String> = found.iter().map(|(expression, _)| expression.clone()).collect();
    for ((expression, set), whole) in found.iter().zip(lucene.matches(&expressions, &lines)) {
        let within = Regex::new(expression).unwrap();
        for (number, (text, version)) in texts.iter().enumerate() {
            let wanted = version.is_some_and(|version| set.contains(version));
            assert_eq!(whole.contains(&number), wanted, "Lucene: `{text}` in {set}: {expression}");
            assert_eq!(within.is_match(text), wanted, "a search: `{text}` in {set}: {expression}");
        }
    }
}

#[test]
fn the_binary_data_of_services_is_read_alike() {
    let Some(lucene) = lucene() else { return };
    let artifacts = artifacts(&bundled());
    let found: Vec<String> = artifacts.iter().flat_map(|one| expressions(&one.text, "Binary")).collect();
    assert!(!found.is_empty());
    let names = ["WINS", "wins", "WinsX", "XWINS", "nscm", "NsMonitor", "nsstation"];
    let binary = |name: &str, number| state(name, "A Display Name", number).text("Binary").to_owned();
    let texts: Vec<String> = names.iter().flat_map(|name| [binary(name, 4), binary(name, 1)]).collect();
    let mut matched = 0;
    for (expression, whole) in found.iter().zip(lucene.matches(&found, &texts)) {
        let regex = Regex::new(expression).unwrap();
        let within: BTreeSet<usize> =
            (0..texts.len()).filter(|number| regex.is_match(&texts[*number])).collect();
        assert_eq!(whole, within, "{expression}");
        assert!(whole.iter().all(|number| number % 2 == 0), "only services that run: {expression}");
        matched += whole.len();
    }
    assert!(matched >= 5, "{matched}");
}

/// What `SQLite` answers, by the query that pySigma makes.
#[test]
fn versions_as_windows_writes_them_are_found() {
    let Some(engine): Option<Engine> = engine() else { return };
    let text = "use std.windows
bulletin MS99-103 {
    title \"T\"; kb 1; published 2018-06-06; severity critical; reference \"https://example.org/\"
    vulnerability CVE-2018-9000 { severity critical }
    package \"Reader\" { for windows-10; file 'C:\\Reader\\reader.exe' fixed in 60.0.2 }
    package \"Parser\" { for windows-10; file 'C:\\Reader\\parser.dll' fixed in 60.0.2 }
}";
    let artifacts = artifacts(&made::compiled(text));
    let rules: Vec<&str> = artifacts.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(rules.len(), 2);
    let old = ["60.0.1", "60.0", "60, 0, 1, 9", " 60.0.1.0", "60.0.1.0(release)", "60.0.1.0 ", "060.00.01"];
    let new = ["60.0.2", "60.0.2.0", "60, 0, 2, 0", "160.0.1", "61.0", "60.0.2(release)", "60.0.10", "60"];
    let at = |version: &&str| {
        let [program, library] = [r"C:\Reader\reader.exe", r"C:\Reader\parser.dll"];
        [started(program, version), loaded(library, version)]
    };
    let events: Vec<_> = old.iter().chain(&new).flat_map(at).collect();
    let fired: BTreeSet<usize> =
        engine.run(&rules, &events).into_iter().flat_map(|ran| ran.unwrap().fired).collect();
    assert_eq!(fired, (0..old.len() * 2).collect());
}
