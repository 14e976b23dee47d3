//! From files to checked rules: parse everything, fetch what is used, analyse.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use caveat_backend::Backend;
use caveat_diag::{Code, Diagnostic, FileId, SourceMap, Span};
use caveat_sema::{Module, Rules};
use caveat_syntax::{Parsed, parse};
use rayon::prelude::*;

use crate::inputs::{Input, MAX_BYTES, module_path, read_found};
use crate::{inputs, standard, targets};

/// How many problems of one file are shown.
const MAX_SHOWN: usize = 100;

/// The outcome of a compilation.
#[derive(Debug)]
pub struct Compilation {
    /// All sources that were read.
    pub sources: Arc<SourceMap>,
    /// The given files, parsed: module name, file and tree.
    pub files: Vec<(String, FileId, caveat_syntax::ast::File)>,
    /// Where the given files lie; standard input lies nowhere.
    pub paths: BTreeMap<FileId, PathBuf>,
    /// All problems.
    pub diagnostics: Vec<Diagnostic>,
    /// The rules.
    pub rules: Rules,
}

impl Compilation {
    /// Whether there is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

struct Unit {
    module: String,
    path: Option<PathBuf>,
    root: PathBuf,
    file: FileId,
    parsed: Parsed,
    primary: bool,
}

/// Compiles rule files. `problems` found while reading them are passed on.
#[must_use]
pub fn compile(given: Vec<Input>, problems: Vec<Diagnostic>) -> Compilation {
    compile_for(given, problems, &[])
}

/// Compiles rule files, and looks for what is wrong with them for these targets as well.
#[must_use]
pub fn compile_for(given: Vec<Input>, problems: Vec<Diagnostic>, targets: &[&dyn Backend]) -> Compilation {
    let mut sources = SourceMap::new();
    let mut units = parse_all(&mut sources, given, true);
    let mut known: BTreeSet<String> = units.iter().map(|unit| unit.module.clone()).collect();
    let mut unread = Vec::new();
    let mut fresh = wanted(&units, &mut known, &mut unread);
    while !fresh.is_empty() {
        let parsed = parse_all(&mut sources, fresh, false);
        fresh = wanted(&parsed, &mut known, &mut unread);
        units.extend(parsed);
    }
    let sources = Arc::new(sources);
    let modules: Vec<Module<'_>> = units.iter().map(module).collect();
    let analysis = caveat_sema::analyse(&modules, &sources);
    let lints = match &analysis.rules {
        Rules::Checked(checked) => {
            let mut lints = caveat_lint::run(&modules, checked, &analysis.written, &sources);
            lints.extend(targets::lint(checked, targets));
            lints
        }
        Rules::Broken(_) => Vec::new(),
    };
    let syntax: Vec<Diagnostic> =
        units.iter().flat_map(|unit| unit.parsed.diagnostics.iter().cloned()).collect();
    let meaning = without_unread(without_echoes(analysis.diagnostics, &syntax), &unread);
    let found = syntax.into_iter().chain(unread).chain(meaning).chain(lints).collect();
    let primary: Vec<FileId> = units.iter().filter(|unit| unit.primary).map(|unit| unit.file).collect();
    let found = caveat_lint::silence(found, &primary, &sources, &targets::CODES);
    let diagnostics: Vec<Diagnostic> = problems.into_iter().chain(readable(found)).collect();
    let broken = diagnostics.iter().any(Diagnostic::is_error);
    let rules = if broken { analysis.rules.broken() } else { analysis.rules };
    let primary: Vec<Unit> = units.into_iter().filter(|unit| unit.primary).collect();
    let paths = primary.iter().filter_map(|unit| Some((unit.file, unit.path.clone()?))).collect();
    let files = primary.into_iter().map(|unit| (unit.module, unit.file, unit.parsed.file)).collect();
    Compilation { sources, files, paths, diagnostics, rules }
}

/// The problems that do not lie where an error of syntax was found: what is misspelt has no meaning.
fn without_echoes(found: Vec<Diagnostic>, syntax: &[Diagnostic]) -> Vec<Diagnostic> {
    let flaws: BTreeSet<Span> = syntax.iter().filter_map(Diagnostic::span).collect();
    let echoes = |span: Span| flaws.range(span_start(span)..).next().is_some_and(|flaw| lies_in(*flaw, span));
    found.into_iter().filter(|problem| !problem.span().is_some_and(echoes)).collect()
}

/// The problems that do not come from modules that could not be read: nobody knows what these define.
fn without_unread(found: Vec<Diagnostic>, unread: &[Diagnostic]) -> Vec<Diagnostic> {
    let uses: BTreeSet<Span> = unread.iter().filter_map(Diagnostic::span).collect();
    let files: BTreeSet<FileId> = uses.iter().map(|span| span.file).collect();
    let names = [Code::UNKNOWN_CONDITION, Code::UNKNOWN_PLATFORM, Code::UNUSED_USE];
    let follows = |problem: &Diagnostic| {
        let of_file = problem.span().is_some_and(|span| files.contains(&span.file));
        let of_use = problem.span().is_some_and(|span| uses.contains(&span));
        of_use && problem.code == Code::UNKNOWN_MODULE || of_file && names.contains(&problem.code)
    };
    found.into_iter().filter(|problem| !follows(problem)).collect()
}

/// The first problems of each file, errors before warnings: no more than a person would read.
fn readable(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|problem| (problem.span().map(|span| span.file), !problem.is_error(), problem.span()));
    let mut shown: Vec<Diagnostic> = Vec::with_capacity(found.len().min(MAX_SHOWN));
    let mut last = (None, 0);
    for problem in found {
        let file = problem.span().map(|span| span.file);
        last = if last.0 == file { (file, last.1 + 1) } else { (file, 1) };
        if last.1 <= MAX_SHOWN {
            shown.push(problem);
        } else if let Some(before) = shown.last_mut().filter(|_| last.1 == MAX_SHOWN + 1) {
            before.notes.push("further problems in this file are not shown".to_owned());
        }
    }
    shown
}

fn span_start(span: Span) -> Span {
    Span { end: span.start, ..span }
}

fn lies_in(inner: Span, outer: Span) -> bool {
    inner.file == outer.file && inner.start >= outer.start && inner.end <= outer.end
}

fn module(unit: &Unit) -> Module<'_> {
    Module { name: &unit.module, ast: &unit.parsed.file, primary: unit.primary }
}

fn parse_all(sources: &mut SourceMap, inputs: Vec<Input>, primary: bool) -> Vec<Unit> {
    let files: Vec<(Input, FileId)> = inputs
        .into_iter()
        .map(|mut input| {
            let file = sources.add(input.shown.clone(), std::mem::take(&mut input.text));
            (input, file)
        })
        .collect();
    let sources = &*sources;
    let unit = |(input, file): (Input, FileId)| {
        let text = sources.get(file).map_or("", |source| source.text());
        Unit {
            module: input.module,
            path: input.path,
            root: input.root,
            file,
            parsed: parse(file, text),
            primary,
        }
    };
    files.into_par_iter().map(unit).collect()
}

/// The modules that `units` use and that were not read yet, where they can be found; those that are there and
/// cannot be read are `unread`.
fn wanted(units: &[Unit], known: &mut BTreeSet<String>, unread: &mut Vec<Diagnostic>) -> Vec<Input> {
    let mut found = Vec::new();
    for unit in units {
        for line in &unit.parsed.file.uses {
            let name = &line.module.text;
            if known.contains(name) {
                continue;
            }
            match find(unit, name) {
                Ok(Some(input)) => {
                    known.insert(name.clone());
                    found.push(input);
                }
                Ok(None) => {}
                Err(problem) => unread.push(unreadable(name, line.module.span, problem)),
            }
        }
    }
    found
}

/// A module below the rule folder of the one that uses it, else of the standard library.
fn find(unit: &Unit, name: &str) -> Result<Option<Input>, Diagnostic> {
    let path = module_path(&unit.root, name);
    let input = |shown: String, path: Option<PathBuf>, text: String| Input {
        shown,
        path,
        module: name.to_owned(),
        root: unit.root.clone(),
        text,
    };
    if !matches!(path.try_exists(), Ok(false)) {
        let text = read_found(&path, MAX_BYTES)?;
        return Ok(Some(input(inputs::display(&path), Some(path), text)));
    }
    let standard = standard::module(name).map(ToOwned::to_owned);
    Ok(standard.map(|text| input(format!("<{name}>"), None, text)))
}

/// A module whose file is there, at the place that uses it.
fn unreadable(name: &str, place: Span, problem: Diagnostic) -> Diagnostic {
    let message = format!("the module `{name}` cannot be read");
    let diagnostic = Diagnostic::new(problem.code, message).at(place, problem.message);
    problem.help.into_iter().fold(diagnostic, Diagnostic::help)
}
