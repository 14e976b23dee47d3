//! Generated Rust code, compiled into this test, gives the evaluator's outcome on every host: for the
//! bundled rules, and for the small rules of `tests/cases/oval`, which use every kind of test.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a helper of a test ends the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use caveat_eval::{Evaluator, Host};
use caveat_ir::host::HostFile;
use caveat_ir::rule::Bulletin;
use caveat_ir::{Checked, RuleSet};
use caveat_runtime::value::Rating;
use caveat_runtime::{Finding, Outcome, Reasons, Test, Truth, Verdict};
use caveat_tests::command::caveat;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::hosts::{random, systematic};
use caveat_tests::library::{example_hosts, hosts_of};
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::rules::{files_below, root};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tempfile::TempDir;

mod library {
    caveat::include_rules!("../rules");
}

mod cases {
    caveat::include_rules!("cases/oval");
}

mod shapes {
    caveat::include_rules!("cases/rust");
}

mod agent {
    caveat::include_rules!("../examples/rule-repository/rules");
}

/// How many random hosts are tried for each bulletin.
const RANDOM_HOSTS: u32 = 400;

/// What a bulletin comes to: its id, verdict and package, the same of its vulnerabilities, and
/// why: evidence, missing and malformed facts, in words.
type Row = (String, Verdict, Option<String>, Vec<OfVulnerability>, [Vec<String>; 3]);
/// Id, verdict, severity, package, and which hosts are exposed in words.
type OfVulnerability = (String, Verdict, Option<Rating>, Option<String>, Vec<String>);

fn evaluated(evaluator: &Evaluator<'_>, host: &Host) -> Vec<Row> {
    let row = |outcome: caveat_eval::Outcome| {
        let vulnerabilities = outcome.vulnerabilities.into_iter();
        let vulnerabilities = vulnerabilities
            .map(|one| (one.id.to_string(), one.verdict, one.severity, one.package, one.exposure));
        let Reasons { evidence, missing, malformed, .. } =
            evaluator.reasons(&outcome.bulletin, host).unwrap();
        assert_eq!([&outcome.missing, &outcome.malformed], [&missing, &malformed]);
        let why = [evidence, missing, malformed];
        (outcome.bulletin.to_string(), outcome.verdict, outcome.package, vulnerabilities.collect(), why)
    };
    evaluator.outcomes(host).into_iter().map(row).collect()
}

fn generated<'a>(host: &Host, outcomes: impl Iterator<Item = &'a Outcome>) -> Vec<Row> {
    let words = |findings: &[Finding<'_>]| findings.iter().map(ToString::to_string).collect();
    let row = |outcome: &Outcome| {
        let named = |package: Option<&caveat_runtime::Package>| package.map(|one| one.name.to_owned());
        let vulnerabilities = outcome.vulnerabilities.iter();
        let vulnerabilities = vulnerabilities.map(|one| {
            let exposure = one.exposure.iter().map(|text| (*text).to_owned()).collect();
            (one.vulnerability.id.to_owned(), one.verdict, one.severity, named(one.package), exposure)
        });
        let id = outcome.bulletin.id.to_owned();
        let Reasons { evidence, missing, malformed, .. } = outcome.reasons(host);
        let why = [words(&evidence), words(&missing), words(&malformed)];
        (id, outcome.verdict, named(outcome.package), vulnerabilities.collect(), why)
    };
    outcomes.map(row).collect()
}

fn rules(path: &str) -> Checked {
    let path = root().join(path);
    checked(compiled(std::slice::from_ref(&path), &path))
}

/// Asks both sides about hosts, and counts the verdicts.
struct Comparison<'a> {
    evaluator: Evaluator<'a>,
    platforms: &'a RuleSet,
    generated: fn(&Host) -> Vec<Row>,
    hosts: usize,
    seen: BTreeMap<(String, Verdict), usize>,
}

impl<'a> Comparison<'a> {
    fn new(rules: &'a Checked, generated: fn(&Host) -> Vec<Row>) -> Self {
        let evaluator = Evaluator::new(rules);
        Self { evaluator, platforms: rules.rules(), generated, hosts: 0, seen: BTreeMap::new() }
    }

    fn host(&mut self, file: &HostFile) {
        let (host, _) = Host::new(file, self.platforms);
        let (ours, theirs) = (evaluated(&self.evaluator, &host), (self.generated)(&host));
        assert_eq!(ours, theirs, "{file:#?}");
        self.hosts += 1;
        for (bulletin, verdict, ..) in ours {
            *self.seen.entry((bulletin, verdict)).or_default() += 1;
        }
    }

    fn verdicts(&self, bulletin: &Bulletin) -> BTreeSet<Verdict> {
        let of = |(id, _): &&(String, Verdict)| *id == bulletin.id.as_str();
        self.seen.keys().filter(of).map(|(_, verdict)| *verdict).collect()
    }

    fn report(&self, title: &str) {
        println!("{title}: {} hosts, the same outcomes", self.hosts);
        for ((bulletin, verdict), count) in &self.seen {
            println!("  {bulletin:<12} {verdict:<14} {count:>6}");
        }
    }
}

fn of_library(host: &Host) -> Vec<Row> {
    generated(host, library::evaluate(host).iter())
}

fn of_cases(host: &Host) -> Vec<Row> {
    generated(host, cases::evaluate(host).iter())
}

#[test]
fn systematic_and_example_hosts() {
    let rules = rules("rules");
    let mut comparison = Comparison::new(&rules, of_library);
    for bulletin in &rules.rules().bulletins {
        for host in systematic::hosts(&Vocabulary::new(rules.rules(), bulletin)) {
            comparison.host(&host);
        }
        let seen = comparison.verdicts(bulletin);
        // A bulletin is mitigated only where none of its vulnerabilities is worse.
        let mut expected = possible(bulletin);
        expected.remove(&Verdict::Mitigated);
        assert!(seen.is_superset(&expected), "{}: only {seen:?} came up", bulletin.id);
    }
    for host in example_hosts() {
        comparison.host(&host);
    }
    comparison.report("systematic and example hosts");
}

/// The verdicts that a bulletin can have: nothing mitigates where nothing exposes, and where no file
/// decides, only the platform does.
fn possible(bulletin: &Bulletin) -> BTreeSet<Verdict> {
    let own = bulletin.vulnerabilities.iter().flat_map(|one| &one.workarounds);
    let mitigable = bulletin.vulnerabilities.iter().any(|one| !one.exposures.is_empty())
        || bulletin.workarounds.iter().chain(own).any(|workaround| workaround.when.is_some());
    if bulletin.packages.iter().all(|package| package.files.is_empty()) {
        return [Verdict::Unknown, Verdict::NotApplicable].into();
    }
    Verdict::ALL.into_iter().filter(|verdict| mitigable || *verdict != Verdict::Mitigated).collect()
}

fn of_shapes(host: &Host) -> Vec<Row> {
    generated(host, shapes::evaluate(host).iter())
}

#[test]
fn random_hosts() {
    random_hosts_of("rules", of_library);
}

#[test]
fn shapes_of_rules() {
    random_hosts_of("tests/cases/rust", of_shapes);
}

fn random_hosts_of(path: &str, generated: fn(&Host) -> Vec<Row>) {
    let rules = rules(path);
    let mut comparison = Comparison::new(&rules, generated);
    for bulletin in &rules.rules().bulletins {
        let strategy = random::host(&Vocabulary::new(rules.rules(), bulletin));
        let mut runner = TestRunner::new_with_rng(
            Config { cases: RANDOM_HOSTS, ..Config::default() },
            TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        );
        for _ in 0..RANDOM_HOSTS {
            comparison.host(&strategy.new_tree(&mut runner).unwrap().current());
        }
        let seen = comparison.verdicts(bulletin);
        let most = possible(bulletin).len() - 2;
        assert!(seen.len() >= most, "{}: only {seen:?} came up", bulletin.id);
    }
    comparison.report(path);
}

#[test]
fn cases_of_every_kind_of_test() {
    let rules = rules("tests/cases/oval");
    let mut comparison = Comparison::new(&rules, of_cases);
    for path in files_below(&root().join("tests/cases/oval"), "yaml") {
        for host in hosts_of(&path) {
            comparison.host(&host);
        }
    }
    for bulletin in &rules.rules().bulletins {
        for host in systematic::hosts(&Vocabulary::new(rules.rules(), bulletin)) {
            comparison.host(&host);
        }
    }
    comparison.report("cases");
}

#[test]
fn one_bulletin_is_evaluated_as_all_are() {
    let rules = rules("rules");
    for path in files_below(&root().join("examples/hosts"), "yaml") {
        for file in hosts_of(&path) {
            let (host, _) = Host::new(&file, rules.rules());
            assert_eq!(library::ms04_006::evaluate(&host), library::evaluate(&host).ms04_006);
            let lent: &dyn caveat_runtime::HostFacts = &host;
            let outcome = library::evaluate(lent).ms04_006;
            assert_eq!(library::evaluate(lent), library::evaluate(&host));
            // Without another one, the vulnerability's reasons are the bulletin's.
            let (whole, [one]) = (outcome.reasons(lent), outcome.vulnerabilities);
            let words = |reasons: &Reasons| {
                [&reasons.evidence, &reasons.missing, &reasons.malformed].map(|all| format!("{all:?}"))
            };
            assert_eq!(words(&one.reasons(&host)), words(&whole));
        }
    }
}

/// A host with the agent of the example repository, and these facts.
fn desk(facts: &str) -> Host {
    let text = format!(
        "name: desk\nos: {{ version: '10.0', build: 22631, product_type: workstation, architecture: x64 }}\n{facts}"
    );
    let file = caveat_eval::load_hosts("desk.yaml", &text).remove(0).unwrap();
    Host::new(&file, &RuleSet::default()).0
}

/// A program gets at what was asked and found without reading texts.
#[test]
fn findings_are_data() {
    let host = desk(
        "environment: { ProgramFiles: 'C:\\Program Files' }\n\
         services: [{ name: AcmeAgent, start: automatic }]\n\
         files: [{ path: '%ProgramFiles%\\Acme\\Agent\\agent.exe', version: 4.2.6.990 }]\n",
    );
    let outcome = agent::acme_2026_003::evaluate(&host);
    assert_eq!(outcome.verdict, Verdict::Vulnerable);
    let told = outcome.reasons(&host).evidence.into_iter().map(|finding| {
        let floor = finding.floor().map(|floor| floor.to_string());
        let asked = match finding.test {
            Test::FileVersion(path, _) => path.0.to_owned(),
            Test::Service(name, check) => format!("{name} {check:?}"),
            Test::RegistryValue(key, name, _) => format!("{key}!{name}"),
            other => panic!("{other:?}"),
        };
        (asked, finding.truth, finding.found.present(), floor)
    });
    let row = |asked: &str, truth, found: Option<&str>, floor: Option<&str>| {
        (asked.to_owned(), truth, found.map(str::to_owned), floor.map(str::to_owned))
    };
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            row("AcmeAgent Installed", Truth::True, Some("there"), None),
            row(r"%ProgramFiles%\Acme\Agent\agent.exe", Truth::True, Some("4.2.6.990"), Some("4.2.7.1103")),
            row("AcmeAgent Enabled", Truth::True, Some("automatic"), None),
            row(r"HKLM\SOFTWARE\Acme\Agent!RunForUsers", Truth::False, None, None),
        ]
    );

    let host = desk("partial: [files, environment]\nservices: [{ name: AcmeAgent, start: automatic }]\n");
    let [one] = agent::acme_2026_003::evaluate(&host).vulnerabilities;
    assert_eq!(one.verdict, Verdict::Unknown);
    let missing = one.reasons(&host).missing;
    let variables: Vec<_> = missing.iter().map(|finding| (finding.variable, finding.to_string())).collect();
    assert_eq!(variables, [(Some("ProgramFiles"), "%ProgramFiles%".to_owned())]);
}

/// The files of `build -t rust` are a module of any package that depends on the runtime, under the
/// strictest lints.
#[test]
fn the_artifact_is_a_module_of_its_own() {
    let out = TempDir::new().unwrap();
    let folder = out.path().join("src");
    for rules in ["rules", "tests/cases/oval"] {
        let _ = caveat(&["build", rules, "-t", "rust", "-o", &folder.to_string_lossy()]).expect(0);
        let main = "//! A scanner.\n#![deny(warnings)]\n#![forbid(unsafe_code)]\n/// Rules.\npub mod rust;\n";
        std::fs::write(folder.join("lib.rs"), main).unwrap();
        std::fs::write(out.path().join("Cargo.toml"), manifest()).unwrap();
        std::fs::copy(root().join("Cargo.lock"), out.path().join("Cargo.lock")).unwrap();
        let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("rust-module");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        let _ = command.args(["check", "--offline", "--quiet", "--target-dir"]).arg(target);
        let ran = command.current_dir(out.path()).env_remove("RUSTFLAGS").output().unwrap();
        assert!(ran.status.success(), "{rules}: {}", String::from_utf8_lossy(&ran.stderr));
    }
}

fn manifest() -> String {
    let runtime = root().join("crates/caveat-runtime");
    let runtime = runtime.to_string_lossy().replace('\\', "/");
    format!(
        "[package]\nname = \"module\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\ncaveat-runtime = {{ path = '{runtime}' }}\n\n[workspace]\n"
    )
}
