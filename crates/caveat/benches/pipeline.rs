//! How long each stage of the pipeline takes: on the bundled rules, and on generated libraries of
//! bulletins that have the shape of MS04-006.
//!
//! `cargo bench -p caveat`; the names of benchmarks filter, as in `cargo bench -p caveat -- emit`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot work ends the run"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use caveat::backend::{Options, Policy};
use caveat::diag::SourceMap;
use caveat::driver::inputs::{self, Input};
use caveat::driver::lock::Lock;
use caveat::driver::{Target, build, compile};
use caveat::eval::{Evaluator, Host, load_hosts};
use caveat::ir::Checked;
use caveat::sema::Rules;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};

const RULE: &str = include_str!("../../../rules/ms04/ms04-006.caveat");
const HOST: &str = include_str!("../../../examples/hosts/wins-01.yaml");

/// The sizes of the libraries; 0 stands for the bundled rules.
const SMALL: [usize; 2] = [0, 1_000];
/// The largest library takes seconds a run, so one run must do.
const LARGE: [usize; 1] = [10_000];

fn main() {
    divan::main();
}

/// The files of a library.
fn library(size: usize) -> Vec<Input> {
    if size == 0 { bundled() } else { (0..size).map(generated).collect() }
}

fn bundled() -> Vec<Input> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let (inputs, problems) = inputs::read(std::slice::from_ref(&folder), Some(&folder));
    assert!(problems.is_empty(), "{problems:#?}");
    inputs
}

/// MS04-006 under another name, without the tests inside it.
fn generated(number: usize) -> Input {
    let rule = RULE.split("\n    test \"").next().unwrap();
    let text = rule
        .replace("MS04-006", &format!("GEN-{number:05}"))
        .replace("2003-0825", &format!("2003-{:05}", 10_000 + number))
        .replace("830352", &format!("{}", 1_000_000 + number))
        + "}\n";
    let module = format!("gen{number:05}");
    Input { shown: format!("{module}.caveat"), path: None, module, root: PathBuf::from("/nowhere"), text }
}

/// The rules of a library, compiled once.
fn checked(size: usize) -> &'static Checked {
    static CACHE: LazyLock<Mutex<BTreeMap<usize, &'static Checked>>> = LazyLock::new(Mutex::default);
    let mut cache = CACHE.lock().unwrap();
    cache.entry(size).or_insert_with(|| match compile(library(size), Vec::new()).rules {
        Rules::Checked(checked) => Box::leak(Box::new(checked)),
        Rules::Broken(_) => panic!("the generated rules have errors"),
    })
}

fn bytes(inputs: &[Input]) -> BytesCount {
    BytesCount::new(inputs.iter().map(|input| input.text.len()).sum::<usize>())
}

fn bulletins(size: usize) -> ItemsCount {
    ItemsCount::new(checked(size).rules().bulletins.len())
}

fn parse_library(bencher: Bencher<'_, '_>, size: usize) {
    let inputs = library(size);
    let mut sources = SourceMap::new();
    let file = sources.add("rule", "");
    bencher.counter(bytes(&inputs)).bench(|| {
        for input in &inputs {
            divan::black_box(caveat::syntax::parse(file, &input.text));
        }
    });
}

fn check_library(bencher: Bencher<'_, '_>, size: usize) {
    let inputs = library(size);
    let counter = bytes(&inputs);
    bencher
        .counter(counter)
        .with_inputs(|| inputs.clone())
        .bench_values(|inputs| compile(inputs, Vec::new()));
}

fn evaluate_library(bencher: Bencher<'_, '_>, size: usize) {
    let rules = checked(size);
    let evaluator = Evaluator::new(rules);
    let file = load_hosts("host", HOST).remove(0).unwrap();
    let (host, problems) = Host::new(&file, rules.rules());
    assert!(problems.is_empty(), "{problems:#?}");
    bencher.counter(bulletins(size)).bench(|| evaluator.outcomes(divan::black_box(&host)));
}

fn emit_library(bencher: Bencher<'_, '_>, size: usize, target: &str) {
    let rules = checked(size);
    let registry = caveat::registry().unwrap();
    let backend = registry.get(target).expect("the target is built in");
    let lock = Lock::default();
    bencher.counter(bulletins(size)).bench(|| {
        let options = Options::new(&backend.info().options, []).unwrap();
        build(rules, &[Target { backend, options }], Policy::Approximate, &lock)
    });
}

#[divan::bench(args = SMALL, max_time = 5)]
fn parse(bencher: Bencher<'_, '_>, size: usize) {
    parse_library(bencher, size);
}

#[divan::bench(args = LARGE, sample_count = 1, sample_size = 1)]
fn parse_large(bencher: Bencher<'_, '_>, size: usize) {
    parse_library(bencher, size);
}

#[divan::bench(args = SMALL, max_time = 5)]
fn check(bencher: Bencher<'_, '_>, size: usize) {
    check_library(bencher, size);
}

#[divan::bench(args = LARGE, sample_count = 1, sample_size = 1)]
fn check_large(bencher: Bencher<'_, '_>, size: usize) {
    check_library(bencher, size);
}

#[divan::bench(args = SMALL, max_time = 5)]
fn evaluate(bencher: Bencher<'_, '_>, size: usize) {
    evaluate_library(bencher, size);
}

#[divan::bench(args = LARGE, sample_count = 1, sample_size = 1)]
fn evaluate_large(bencher: Bencher<'_, '_>, size: usize) {
    evaluate_library(bencher, size);
}

#[divan::bench(args = SMALL, max_time = 5)]
fn emit_oval(bencher: Bencher<'_, '_>, size: usize) {
    emit_library(bencher, size, "oval");
}

#[divan::bench(args = LARGE, sample_count = 1, sample_size = 1)]
fn emit_oval_large(bencher: Bencher<'_, '_>, size: usize) {
    emit_library(bencher, size, "oval");
}
