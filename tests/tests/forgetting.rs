//! Less knowledge never changes a decided verdict: of any host, a fact or a whole kind of facts is
//! forgotten, and every decided verdict stays or becomes unknown.
//!
//! `CAVEAT_FORGOTTEN` says how many facts each test forgets. The hosts of the bundled rules and of the
//! suite's cases have some 100,000 each, random ones as many as asked for.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a test")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_tests::drawn::{Batch, number_from_environment, with_batches};
use caveat_tests::forget::{Breach, Judge, Way, ways};
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::hosts::{bounds, systematic, unusual};
use caveat_tests::library::{self, hosts_of};
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::rules::{compile_alone, files_below, root};
use caveat_tests::smaller::{smallest, smallest_host};

/// How many facts each test forgets, unless the environment says otherwise.
const FORGOTTEN: usize = 5000;
/// How many kinds of breaches are shown.
const SHOWN: usize = 12;

fn forgotten() -> usize {
    number_from_environment("CAVEAT_FORGOTTEN").unwrap_or(FORGOTTEN)
}

/// A breach: the number of the rules, the host, what is wrong, and the way to know less.
#[derive(Clone)]
struct Example {
    rules: usize,
    host: HostFile,
    breach: Breach,
    way: Way,
}

/// What was counted, and what went wrong: a first example of each kind of thing.
#[derive(Default)]
struct Tally {
    forgotten: usize,
    verdicts: usize,
    breaches: usize,
    examples: BTreeMap<(&'static str, &'static str), Example>,
}

impl Tally {
    /// Judges a host in some ways to know less.
    fn add(&mut self, judge: &Judge<'_>, rules: usize, host: &HostFile, ways: impl Iterator<Item = Way>) {
        let mut before = None;
        for way in ways {
            let before = before.get_or_insert_with(|| judge.judge(host));
            let found = judge.breaches(before, &way);
            self.forgotten += 1;
            self.verdicts += judge.verdicts();
            self.breaches += usize::from(!found.is_empty());
            if let Some(breach) = found.into_iter().next() {
                let key = (breach.kind, way.kind);
                let example = || Example { rules, host: host.clone(), breach, way };
                self.examples.entry(key).or_insert_with(example);
            }
        }
    }

    fn merge(mut self, other: Self) -> Self {
        self.forgotten += other.forgotten;
        self.verdicts += other.verdicts;
        self.breaches += other.breaches;
        for (kind, example) in other.examples {
            self.examples.entry(kind).or_insert(example);
        }
        self
    }

    /// Tells what was counted, and fails with the examples if there are any.
    fn finish(self, title: &str, shown: impl Fn(&Example) -> String) {
        let Self { forgotten, verdicts, breaches, examples } = self;
        println!("{title}: {forgotten} forgotten facts, {verdicts} verdicts, {breaches} facts changed one");
        let mut text = String::new();
        for ((kind, what), example) in examples.iter().take(SHOWN) {
            let _ = writeln!(text, "\n{kind} ({what})\n{}", shown(example));
        }
        assert!(text.is_empty(), "{breaches} of {forgotten}:\n{text}");
        assert!(forgotten > 0, "nothing was forgotten");
    }
}

/// Rules, and hosts to try them on.
struct Subject {
    name: String,
    rules: Checked,
    hosts: Vec<HostFile>,
}

/// As many ways to know less of the hosts as asked for, evenly taken from all.
fn judge_evenly(title: &str, subjects: &[Subject], most: usize) {
    let all: usize = subjects.iter().flat_map(|subject| &subject.hosts).map(|host| ways(host).len()).sum();
    let step = all.div_ceil(most.max(1)).max(1);
    let tallies = with_batches(subjects.len(), |index| judge_subject(index, &subjects[index], step));
    let tally = tallies.into_iter().fold(Tally::default(), Tally::merge);
    tally.finish(title, |example| {
        let subject = &subjects[example.rules];
        let judge = Judge::new(&subject.rules);
        let host = smallest_host(&example.host, &|host| breach_on(&judge, host, example).is_some());
        format!("{}\n{}", subject.name, shown(&judge, &host, example))
    });
}

fn judge_subject(index: usize, subject: &Subject, step: usize) -> Tally {
    let judge = Judge::new(&subject.rules);
    let mut tally = Tally::default();
    let mut turn = 0;
    for host in &subject.hosts {
        let its_turn = |_: &Way| {
            turn += 1;
            turn % step == 0
        };
        tally.add(&judge, index, host, ways(host).into_iter().filter(its_turn));
    }
    tally
}

/// The breach of the same kind that the host shows, and the way to it.
fn breach_on(judge: &Judge<'_>, host: &HostFile, example: &Example) -> Option<(Breach, Way)> {
    let before = judge.judge(host);
    let alike =
        |other: &Breach| other.kind == example.breach.kind && other.of_verdict == example.breach.of_verdict;
    let ways = ways(host).into_iter().filter(|other| other.kind == example.way.kind);
    let mut found =
        ways.filter_map(|way| Some((judge.breaches(&before, &way).into_iter().find(alike)?, way)));
    found.next()
}

fn shown(judge: &Judge<'_>, host: &HostFile, example: &Example) -> String {
    let found = breach_on(judge, host, example);
    let (breach, way) = found.unwrap_or_else(|| (example.breach.clone(), example.way.clone()));
    let yaml = |host: &HostFile| serde_yaml::to_string(&HostFile { name: None, ..host.clone() }).unwrap();
    format!("{breach}\n-- host\n{}-- without {} {}\n{}", yaml(host), way.kind, way.what, yaml(&way.host))
}

#[test]
fn the_library() {
    let examples = library::example_hosts();
    let subjects = library::files().map(|(name, rules)| {
        let mut hosts = examples.clone();
        for bulletin in &rules.rules().bulletins {
            let vocabulary = Vocabulary::new(rules.rules(), bulletin);
            hosts.extend(systematic::hosts(&vocabulary));
            hosts.extend(unusual::hosts(&vocabulary));
        }
        Subject { name, rules, hosts }
    });
    judge_evenly("the library", &subjects.collect::<Vec<_>>(), forgotten());
}

#[test]
fn the_cases() {
    let folders =
        ["oval", "verdict", "rust", "check/sound"].map(|name| root().join("tests/cases").join(name));
    let files = folders.iter().flat_map(|folder| files_below(folder, "caveat"));
    let subjects: Vec<Subject> = files.map(|file| case(&file)).collect();
    assert!(subjects.len() > 30, "the cases were not found");
    judge_evenly("the cases", &subjects, forgotten());
}

/// All ways to know less of hosts with builds, and not a part of them as above.
#[test]
fn the_cases_of_builds() {
    let subjects =
        ["builds", "revisions"].map(|name| case(&root().join(format!("tests/cases/verdict/{name}.caveat"))));
    let bounds = subjects.iter().flat_map(|subject| &subject.hosts);
    let bounds = bounds.filter(|host| host.hotfixes.iter().any(|name| name.to_string() == "KB9999999"));
    assert!(bounds.count() > 20, "hosts that list their updates were not made");
    judge_evenly("builds", &subjects, usize::MAX);
}

/// The rules of a case, with the hosts beside it and those that its bulletins make.
fn case(file: &Path) -> Subject {
    let rules = checked(compiled(std::slice::from_ref(&file.to_owned()), file.parent().unwrap()));
    let beside = ["yaml", "hosts.yaml", "ndjson"].map(|extension| file.with_extension(extension));
    let beside: Vec<PathBuf> = beside.into_iter().filter(|path| path.exists()).collect();
    let mut hosts: Vec<HostFile> = beside.iter().flat_map(|path| hosts_of(path)).collect();
    for bulletin in &rules.rules().bulletins {
        let vocabulary = Vocabulary::new(rules.rules(), bulletin);
        hosts.extend(systematic::hosts(&vocabulary));
        hosts.extend(unusual::hosts(&vocabulary));
    }
    let listed: Vec<HostFile> = hosts.iter().flat_map(bounds::hosts).collect();
    hosts.extend(listed);
    Subject { name: file.display().to_string(), rules, hosts }
}

#[test]
fn random_rules() {
    let mut tally = Tally::default();
    let mut batches = 0;
    while tally.forgotten < forgotten() {
        let found = with_batches(ROUND, |index| judge_batch(batches + index));
        tally = found.into_iter().fold(tally, Tally::merge);
        batches += ROUND;
    }
    tally.finish("random rules", smallest_example);
}

/// How many batches are drawn before it is asked whether they are enough.
const ROUND: usize = 2;

fn judge_batch(number: usize) -> Tally {
    let batch = Batch::draw(number);
    let judge = Judge::new(&batch.rules);
    let mut tally = Tally::default();
    for host in &batch.hosts {
        tally.add(&judge, number, host, ways(host).into_iter());
    }
    tally
}

/// The example with the smallest rule and host of its batch.
fn smallest_example(example: &Example) -> String {
    for mut tree in Batch::draw(example.rules).trees {
        if let Some((text, host)) = smallest(tree.as_mut(), &example.host, &|rules| {
            let (judge, example) = (Judge::new(rules), example.clone());
            Box::new(move |host| breach_on(&judge, host, &example).is_some())
        }) {
            let rules = checked(compile_alone(&text));
            return format!("{text}{}", shown(&Judge::new(&rules), &host, example));
        }
    }
    format!("{}: in batch {} only", example.breach, example.rules)
}
