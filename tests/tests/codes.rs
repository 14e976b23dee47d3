//! Every diagnostic code has a page, and the examples on it raise what they are to raise.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper of a test ends the test")]

use std::collections::BTreeSet;
use std::fs;

use caveat_backend::Backend;
use caveat_diag::{CODES, Code, Diagnostic};
use caveat_eval::{Evaluator, run_tests};
use caveat_sema::Rules;
use caveat_tests::rules::{compile_alone_for, rendered, root};

/// Codes of rule text whose examples take several files, and the one that rule text cannot raise.
const WITHOUT_EXAMPLE: [&str; 4] = ["CAV0202", "CAV0208", "CAV0209", "CAV0316"];

/// Codes that come up only when targets are chosen.
const OF_TARGETS: [&str; 2] = ["CAV0807", "CAV0854"];

/// The part of a page below a heading.
fn section(code: &Code, name: &str) -> &'static str {
    let mark = format!("\n## {name}\n");
    let (_, body) = code.page.split_once(&mark).unwrap_or_else(|| panic!("{}: no section `{name}`", code.id));
    body.split("\n## ").next().unwrap_or(body)
}

/// The examples of a language in a section.
fn examples(section: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = section.split(fence.as_str()).skip(1);
    blocks.map(|block| block.split("\n```").next().unwrap_or(block).to_owned() + "\n").collect()
}

/// What is wrong with a rule, the tests inside it included; also as people see it. For codes that come up
/// for chosen targets, all are.
fn problems(code: &Code, text: &str) -> (Vec<Diagnostic>, String) {
    let registry = caveat::registry().expect("back ends have names of their own");
    let all: Vec<&dyn Backend> = registry.iter().filter(|_| OF_TARGETS.contains(&code.id)).collect();
    let compiled = compile_alone_for(text, &all);
    let mut problems = compiled.diagnostics;
    if let Rules::Checked(rules) = &compiled.rules {
        let results = run_tests(&Evaluator::new(rules));
        problems.extend(results.iter().flat_map(|result| result.diagnostics(rules.places())));
    }
    let shown = rendered(&problems, &compiled.sources);
    (problems, shown)
}

fn is_about_rules(code: &Code) -> bool {
    code.id < "CAV0500" || code.id.starts_with("CAV08")
}

#[test]
fn every_page_begins_with_its_code_and_has_both_sections() {
    for code in CODES {
        let head = format!("# {}: {}", code.id, code.name);
        assert_eq!(code.page.lines().next(), Some(head.as_str()), "the first line of the page");
        for name in ["Wrong", "Right"] {
            assert!(section(code, name).contains("```"), "{}: `{name}` has no example", code.id);
        }
    }
}

#[test]
fn pages_and_codes_are_the_same() {
    let entries = fs::read_dir(root().join("docs/codes")).expect("the folder of the pages");
    let names = entries.map(|entry| entry.expect("a page").file_name().to_string_lossy().into_owned());
    let pages: BTreeSet<String> = names.collect();
    let codes: BTreeSet<String> = CODES.iter().map(|code| format!("{}.md", code.id)).collect();
    assert_eq!(pages, codes);
}

#[test]
fn codes_are_unique_and_in_order() {
    assert!(CODES.is_sorted_by(|a, b| a.id < b.id));
    let names: BTreeSet<&str> = CODES.iter().map(|code| code.name).collect();
    assert_eq!(names.len(), CODES.len());
}

#[test]
fn wrong_examples_raise_their_code_and_no_other() {
    let mut failures = Vec::new();
    for code in CODES {
        let examples = examples(section(code, "Wrong"), "caveat");
        let needed = is_about_rules(code) && !WITHOUT_EXAMPLE.contains(&code.id);
        assert!(!needed || !examples.is_empty(), "{}: no rule under `Wrong`", code.id);
        for example in examples {
            let (problems, shown) = problems(code, &example);
            let found: BTreeSet<&str> = problems.iter().map(|found| found.code.id).collect();
            if found != BTreeSet::from([code.id]) {
                failures.push(format!("{}: the wrong example raises {found:?}\n{shown}", code.id));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn right_examples_raise_nothing() {
    let mut failures = Vec::new();
    for code in CODES {
        for example in examples(section(code, "Right"), "caveat") {
            let (problems, shown) = problems(code, &example);
            if !problems.is_empty() {
                failures.push(format!("{}: the right example raises\n{shown}", code.id));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn rules_on_the_pages_of_the_language_are_well_formed() {
    let text = caveat_tests::rules::read(&root().join("docs/language.md"));
    let all = examples(&text, "caveat");
    assert!(!all.is_empty());
    for example in all.iter().filter(|example| !example.contains('…')) {
        // Fragments of a bulletin are read as a part of one.
        let wrapped = format!("bulletin MS04-006 {{\n{example}}}\n");
        let parses = |text: &str| caveat_tests::rules::formatted(text).is_some();
        assert!(parses(example) || parses(&wrapped), "{example}");
    }
}
