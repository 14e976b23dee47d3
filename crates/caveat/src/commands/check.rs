//! `caveat check`

use std::path::Path;

use caveat_backend::Registry;
use caveat_diag::edits::{edited, safe_edits};
use caveat_diag::policy::{Level, Levels};
use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::config::Project;
use caveat_driver::{Compilation, inputs, output};

use super::chosen::Chosen;
use crate::cli::{Check, Denied};
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Check) -> Result<Outcome, Outcome> {
    let paths = &arguments.paths.paths;
    let project = session::project(ui, paths)?;
    ui.go_by(levels(project.levels.clone(), &arguments.deny));
    let registry = super::registry(ui)?;
    let chosen = chosen(ui, arguments, &registry, &project)?;
    let mut compilation = session::open_for(ui, &project, paths, &chosen.backends())?;
    if arguments.fix {
        session::writable(ui, &project, paths)?;
        let mended = mend(&compilation).map_err(|problem| failed(ui, problem))?;
        ui.say(&format!("mended {}", plural(mended, "file")));
        compilation = session::open_for(ui, &project, paths, &chosen.backends())?;
    }
    compilation.diagnostics.extend(chosen.problems.iter().cloned());
    let compilation = &compilation;
    let has_errors = ui.diagnostics(&compilation.diagnostics, &compilation.sources);
    if let Some(folder) = &arguments.witness {
        let written = witnesses(folder, compilation).map_err(|problem| failed(ui, problem))?;
        ui.say(&format!("wrote {} to {}", plural(written, "host file"), inputs::display(folder)));
    }
    if compilation.diagnostics.is_empty() {
        let (files, bulletins) = (compilation.files.len(), compilation.rules.lowered().bulletins.len());
        ui.say(&format!(
            "checked {} in {}: no problems",
            plural(bulletins, "bulletin"),
            plural(files, "file")
        ));
    }
    if chosen.problems.is_empty() {
        let is_forgiven = arguments.exit_zero && !compilation.diagnostics.iter().any(is_of_files);
        Ok(Outcome::findings(has_errors && !is_forgiven))
    } else {
        Ok(Outcome::Failed)
    }
}

/// Whether rules were not there, or could not be read: nobody knows what is wrong with them.
fn is_of_files(problem: &Diagnostic) -> bool {
    problem.code.id.starts_with("CAV07")
}

/// The levels of the project, as far as the command line does not know better.
fn levels(mut levels: Levels, denied: &[Denied]) -> Levels {
    for denied in denied {
        match denied {
            Denied::Warnings => levels.deny_warnings(),
            Denied::Code(code) => levels.set(code, Level::Error),
        }
    }
    levels
}

/// The targets of the command line; else those of the configuration that need no permission to run.
fn chosen<'r>(
    ui: &Ui,
    arguments: &Check,
    registry: &'r Registry,
    project: &Project,
) -> Result<Chosen<'r>, Outcome> {
    let configured = project.config.targets.iter();
    let configured = configured
        .filter(|name| arguments.plugins.allow_plugins || registry.get(name).is_some() || *name == "all");
    let names: Vec<String> =
        if arguments.target.is_empty() { configured.cloned().collect() } else { arguments.target.clone() };
    Chosen::named(ui, &names, &arguments.plugins, registry, project)
}

fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn failed(ui: &Ui, problem: Diagnostic) -> Outcome {
    ui.diagnostics(&[problem], &SourceMap::new());
    Outcome::Findings
}

/// Writes the host that shows a finding, for each that has one: `CAV0811-1.json`, …
fn witnesses(folder: &Path, compilation: &Compilation) -> Result<usize, Diagnostic> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let message = format!("`{}` cannot be made: {}", inputs::display(folder), inputs::plain(&error));
        Diagnostic::new(Code::UNWRITABLE_OUTPUT, message)
    })?;
    let mut written = 0;
    for diagnostic in &compilation.diagnostics {
        for host in diagnostic.data.get("witness").into_iter().flatten() {
            written += 1;
            let name = format!("{}-{written}.json", diagnostic.code.id);
            output::write_file(&folder.join(name), &format!("{host}\n"))?;
        }
    }
    Ok(written)
}

/// Carries out the changes that are safe, and returns how many files they were made in.
fn mend(compilation: &Compilation) -> Result<usize, Diagnostic> {
    let mut mended = 0;
    for (file, edits) in safe_edits(&compilation.diagnostics) {
        if let Some((source, path)) = compilation.sources.get(file).zip(compilation.paths.get(&file)) {
            output::write_file(path, &edited(source.text(), edits))?;
            mended += 1;
        }
    }
    Ok(mended)
}
