//! Random rules on random hosts: what every target says of them is what the evaluator says, or
//! differs from it the way the target declared. Over-approximations never miss a vulnerable host,
//! under-approximations never flag a sound one, exact outputs agree.
//!
//! Random, but the same in every run, so that nothing fails at random.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test")]

use std::path::{Path, PathBuf};

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_sema::Rules;
use caveat_tests::agreement::oval::Oval;
use caveat_tests::agreement::powershell::PowerShell;
use caveat_tests::agreement::sigma::Sigma;
use caveat_tests::agreement::yara::Yara;
use caveat_tests::agreement::{Engine, Judgement, Table};
use caveat_tests::oval::engine::{OSCAP, skipped};
use caveat_tests::rules::{compile_alone, rendered};
use caveat_tests::sigma::engine as sigma;
use caveat_tests::yara::engine as yara;
use caveat_tests::{hosts, random_rules};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};

/// How many rule files are drawn.
const RULES: usize = 40;
/// How many hosts are drawn for each.
const HOSTS: usize = 12;

fn runner() -> TestRunner {
    let config = Config { failure_persistence: None, ..Config::default() };
    let algorithm = config.rng_algorithm;
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(algorithm))
}

fn draw<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Rules that the checker accepts, with their text; some drawn ones are contradictory.
fn draw_rules(runner: &mut TestRunner) -> (String, Checked) {
    for _ in 0..100 {
        let text = draw(runner, &random_rules::rules());
        let compilation = compile_alone(&text);
        match compilation.rules {
            Rules::Checked(checked) => return (text, checked),
            Rules::Broken(_) => {
                let shown = rendered(&compilation.diagnostics, &compilation.sources);
                assert!(!shown.contains("error[CAV00"), "the generator writes no rules:\n{text}\n{shown}");
            }
        }
    }
    panic!("the checker accepts hardly any of the drawn rules");
}

fn draw_hosts(runner: &mut TestRunner, rules: &Checked) -> Vec<HostFile> {
    let rules = rules.rules();
    let bulletin = rules.bulletins.first().unwrap();
    let vocabulary = hosts::vocabulary::Vocabulary::new(rules, bulletin);
    let strategy = hosts::random::host(&vocabulary);
    (0..HOSTS).map(|_| draw(runner, &strategy)).collect()
}

/// Every drawn rule file with its hosts, in the engine that `engine` makes for it.
fn run(target: &'static str, engine: impl for<'r> Fn(&'r Checked, &Path) -> Option<Box<dyn Engine + 'r>>) {
    let mut runner = runner();
    let mut table = Table::default();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fidelity").join(target);
    for index in 0..RULES {
        let (text, rules) = draw_rules(&mut runner);
        let hosts = draw_hosts(&mut runner, &rules);
        let Some(engine) = engine(&rules, &folder.join(index.to_string())) else { continue };
        table.add(&rules, engine.as_ref(), &hosts);
        let found = table.disagreements();
        assert!(found.is_empty(), "{text}\n{}", found.join("\n"));
    }
    println!("{table}");
    let agreed: usize = table.of_target(target).map(|count| count.of(Judgement::Agreed)).sum();
    assert!(agreed > RULES, "{target}: hardly anything was compared");
}

#[test]
fn yara() {
    for engine in yara::Engine::available() {
        run(if engine == yara::Engine::Yara { "yara" } else { "yara-x" }, |rules, _| {
            Some(Box::new(Yara::new(rules, engine)))
        });
    }
}

#[test]
fn sigma() {
    match sigma::Engine::find() {
        Err(line) => println!("{line}"),
        Ok(engine) => run("sigma", |rules, _| Some(Box::new(Sigma::new(rules, engine.clone())))),
    }
}

#[test]
fn powershell() {
    run("powershell", |rules, _| Some(Box::new(PowerShell::new(rules))));
}

#[test]
fn oval() {
    match skipped(&[OSCAP]) {
        Some(line) => println!("{line}"),
        None => run("oval", |rules, folder| Some(Box::new(Oval::new(rules, folder)?))),
    }
}
