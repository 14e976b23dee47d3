//! Machines that Wine is: the live script, the facts that the collector writes and `LiveHost` give the evaluator's verdicts.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use caveat::backend::{Backend, Options, Policy};
use caveat_backend_powershell::PowerShell;
use caveat_driver::lock::Lock;
use caveat_driver::{Target, build};
use caveat_eval::{Evaluator, Host, load_hosts};
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_tests::library::{evenly, hosts_of, some_systematic_hosts, some_unusual_hosts};
use caveat_tests::live::{Machine, Plan, Reason, Wine};
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::rules::{files_below, root};
use serde_json::Value;

/// How many hosts of each file of rules are set up.
const SYSTEMATIC: usize = 8;
const UNUSUAL: usize = 8;
const OF_A_CASE: usize = 8;
/// How many there are at least.
const LEAST: usize = 150;

/// Rules with machines to judge by them.
struct Group {
    source: PathBuf,
    rules: Checked,
    plans: Vec<Plan>,
}

/// Rules and hosts of the suite: those of the library, and of the cases that all engines run.
fn groups(left_out: &mut BTreeMap<Reason, usize>) -> Vec<Group> {
    let library = &root().join("rules");
    let bundled = files_below(library, "caveat").into_iter().map(|file| {
        let rules = checked(compiled(std::slice::from_ref(&file), library));
        (file, rules, None)
    });
    let cases = ["oval", "verdict"].into_iter().flat_map(|folder| {
        let files = files_below(&root().join("tests/cases").join(folder), "caveat").into_iter();
        files.filter_map(move |file| {
            let hosts = file.with_extension(if folder == "oval" { "hosts.yaml" } else { "yaml" });
            let rules = checked(compiled(std::slice::from_ref(&file), library));
            hosts.is_file().then(|| (file, rules, Some(hosts_of(&hosts))))
        })
    });
    let mut groups = Vec::new();
    for (source, rules, hosts) in
        bundled.chain(cases).filter(|(_, rules, _)| !rules.rules().bulletins.is_empty())
    {
        let mut planned = |hosts: Vec<HostFile>, most: usize| {
            let mut plans = Vec::new();
            for host in hosts {
                match Plan::new(&rules, &host) {
                    Ok(plan) => plans.push(plan),
                    Err(reason) => *left_out.entry(reason).or_default() += 1,
                }
            }
            let step = plans.len().div_ceil(most).max(1);
            plans.into_iter().step_by(step).collect::<Vec<_>>()
        };
        let plans = match hosts {
            Some(hosts) => planned(hosts, OF_A_CASE),
            None => {
                let mut plans = planned(some_systematic_hosts(&rules, 200), SYSTEMATIC);
                plans.extend(planned(evenly(some_unusual_hosts(&rules, usize::MAX), 200), UNUSUAL));
                plans
            }
        };
        groups.push(Group { source, rules, plans });
    }
    groups
}

fn write_scripts(rules: &Checked, folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let options = Options::new(&PowerShell.info().options, [("layout", "bundle")]).unwrap();
    let target = Target { backend: &PowerShell, options };
    let built = build(rules, &[target], Policy::Approximate, &Lock::default());
    for (_, artifact) in built.artifacts {
        std::fs::write(folder.join(artifact.path.rsplit('/').next().unwrap()), artifact.text).unwrap();
    }
}

/// The verdicts of outcomes: of bulletins, and of their vulnerabilities.
fn verdicts(outcomes: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found = BTreeMap::new();
    for outcome in outcomes.as_array().unwrap() {
        let bulletin = text(&outcome["bulletin"]);
        for one in outcome["vulnerabilities"].as_array().unwrap() {
            found.insert(format!("{bulletin} {}", text(&one["id"])), text(&one["verdict"]));
        }
        found.insert(bulletin, text(&outcome["verdict"]));
    }
    found
}

fn evaluated(rules: &Checked, host: &HostFile) -> BTreeMap<String, String> {
    let outcomes = Evaluator::new(rules).outcomes(&Host::new(host, rules.rules()).0);
    verdicts(&serde_json::to_value(outcomes).unwrap())
}

#[test]
#[ignore = "sets up machines in Wine, which takes long; run it by hand"]
fn live_machines_are_judged_as_the_evaluator_judges_them() {
    let wine = match Wine::find() {
        Ok(wine) => wine,
        Err(line) => return println!("{line}"),
    };
    let mut left_out = BTreeMap::new();
    let groups = groups(&mut left_out);
    let mut machines = Vec::new();
    let mut hosts = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let folder = wine.folder().join(format!("rules-{number}"));
        write_scripts(&group.rules, &folder);
        for plan in &group.plans {
            machines.push(Machine { plan, rules: folder.clone(), source: group.source.clone() });
            hosts.push((group, plan));
        }
    }
    println!("{} machines of {} files of rules", machines.len(), groups.len());
    for (reason, count) in &left_out {
        println!("left out: {count} hosts: {reason}");
    }
    assert!(machines.len() >= LEAST, "{} machines", machines.len());
    let (mut results, mut again, mut wrong) = (0, 0, Vec::new());
    for ((group, plan), found) in hosts.iter().zip(wine.run(&machines)) {
        let ours = evaluated(&group.rules, &plan.host);
        results += ours.len();
        let collected = load_hosts("facts.json", &found.facts).remove(0).unwrap();
        let told = [
            ("script", verdicts(&found.script)),
            ("collector", evaluated(&group.rules, &collected)),
            ("LiveHost", verdicts(&found.judge)),
        ];
        for (who, theirs) in told {
            let differ = ours.iter().find(|(subject, verdict)| theirs.get(*subject) != Some(verdict));
            if let Some((subject, verdict)) = differ {
                let name = plan.host.name.as_deref().unwrap_or_default();
                let said = theirs.get(subject);
                wrong.push(format!(
                    "{}: {name}: {subject}: {who} {said:?}, evaluator {verdict}",
                    group.source.display()
                ));
            }
        }
        if let Some(second) = &found.again {
            again += 1;
            assert_eq!(&found.facts, second, "two runs of the collector differ");
        }
    }
    println!("{results} results of each; {again} machines collected twice, with the same bytes");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
