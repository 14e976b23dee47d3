//! How long it takes to know everything again after one file of a library changed: bulletins that have the shape
//! of MS04-006, each a file of its own.
//!
//! `cargo bench -p caveat-analysis`
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot work ends the run")]

use caveat_analysis::{Analyzer, NoModules, Source};
use caveat_diag::FileId;
use divan::Bencher;

const RULE: &str = include_str!("../../../rules/ms04/ms04-006.caveat");

fn main() {
    divan::main();
}

/// MS04-006 under another name, without the tests inside it.
fn text(number: usize) -> String {
    let rule = RULE.split("\n    test \"").next().unwrap();
    rule.replace("MS04-006", &format!("GEN-{number:05}"))
        .replace("2003-0825", &format!("2003-{:05}", 10_000 + number))
        .replace("830352", &format!("{}", 1_000_000 + number))
        + "}\n"
}

/// A library of this many files, and the file in its middle.
fn library(size: usize) -> (Analyzer<'static, NoModules>, FileId) {
    let mut analyzer = Analyzer::new(NoModules);
    let files: Vec<FileId> = (0..size)
        .map(|number| {
            let module = format!("gen{number:05}");
            let shown = format!("{module}.caveat");
            analyzer.add(Source { shown, module, root: "/nowhere".into(), text: text(number) })
        })
        .collect();
    (analyzer, *files.get(size / 2).unwrap())
}

/// Texts of the file in the middle that differ from each other.
fn changes(size: usize) -> impl FnMut() -> String {
    let mut count = 0;
    move || {
        count += 1;
        format!("// {count}\n{}", text(size / 2).replace("5.0.2195.6870", &format!("5.0.2195.{count}")))
    }
}

/// The first look at all files.
#[divan::bench(args = [1_000, 10_000], sample_count = 1, sample_size = 1)]
fn first(bencher: Bencher<'_, '_>, size: usize) {
    bencher.with_inputs(|| library(size).0).bench_local_values(|mut analyzer| analyzer.analysis());
}

/// One changed file.
#[divan::bench(args = [1_000, 10_000])]
fn change(bencher: Bencher<'_, '_>, size: usize) {
    let (mut analyzer, file) = library(size);
    let analysis = analyzer.analysis();
    assert!(!analysis.has_errors());
    bencher.with_inputs(changes(size)).bench_local_values(|text| {
        analyzer.set(file, text);
        analyzer.analysis()
    });
}

/// One changed file, and all rules together.
#[divan::bench(args = [1_000, 10_000], max_time = 10)]
fn change_and_merge(bencher: Bencher<'_, '_>, size: usize) {
    let (mut analyzer, file) = library(size);
    assert!(!analyzer.analysis().has_errors());
    bencher.with_inputs(changes(size)).bench_local_values(|text| {
        analyzer.set(file, text);
        analyzer.analysis().merged().unwrap()
    });
}
