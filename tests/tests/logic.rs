//! What the checker concludes about formulas holds on hosts that were made without it: no host satisfies what it calls
//! unsatisfiable, or two formulas that it calls disjoint; and the evaluator agrees with every witness.
//!
//! The hosts come from the generator that the targets are tried on. The rules are the bundled ones, random ones, and
//! random ones over facts that Windows keeps in several places. Random, but the same in every run.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test"
)]

use caveat_eval::{Evaluator, Host};
use caveat_ir::host::{HostFile, RegistryEntry};
use caveat_ir::recorded::{Place, System};
use caveat_ir::rule::RuleSet;
use caveat_ir::value::RegistryPath;
use caveat_ir::{Checked, Expr, Truth, describe};
use caveat_logic::{Answer, Formula, World};
use caveat_runtime::Fact;
use caveat_sema::Rules;
use caveat_tests::drawn::without_lost_files;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::hosts::{random, systematic};
use caveat_tests::rules::{compile_alone, rendered};
use caveat_tests::{library, random_rules};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};

/// How many rule files of each kind are drawn.
const RULES: usize = 40;
/// How many hosts are drawn for each bulletin, and how many of the systematic ones are tried.
const RANDOM_HOSTS: usize = 40;
const SYSTEMATIC_HOSTS: usize = 150;
/// How many formulas of a bulletin are tried, and of how many each one is asked with every other.
const FORMULAS: usize = 80;
const PAIRED: usize = 40;

/// Tests of facts that Windows ties together, in whatever place they are asked for.
const TIED: [&str; 75] = [
    "os family windows",
    "os family macos",
    "os version 5.0",
    "os version 5.1",
    "os version 6.1",
    "os version 10.0",
    "os build 2195",
    "os build 2600..3000",
    "os build 19045",
    "os sp 2..4",
    "os sp ..2",
    "os sp 0",
    "os type server, domain-controller",
    "os type workstation",
    "os installation client",
    "os installation server, server-core",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value InstallationType = 'Server Core'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value InstallationType exists",
    "os suite 'Terminal Server'",
    "os architecture x86",
    "os architecture x64, arm64",
    "os language ja",
    "os language pt-BR",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CurrentVersion = '5.0'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CurrentVersion = '6.3'",
    "registry 32 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CurrentVersion = '6.1'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CurrentMajorVersionNumber exists",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CurrentMajorVersionNumber = dword 10",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CurrentMinorVersionNumber < dword 2",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CSDVersion = 'Service Pack 2'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CSDVersion exists",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value CurrentBuildNumber = '2195'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value UBR exists",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value UBR < dword 3930",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion' value SystemRoot = 'C:\\WINNT'",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions' value ProductType = 'servernt' ignoring case",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions' value ProductSuite = 'Terminal Server'",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions' value ProductSuite exists",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\Language' value InstallLanguage = '0411'",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment' value PROCESSOR_ARCHITECTURE = 'AMD64'",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment' value Acme exists",
    "file '%ACME%\\eta.dll' version < 2.0",
    "file '%acme%\\ETA.dll'",
    "service 'WINS' installed",
    "service 'wins' enabled",
    "service 'WINS' disabled",
    "service 'WINS' stopped",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WINS'",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WINS' value Start = dword 4",
    "registry 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\WINS\\Parameters' value Mode exists",
    "hotfix KB830352",
    "hotfix KB5053606",
    "hotfix KB5055518",
    "os build 19045",
    "os build 19045.5700..19045.6000",
    "os build 19044.5608..19045.5608",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Hotfix'",
    "registry 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Hotfix\\KB830352'",
    "registry 64 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Hotfix\\Q830352' value Installed = dword 1",
    "registry 'HKLM\\SOFTWARE\\Söhne'",
    "registry 'HKLM\\SOFTWARE\\SÖHNE\\Produkt' value Mode = 'on'",
    "registry 32 'HKLM\\SOFTWARE\\Söhne\\Produkt' value mode = 'ON' ignoring case",
    "registry 'HKLM\\SOFTWARE\\söhne\\produkt' value 'Größe' < version 6.0.2800.99999.3",
    "registry 'HKLM\\SOFTWARE\\söhne\\produkt' value 'Größe' matches '^[67](\\.[0-9]+)*$'",
    "registry 'HKLM\\SOFTWARE\\Söhne' value Flags has dword 0x400",
    "registry 'HKLM\\SOFTWARE\\Söhne' value flags < dword 0x401",
    "registry 'HKLM\\SOFTWARE\\Söhne' value Flags has qword 0x100000001",
    "registry 'HKLM\\SOFTWARE\\Söhne' value Flags > qword 7",
    "registry 'HKLM\\SOFTWARE\\Söhne' value Flags type reg_qword, reg_none, reg_link",
    "file '%SystemRoot%\\System32\\wins.exe'",
    "file '%windir%\\system32\\WINS.exe' version < 5.0.2195.6870",
    "file '%SystemRoot%\\System32\\wins.exe' version in 5.0.2195.6000..5.0.2195.7000",
    "file '%SystemRoot%\\System32\\wins.exe' size < 4096",
    "file '%SystemDrive%\\ärzte.dll' version < 2.0",
    "file '%SystemDrive%\\ÄRZTE.dll' version >= 3.0",
];

fn runner() -> TestRunner {
    let config = Config { failure_persistence: None, ..Config::default() };
    let algorithm = config.rng_algorithm;
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(algorithm))
}

fn draw<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

fn compiled(text: &str) -> Option<Checked> {
    let compilation = compile_alone(text);
    match compilation.rules {
        Rules::Checked(checked) => Some(checked),
        Rules::Broken(_) => {
            let shown = rendered(&compilation.diagnostics, &compilation.sources);
            assert!(!shown.contains("error[CAV0") || shown.contains("error[CAV08"), "{text}\n{shown}");
            None
        }
    }
}

fn tied_formula() -> impl Strategy<Value = String> {
    let test = select(TIED.to_vec()).prop_map(str::to_owned);
    test.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}

/// A rule file with a bulletin whose packages ask for tied facts.
fn tied_rules() -> impl Strategy<Value = String> {
    prop::collection::vec(tied_formula(), 4..8).prop_map(|formulas| {
        let package = |(number, formula): (usize, &String)| {
            format!("    package \"{number}\" {{\n        for anything\n        vulnerable when {formula}\n    }}\n")
        };
        let packages: String = formulas.iter().enumerate().map(package).collect();
        format!(
            "platform anything {{ title \"Anything\"; family windows }}\n\nbulletin TIED-1 {{\n    \
             vulnerability CVE-2000-0001 {{}}\n{packages}}}\n"
        )
    })
}

/// The formulas of a bulletin and their parts, each once.
fn formulas(rules: &Checked) -> Vec<Expr> {
    fn add(expr: &Expr, all: &mut Vec<Expr>) {
        if !all.contains(expr) {
            all.push(expr.clone());
        }
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| add(part, all)),
            Expr::Not(part) => add(part, all),
            Expr::Platform(_) | Expr::Test(_) => {}
        }
    }
    let mut all = Vec::new();
    for bulletin in &rules.rules().bulletins {
        rules.rules().claims(bulletin).for_each(|claim| add(&claim.formula, &mut all));
    }
    let step = all.len().div_ceil(FORMULAS).max(1);
    all.into_iter().step_by(step).collect()
}

fn hosts(rules: &RuleSet, runner: &mut TestRunner) -> Vec<HostFile> {
    let mut hosts = Vec::new();
    for bulletin in &rules.bulletins {
        let vocabulary = Vocabulary::new(rules, bulletin);
        hosts.extend(library::evenly(systematic::hosts(&vocabulary), SYSTEMATIC_HOSTS));
        let strategy = random::host(&vocabulary);
        hosts.extend((0..RANDOM_HOSTS).map(|_| draw(runner, &strategy)));
    }
    hosts.iter_mut().for_each(without_lost_files);
    hosts
}

/// Whether the registry of a host file has something in the place of a fact of the system that no Windows writes there.
/// The checker speaks of hosts that there are.
fn is_nowhere(file: &HostFile, host: &Host) -> bool {
    let is_place = |entry: &RegistryEntry| {
        let key = RegistryPath::parse(&entry.key, None);
        key.is_ok_and(|key| entry.values.keys().any(|name| Place::of(key.borrowed(), name).is_some()))
    };
    let System {
        family: _,
        version,
        build,
        revision,
        service_pack,
        product_type,
        installation_type,
        suites,
        architecture,
        language,
    } = System::of(host);
    let malformed = [
        matches!(version, Fact::Error(_)),
        matches!(build, Fact::Error(_)),
        matches!(revision, Fact::Error(_)),
        matches!(service_pack, Fact::Error(_)),
        matches!(product_type, Fact::Error(_)),
        matches!(installation_type, Fact::Error(_)),
        matches!(suites, Fact::Error(_)),
        matches!(architecture, Fact::Error(_)),
        matches!(language, Fact::Error(_)),
    ];
    malformed.contains(&true) && file.registry.iter().any(is_place)
}

/// How often the checker had an answer, and the hosts that it was held against.
#[derive(Debug, Default)]
struct Count {
    hosts: usize,
    witnesses: usize,
    unsatisfiable: usize,
    always: usize,
    disjoint: usize,
    implied: usize,
    undecided: usize,
}

/// Formulas with what each says of every host.
struct Subject<'r> {
    evaluator: Evaluator<'r>,
    rules: &'r RuleSet,
    world: World,
    formulas: Vec<(Expr, Formula)>,
    hosts: Vec<HostFile>,
    /// By formula and host.
    truths: Vec<Vec<Truth>>,
}

impl<'r> Subject<'r> {
    fn new(checked: &'r Checked, runner: &mut TestRunner) -> Self {
        let (rules, evaluator) = (checked.rules(), Evaluator::new(checked));
        let (exprs, hosts) = (formulas(checked), hosts(rules, runner));
        let world = World::new(rules, &exprs);
        let read: Vec<(HostFile, Host)> =
            hosts.into_iter().map(|file| (file.clone(), Host::new(&file, rules).0)).collect();
        let (hosts, read): (Vec<HostFile>, Vec<Host>) =
            read.into_iter().filter(|(file, host)| !is_nowhere(file, host)).unzip();
        let of = |expr: &Expr| read.iter().map(|host| evaluator.claim(expr, host)).collect();
        let truths = exprs.iter().map(of).collect();
        let formulas =
            exprs.into_iter().map(|expr| (world.formula(&expr), expr)).map(|(a, b)| (b, a)).collect();
        Self { evaluator, rules, world, formulas, hosts, truths }
    }

    /// No host says so of the formulas.
    fn never(&self, what: &str, of: &[(usize, Truth)]) {
        for (at, host) in self.hosts.iter().enumerate() {
            let holds = of.iter().all(|(formula, truth)| self.truths[*formula][at] == *truth);
            let shown = || of.iter().map(|(at, _)| self.shown(*at)).collect::<Vec<_>>().join("\n");
            assert!(!holds, "{what}:\n{}\n{}", shown(), serde_yaml::to_string(host).unwrap());
        }
    }

    fn shown(&self, number: usize) -> String {
        describe::formula(self.rules, &self.formulas[number].0)
    }

    fn witness(&self, number: usize, count: &mut Count) {
        let (expr, formula) = &self.formulas[number];
        match self.world.solve(&[formula]) {
            Answer::Satisfiable(model) => {
                let file = self.world.witness("witness", &model);
                let (host, problems) = Host::new(&file, self.rules);
                let shown = || {
                    format!(
                        "{}\n{}\n{problems:#?}",
                        self.shown(number),
                        serde_yaml::to_string(&file).unwrap()
                    )
                };
                assert!(problems.is_empty(), "the witness is malformed: {}", shown());
                let truth = self.evaluator.claim(expr, &host);
                let open = self.world.leaves_open() && truth == Truth::Unknown;
                assert!(open || truth == Truth::True, "the witness is no witness: {truth:?}: {}", shown());
                count.witnesses += 1;
            }
            Answer::Unsatisfiable => {
                self.never("unsatisfiable", &[(number, Truth::True)]);
                count.unsatisfiable += 1;
            }
            Answer::Undecided => count.undecided += 1,
        }
        if self.world.always(formula) {
            self.never("always", &[(number, Truth::False)]);
            count.always += 1;
        }
    }

    fn check(&self, count: &mut Count) {
        count.hosts += self.hosts.len();
        (0..self.formulas.len()).for_each(|number| self.witness(number, count));
        let step = self.formulas.len().div_ceil(PAIRED).max(1);
        for one in (0..self.formulas.len()).step_by(step) {
            for other in (0..self.formulas.len()).step_by(step).filter(|other| *other != one) {
                let (a, b) = (&self.formulas[one].1, &self.formulas[other].1);
                if one < other && self.world.never(&[a, b]) {
                    self.never("disjoint", &[(one, Truth::True), (other, Truth::True)]);
                    count.disjoint += 1;
                }
                if self.world.implies(a, b) {
                    self.never("implied", &[(one, Truth::True), (other, Truth::False)]);
                    count.implied += 1;
                }
            }
        }
    }
}

fn check_drawn(strategy: &impl Strategy<Value = String>) -> Count {
    let (mut runner, mut count) = (runner(), Count::default());
    let mut left = RULES;
    for _ in 0..RULES * 20 {
        let Some(rules) = compiled(&draw(&mut runner, strategy)).filter(|_| left > 0) else { continue };
        left -= 1;
        Subject::new(&rules, &mut runner).check(&mut count);
    }
    assert_eq!(left, 0, "hardly any of the drawn rules are accepted");
    println!("{count:?}");
    count
}

#[test]
fn bundled_rules() {
    let (mut runner, mut count) = (runner(), Count::default());
    for (_, rules) in library::files() {
        Subject::new(&rules, &mut runner).check(&mut count);
    }
    println!("{count:?}");
    assert!(count.witnesses > 100 && count.disjoint > 100 && count.implied > 100);
}

#[test]
fn random_rules() {
    let rules = random_rules::theme().prop_flat_map(|theme| random_rules::rules(1, &theme));
    let count = check_drawn(&rules);
    assert!(count.witnesses > 100 && count.disjoint > 100 && count.implied > 100);
}

#[test]
fn rules_about_facts_in_several_places() {
    let count = check_drawn(&tied_rules());
    assert!(count.witnesses > 100 && count.disjoint > 100 && count.implied > 100);
}

/// Of formulas that contradict each other, those that are left cannot be fewer.
#[test]
fn a_core_is_as_small_as_it_can_be() {
    let (mut runner, mut cores) = (runner(), 0);
    for _ in 0..RULES {
        let Some(rules) = compiled(&draw(&mut runner, &tied_rules())) else { continue };
        let exprs = formulas(&rules);
        let world = World::new(rules.rules(), &exprs);
        let formulas: Vec<Formula> = exprs.iter().map(|expr| world.formula(expr)).collect();
        for parts in formulas.chunks(5) {
            let all: Vec<&Formula> = parts.iter().collect();
            if !world.never(&all) {
                continue;
            }
            let core = world.core(&all);
            let without = |left: Option<usize>| -> Vec<&Formula> {
                core.iter().filter(|at| Some(**at) != left).map(|at| &parts[*at]).collect()
            };
            assert!(world.never(&without(None)));
            for at in &core {
                assert!(!world.never(&without(Some(*at))), "the part {at} can be left out");
            }
            cores += 1;
        }
    }
    assert!(cores > 20, "only {cores}");
}
