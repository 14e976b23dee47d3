//! One table: the bundled rules, in every target, on the same hosts, each run by the target's own
//! engine and compared with the evaluator. Differences are declared ones, or there are none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]

use std::path::Path;

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_tests::agreement::oval::Oval;
use caveat_tests::agreement::powershell::PowerShell;
use caveat_tests::agreement::rust::{Rust, said};
use caveat_tests::agreement::sigma::Sigma;
use caveat_tests::agreement::yara::Yara;
use caveat_tests::agreement::{Judged, Judgement, Table};
use caveat_tests::drawn::with_batches;
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
    let files: Vec<(String, Checked)> = library::files().collect();
    let mut table = Table::default();
    for more in with_batches(files.len(), |at| table_of(&files[at].0, &files[at].1)) {
        table.merge(more);
    }
    println!("\n{table}");
    let disagreements: Vec<String> = table.disagreements().iter().map(ToString::to_string).collect();
    assert_eq!(disagreements, [] as [String; 0]);
    for target in ["oval", "powershell", "rust"] {
        let [agreed, all] = [Judgement::Agreed, Judgement::LeftOut]
            .map(|judgement| table.of_target(target).map(|count| count.of(judgement)).sum::<usize>());
        // The machine of OVAL's oracle knows of no key of which a part was not read.
        let few = if target == "oval" { agreed / 50 } else { 0 };
        assert!(
            table.was_skipped(target) || agreed > 1000 && all <= few,
            "{target}: {agreed} agreed, {all} left out"
        );
    }
}

fn table_of(name: &str, rules: &Checked) -> Table {
    let mut hosts = library::some_systematic_hosts(rules, SYSTEMATIC);
    // `os.platform` is for readers that know the platforms: the engines go by the facts.
    hosts.extend(library::example_hosts().into_iter().map(without_platform));
    hosts.extend(library::some_unusual_hosts(rules, UNUSUAL));
    hosts.extend(library::some_forgetful_hosts(&hosts, FORGOTTEN));
    let judged = Judged::new(rules, &hosts);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("agreement").join(name);
    let mut table = Table::default();
    match skipped(&[OSCAP]) {
        Some(line) => table.skip("oval", line),
        None => table.add(&judged, &Oval::new(rules, &folder).unwrap()),
    }
    match sigma::Engine::find() {
        Err(line) => table.skip("sigma", line),
        Ok(engine) => table.add(&judged, &Sigma::new(rules, engine)),
    }
    for engine in yara::Engine::available() {
        table.add(&judged, &Yara::new(rules, engine));
    }
    match pwsh::Engine::find() {
        Err(line) => table.skip("powershell", line),
        Ok(engine) => table.add(&judged, &PowerShell::new(rules, engine, &folder)),
    }
    table.add(&judged, &Rust { rules, evaluate: |host| said(generated::evaluate(host).iter()) });
    table
}

fn without_platform(mut host: HostFile) -> HostFile {
    host.os.platform = None;
    host.os.edition = None;
    host
}
