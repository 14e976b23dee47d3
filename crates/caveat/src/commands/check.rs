//! `caveat check`

use std::collections::BTreeMap;
use std::path::Path;

use caveat_backend::Registry;
use caveat_diag::{Code, Diagnostic, Edit, FileId, SourceMap};
use caveat_driver::config::Project;
use caveat_driver::{Compilation, inputs, output};

use super::chosen::Chosen;
use crate::cli::Check;
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: Ui, arguments: &Check) -> Result<Outcome, Outcome> {
    let ui = ui.with_diagnostics_as_data();
    let paths = &arguments.paths.paths;
    let project = session::project(&ui, paths)?;
    let registry = super::registry(&ui)?;
    let chosen = chosen(&ui, arguments, &registry, &project)?;
    let mut compilation = session::open_for(&ui, &project, paths, &chosen.backends())?;
    if arguments.fix {
        session::writable(&ui, &project, paths)?;
        let mended = mend(&compilation).map_err(|problem| failed(&ui, problem))?;
        ui.say(&format!("mended {}", plural(mended, "file")));
        compilation = session::open_for(&ui, &project, paths, &chosen.backends())?;
    }
    compilation.diagnostics.extend(chosen.problems.iter().cloned());
    let compilation = &compilation;
    ui.diagnostics(&compilation.diagnostics, &compilation.sources);
    if let Some(folder) = &arguments.witness {
        let written = witnesses(folder, compilation).map_err(|problem| failed(&ui, problem))?;
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
        Ok(Outcome::findings(compilation.has_errors()))
    } else {
        Ok(Outcome::Failed)
    }
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
    let safe = compilation.diagnostics.iter().flat_map(|one| &one.fixes).filter(|fix| fix.safe);
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in safe.flat_map(|fix| &fix.edits) {
        edits.entry(edit.span.file).or_default().push(edit);
    }
    let mut mended = 0;
    for (file, mut edits) in edits {
        let Some((source, path)) = compilation.sources.get(file).zip(compilation.paths.get(&file)) else {
            continue;
        };
        edits.sort_by_key(|edit| edit.span);
        edits.dedup();
        output::write_file(path, &edited(source.text(), &edits))?;
        mended += 1;
    }
    Ok(mended)
}

/// The text after edits, in order; one that overlaps the one before is left for the next time.
fn edited(text: &str, edits: &[&Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if let Some(kept) = text.get(done..start) {
            out.push_str(kept);
            out.push_str(&edit.replacement);
            done = end;
        }
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}
