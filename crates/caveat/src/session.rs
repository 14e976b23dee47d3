//! What most commands begin with: find the project, read and compile the rules.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use caveat_backend::Backend;
use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::config::Project;
use caveat_driver::{Compilation, compile_for, inputs};
use caveat_ir::Checked;
use caveat_sema::Rules;

use crate::progress::Progress;
use crate::ui::{Outcome, Ui};

/// The rules of a command that needs sound ones.
pub(crate) struct CleanSession {
    pub(crate) sources: Arc<SourceMap>,
    pub(crate) rules: Checked,
}

/// Finds the project of the given paths, of the current folder when there are none, and goes by its levels.
pub(crate) fn project(ui: &Ui, paths: &[PathBuf]) -> Result<Project, Outcome> {
    let start = paths.iter().find(|path| path.as_os_str() != "-").map_or(Path::new("."), PathBuf::as_path);
    let project = Project::find(start).map_err(|refused| ui.misconfigured(&refused))?;
    ui.go_by(project.levels.clone());
    Ok(project)
}

/// The given paths, or the project's rule folder.
pub(crate) fn paths(ui: &Ui, project: &Project, given: &[PathBuf]) -> Result<Vec<PathBuf>, Outcome> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let rules = project.rules();
    if let Some(odd) = rules.as_ref().filter(|rules| rules.exists() && !rules.is_dir() && !rules.is_file()) {
        let message = format!("`{}` is neither a folder nor a regular file", inputs::display(odd));
        ui.diagnostics(&[Diagnostic::new(Code::UNREADABLE_FILE, message)], &SourceMap::new());
        return Err(Outcome::Findings);
    }
    rules.map(|rules| vec![rules]).ok_or_else(|| {
        let problem = Diagnostic::new(
            Code::NOTHING_TO_DO,
            "no rules were named, and there is no `caveat.toml` that says where they are",
        );
        ui.diagnostics(
            &[problem.help("name a file or folder, or write `rules = \"rules\"` into `caveat.toml`")],
            &SourceMap::new(),
        );
        Outcome::Usage
    })
}

/// Refuses to write to rules that only the project names and that may lie outside of it.
pub(crate) fn writable(ui: &Ui, project: &Project, given: &[PathBuf]) -> Result<(), Outcome> {
    let allowed = if given.is_empty() { project.writable_rules() } else { Ok(()) };
    allowed.map_err(|problem| {
        ui.diagnostics(&[problem], &SourceMap::new());
        Outcome::Findings
    })
}

/// Reads and compiles rules, without showing diagnostics.
pub(crate) fn open(ui: &Ui, given: &[PathBuf]) -> Result<Compilation, Outcome> {
    open_for(ui, &project(ui, given)?, given, &[])
}

/// Reads and compiles the rules of a project for targets, without showing diagnostics.
pub(crate) fn open_for(
    ui: &Ui,
    project: &Project,
    given: &[PathBuf],
    targets: &[&dyn Backend],
) -> Result<Compilation, Outcome> {
    let paths = paths(ui, project, given)?;
    let updates = project.updates().map_err(|refused| ui.misconfigured(&refused))?;
    let _progress = Progress::start(ui, "compiling rules");
    let (inputs, mut problems) = inputs::read(&paths, project.rules().as_deref());
    if inputs.is_empty() && problems.is_empty() {
        let shown: Vec<String> = paths.iter().map(|path| format!("`{}`", inputs::display(path))).collect();
        let message = format!("there are no rule files in {}", shown.join(", "));
        problems.push(Diagnostic::new(Code::NOTHING_TO_DO, message).help("rule files end in `.caveat`"));
    }
    Ok(compile_for(inputs, problems, &ui.levels(), targets).with_updates(updates))
}

/// Opens rules that must be free of errors; shows what is wrong otherwise.
pub(crate) fn open_clean(ui: &Ui, given: &[PathBuf]) -> Result<CleanSession, Outcome> {
    clean(ui, open(ui, given)?)
}

/// The rules, if they are free of errors; shows what is wrong.
pub(crate) fn clean(ui: &Ui, compilation: Compilation) -> Result<CleanSession, Outcome> {
    ui.diagnostics(&compilation.diagnostics, &compilation.sources);
    match compilation.rules {
        Rules::Checked(rules) => Ok(CleanSession { sources: compilation.sources, rules }),
        Rules::Broken(_) => Err(Outcome::Findings),
    }
}
