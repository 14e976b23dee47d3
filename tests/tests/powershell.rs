//! The emitted PowerShell scripts, run on host files, give the reference evaluator's outcomes.
//!
//! `pwsh` judges them, where there is one. The interpreter `caveat-powershell-interpreter` runs each path of them as well: it
//! stops at what PowerShell 2.0 may not know.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test"
)]

#[path = "powershell/code.rs"]
mod code;
#[path = "powershell/collect.rs"]
mod collect;
#[path = "powershell/hostile.rs"]
mod hostile;
#[path = "powershell/real.rs"]
mod real;
#[path = "powershell/run.rs"]
mod run;

use caveat::backend::{Backend, Options, Policy};
use caveat_backend_powershell::PowerShell;
use caveat_driver::lock::Lock;
use caveat_driver::{Target, build};
use caveat_eval::{Evaluator, Host};
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_powershell_interpreter::script::Script;
use caveat_tests::hosts::random;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::library::{self, bundled, hosts_of};
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::rules::{files_below, root};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::{Value, json};

/// The scripts made of rules, by path.
fn scripts(rules: &Checked) -> Vec<(String, String)> {
    let options = Options::new(&PowerShell.info().options, []).unwrap();
    let built = build(rules, &[Target { backend: &PowerShell, options }], Policy::Error, &Lock::default());
    assert!(!built.failed, "{:?}", built.diagnostics);
    built.artifacts.into_iter().map(|(_, artifact)| (artifact.path, artifact.text)).collect()
}

fn bundle(rules: &Checked) -> Script {
    let scripts = scripts(rules);
    Script::new(&scripts.iter().find(|(path, _)| path == "powershell/caveat.ps1").unwrap().1)
}

/// What the evaluator says of hosts, as JSON has it.
fn expected(rules: &Checked, hosts: &[HostFile]) -> Vec<Value> {
    let evaluator = Evaluator::new(rules);
    let of = |host: &HostFile| evaluator.outcomes(&Host::new(host, rules.rules()).0);
    hosts.iter().flat_map(of).map(|outcome| serde_json::to_value(outcome).unwrap()).collect()
}

/// The script's results on each host equal the evaluator's.
fn agree(script: &Script, rules: &Checked, hosts: &[HostFile]) -> usize {
    let mut compared = 0;
    for host in hosts {
        let facts = serde_json::to_string(host).unwrap();
        let (ours, theirs) =
            (expected(rules, std::slice::from_ref(host)), script.results("host.json", &facts));
        assert_eq!(json!(ours), json!(theirs), "{facts}");
        compared += ours.len();
    }
    compared
}

#[test]
fn example_hosts() {
    let (rules, hosts) = (bundled(), library::example_hosts());
    assert!(hosts.len() >= 12);
    agree(&bundle(&rules), &rules, &hosts);
}

/// How many systematic hosts the engine is given for each bulletin.
const SYSTEMATIC: usize = 40;
/// How many random ones.
const RANDOM: usize = 10;

#[test]
fn systematic_hosts() {
    let Some(engine) = real::engine() else { return };
    for (name, rules) in library::files() {
        let hosts = library::some_systematic_hosts(&rules, SYSTEMATIC);
        real::agrees(&engine, &rules, &hosts, "en-US");
        println!("{name}: {} hosts agree", hosts.len());
        assert!(hosts.len() > SYSTEMATIC / 2, "{name}: too few hosts");
    }
}

/// Random, but the same in every run, so that CI does not fail at random.
#[test]
fn random_hosts() {
    let Some(engine) = real::engine() else { return };
    for (_, rules) in library::files() {
        let mut hosts: Vec<HostFile> = Vec::new();
        for bulletin in &rules.rules().bulletins {
            let config = Config { failure_persistence: None, ..Config::default() };
            let algorithm = config.rng_algorithm;
            let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(algorithm));
            let strategy = random::host(&Vocabulary::new(rules.rules(), bulletin));
            hosts.extend((0..RANDOM).map(|_| strategy.new_tree(&mut runner).unwrap().current()));
        }
        real::agrees(&engine, &rules, &hosts, "en-US");
    }
}

/// The small rule files of the other suites, on the hosts beside them.
#[test]
fn cases() {
    for (folder, hosts) in [("tests/cases/oval", "hosts.yaml"), ("tests/cases/verdict", "yaml")] {
        let files = files_below(&root().join(folder), "caveat");
        assert!(files.len() > 5, "{folder}");
        for file in files {
            // Scripts list no keys, and say so: `Feature::SeveralKeys`. They take no list of updates for a bound of the
            // revision either (ADR 23), so that it stays unknown where a host file does not state it.
            if std::fs::read_to_string(&file).unwrap().contains("any key ")
                || file.ends_with("revisions.caveat")
            {
                continue;
            }
            let rules = checked(compiled(std::slice::from_ref(&file), file.parent().unwrap()));
            let beside = file.with_extension(hosts);
            if beside.exists() {
                let hosts = hosts_of(&beside);
                let compared = agree(&bundle(&rules), &rules, &hosts);
                if let Some(engine) = real::engine() {
                    real::agrees(&engine, &rules, &hosts, "en-US");
                }
                println!("{}: {compared} outcomes agree", file.display());
            }
        }
    }
}
