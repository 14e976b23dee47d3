//! `check/**/*.caveat`: what the compiler says of a file. The head of each says one of
//!
//! - `//@ clean`: nothing;
//! - `//@ well-formed`: nothing but lints of meaning (`CAV08xx`), as the case is about grammar;
//! - `//@ expect: CAV0203 "windows-200"`, once per diagnostic in the order of the file: its code and
//!   the text under its label (`⏎` for a line end; without text when it has no place);
//! - `//@ module`: nothing by itself, as another case uses the file.
//!
//! Before it, `//@ targets: yara, oval` has the file checked for targets.
//!
//! What is shown for a file that is not clean is a snapshot beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use caveat_backend::Backend;
use caveat_diag::{CODES, Diagnostic, SourceMap};
use caveat_ir::{Places, RuleSet, check};
use caveat_tests::rules::{below, compile_text_for, files_below, read, rendered};
use libtest_mimic::Trial;

use crate::header::directives;
use crate::{folder, trial};

/// Codes below CAV0500 that no rule text raises.
const NOT_OF_TEXT: [&str; 1] = ["CAV0316"];

/// What the head of a case says.
enum Header {
    Module,
    WellFormed,
    /// The diagnostics: code and text.
    Expected(Vec<String>),
}

pub(crate) fn trials() -> Vec<Trial> {
    let folder = folder("check");
    let cases = files_below(&folder, "caveat");
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let name = |case: &PathBuf| format!("check::{}", below(&case.with_extension(""), &folder));
    let mut trials: Vec<Trial> = Vec::new();
    for case in &cases {
        let path = case.clone();
        trials.push(trial(name(case), move || run(&path)));
    }
    let all = cases.clone();
    trials.push(trial("check: every code of rule text has a case".to_owned(), move || every_code(&all)));
    let all = cases.clone();
    trials.push(trial("check: rules that came as JSON are linted".to_owned(), move || as_json(&all)));
    trials.push(trial("check: every snapshot has a case".to_owned(), move || no_orphans(&cases, &folder)));
    trials
}

/// What is expected, and for which targets.
fn header(text: &str) -> (Header, Vec<&str>) {
    let mut directives = directives(text);
    let mut targets = Vec::new();
    if let Some(("targets", names)) = directives.first() {
        targets = names.split(", ").collect();
        directives.remove(0);
    }
    (expectations(&directives), targets)
}

fn expectations(directives: &[(&str, &str)]) -> Header {
    let expected = |(name, value): &(&str, &str)| match *name {
        "expect" => (*value).to_owned(),
        other => panic!("unknown directive `{other}`; known: clean, expect, module, well-formed"),
    };
    match directives {
        [] => panic!("the case says nothing: begin with `//@ clean` or `//@ expect: CODE \"text\"`"),
        [("clean", "")] => Header::Expected(Vec::new()),
        [("module", "")] => Header::Module,
        [("well-formed", "")] => Header::WellFormed,
        several => Header::Expected(several.iter().map(expected).collect()),
    }
}

fn run(case: &Path) {
    let text = read(case);
    let (header, targets) = header(&text);
    let (expected, lints) = match header {
        Header::Module => return,
        Header::WellFormed => (Vec::new(), false),
        Header::Expected(expected) => (expected, true),
    };
    let name = case.file_name().unwrap().to_string_lossy();
    let beside = case.parent().unwrap();
    let registry = caveat::registry().unwrap();
    let targets: Vec<&dyn Backend> = targets.iter().map(|id| registry.get(id).unwrap()).collect();
    let compiled = compile_text_for(&name, beside, &text, &targets);
    let wanted = |diagnostic: &&Diagnostic| lints || !is_about_meaning(diagnostic.code.id);
    let mut sorted: Vec<&Diagnostic> = compiled.diagnostics.iter().filter(wanted).collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.span(), diagnostic.code.id));
    let found: Vec<String> = sorted.iter().map(|diagnostic| found(diagnostic, &compiled.sources)).collect();
    // Names of files beside the case hold the path of the checkout.
    let shown = rendered(&compiled.diagnostics, &compiled.sources);
    let shown = shown.replace(&format!("{}/", beside.to_string_lossy()), "");
    assert_eq!(expected, found, "\n{shown}");
    if !expected.is_empty() {
        snapshot(case, &shown);
    }
}

fn is_about_meaning(id: &str) -> bool {
    id.starts_with("CAV08")
}

fn found(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let code = diagnostic.code.id;
    let text = diagnostic.span().map(|span| sources.snippet(span).replace("\r\n", "⏎").replace('\n', "⏎"));
    text.map_or_else(|| code.to_owned(), |text| format!("{code} \"{}\"", visible(&text)))
}

/// Characters that a header cannot hold, by their numbers.
fn visible(text: &str) -> String {
    let hidden = |c: char| {
        let invisible =
            matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}');
        c.is_control() || invisible
    };
    let show = |c: char| if hidden(c) { format!("⟨U+{:04X}⟩", u32::from(c)) } else { c.to_string() };
    text.chars().map(show).collect()
}

fn snapshot(case: &Path, shown: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(case.parent().unwrap());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = case.file_stem().unwrap().to_string_lossy().into_owned();
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

/// What is found with more than the rules of a file: with their text, with conditions as they were written, with
/// other bulletins, or with a target.
const BEYOND_RULES: [&str; 11] = [
    "CAV0803", "CAV0804", "CAV0805", "CAV0807", "CAV0831", "CAV0844", "CAV0845", "CAV0846", "CAV0853",
    "CAV0854", "CAV0861",
];
const BEYOND_RULES_BY_MESSAGE: [&str; 2] = [
    "this part of the condition adds nothing",
    "this row has no version in any column, as if the file were not shipped",
];

/// Lints look at rules, not at how they were written: what they find in a file they find in its rules alone.
fn as_json(cases: &[PathBuf]) {
    let mut count = 0;
    for case in cases {
        let compiled = compile_text_for("rule.caveat", case.parent().unwrap(), &read(case), &[]);
        let json = serde_json::to_string(compiled.rules.lowered()).unwrap();
        let rules: RuleSet = serde_json::from_str(&json).unwrap();
        let rules = check(rules, Places::default()).unwrap_or_else(|_| panic!("{}", case.display()));
        let found = caveat_lint::of_rules(&rules, &[]).bulletins;
        assert!(found.iter().all(|one| one.span().is_none()), "{}: places are not in JSON", case.display());
        let found: BTreeSet<(&str, &str)> =
            found.iter().map(|one| (one.code.id, one.message.as_str())).collect();
        let is_of_rules = |one: &&Diagnostic| {
            let (id, message) = (one.code.id, one.message.as_str());
            is_about_meaning(id) && !BEYOND_RULES.contains(&id) && !BEYOND_RULES_BY_MESSAGE.contains(&message)
        };
        for problem in compiled.diagnostics.iter().filter(is_of_rules) {
            let one = (problem.code.id, problem.message.as_str());
            assert!(found.contains(&one), "{}: not found in JSON: {one:?}", case.display());
            count += 1;
        }
    }
    assert!(count > 100, "{count} findings are too few to say so");
}

fn every_code(cases: &[PathBuf]) {
    let codes = cases.iter().flat_map(|case| match header(&read(case)).0 {
        Header::Expected(expected) => expected,
        Header::Module | Header::WellFormed => Vec::new(),
    });
    let covered: BTreeSet<String> = codes.filter_map(|line| line.get(..7).map(str::to_owned)).collect();
    let wanted = CODES
        .iter()
        .map(|code| code.id)
        .filter(|id| (*id < "CAV0500" || is_about_meaning(id)) && !NOT_OF_TEXT.contains(id));
    let missing: Vec<&str> = wanted.filter(|id| !covered.contains(*id)).collect();
    assert!(missing.is_empty(), "no case raises {missing:?}");
}

fn no_orphans(cases: &[PathBuf], folder: &Path) {
    let has_snapshot =
        |case: &&PathBuf| matches!(header(&read(case)).0, Header::Expected(expected) if !expected.is_empty());
    let wanted: BTreeSet<PathBuf> =
        cases.iter().filter(has_snapshot).map(|case| case.with_extension("snap")).collect();
    let there = files_below(folder, "snap").into_iter();
    let orphans: Vec<PathBuf> = there.filter(|snapshot| !wanted.contains(snapshot)).collect();
    assert!(orphans.is_empty(), "snapshots without a case: {orphans:?}");
}
