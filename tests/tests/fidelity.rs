//! Random rules on random hosts: what every target says of them is what the evaluator says, or
//! differs from it the way the target declared. Over-approximations never miss a vulnerable host,
//! under-approximations never flag a sound one, exact outputs agree. Of some hosts facts were forgotten.
//!
//! Random, but the same in every run, so that nothing fails at random. `CAVEAT_PAIRS` says how many pairs
//! of a rule and a host are tried.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_tests::agreement::generated::Generated;
use caveat_tests::agreement::oval::Oval;
use caveat_tests::agreement::powershell::PowerShell;
use caveat_tests::agreement::sigma::Sigma;
use caveat_tests::agreement::yara::Yara;
use caveat_tests::agreement::{Count, Disagreement, Engine, Judged, Judgement, Table};
use caveat_tests::drawn::{Batch, number_from_environment, with_batches};
use caveat_tests::oval::engine::{OSCAP, skipped};
use caveat_tests::pwsh;
use caveat_tests::sigma::engine as sigma;
use caveat_tests::smaller::smallest;
use caveat_tests::yara::engine as yara;

/// How many disagreements are made small and shown.
const SHOWN: usize = 6;

/// Makes the engine of a target for rules, with a folder for its files; none when the target leaves all of
/// them out.
type Make<'m> = &'m (dyn for<'r> Fn(&'r Checked, &Path) -> Option<Box<dyn Engine + 'r>> + Sync);

/// Every batch, in the engines that `make` makes. `pairs` are tried unless the environment asks for others.
fn run(target: &'static str, pairs: usize, make: Make<'_>) {
    let pairs = number_from_environment("CAVEAT_PAIRS").unwrap_or(pairs);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fidelity").join(target);
    let found = with_batches(pairs.div_ceil(Batch::PAIRS), |number| {
        let batch = Batch::draw(number);
        let table = judged(&batch, make, &folder.join(number.to_string()));
        (number, table)
    });
    let mut table = Table::of_one_row("random");
    let mut disagreements = Vec::new();
    for (number, one) in found {
        disagreements.extend(one.disagreements().iter().map(|one| (number, one.clone())));
        table.merge(one);
    }
    disagreements.sort_by_key(|(number, _)| *number);
    println!("\n{table}");
    report(&table, target);
    assert!(disagreements.is_empty(), "{}", examples(&disagreements, make, &folder));
    let _ = std::fs::remove_dir_all(&folder);
}

/// What an engine says of a batch.
fn judged(batch: &Batch, make: Make<'_>, folder: &Path) -> Table {
    let mut table = Table::of_one_row("random");
    if let Some(engine) = make(&batch.rules, folder) {
        table.add(&Judged::new(&batch.rules, &batch.hosts), engine.as_ref());
    }
    let _ = std::fs::remove_dir_all(folder);
    table
}

fn report(table: &Table, target: &str) {
    let mut verdicts = BTreeMap::new();
    for (verdict, number) in table.of_target(target).flat_map(Count::verdicts) {
        *verdicts.entry(verdict).or_insert(0) += number;
    }
    println!(
        "{target}: {} pairs of a rule and a host; the verdicts on vulnerabilities: {verdicts:?}",
        pairs(table, target)
    );
    let agreed: usize = table.of_target(target).map(|count| count.of(Judgement::Agreed)).sum();
    assert!(agreed > Batch::RULES, "{target}: hardly anything was compared");
}

fn pairs(table: &Table, target: &str) -> usize {
    table.of_target(target).map(|count| count.hosts).sum()
}

/// Some disagreements, each on the smallest rule and host: of different hosts first, as those of one host
/// mostly have one cause.
fn examples(disagreements: &[(usize, Disagreement)], make: Make<'_>, folder: &Path) -> String {
    let mut shown = BTreeSet::new();
    let other_hosts = disagreements.iter().filter(|(_, one)| shown.insert(&one.host.name));
    let mut text = format!("{} disagreements\n", disagreements.len());
    for (number, one) in other_hosts.take(SHOWN) {
        let (target, theirs, ours) = (one.target, one.theirs, one.ours);
        let example = example(*number, one, make, folder);
        let _ = writeln!(text, "batch {number}: {target}: {theirs:?}, evaluator: {ours:?}\n{example}");
    }
    text
}

fn example(number: usize, disagreement: &Disagreement, make: Make<'_>, folder: &Path) -> String {
    let mut batch = Batch::draw(number);
    let bulletins = &batch.rules.rules().bulletins;
    let at = batch
        .trees
        .iter()
        .position(|tree| tree.current().contains(&format!("bulletin {} {{", disagreement.subject.0)));
    assert!(bulletins.len() == batch.trees.len(), "a bulletin for each rule file");
    let tree = batch.trees.get_mut(at.unwrap()).unwrap();
    match smallest(tree.as_mut(), &disagreement.host, &|rules| disagrees(rules, make, folder)) {
        Some((text, host)) => format!("{text}{}", serde_yaml::to_string(&host).unwrap()),
        None => "in this batch only".to_owned(),
    }
}

/// Whether the target disagrees with the evaluator on a host.
fn disagrees<'r>(rules: &'r Checked, make: Make<'_>, folder: &Path) -> Box<dyn Fn(&HostFile) -> bool + 'r> {
    let Some(engine) = make(rules, folder) else { return Box::new(|_| false) };
    Box::new(move |host| {
        let mut table = Table::default();
        table.add(&Judged::new(rules, std::slice::from_ref(host)), engine.as_ref());
        !table.disagreements().is_empty()
    })
}

/// How many pairs are tried where that takes little.
const MANY: usize = 2000;
/// How many in engines that are slow to start.
const FEW: usize = 480;

#[test]
fn yara() {
    for engine in yara::Engine::available() {
        run(if engine == yara::Engine::Yara { "yara" } else { "yara-x" }, FEW, &|rules, _| {
            Some(Box::new(Yara::new(rules, engine)))
        });
    }
}

#[test]
fn sigma() {
    match sigma::Engine::find() {
        Err(line) => println!("{line}"),
        Ok(engine) => run("sigma", FEW, &|rules, _| Some(Box::new(Sigma::new(rules, engine.clone())))),
    }
}

#[test]
fn powershell() {
    match pwsh::Engine::find() {
        Err(line) => println!("{line}"),
        Ok(engine) => {
            run("powershell", FEW, &|rules, folder| {
                Some(Box::new(PowerShell::new(rules, engine.clone(), folder)))
            });
        }
    }
}

#[test]
fn oval() {
    match skipped(&[OSCAP]) {
        Some(line) => println!("{line}"),
        None => run("oval", MANY, &|rules, folder| Some(Box::new(Oval::new(rules, folder)?))),
    }
}

#[test]
fn rust() {
    run("rust", FEW, &|rules, folder| Some(Box::new(Generated::new(rules, folder))));
}
