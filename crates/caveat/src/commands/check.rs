//! `caveat check`

use std::path::PathBuf;

use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: Ui, paths: &[PathBuf]) -> Result<Outcome, Outcome> {
    let ui = ui.with_diagnostics_as_data();
    let session = session::open(&ui, paths)?;
    let compilation = &session.compilation;
    ui.diagnostics(&compilation.diagnostics, &compilation.sources);
    if compilation.diagnostics.is_empty() {
        let (files, bulletins) = (compilation.files.len(), compilation.rules.lowered().bulletins.len());
        let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        ui.say(&format!(
            "checked {} in {}: no problems",
            plural(bulletins, "bulletin"),
            plural(files, "file")
        ));
    }
    Ok(Outcome::findings(compilation.has_errors()))
}
