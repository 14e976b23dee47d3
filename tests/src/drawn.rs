//! Random rules on random hosts, in batches. A batch is the same whatever was drawn before it, so each
//! can be drawn again by its number, and threads may share the work.
//!
//! How many are drawn is up to the environment: a sample in every run, any number by hand.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a generator that cannot work ends the test"
)]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use caveat_driver::compile;
use caveat_driver::inputs::Input;
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_sema::Rules;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::forget;
use crate::hosts::random;
use crate::hosts::vocabulary::Vocabulary;
use crate::oval::compare::checked;
use crate::random_rules::{self, Theme};
use crate::rules::{compile_alone, rendered};

/// A rule file, and the way to smaller ones.
type Tree = Box<dyn ValueTree<Value = String>>;

/// Rules and hosts that are tried on each other.
pub struct Batch {
    /// The rule files, each with one bulletin.
    pub trees: Vec<Tree>,
    /// All of them together, in this order.
    pub rules: Checked,
    /// The hosts; of some, facts were forgotten.
    pub hosts: Vec<HostFile>,
}

impl Batch {
    /// How many rule files a batch has.
    pub const RULES: usize = 40;
    /// How many hosts.
    pub const HOSTS: usize = 12;
    /// On how many of them facts were forgotten.
    const FORGETFUL: usize = 4;
    /// How many pairs of a rule and a host.
    pub const PAIRS: usize = Self::RULES * Self::HOSTS;

    /// Draws the batch of a number.
    #[must_use]
    pub fn draw(number: usize) -> Self {
        let mut runner = runner(number);
        let theme = random_rules::theme().new_tree(&mut runner).unwrap().current();
        let trees: Vec<Tree> = (1..=Self::RULES).map(|rule| rule_file(rule, &theme, &mut runner)).collect();
        let input = |(index, tree): (usize, &Tree)| input(index, &tree.current());
        let rules = checked(compile(trees.iter().enumerate().map(input).collect(), Vec::new()));
        let strategy = random::host(&Vocabulary::of_all(rules.rules()));
        let mut hosts: Vec<HostFile> =
            (Self::FORGETFUL..Self::HOSTS).map(|_| drawn(&mut runner, &strategy)).collect();
        let known: Vec<HostFile> = hosts.iter().take(Self::FORGETFUL).cloned().collect();
        for host in known {
            hosts.push(drawn(&mut runner, &prop::sample::select(forget::ways(&host))).host);
        }
        hosts.iter_mut().for_each(without_lost_files);
        Self { trees, rules, hosts }
    }
}

/// Removes files in a folder whose place is not stated. A scanner could not have found them there.
pub fn without_lost_files(host: &mut HostFile) {
    let environment = &host.environment;
    host.files.retain(|file| {
        let variable = file.path.strip_prefix('%').and_then(|path| path.split_once('%'));
        variable
            .is_none_or(|(variable, _)| environment.keys().any(|name| name.eq_ignore_ascii_case(variable)))
    });
}

/// Draws one value.
pub fn drawn<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Random numbers of a batch. `PROPTEST_RNG_SEED` asks for others.
#[must_use]
pub fn runner(number: usize) -> TestRunner {
    let config = Config { failure_persistence: None, ..Config::default() };
    let seed = number_from_environment("PROPTEST_RNG_SEED").unwrap_or(0);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&number.to_le_bytes());
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// A number that the environment gives.
#[must_use]
pub fn number_from_environment(variable: &str) -> Option<usize> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// A rule file that the checker accepts; some drawn ones contradict themselves.
fn rule_file(number: usize, theme: &Theme, runner: &mut TestRunner) -> Tree {
    let strategy = random_rules::rules(number, theme).boxed();
    for _ in 0..100 {
        let tree = strategy.new_tree(runner).unwrap();
        let compilation = compile_alone(&tree.current());
        if matches!(compilation.rules, Rules::Checked(_)) {
            return tree;
        }
        let shown = rendered(&compilation.diagnostics, &compilation.sources);
        assert!(
            !shown.contains("error[CAV00"),
            "the generator writes no rules:\n{}\n{shown}",
            tree.current()
        );
    }
    panic!("the checker accepts hardly any of the drawn rules");
}

fn input(index: usize, text: &str) -> Input {
    let module = format!("random-{index}");
    Input {
        shown: format!("{module}.caveat"),
        path: None,
        module,
        root: Path::new("/nowhere").to_owned(),
        text: text.to_owned(),
    }
}

/// Does something with every batch, on as many threads as there are processors; what came of each, in
/// the order in which they got done.
pub fn with_batches<T: Send>(batches: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let turns = || {
        let numbers = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        numbers.take_while(|number| *number < batches).map(&work).collect::<Vec<T>>()
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(turns)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}
