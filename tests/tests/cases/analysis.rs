//! `analysis/*`: what is known of the files of a folder, as an editor would ask: each file with its names, where they are
//! defined and used, its bulletins, and what is wrong. All of it is a snapshot beside the folder.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use caveat_analysis::{Analysis, Analyzer, FileAnalysis, NoModules, Source, State};
use caveat_diag::render::{Format, render};
use caveat_diag::{FileId, Span};
use caveat_tests::rules::{below, files_below, read};
use libtest_mimic::Trial;

use crate::{folder, trial};

pub(crate) fn trials() -> Vec<Trial> {
    let family = folder("analysis");
    let entries = fs::read_dir(&family).unwrap().map(|entry| entry.unwrap().path());
    let cases: BTreeSet<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    assert!(!cases.is_empty(), "no cases in {}", family.display());
    let mut trials = Vec::new();
    for case in cases.clone() {
        trials.push(trial(format!("analysis::{}", below(&case, &family)), move || run(&case)));
    }
    trials.push(trial("analysis: every snapshot has a case".to_owned(), move || {
        let there = files_below(&family, "snap").into_iter();
        let orphans: Vec<PathBuf> =
            there.filter(|snapshot| !cases.contains(&snapshot.with_extension(""))).collect();
        assert!(orphans.is_empty(), "snapshots without a case: {orphans:?}");
    }));
    trials
}

fn run(case: &Path) {
    let mut analyzer = Analyzer::new(NoModules);
    let files = files_below(case, "caveat");
    let ids: Vec<FileId> = files.iter().map(|file| analyzer.add(source(file, case))).collect();
    let analysis = analyzer.analysis();
    let shown: String = ids.iter().map(|id| shown(&analysis, *id)).collect();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(case.parent().unwrap());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    settings.bind(|| insta::assert_snapshot!(name, shown));
}

fn source(file: &Path, case: &Path) -> Source {
    let shown = below(file, case);
    let module = shown.trim_end_matches(".caveat").replace('/', ".");
    Source { shown, module, root: case.to_owned(), text: read(file) }
}

fn shown(analysis: &Analysis, id: FileId) -> String {
    let file = analysis.file(id).unwrap();
    let mut out = format!("== {}\n\n", file.module().source().name());
    let names = names(analysis, file);
    let mut start = 0;
    for (number, line) in file.module().source().text().split_inclusive('\n').enumerate() {
        let end = start + u32::try_from(line.len()).unwrap();
        let _ = writeln!(out, "{:3} | {}", number + 1, line.trim_end());
        for (span, text) in names.iter().filter(|(span, _)| (start..end).contains(&span.start)) {
            let before = &line[..(span.start - start) as usize];
            let marks = "^".repeat((span.end - span.start) as usize);
            let _ = writeln!(out, "      {}{marks} {text}", " ".repeat(before.chars().count()));
        }
        start = end;
    }
    out.push('\n');
    for entry in file.entries() {
        let state = if entry.state == State::Checked { "checked" } else { "broken" };
        let _ = writeln!(out, "{} is {state}", entry.id);
    }
    let sound: Vec<&str> = file.checked().rules().bulletins.iter().map(|one| one.id.as_str()).collect();
    let _ = writeln!(out, "alone: {}\n", sound.join(", "));
    out + &render(file.diagnostics(), analysis.sources(), Format::Short) + "\n"
}

/// The names of a file, and what they mean.
fn names(analysis: &Analysis, file: FileAnalysis<'_>) -> Vec<(Span, String)> {
    let defined = file.definitions().iter().map(|one| {
        let version = one.version.as_ref().map(|version| format!(" version {version}")).unwrap_or_default();
        (one.span, format!("defines the {} {}{version}", one.kind.as_str(), one.name))
    });
    let used = file.references().iter().map(|one| {
        let places = analysis.definitions_of(one).into_iter().map(|span| place(analysis, span));
        let places: Vec<String> = places.collect();
        let home = if places.is_empty() { "nowhere".to_owned() } else { places.join(", ") };
        (one.span, format!("{} {}: {home}", one.kind.as_str(), one.name))
    });
    let mut all: Vec<(Span, String)> = defined.chain(used).collect();
    all.sort();
    all
}

/// Where a name is defined; lines of the standard library change too often to be told.
fn place(analysis: &Analysis, span: Span) -> String {
    let name = analysis.sources().get(span.file).unwrap().name();
    let place = analysis.sources().location(span).unwrap();
    if name.starts_with('<') { name.to_owned() } else { place.to_string() }
}
