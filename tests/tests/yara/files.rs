//! Files of every kind: what rules report of them is the comparison of numbers, in both engines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use caveat_ir::Test;
use caveat_ir::value::FileVersion;
use caveat_tests::yara::emitted::{Emitted, bundle};
use caveat_tests::yara::pe::{AMD64, ARM64, I386, IA64, Pe, Resource, strings};
use tempfile::TempDir;

use crate::{alone, bundled, matched};

fn version(text: &str) -> FileVersion {
    text.parse().unwrap()
}

fn write(folder: &Path, name: &str, pe: &Pe) {
    fs::write(folder.join(name), pe.bytes()).unwrap();
}

/// Where the answers of rules about a file of this name turn, the versions beside, and the ends.
fn boundaries(rules: &[Emitted], file: &str) -> BTreeSet<FileVersion> {
    let mut versions = BTreeSet::from([FileVersion::MIN, FileVersion::MAX]);
    for rule in rules.iter().filter(|rule| rule.is_about(file)) {
        for range in rule.versions().intervals() {
            for turn in [range.low, range.high] {
                versions.extend([turn.previous(), Some(turn), turn.next()].into_iter().flatten());
            }
        }
    }
    // Parts compare as numbers, not as text, and each in its turn.
    let parts = |version: &FileVersion| {
        let [a, b, c, d] = version.0;
        [[a, b, c, 10_000], [a, b, 10_000, d], [a, b, c.saturating_sub(1), u16::MAX], [a, b + 1, 0, 0]]
            .map(FileVersion)
    };
    let more: Vec<_> = versions.iter().filter(|version| version.0[1] < 100).flat_map(parts).collect();
    versions.extend(more);
    versions
}

fn rules_agree_with_numbers(text: &str) {
    let rules = Emitted::read(text);
    assert!(!rules.is_empty());
    let own = rules.iter().map(|rule| rule.meta["file"].to_ascii_lowercase());
    let built = rules.iter().filter_map(|rule| rule.meta.get("built_as")).flat_map(|names| names.split(", "));
    let names: BTreeSet<String> = own.chain(built.map(str::to_owned)).collect();
    let machines = [(I386, "I386"), (IA64, "IA64"), (AMD64, "AMD64"), (ARM64, "ARM64")];
    let (folder, mut expected, mut number) = (TempDir::new().unwrap(), BTreeSet::new(), 0);
    for name in &names {
        for version in boundaries(&rules, name) {
            for (machine, word) in machines {
                number += 1;
                write(folder.path(), &number.to_string(), &Pe::new(machine, name, version));
                let matching = rules.iter().filter(|rule| {
                    rule.is_about(name)
                        && rule.versions().contains(version)
                        && (rule.machines.is_empty() || rule.machines.iter().any(|one| one == word))
                });
                expected.extend(matching.map(|rule| (number.to_string(), rule.name.clone())));
            }
        }
    }
    let Some(found) = matched(text, None, folder.path()) else { return };
    let wrong: Vec<_> = found.symmetric_difference(&expected).take(5).collect();
    assert_eq!(wrong, Vec::<&(String, String)>::new());
    println!("{} rules on {number} files: {} matches, as expected", rules.len(), expected.len());
}

#[test]
fn the_library_agrees_with_numbers_at_every_boundary() {
    rules_agree_with_numbers(&bundle(&bundled(), "resource"));
}

#[test]
fn nested_conditions_agree_with_numbers_at_every_boundary() {
    rules_agree_with_numbers(&bundle(&alone(crate::NESTED), "resource"));
}

#[test]
fn ranges_without_number_agree_with_numbers() {
    let ranges: Vec<String> = (0..100).map(|n| format!("{n}.{n}.65535..{}.0.{n}.3", n + 1)).collect();
    let text = format!("file 'C:\\a.dll' version in {}, 900.., 800.1.2.3..800.1.2.4", ranges.join(", "));
    let text = rule(&format!("file 'C:\\a.dll' fixed in 1.0; vulnerable when {text}"));
    rules_agree_with_numbers(&bundle(&alone(&text), "resource"));
}

/// A floor is reported by no rule of the packages that set it, the version before it by one of them.
#[test]
fn floors_of_the_library_are_sharp() {
    let checked = bundled();
    let rules = Emitted::read(&bundle(&checked, "resource"));
    let mut floors: BTreeMap<(&str, &str, String), FileVersion> = BTreeMap::new();
    for bulletin in &checked.rules().bulletins {
        for case in checked.rules().cases(bulletin) {
            case.outdated.leaves(&mut |leaf| {
                let Test::FileVersion(path, versions) = &leaf.test else { return };
                let end = versions.intervals().last().and_then(|last| last.end()).unwrap_or_default();
                let name = path.file_name().to_ascii_lowercase();
                let floor = floors.entry((bulletin.id.as_str(), &case.package.name, name)).or_default();
                *floor = end.max(*floor);
            });
        }
    }
    assert!(floors.len() >= 6, "{floors:?}");
    for ((bulletin, package, file), floor) in floors {
        let of = |rule: &&Emitted| {
            rule.meta["bulletin"] == bulletin
                && rule.meta["package"].split("; ").any(|one| one == package)
                && rule.meta["file"].eq_ignore_ascii_case(&file)
        };
        let reports = |version| rules.iter().filter(of).any(|rule| rule.versions().contains(version));
        assert!(reports(floor.previous().unwrap()), "{package}: {file} below {floor}");
        assert!(!reports(floor), "{package}: {file} {floor}");
    }
}

/// A rule for files of 32-bit hosts in the folder of the system.
fn rule(package: &str) -> String {
    format!(
        "platform p {{ title \"P\"; version 5.0; architecture x86 }}
bulletin B-1 {{
    title \"T\"; kb 1; published 2004-01-01; severity low
    vulnerability CVE-2004-0001 {{ title \"V\"; severity low }}
    package \"p\" {{ for p; {package} }}
}}
"
    )
}

/// One rule: `a.dll` below 2.0.0.5, for I386.
fn small() -> String {
    rule(r"file '%SystemRoot%\System32\a.dll' fixed in 2.0.0.5")
}

/// Files with a word each on why, and whether the rule reports them.
fn kinds() -> Vec<(&'static str, Pe, bool)> {
    let (old, new) = (version("2.0.0.4"), version("2.0.0.5"));
    let usual = |version| Resource::new("a.dll", version);
    let file = |resources: Vec<Resource>| Pe { machine: I386, resources, ..Pe::default() };
    let called = |pairs: &[(&str, &str)]| file(vec![Resource { strings: strings(pairs), ..usual(old) }]);
    let cut = |cut| Pe { cut, ..file(vec![usual(old)]) };
    let size = file(vec![usual(old)]).bytes().len();
    vec![
        ("old", file(vec![usual(old)]), true),
        ("new", file(vec![usual(new)]), false),
        ("wide", Pe::new(AMD64, "a.dll", old), false),
        ("two languages, one old", file(vec![usual(new), Resource { language: 0x411, ..usual(old) }]), true),
        (
            "two languages, the first old",
            file(vec![Resource { language: 0x407, ..usual(old) }, usual(new)]),
            true,
        ),
        (
            "two languages, both new",
            file(vec![usual(new), Resource { language: 0x411, ..usual(new) }]),
            false,
        ),
        (
            "id 2 is old, which Windows does not read",
            file(vec![usual(new), Resource { id: 2, ..usual(old) }]),
            false,
        ),
        ("id 2 only", file(vec![Resource { id: 2, ..usual(old) }]), false),
        ("id 1 is old, the last is not", file(vec![usual(old), Resource { id: 3, ..usual(new) }]), true),
        ("a decoy is old", Pe { decoy: Some(old), ..file(vec![usual(new)]) }, false),
        ("a decoy is new", Pe { decoy: Some(new), ..file(vec![usual(old)]) }, true),
        ("a decoy alone", Pe { decoy: Some(old), ..file(vec![]) }, false),
        ("no resource", file(vec![]), false),
        ("cut off before the resource", cut(size - 0x400 + 8), false),
        ("cut off in the headers", cut(size - 100), false),
        ("another name", file(vec![Resource::new("b.dll", old)]), false),
        ("names in capitals", file(vec![Resource::new("A.DLL", old)]), true),
        ("a longer name", file(vec![Resource::new("aa.dll", old)]), false),
        ("a satellite, which bears the internal name", file(vec![Resource::new("a.dll.mui", old)]), true),
        (
            "internal name without extension",
            called(&[("InternalName", "A"), ("OriginalFilename", "x.tmp")]),
            true,
        ),
        ("internal name with extension", called(&[("InternalName", "a.dll")]), true),
        (
            "original name alone",
            called(&[("CompanyName", "C"), ("OriginalFilename", "a.dll"), ("FileVersion", "9.9.9.9")]),
            true,
        ),
        (
            "the name in another place",
            called(&[("FileDescription", "a.dll"), ("OriginalFilename", "b.dll")]),
            false,
        ),
        ("no names", called(&[]), false),
    ]
}

#[test]
fn files_of_every_kind() {
    let folder = TempDir::new().unwrap();
    let kinds = kinds();
    for (why, pe, _) in &kinds {
        write(folder.path(), why, pe);
    }
    fs::write(folder.path().join("empty"), "").unwrap();
    fs::write(folder.path().join("text"), "a.dll 1.0").unwrap();
    let Some(found) = matched(&bundle(&alone(&small()), "resource"), None, folder.path()) else { return };
    let found: BTreeSet<&str> = found.iter().map(|(file, _)| file.as_str()).collect();
    let expected: BTreeSet<&str> =
        kinds.iter().filter(|(_, _, reported)| *reported).map(|(why, ..)| *why).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_file_can_be_told_by_its_own_name() {
    let rules = alone(&small());
    let folder = TempDir::new().unwrap();
    write(folder.path(), "renamed", &Pe::new(I386, "ntkrnlmp.exe", version("1.0")));
    write(folder.path(), "named", &Pe::new(I386, "a.dll", version("1.0")));
    write(folder.path(), "new", &Pe::new(I386, "a.dll", version("2.0.0.5")));
    let found = |identity: &str, filename: &str| {
        let found = matched(&bundle(&rules, identity), Some(filename), folder.path())?;
        Some(found.into_iter().map(|(file, _)| file).collect::<Vec<_>>())
    };
    for (identity, filename, expected) in [
        ("filename", "A.dll", &["named", "renamed"][..]),
        ("filename", "b.dll", &[]),
        ("either", "a.dll", &["named", "renamed"]),
        ("either", "b.dll", &["named"]),
        ("resource", "b.dll", &["named"]),
    ] {
        let Some(found) = found(identity, filename) else { return };
        assert_eq!(found, expected, "{identity}, {filename}");
    }
}
