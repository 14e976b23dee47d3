//! Every rule on rows made for it: at each boundary and beside it, with and without what Windows writes
//! after a version, without a version, of other files and in other folders.

use std::collections::BTreeSet;

use caveat_backend_sigma::{Events, Hash, Run, Sighting, Signal, Watch, signals};
use caveat_eval::{Host, evaluate};
use caveat_ir::host::{FileEntry, HostFile, Scalar, ServiceEntry};
use caveat_ir::rule::RuleSet;
use caveat_ir::value::{FileVersion, RegistryPath, StartType, VersionInterval, VersionSet};
use caveat_ir::{Checked, Expr, Truth};
use caveat_tests::sigma::Runs;
use caveat_tests::sigma::engine::{artifacts, ids};
use caveat_tests::sigma::events::{Event, installed, loaded, object, start_set, started, state, value_set};

use super::{bundled, engines, made};

const ROOT: &str = r"C:\WINNT";

/// An event, and whether the rule has to fire in it.
pub(super) type Row = (Event, bool);

#[test]
fn every_rule_fires_in_its_rows_only() {
    let engines = engines();
    for checked in [
        bundled(),
        made::rules(),
        made::compiled(include_str!("names.caveat")),
        made::compiled(include_str!("kinds.caveat")),
    ] {
        let artifacts = artifacts(&checked);
        let mut cases = Vec::new();
        for bulletin in &checked.rules().bulletins {
            for signal in signals(checked.rules(), bulletin, Events::Any) {
                let wanted = signal.id(bulletin).to_string();
                let artifact = artifacts.iter().find(|one| ids(one).contains(&wanted)).expect("its rule");
                cases.push((artifact.text.as_str(), rows(&checked, &signal)));
            }
        }
        for engine in &engines {
            try_rows(&**engine, &cases);
        }
    }
}

fn try_rows(engine: &dyn Runs, cases: &[(&str, Vec<Row>)]) {
    let event = |(event, _): &Row| event.clone();
    let events: Vec<_> = cases.iter().map(|(rule, rows)| (*rule, rows.iter().map(event).collect())).collect();
    for ((rule, rows), fired) in cases.iter().zip(engine.fired_each(&events)) {
        assert!(rows.iter().any(|(_, fires)| *fires) && rows.iter().any(|(_, fires)| !fires), "{rule}");
        for (number, (event, fires)) in rows.iter().enumerate() {
            assert_eq!(fired.contains(&number), *fires, "{}: {event:?}\n{rule}", engine.name());
        }
    }
}

/// The rows of a signal.
pub(super) fn rows(checked: &Checked, signal: &Signal) -> Vec<Row> {
    match &signal.watch {
        Watch::Started(seen) => files(checked.rules(), signal, seen, started, loaded),
        Watch::Loaded(seen) => files(checked.rules(), signal, seen, loaded, started),
        Watch::StartSet { service, .. } => starts(checked.rules(), signal, service),
        Watch::Hashed(run, hashes) => hashed(*run, hashes),
        Watch::Audited(service) => installations(service),
        Watch::Ran(service) => vec![
            (state(service, "A Display Name", 4), true),
            (state(&service.to_lowercase(), "Ein Anzeigename", 4), true),
            (state("other", service, 4), true),
            (state(service, "A Display Name", 1), false),
            (state(&format!("{service}2"), "A Display Name", 4), false),
            (state(&format!("x{service}"), "A Display Name", 4), false),
        ],
        Watch::KeyCreated(key) => keys(key, "CreateKey", "DeleteKey"),
        Watch::KeyDeleted(key) => keys(key, "DeleteKey", "CreateKey"),
        Watch::ValueDeleted { key, name } => {
            let object_name = format!(r"{}\{}\{name}", key.hive.short_name(), key.key);
            vec![
                (object("DeleteValue", &object_name), true),
                (object("DeleteValue", &object_name.to_lowercase()), true),
                (object("DeleteKey", &object_name), false),
                (object("DeleteValue", &format!("{object_name}2")), false),
            ]
        }
        Watch::ValueSet { key, name, .. } => values(checked.rules(), signal, key, name),
    }
}

/// Each digest, another, and each in another folder.
fn hashed(run: Run, hashes: &[Hash]) -> Vec<Row> {
    let event = |path: &str, hashes: &str| {
        let (source, field) = match run {
            Run::Started => ("process_creation", "Image"),
            Run::Loaded => ("image_load", "ImageLoaded"),
            Run::Driver => ("driver_load", "ImageLoaded"),
        };
        Event::new(source, [(field, path.into()), ("Hashes", hashes.into())])
    };
    let rows = hashes.iter().flat_map(|hash| {
        let path = hash.path.to_string().replace("%SystemRoot%", ROOT);
        let kind = hash.digest.as_str().to_ascii_uppercase();
        let own = format!("MD5=00,{kind}={},IMPHASH=00", hash.value.to_ascii_uppercase());
        let other = format!("{kind}={}", "0".repeat(hash.value.len()));
        [
            (event(&path, &own), true),
            (event(&path, &own.to_lowercase()), true),
            (event(&path, &other), false),
            (event(&path.replace('.', "x."), &own), false),
        ]
    });
    rows.collect()
}

/// What a host says to the visible part of a signal.
fn holds(rules: &RuleSet, signal: &Signal, file: HostFile) -> bool {
    let folders = ["SystemRoot", "ProgramFiles"].map(|variable| (variable.to_owned(), ROOT.to_owned()));
    let file = HostFile { environment: folders.into(), ..file };
    let (host, problems) = Host::new(&file, rules);
    assert!(problems.is_empty(), "{problems:?}");
    evaluate(rules, &Expr::any(signal.visible.iter().cloned()), &host) == Truth::True
}

fn files(
    rules: &RuleSet,
    signal: &Signal,
    seen: &[Sighting],
    event: fn(&str, &str) -> Event,
    other: fn(&str, &str) -> Event,
) -> Vec<Row> {
    let mut rows = Vec::new();
    for Sighting { path, .. } in seen {
        let place = match path.variable() {
            Some(_) => format!("{ROOT}{}", path.tail()),
            None => path.to_string(),
        };
        for version in boundaries(signal) {
            let entry = FileEntry {
                path: place.clone(),
                version: Some(Scalar::Text(version.to_string())),
                ..FileEntry::default()
            };
            let fires = holds(rules, signal, HostFile { files: vec![entry], ..HostFile::default() });
            let [a, b, c, d] = version.0;
            let texts = [
                version.to_string(),
                format!("{version} (srv03_rtm.030324-2048)"),
                format!("{a}.{b:02}.{c:04}.{d:04}"),
            ];
            rows.extend(texts.iter().map(|text| (event(&place, text), fires)));
            rows.push((event(&place.to_uppercase(), &version.to_string()), fires));
            rows.push((event(&format!("{place}.bak"), &version.to_string()), false));
            rows.push((event(&format!(r"C:\{}", path.file_name()), &version.to_string()), false));
            rows.push((
                event(
                    &place.replace(path.file_name(), &format!("x{}", path.file_name())),
                    &version.to_string(),
                ),
                false,
            ));
            rows.push((other(&place, &version.to_string()), false));
        }
        rows.extend(["", "?", "-", "4", "unknown"].map(|text| (event(&place, text), false)));
    }
    rows
}

/// The versions at which the visible part turns, and their neighbours.
fn boundaries(signal: &Signal) -> BTreeSet<FileVersion> {
    let mut versions: BTreeSet<FileVersion> = [FileVersion::MIN, FileVersion([6, 1, 7601, 0])].into();
    for visible in &signal.visible {
        visible.leaves(&mut |leaf| {
            let caveat_ir::Test::FileVersion(_, set) = &leaf.test else { panic!("{leaf:?}") };
            versions.extend(edges(set));
        });
    }
    versions
}

fn edges(set: &VersionSet) -> impl Iterator<Item = FileVersion> + '_ {
    let around = |edge: FileVersion| [Some(edge), edge.previous(), edge.next()].into_iter().flatten();
    let ends = |one: &VersionInterval| [one.low, one.high];
    set.intervals().iter().flat_map(ends).flat_map(around)
}

fn starts(rules: &RuleSet, signal: &Signal, service: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    for start in StartType::ALL {
        let entry = ServiceEntry {
            name: service.to_owned(),
            start: Some(Scalar::Text(start.as_str().to_owned())),
            state: None,
        };
        let fires = holds(rules, signal, HostFile { services: vec![entry], ..HostFile::default() });
        rows.push((start_set(service, *start), fires));
        rows.push((start_set(&format!("{service}2"), *start), false));
        let object = format!(r"HKLM\System\ControlSet001\Services\{service}\Start");
        let details = format!("DWORD (0x{:08x})", start.registry_number());
        rows.push((value_set(&object, &details), fires));
        rows.push((value_set(&object.to_uppercase(), &details), fires));
        rows.push((value_set(&object.replace(r"\Start", r"\Type"), &details), false));
    }
    rows
}

fn installations(service: &str) -> Vec<Row> {
    let event = |name: &str, display: &str| installed(name, display)[1].clone();
    vec![
        (event(service, service), true),
        (event(&service.to_lowercase(), &service.to_lowercase()), true),
        (event("other", "Other"), false),
        (installed(service, service)[0].clone(), false),
        (event(service, "A Display Name"), true),
        (event("other", service), false),
    ]
}

fn keys(key: &RegistryPath, kind: &str, other: &str) -> Vec<Row> {
    let name = format!(r"{}\{}", key.hive.short_name(), key.key);
    let mut rows = vec![
        (object(kind, &name), true),
        (object(kind, &name.to_lowercase()), true),
        (object(other, &name), false),
        (object(kind, &format!(r"{name}\Below")), false),
        (object(kind, &format!("{name}2")), false),
    ];
    if let Some(below) = name.strip_prefix("HKCR") {
        rows.push((object(kind, &format!(r"HKLM\SOFTWARE\Classes{below}")), true));
    }
    rows
}

fn values(rules: &RuleSet, signal: &Signal, key: &RegistryPath, name: &str) -> Vec<Row> {
    use caveat_ir::host::{DataEntry, RegistryData, RegistryEntry};
    let hive =
        if key.hive.short_name() == "HKCU" { r"HKU\S-1-5-21-1-2-3-1001" } else { key.hive.short_name() };
    let of_32 = key.view.is_some();
    let folder =
        if of_32 { key.key.replacen("SOFTWARE", r"SOFTWARE\WOW6432Node", 1) } else { key.key.clone() };
    let place = format!(r"{hive}\{folder}\{name}");
    let numbers = [0_u32, 1, 2, 4, 5, 6, 7, 255, u32::MAX];
    let numbers = numbers
        .map(|number| ("reg_dword", Scalar::Integer(number.into()), format!("DWORD (0x{number:08x})")));
    let texts = ["on", "ON", "off", "Yes", "yes", "1", "on ", "ümlaut", "ÜMLAUT", "umlaut"];
    let texts = texts.map(|text| ("reg_sz", Scalar::Text(text.to_owned()), text.to_owned()));
    let mut rows = Vec::new();
    for (kind, data, details) in numbers.into_iter().chain(texts) {
        let data = RegistryData { kind: kind.to_owned(), data: DataEntry::One(data) };
        let entry = RegistryEntry {
            key: format!(r"{}\{}", key.hive.short_name(), key.key),
            view: of_32.then_some(Scalar::Integer(32)),
            values: [(name.to_owned(), data)].into(),
            ..RegistryEntry::default()
        };
        let fires = holds(rules, signal, HostFile { registry: vec![entry], ..HostFile::default() });
        rows.push((value_set(&place, &details), fires));
        rows.push((value_set(&place.to_lowercase(), &details), fires));
        rows.push((value_set(&place.replace(r"WOW6432Node\", ""), &details), fires));
        rows.push((value_set(&format!("{place}2"), &details), false));
    }
    rows
}
