//! The reference evaluator's truth of every OVAL definition equals OpenSCAP's.
//!
//! - `systematic hosts`: for every bundled bulletin, hosts made from what it speaks of.
//! - `random hosts`: any hosts over the same vocabulary.
//! - `cases/…`: small rule files of `tests/cases/oval`, each on the hosts of `NAME.hosts.yaml`.
//!   To add a case, add the two files.
//!
//! The characteristics of a host on which the two differ stay in `target/tmp/oval/PROCESS`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use caveat_eval::load_hosts;
use caveat_ir::expr::{Integer, ValueCheck};
use caveat_ir::host::{DataEntry, HostFile, RegistryData};
use caveat_ir::rule::Bulletin;
use caveat_ir::{Expr, Test, Truth};
use caveat_tests::drawn::without_lost_files;
use caveat_tests::hosts::systematic;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::oval::compare::{Comparison, Subject, checked, compare_all, compiled};
use caveat_tests::oval::engine::{OSCAP, skipped};
use caveat_tests::{hosts, library};
use libtest_mimic::{Arguments, Failed, Trial};
use proptest::test_runner::{Config, TestCaseError, TestRng, TestRunner};

/// Where OpenSCAP is known to deviate from OVAL, and so from the evaluator. Every entry must
/// be needed: one that no host needs fails the test.
static KNOWN_DEVIATIONS: [Deviation; 1] = [Deviation {
    what: "OpenSCAP reads no integer above 2^63 - 1, so that bits of a larger one are an error",
    applies: |formula, host| asks_for_large_bits(formula) && holds_large_number(host),
    seen: AtomicBool::new(false),
}];

/// A deviation of OpenSCAP.
struct Deviation {
    /// What it is.
    what: &'static str,
    /// Whether it may show on this host when this formula is evaluated.
    applies: fn(formula: &Expr, host: &HostFile) -> bool,
    /// Whether a host needed it.
    seen: AtomicBool,
}

fn asks_for_large_bits(formula: &Expr) -> bool {
    let mut found = false;
    formula.leaves(&mut |leaf| {
        found |= matches!(&leaf.test, Test::RegistryValue(_, _, ValueCheck::Bits(Integer::Qword(_))));
    });
    found
}

fn holds_large_number(host: &HostFile) -> bool {
    let is_large = |data: &RegistryData| match &data.data {
        DataEntry::One(number) => {
            number.to_string().parse().is_ok_and(|number: u64| i64::try_from(number).is_err())
        }
        DataEntry::Many(_) => false,
    };
    host.registry
        .iter()
        .flat_map(|entry| entry.values.values())
        .any(|data| data.kind == "reg_qword" && is_large(data))
}

/// The least number of systematic hosts for a bulletin.
const LEAST_HOSTS: usize = 300;
/// How many of them are tried, unless `CAVEAT_THOROUGH` asks for all.
const MOST_HOSTS: usize = 700;
/// How many random hosts are tried for each bulletin.
const RANDOM_HOSTS: u32 = 60;
/// How many disagreements are shown.
const SHOWN: usize = 5;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    if let Some(line) = skipped(&[OSCAP]) {
        println!("{line}");
        return ExitCode::SUCCESS;
    }
    let mut trials =
        vec![Trial::test("systematic hosts", systematic_hosts), Trial::test("random hosts", random_hosts)];
    let cases = cases();
    assert!(!cases.is_empty(), "no case was found");
    trials.extend(cases.into_iter().map(|path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Trial::test(format!("cases/{name}"), move || case(&name, &path))
    }));
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !conclusion.has_failed() {
        let _ = std::fs::remove_dir_all(scratch());
    }
    let everything = conclusion.num_filtered_out == 0 && conclusion.num_ignored == 0 && !arguments.list;
    let unseen = KNOWN_DEVIATIONS.iter().filter(|one| everything && !one.seen.load(Ordering::Relaxed));
    let unseen: Vec<&str> = unseen.map(|one| one.what).collect();
    assert!(unseen.is_empty(), "no host needs these deviations: {unseen:?}");
    conclusion.exit_code()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Where the files of this run go; another may run at the same time.
fn scratch() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("oval").join(std::process::id().to_string())
}

fn folder(name: &str) -> PathBuf {
    scratch().join(name)
}

/// The bundled bulletins, one subject for each file of them.
fn bundled(name: &str) -> impl Iterator<Item = Subject> {
    library::files().map(move |(stem, checked)| Subject::new(checked, &folder(name).join(stem)))
}

fn cases() -> Vec<PathBuf> {
    let files =
        std::fs::read_dir(root().join("tests/cases/oval")).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|one| one == "caveat")).collect();
    cases.sort();
    cases
}

/// What was counted for a bulletin, or for the platforms.
#[derive(Default)]
struct Count {
    hosts: usize,
    compared: usize,
    agreed: usize,
    deviating: usize,
    truths: BTreeMap<Truth, usize>,
}

impl Count {
    fn add(&mut self, ours: Truth, agreed: bool, deviating: bool) {
        self.compared += 1;
        self.agreed += usize::from(agreed);
        self.deviating += usize::from(deviating);
        *self.truths.entry(ours).or_default() += 1;
    }

    fn row(&self, name: &str) -> String {
        let truth = |truth: Truth| self.truths.get(&truth).copied().unwrap_or(0);
        let disagreed = self.compared - self.agreed - self.deviating;
        format!(
            "{name:<12} {:>6} {:>9} {:>9} {disagreed:>9} | {:>7} {:>7} {:>7} {:>7}",
            self.hosts,
            self.compared,
            self.agreed,
            truth(Truth::True),
            truth(Truth::False),
            truth(Truth::Unknown),
            truth(Truth::Error),
        )
    }
}

const HEAD: &str = "bulletin      hosts  compared    agreed disagreed |    true   false unknown   error";
/// The name of the row for definitions that belong to no bulletin.
const PLATFORMS: &str = "(platforms)";

fn systematic_hosts() -> Result<(), Failed> {
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let mut report = Report::default();
    let mut observed = BTreeSet::new();
    for subject in bundled("systematic") {
        for bulletin in &subject.checked.rules().bulletins {
            systematic_hosts_of(&subject, bulletin, &mut counts, &mut report);
            observed.extend(observes(bulletin).then(|| bulletin.id.to_string()));
        }
    }
    let rows: Vec<String> = counts.iter().map(|(name, count)| count.row(name)).collect();
    println!("\n{HEAD}\n{}\n", rows.join("\n"));
    let errors = counts.values().any(|count| count.truths.contains_key(&Truth::Error));
    report.require(errors, || "no definition was ever in error".to_owned());
    for (name, count) in counts.iter().filter(|(name, _)| observed.contains(*name)) {
        for truth in [Truth::True, Truth::False, Truth::Unknown] {
            report.require(count.truths.contains_key(&truth), || {
                format!("{name}: no definition was ever {truth}")
            });
        }
    }
    report.finish()
}

/// Whether the bulletin asks for anything that a host may be seen to have: not all do (MS04-005).
fn observes(bulletin: &Bulletin) -> bool {
    bulletin.packages.iter().any(|package| !package.files.is_empty())
}

fn systematic_hosts_of(
    subject: &Subject,
    bulletin: &Bulletin,
    counts: &mut BTreeMap<String, Count>,
    report: &mut Report,
) {
    let hosts = systematic::hosts(&Vocabulary::new(subject.checked.rules(), bulletin));
    let mut names = BTreeSet::new();
    for name in hosts.iter().filter_map(|host| host.name.as_deref()) {
        report.require(names.insert(name), || format!("{}: two hosts are called {name}", bulletin.id));
    }
    report.require(!observes(bulletin) || hosts.len() >= LEAST_HOSTS, || {
        format!("{}: {} hosts are too few", bulletin.id, hosts.len())
    });
    let hosts = library::evenly(hosts, MOST_HOSTS);
    for name in [bulletin.id.as_str(), PLATFORMS] {
        counts.entry(name.to_owned()).or_default().hosts += hosts.len();
    }
    for (host, comparison) in hosts.iter().zip(&compare_all(subject, &hosts)) {
        report.add(subject, host, comparison, counts);
    }
}

/// What went wrong.
#[derive(Default)]
struct Report {
    disagreements: Vec<String>,
    problems: Vec<String>,
}

impl Report {
    fn require(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(problem());
        }
    }

    fn add(
        &mut self,
        subject: &Subject,
        host: &HostFile,
        comparison: &Comparison,
        counts: &mut BTreeMap<String, Count>,
    ) {
        let mut excused = BTreeSet::new();
        for (id, ours, theirs) in &comparison.rows {
            let claim = &subject.claims[id];
            let mut known = KNOWN_DEVIATIONS.iter().filter(|one| (one.applies)(&claim.formula, host));
            let deviation = known.next().filter(|_| ours != theirs);
            if let Some(deviation) = deviation {
                deviation.seen.store(true, Ordering::Relaxed);
                excused.insert(id.clone());
            }
            let name = claim.bulletin.as_deref().unwrap_or(PLATFORMS);
            counts.entry(name.to_owned()).or_default().add(*ours, ours == theirs, deviation.is_some());
        }
        let all = subject.disagreements(host, comparison);
        let unexcused = all.iter().filter(|one| !excused.contains(one.id()));
        self.disagreements.extend(unexcused.map(ToString::to_string));
    }

    fn finish(self) -> Result<(), Failed> {
        let mut text = self.problems.join("\n");
        if !self.disagreements.is_empty() {
            let _ = writeln!(text, "\n{} disagreements", self.disagreements.len());
            self.disagreements.iter().take(SHOWN).for_each(|one| text.push_str(one));
        }
        if text.is_empty() { Ok(()) } else { Err(text.into()) }
    }
}

/// Random, but the same in every run, so that CI does not fail at random.
fn random_hosts() -> Result<(), Failed> {
    for subject in bundled("random") {
        for bulletin in &subject.checked.rules().bulletins {
            random_hosts_of(&subject, bulletin)?;
        }
    }
    Ok(())
}

fn random_hosts_of(subject: &Subject, bulletin: &Bulletin) -> Result<(), String> {
    let config =
        Config { cases: RANDOM_HOSTS, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let algorithm = config.rng_algorithm;
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(algorithm));
    let strategy = hosts::random::host(&Vocabulary::new(subject.checked.rules(), bulletin));
    let result = runner.run(&strategy, |mut host| {
        without_lost_files(&mut host);
        let mut report = Report::default();
        report.add(subject, &host, &subject.compare(&host), &mut BTreeMap::new());
        report.finish().map_err(|failed| TestCaseError::fail(failed.message().unwrap_or_default().to_owned()))
    });
    result.map_err(|error| error.to_string())
}

/// A rule file, on the hosts beside it.
fn case(name: &str, path: &Path) -> Result<(), Failed> {
    let subject = Subject::new(checked(compiled(&[path.to_owned()], path.parent().unwrap())), &folder(name));
    let beside = path.with_extension("hosts.yaml");
    let text = std::fs::read_to_string(&beside).map_err(|error| format!("{}: {error}", beside.display()))?;
    let hosts: Result<Vec<HostFile>, _> = load_hosts(&beside.to_string_lossy(), &text).into_iter().collect();
    let hosts = hosts.map_err(|problem| problem.to_string())?;
    let mut report = Report::default();
    let mut counts = BTreeMap::new();
    for (host, comparison) in hosts.iter().zip(compare_all(&subject, &hosts)) {
        report.add(&subject, host, &comparison, &mut counts);
    }
    let bulletins = counts.iter().filter(|(name, _)| *name != PLATFORMS);
    let truths: BTreeSet<Truth> = bulletins.flat_map(|(_, count)| count.truths.keys().copied()).collect();
    report.require(truths.len() > 1, || format!("every host makes every definition the same: {truths:?}"));
    report.finish()
}
