//! `fmt/*.caveat`: the canonical layout of each is the file `*.formatted` beside it; with
//! `CAVEAT_UPDATE=1` it is written instead of compared. And for every rule file of the repository:
//! laying out keeps the tree, and the layout of the layout is the layout.

use std::path::{Path, PathBuf};

use caveat_tests::rules::{below, files_below, formatted, read, root, tree};
use libtest_mimic::Trial;

use crate::{folder, trial};

/// Folders whose rule files are laid out canonically.
const CANONICAL: [&str; 4] = ["rules", "examples", "crates/caveat/src", "crates/caveat-driver"];
/// Folders with rule files.
const ALL: [&str; 4] = ["rules", "examples", "crates", "tests"];

pub(crate) fn trials() -> Vec<Trial> {
    let folder = folder("fmt");
    let cases = files_below(&folder, "caveat");
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let mut trials = Vec::new();
    for case in cases.clone() {
        let name = format!("fmt::{}", below(&case.with_extension(""), &folder));
        trials.push(trial(name, move || run(&case)));
    }
    for file in files(&ALL) {
        let name = format!("fmt: keeps the tree of {}", below(&file, root()));
        trials.push(trial(name, move || keeps_tree(&file)));
    }
    for file in files(&CANONICAL) {
        let name = format!("fmt: is canonical {}", below(&file, root()));
        trials.push(trial(name, move || is_canonical(&file)));
    }
    trials.push(trial("fmt: every layout has a case".to_owned(), move || no_orphans(&cases, &folder)));
    trials
}

fn files(folders: &[&str]) -> Vec<PathBuf> {
    folders.iter().flat_map(|folder| files_below(&root().join(folder), "caveat")).collect()
}

fn run(case: &Path) {
    let found = formatted(&read(case)).expect("a case of the layout has no errors of syntax");
    let path = case.with_extension("formatted");
    if std::env::var_os("CAVEAT_UPDATE").is_some() {
        std::fs::write(&path, &found).expect("the layout can be written");
    }
    assert_eq!(read(&path), found);
}

fn keeps_tree(file: &Path) {
    let text = read(file);
    let Some(once) = formatted(&text) else { return };
    assert_eq!(formatted(&once).as_deref(), Some(once.as_str()), "the layout of the layout differs");
    assert!(tree(&text) == tree(&once), "the layout means something else:\n{once}");
}

fn is_canonical(file: &Path) {
    let text = read(file);
    assert_eq!(formatted(&text).as_deref(), Some(text.as_str()), "run `caveat fmt` on it");
}

fn no_orphans(cases: &[PathBuf], folder: &Path) {
    let there = files_below(folder, "formatted").into_iter();
    let orphans: Vec<PathBuf> =
        there.filter(|layout| !cases.contains(&layout.with_extension("caveat"))).collect();
    assert!(orphans.is_empty(), "layouts without a case: {orphans:?}");
}
