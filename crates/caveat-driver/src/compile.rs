//! From files to checked rules: reads what `caveat-analysis` asks for, and hands on what it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use caveat_analysis::{Analysis, Analyzer, Found, Hook, Module, Modules, Source};
use caveat_backend::Backend;
use caveat_diag::policy::Levels;
use caveat_diag::{Diagnostic, FileId, SourceMap};
use caveat_ir::updates::Updates;
use caveat_sema::Rules;

use crate::inputs::{Input, MAX_BYTES, module_path, read_found};
use crate::{inputs, targets};

/// The outcome of a compilation.
#[derive(Debug)]
pub struct Compilation {
    /// All sources that were read.
    pub sources: Arc<SourceMap>,
    /// The given files: their modules, parsed.
    pub files: Vec<Arc<Module>>,
    /// Where the files lie; standard input and the standard library lie nowhere.
    pub paths: BTreeMap<FileId, PathBuf>,
    /// All problems.
    pub diagnostics: Vec<Diagnostic>,
    /// The rules.
    pub rules: Rules,
}

impl Compilation {
    /// Reads hosts by these tables of updates as well.
    #[must_use]
    pub fn with_updates(mut self, updates: Updates) -> Self {
        self.rules = match self.rules {
            Rules::Checked(checked) => Rules::Checked(checked.with_updates(updates)),
            broken @ Rules::Broken(_) => broken,
        };
        self
    }

    /// Whether there is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Compiles rule files. `problems` found while reading them are passed on.
#[must_use]
pub fn compile(given: Vec<Input>, problems: Vec<Diagnostic>) -> Compilation {
    compile_for(given, problems, &Levels::default(), &[])
}

/// Compiles rule files, takes what is wrong with them for as bad as `levels` says, and looks for what is wrong with
/// them for these targets as well.
#[must_use]
pub fn compile_for(
    given: Vec<Input>,
    problems: Vec<Diagnostic>,
    levels: &Levels,
    targets: &[&dyn Backend],
) -> Compilation {
    let hook = Hook::new(&targets::CODES, |rules| targets::lint(rules, targets));
    let mut analyzer = Analyzer::with_hook(RuleFolders, hook, levels.clone());
    let mut paths = BTreeMap::new();
    for Input { shown, path, module, root, text } in given {
        let file = analyzer.add(Source { shown, module, root, text });
        paths.extend(path.map(|path| (file, path)));
    }
    compiled(&analyzer.analysis(), paths, levels.apply(problems))
}

fn compiled(
    analysis: &Analysis,
    paths: BTreeMap<FileId, PathBuf>,
    mut diagnostics: Vec<Diagnostic>,
) -> Compilation {
    diagnostics.extend(analysis.diagnostics().cloned());
    let rules = match analysis.merged() {
        Ok(checked) if diagnostics.iter().any(Diagnostic::is_error) => Rules::Checked(checked).broken(),
        Ok(checked) => Rules::Checked(checked),
        Err(problems) => {
            diagnostics.extend(problems);
            Rules::Broken(caveat_ir::RuleSet::default())
        }
    };
    let given = analysis.files().filter(|(_, file)| file.is_given());
    let files = given.map(|(_, file)| Arc::clone(file.module())).collect();
    Compilation { sources: Arc::clone(analysis.sources()), files, paths, diagnostics, rules }
}

/// Modules as files: `a.b` is `a/b.caveat` below the rule folder of the file that uses it.
struct RuleFolders;

impl Modules for RuleFolders {
    fn find(&self, module: &str, root: &Path) -> Result<Option<Found>, Diagnostic> {
        let path = module_path(root, module);
        if matches!(path.try_exists(), Ok(false)) {
            return Ok(None);
        }
        let text = read_found(&path, MAX_BYTES)?;
        Ok(Some(Found { shown: inputs::display(&path), text }))
    }
}
