//! One table: the bundled rules, in every target, on the same hosts, each run by the target's own
//! engine and compared with the evaluator. Differences are declared ones, or there are none.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test")]

use std::path::Path;

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_tests::agreement::oval::Oval;
use caveat_tests::agreement::powershell::PowerShell;
use caveat_tests::agreement::pwsh::Pwsh;
use caveat_tests::agreement::rust::{Rust, said};
use caveat_tests::agreement::sigma::Sigma;
use caveat_tests::agreement::yara::Yara;
use caveat_tests::agreement::{Judgement, Table};
use caveat_tests::library;
use caveat_tests::oval::engine::{OSCAP, skipped};
use caveat_tests::pwsh;
use caveat_tests::sigma::engine as sigma;
use caveat_tests::yara::engine as yara;

mod generated {
    caveat::include_rules!("../rules");
}

/// How many systematic hosts there are for each file of the library, beside the example hosts.
const SYSTEMATIC: usize = 40;
/// How many hosts with something unusual.
const UNUSUAL: usize = 40;
/// How many of which something was forgotten.
const FORGOTTEN: usize = 40;

#[test]
fn all_targets_agree_on_the_bundled_rules() {
    let mut table = Table::default();
    let examples = library::example_hosts();
    for (name, rules) in library::files() {
        let mut hosts = library::some_systematic_hosts(&rules, SYSTEMATIC);
        // `os.platform` is for readers that know the platforms: the engines go by the facts.
        hosts.extend(examples.iter().cloned().map(without_platform));
        hosts.extend(library::some_unusual_hosts(&rules, UNUSUAL));
        hosts.extend(library::some_forgetful_hosts(&hosts, FORGOTTEN));
        add_all(&mut table, &name, &rules, &hosts);
    }
    println!("\n{table}");
    let disagreements: Vec<String> = table.disagreements().iter().map(ToString::to_string).collect();
    assert_eq!(disagreements, [] as [String; 0]);
    for target in ["oval", "powershell", "pwsh", "rust"] {
        let [agreed, all] = [Judgement::Agreed, Judgement::LeftOut]
            .map(|judgement| table.of_target(target).map(|count| count.of(judgement)).sum::<usize>());
        assert!(
            table.was_skipped(target) || agreed > 1000 && all == 0,
            "{target}: {agreed} agreed, {all} left out"
        );
    }
}

fn add_all(table: &mut Table, name: &str, rules: &Checked, hosts: &[HostFile]) {
    match skipped(&[OSCAP]) {
        Some(line) => table.skip("oval", line),
        None => {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("agreement").join(name);
            table.add(rules, &Oval::new(rules, &folder).unwrap(), hosts);
        }
    }
    match sigma::Engine::find() {
        Err(line) => table.skip("sigma", line),
        Ok(engine) => table.add(rules, &Sigma::new(rules, engine), hosts),
    }
    for engine in yara::Engine::available() {
        table.add(rules, &Yara::new(rules, engine), hosts);
    }
    table.add(rules, &PowerShell::new(rules), hosts);
    match pwsh::Engine::find() {
        Err(line) => table.skip("pwsh", line),
        Ok(engine) => {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("agreement").join(name);
            table.add(rules, &Pwsh::new(rules, engine, &folder), hosts);
        }
    }
    table.add(rules, &Rust { rules, evaluate: |host| said(generated::evaluate(host).iter()) }, hosts);
}

fn without_platform(mut host: HostFile) -> HostFile {
    host.os.platform = None;
    host.os.edition = None;
    host
}
