//! Random formulas on random hosts: whatever a condition says, no vulnerable host is missed unless the
//! package is declared as left out.

use caveat_sema::Rules;
use caveat_tests::hosts::random;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::rules::compile_alone;
use caveat_tests::yara::agreement::{Agreement, agreement};
use caveat_tests::yara::engine::Engine;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::alone;

/// How many rule sets are tried, and how large they are.
const SETS: usize = 4;
const BULLETINS: usize = 20;
const HOSTS: usize = 40;

const PLATFORMS: &str = r#"
platform narrow { title "N"; version 5.0; architecture x86 }
platform wide   { title "W"; version 5.2; architecture x86, ia64, x64, arm64 }
"#;

fn test() -> impl Strategy<Value = String> {
    let path = select(vec![
        r"%SystemRoot%\System32\a.dll",
        r"%SystemRoot%\SysWOW64\a.dll",
        r"%SystemRoot%\System32\drivers\b.sys",
        r"C:\x\b.sys",
        r"C:\x\c.dll",
    ]);
    let question = select(vec![
        "version < 2.0",
        "version < 1.5.0.7",
        "version >= 1.0",
        "version = 1.2.3.4",
        "version != 1.2.3.4",
        "version in 1.0..1.5, 3.0..4.0",
        "exists",
        "md5 \"8f14e45fceea167a5a36dedd4bea2543\"",
        "sha256 \"7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451\"",
    ]);
    let file = (path, question).prop_map(|(path, question)| format!("file '{path}' {question}"));
    let other = select(vec![
        "service \"A\" installed",
        "os architecture x86",
        "os architecture ia64, x64",
        "os sp 2..4",
        "registry 'HKLM\\SOFTWARE\\A' exists",
    ]);
    prop_oneof![4 => file, 1 => other.prop_map(str::to_owned)]
}

fn formula() -> impl Strategy<Value = String> {
    test().prop_recursive(4, 16, 3, |inner| {
        let joined = (vec(inner.clone(), 2..4), select(vec![" and ", " or "]));
        prop_oneof![
            4 => joined.prop_map(|(parts, word)| format!("({})", parts.join(word))),
            1 => inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}

fn bulletin(number: usize, (outdated, requires, exposed): &(String, String, String)) -> String {
    let platforms = ["narrow", "wide", "narrow, wide", "wide ia64", "wide x64"][number % 5];
    format!(
        r#"
bulletin B-{number} {{
    title "T"; kb 1; published 2004-01-01; severity low
    vulnerability CVE-2004-0001 {{ title "V"; severity low; exposed when {exposed} }}
    package "p" {{ for {platforms}; file 'C:\x\c.dll' fixed in 1.0; requires {requires}; vulnerable when {outdated} }}
}}
"#
    )
}

/// Whether the checker accepts a bulletin: some drawn ones contradict themselves.
fn makes_sense(bulletin: &str) -> bool {
    matches!(compile_alone(&(PLATFORMS.to_owned() + bulletin)).rules, Rules::Checked(_))
}

/// One bulletin after the other, each on hosts of its own vocabulary.
fn compare(text: &str, engine: Engine, runner: &mut TestRunner) -> Agreement {
    let rules = alone(text);
    let mut hosts = Vec::new();
    for bulletin in &rules.rules().bulletins {
        let strategy = random::host(&Vocabulary::new(rules.rules(), bulletin));
        hosts.extend((0..HOSTS).map(|_| strategy.new_tree(runner).unwrap().current()));
    }
    agreement(&rules, &hosts, engine)
}

#[test]
fn no_vulnerable_host_is_missed_by_random_rules() {
    let mut runner = TestRunner::deterministic();
    let bulletins = vec((formula(), formula(), formula()), BULLETINS);
    for engine in Engine::available() {
        let mut counted = [0; 4];
        for _ in 0..SETS {
            let set = bulletins.new_tree(&mut runner).unwrap().current();
            let text: String = set
                .iter()
                .enumerate()
                .map(|(number, parts)| bulletin(number, parts))
                .filter(|bulletin| makes_sense(bulletin))
                .collect();
            let text = PLATFORMS.to_owned() + &text;
            let found = compare(&text, engine, &mut runner);
            assert_eq!(found.disagreements, Vec::<String>::new(), "{engine:?}\n{text}");
            for (count, more) in
                counted.iter_mut().zip([found.vulnerable, found.agreed, found.over_reported, found.left_out])
            {
                *count += more;
            }
        }
        let [vulnerable, agreed, over_reported, left_out] = counted;
        println!(
            "{engine:?}: {vulnerable} vulnerable; {agreed} agreed, {over_reported} over-reported, {left_out} left out"
        );
        assert!(counted.iter().all(|count| *count > 100) && vulnerable > left_out + 100, "{counted:?}");
    }
}
