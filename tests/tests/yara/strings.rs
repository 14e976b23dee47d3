//! Strings of rules, whatever they hold: rules compile, and their meta is read back as it was
//! written, in both engines. What cannot be compared is refused with a note.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use caveat_backend::{Fidelity, Policy};
use caveat_tests::yara::emitted::{bundle, emit};
use caveat_tests::yara::engine::{Engine, Match, formatted};
use caveat_tests::yara::pe::{I386, Pe};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use crate::alone;

/// How many strings are tried in one rule set, and in how many rule sets.
const STRINGS: usize = 25;
const SETS: u32 = 8;

/// The text as a string of the language, every character an escape.
fn quoted(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c => format!("\\u{{{:X}}}", u32::from(c)),
    };
    text.chars().map(escape).collect()
}

/// A bulletin with a string in every place that YARA rules show.
fn bulletin(number: usize, text: &str, file: &str) -> String {
    let text = quoted(text);
    format!(
        r#"
bulletin B-{number} {{
    title "{text}"; kb 1; published 2004-01-01; severity low
    reference "{text}"
    vulnerability CVE-2004-0001 {{ title "{text}"; severity low }}
    package "{text}" {{ for p; file "C:\\{}" fixed in 2.0 }}
}}
"#,
        quoted(file)
    )
}

fn rules(bulletins: impl Iterator<Item = String>) -> String {
    let mut text = "platform p { title \"P\"; version 5.0 }\n".to_owned();
    bulletins.for_each(|bulletin| text.push_str(&bulletin));
    text
}

/// Characters that formats, shells and readers give a meaning, and any other.
fn character() -> impl Strategy<Value = char> {
    let hostile = "\"\"\\\\\n\r\t'`$(){}%/*#!<>&|;:= \u{202e}\u{200f}\u{2066}\u{feff}\u{a0}\u{ad}日é\u{301}\u{1f600}\u{fffd}\u{10ffff}";
    prop_oneof![4 => select(hostile.chars().collect::<Vec<_>>()), 1 => any::<char>()]
}

fn text() -> impl Strategy<Value = String> {
    let fixed = [
        r#"" condition: true } rule x { meta: a = ""#,
        r"\",
        r#"\""#,
        r"\x00\x41\n",
        "%s%n",
        "$(id)",
        "*/ //",
    ];
    let random = vec(character(), 1..12).prop_map(|chars| chars.into_iter().collect());
    let usable = |text: &String| caveat_ir::text::forbidden_char(text).is_none() && !text.trim().is_empty();
    prop_oneof![1 => select(fixed.map(str::to_owned).to_vec()), 5 => random].prop_filter("carried", usable)
}

/// Names that Windows takes; none begins or ends with what it would drop.
fn file_name() -> impl Strategy<Value = String> {
    let usable = |c: &char| {
        !c.is_control() && !"<>:\"/|?*%\\ .".contains(*c) && !('\u{fffe}'..='\u{ffff}').contains(c)
    };
    let stem = vec(character().prop_filter("in a name", move |c| usable(c)), 1..8);
    let kinds = select(vec!["", ".dll", ".exe", ".Sys"]);
    (stem, kinds).prop_map(|(stem, kind)| stem.into_iter().collect::<String>() + kind)
}

/// The matches of one file that is each of the names in turn, by bulletin.
fn scanned(engine: Engine, rules: &str, filename: Option<&str>, pes: &[Pe]) -> BTreeMap<String, Match> {
    let folder = TempDir::new().unwrap();
    for (number, pe) in pes.iter().enumerate() {
        fs::write(folder.path().join(number.to_string()), pe.bytes()).unwrap();
    }
    let found = engine
        .scan(rules, filename, folder.path())
        .unwrap_or_else(|error| panic!("{engine:?}: {error}\n{rules}"));
    let by_bulletin = |one: Match| (one.meta("bulletin").to_owned(), one);
    found
        .into_iter()
        .filter(|one| one.rule.starts_with(&format!("B_{}_", one.file)))
        .map(by_bulletin)
        .collect()
}

#[test]
fn strings_arrive_as_they_were_written() {
    let engines = Engine::available();
    let mut runner = TestRunner::new(Config { failure_persistence: None, cases: SETS, ..Config::default() });
    let sets = vec((text(), file_name()), STRINGS);
    let result = runner.run(&sets, |set| {
        let rules =
            alone(&rules(set.iter().enumerate().map(|(number, (text, file))| bulletin(number, text, file))));
        let (artifacts, notes) = emit(&rules, &[("layout", "bundle")], Policy::Approximate);
        let emitted: String = artifacts.into_iter().map(|artifact| artifact.text).collect();
        if let Some(formatted) = formatted(&emitted).filter(|_| !emitted.is_empty()) {
            prop_assert!(formatted == emitted, "the formatter changes\n{emitted}\ninto\n{formatted}");
        }
        let pes: Vec<Pe> = set.iter().map(|(_, file)| Pe::new(I386, file, "1.0".parse().unwrap())).collect();
        for engine in &engines {
            let found = scanned(*engine, &emitted, None, &pes);
            for (number, (text, file)) in set.iter().enumerate() {
                let id = format!("B-{number}");
                let refused = notes.iter().any(|note| {
                    note.fidelity == Fidelity::LeftOut
                        && note.bulletin.as_ref().is_some_and(|one| one.as_str() == id)
                });
                prop_assert_eq!(refused, !file.is_ascii(), "{}", file);
                let Some(one) = found.get(&id) else {
                    prop_assert!(refused, "{:?} does not report {}", engine, file);
                    continue;
                };
                let meta: BTreeMap<&str, &str> =
                    one.meta.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
                for key in ["title", "reference", "package"] {
                    prop_assert_eq!(meta[key], text, "{:?}: {}", engine, key);
                }
                prop_assert_eq!(meta["file"], file);
                prop_assert_eq!(meta["path"], format!("C:\\{file}"));
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Names beyond ASCII compare alike when the file's own name is asked.
#[test]
fn names_of_any_script_can_be_told_by_the_file() {
    for name in ["日本語.dll", "é\u{301}.exe", "\u{202e}lld.exe"] {
        let rules = alone(&rules([bulletin(0, "t", name)].into_iter()));
        for engine in Engine::available() {
            for identity in ["filename", "either"] {
                let pe = [Pe::new(I386, "x.dll", "1.0".parse().unwrap())];
                let found =
                    |filename: &str| scanned(engine, &bundle(&rules, identity), Some(filename), &pe).len();
                assert_eq!(found(name), 1, "{engine:?}, {identity}, {name}");
                assert_eq!(found("other.dll"), 0, "{engine:?}, {identity}, {name}");
            }
        }
    }
}

/// Names compare as Windows compares them, whatever an engine takes for the case of a letter.
#[test]
fn names_beyond_ascii_compare_without_case() {
    let name = r"Ärzte & Жук ⅷ [1]+ß.dll";
    let same = ["Ärzte & Жук ⅷ [1]+ß.dll", "ÄRZTE & ЖУК Ⅷ [1]+ß.DLL", "ärzte & жук ⅷ [1]+ß.Dll"];
    let others = [
        "Arzte & Жук ⅷ [1]+ß.dll",
        "ãrzte & Жук ⅷ [1]+ß.dll",
        "Ärzte & Жук ⅷ [1]+ss.dll",
        "Ärzte & Жук ⅷ [1]+ẞ.dll",
        "Ärzte & Жук ⅷ [1]++ß.dll",
        "Ärzte & Жук ⅷ [1]+ßxdll",
        "xÄrzte & Жук ⅷ [1]+ß.dll",
        "Ärzte & Жук ⅷ [1]+ß.dll\n",
    ];
    let rules = alone(&rules([bulletin(0, "t", name)].into_iter()));
    for engine in Engine::available() {
        let pe = [Pe::new(I386, "x.dll", "1.0".parse().unwrap())];
        let found = |filename: &str| scanned(engine, &bundle(&rules, "filename"), Some(filename), &pe).len();
        for name in same {
            assert_eq!(found(name), 1, "{engine:?}, {name}");
        }
        for name in others {
            assert_eq!(found(name), 0, "{engine:?}, {name}");
        }
    }
}

/// Words that YARA reserves, as names of files, and names that begin with digits.
#[test]
fn keywords_and_digits_name_rules() {
    let names =
        ["all.dll", "rule.exe", "them", "condition", "pe", "for.any.of", "7z.dll", "-.-", "uint32.sys"];
    let rules = alone(&rules(names.iter().enumerate().map(|(number, name)| bulletin(number, "t", name))));
    let pes = names.map(|name| Pe::new(I386, name, "1.0".parse().unwrap()));
    for engine in Engine::available() {
        assert_eq!(scanned(engine, &bundle(&rules, "resource"), None, &pes).len(), names.len(), "{engine:?}");
    }
}

/// YARA keeps strings of a rule in a buffer; longer ones are cut, and say so.
#[test]
fn long_strings_are_cut() {
    for (unit, title) in [("x", "x".repeat(9000)), ("é", "é".repeat(4100)), ("\\", "\\".repeat(9000))] {
        let rules = alone(&rules([bulletin(0, &title, "a.dll")].into_iter()));
        let pe = [Pe::new(I386, "a.dll", "1.0".parse().unwrap())];
        for engine in Engine::available() {
            let found = scanned(engine, &bundle(&rules, "resource"), None, &pe);
            let mut expected = unit.repeat(8000 / unit.len());
            let _ = write!(expected, " [...]");
            assert_eq!(found["B-0"].meta("title"), expected, "{engine:?}");
        }
    }
}
