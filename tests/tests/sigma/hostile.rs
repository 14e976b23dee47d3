//! Strings that want to be more than strings: YAML has to read back what was written, and Sigma's
//! values have to stand for themselves.

use caveat_backend_sigma::{Events, signals};
use caveat_ir::Checked;
use caveat_ir::value::FileVersion;
use caveat_tests::rules::compile_alone;
use caveat_tests::sigma::engine::{Engine, artifacts};
use caveat_tests::sigma::events::{Event, installed, started, value_set};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::{engine, made, read_1_2};

const TRICKY: [&str; 40] = [
    "on",
    "no",
    "y",
    "~",
    "null",
    "=",
    "<<",
    "12:30:45",
    "1_000",
    "0o17",
    "0x1F",
    "1e3",
    ".inf",
    "2004-02-11",
    "- a",
    "a: b",
    "a #b",
    "#",
    "!x",
    "&a",
    "*a",
    "?",
    "%YAML",
    "@",
    "`",
    "'",
    "\"",
    "\\",
    "{",
    "[",
    "]",
    ",",
    "|",
    ">",
    "---",
    "...",
    "$(x)",
    "\t",
    " a ",
    "a\n\n b\n",
];
const PARTS: [&str; 30] = [
    "a",
    "Z",
    " ",
    "'",
    "\"",
    "\\",
    "*",
    "?",
    "%",
    "_",
    "`",
    "\n",
    "\r\n",
    "\t",
    ":",
    "#",
    "-",
    "[",
    "{",
    "|",
    ">",
    "&",
    "!",
    "\u{202e}",
    "\u{200f}",
    "\u{2028}",
    "\u{feff}",
    "\u{1f600}",
    "é",
    "--",
];

/// As a string of the language.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c if c.is_ascii() || c.is_alphanumeric() => c.to_string(),
        c => format!("\\u{{{:X}}}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn rule(title: &str, service: &str, value: &str, file: &str) -> String {
    let (title, service, value) = (quoted(title), quoted(service), quoted(value));
    format!(
        "platform p {{ title \"P\"; version 5.0 }}\nbulletin B1 {{\n title {title}\n vulnerability CVE-2004-0001 {{\n \
         exposed when service {service} installed\n \
         exposed when registry 'HKLM\\A' value {value} = {value}\n }}\n \
         package \"P\" {{\n for p\n file {} fixed in 2\n }}\n}}\n",
        quoted(&format!("%SystemRoot%\\{file}"))
    )
}

fn text() -> impl Strategy<Value = String> {
    let parts = proptest::collection::vec(select(PARTS.to_vec()), 1..8).prop_map(|parts| parts.concat());
    prop_oneof![1 => select(TRICKY.to_vec()).prop_map(str::to_owned), 3 => parts]
}

fn file_name() -> impl Strategy<Value = String> {
    let parts = ["a", "'", "%", "_", "`", "[", "{", "$(x)", ";", "é", " b", "&", "#", "~", "^"];
    // A percent sign cannot stand in a path.
    let parts: Vec<&str> = parts.into_iter().filter(|part| *part != "%").collect();
    proptest::collection::vec(select(parts), 1..6).prop_map(|parts| format!("{}.exe", parts.concat()))
}

/// The rules, unless a diagnostic refuses them.
fn accepted(text: &str) -> Option<Checked> {
    let compilation = compile_alone(text);
    match compilation.rules {
        caveat_sema::Rules::Checked(checked) => Some(checked),
        caveat_sema::Rules::Broken(_) => {
            assert!(compilation.diagnostics.iter().any(caveat_diag::Diagnostic::is_error), "{text}");
            None
        }
    }
}

#[test]
fn texts_are_read_back() {
    let Some(engine) = engine() else { return };
    let mut runner = TestRunner::default();
    let mut draw = || text().new_tree(&mut runner).unwrap().current();
    let drawn: Vec<String> = TRICKY.map(str::to_owned).into_iter().chain((0..400).map(|_| draw())).collect();
    let rules = drawn.iter().filter_map(|text| {
        let rules = accepted(&rule(text, "S", "V", "a.exe"))?;
        Some((text, artifacts(&rules).remove(0)))
    });
    let rules: Vec<_> = rules.collect();
    assert!(rules.len() > 300, "{}", rules.len());
    let texts: Vec<&str> = rules.iter().map(|(_, rule)| rule.text.as_str()).collect();
    for ((text, rule), ran) in rules.iter().zip(engine.run(&texts, &[])) {
        let read = ran.unwrap_or_else(|error| panic!("{error}\n{}", rule.text)).read;
        assert_eq!(read, read_1_2(rule), "{}", rule.text);
        assert!(read["description"].as_str().unwrap().contains(text.as_str()), "{text:?} in {}", rule.text);
    }
}

/// Whether the rules read alike and fire in their own events only; false when they were refused.
fn survives(engine: &Engine, title: &str, service: &str, value: &str, file: &str) -> bool {
    let Some(checked) = accepted(&rule(title, service, value, file)) else { return false };
    let bulletin = &checked.rules().bulletins[0];
    let artifacts = artifacts(&checked);
    assert_eq!(artifacts.len(), signals(checked.rules(), bulletin, Events::Any).len());
    let place = format!(r"C:\WINNT\{file}");
    let object = format!(r"HKLM\A\{}", if value.is_empty() { "(Default)" } else { value });
    let [_, security] = installed(service, service);
    let own = [started(&place, &FileVersion([1, 0, 0, 0]).to_string()), value_set(&object, value), security];
    // What a wildcard, or a string that ended early, would find as well.
    let others = [
        started(r"C:\WINNT\xxx.exe", "1.0.0.0"),
        value_set(r"HKLM\A\xxx", "xxx"),
        value_set(&object, "xxx"),
        value_set(&format!("{object}x"), value),
        installed(&format!("{service}x"), &format!("{service}x"))[0].clone(),
        installed("xxx", "xxx")[0].clone(),
        installed("xxx", "xxx")[1].clone(),
    ];
    let events: Vec<Event> = own.iter().chain(&others).cloned().collect();
    let texts: Vec<&str> = artifacts.iter().map(|one| one.text.as_str()).collect();
    let mut seen = Vec::new();
    for (artifact, ran) in artifacts.iter().zip(engine.run(&texts, &events)) {
        let ran = ran.unwrap_or_else(|error| panic!("{error}\n{}", artifact.text));
        assert_eq!(ran.read, read_1_2(artifact), "{}", artifact.text);
        let description = ran.read["description"].as_str().unwrap();
        assert!(description.contains(title), "{title:?} in {}", artifact.text);
        assert!(ran.fired.iter().all(|row| *row < own.len()), "{:?} {}", ran.fired, artifact.text);
        seen.extend(ran.fired);
    }
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2], "{title:?} {service:?} {value:?} {file:?}\n{}", texts.join("\n"));
    true
}

#[test]
fn strings_stay_strings() {
    let Some(engine) = engine() else { return };
    // No service can be called like some of them.
    let impossible = |text: &str| text.contains(|c: char| c == '\\' || c.is_control());
    for text in TRICKY {
        let service = if impossible(text) { "svc" } else { text };
        assert!(survives(&engine, text, service, text, "a.exe"), "{text:?}");
    }
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 25,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::default()
    });
    let strings = (text(), text(), text(), file_name());
    let run = runner.run(&strings, |(title, service, value, file)| {
        survives(&engine, &title, &service, &value, &file);
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_no_target_can_carry_is_refused() {
    for text in ["\0", "a\0b", "\u{1}", "\u{ffff}"] {
        assert!(accepted(&rule(text, "S", "V", "a.exe")).is_none(), "{text:?}");
        assert!(accepted(&rule("T", text, "V", "a.exe")).is_none(), "{text:?}");
    }
    assert!(accepted(&rule("T", "S", "V", "a*.exe")).is_none());
    let _ = made::rules();
}
