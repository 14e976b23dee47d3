//! `caveat fmt`

use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::inputs::Input;
use caveat_driver::{inputs, output};

use crate::cli::Fmt;
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Fmt) -> Result<Outcome, Outcome> {
    let project = session::project(ui, &arguments.paths.paths)?;
    if !arguments.check {
        session::writable(ui, &project, &arguments.paths.paths)?;
    }
    let paths = session::paths(ui, &project, &arguments.paths.paths)?;
    let (files, mut problems) = inputs::read(&paths, project.rules().as_deref());
    let mut sources = SourceMap::new();
    let mut changed = 0;
    for file in &files {
        let id = sources.add(file.shown.clone(), file.text.clone());
        match caveat_syntax::format(id, &file.text) {
            Ok(text) if file.path.is_none() && !arguments.check => ui.data(&text),
            Ok(text) if text == file.text => {}
            Ok(text) => {
                changed += 1;
                problems.extend(apply(file, &text, arguments.check));
            }
            Err(found) => problems.extend(found),
        }
    }
    ui.diagnostics(&problems, &sources);
    if problems.is_empty() && !arguments.check {
        ui.say(&format!("{changed} of {} files laid out anew", files.len()));
    }
    Ok(Outcome::findings(!problems.is_empty()))
}

fn apply(file: &Input, text: &str, check: bool) -> Option<Diagnostic> {
    if check {
        let message = format!("`{}` is not laid out canonically", file.shown);
        return Some(Diagnostic::new(Code::NOT_FORMATTED, message).help("run `caveat fmt` on it"));
    }
    output::write_file(file.path.as_ref()?, text).err()
}
