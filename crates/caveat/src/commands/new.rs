//! `caveat new`

use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::{inputs, output};
use caveat_ir::value::BulletinId;

use crate::cli::New;
use crate::session;
use crate::ui::{Outcome, Ui};

const TEMPLATE: &str = include_str!("new.caveat");

pub(super) fn run(ui: &Ui, arguments: &New) -> Result<Outcome, Outcome> {
    let id: BulletinId = arguments.bulletin.parse().map_err(|malformed: caveat_ir::value::Malformed| {
        ui.failure(&malformed.to_string());
        Outcome::Usage
    })?;
    let text = TEMPLATE.replace("BULLETIN", id.as_str());
    let project = session::project(ui, &[])?;
    let name = format!("{}.{}", id.as_str().to_ascii_lowercase(), inputs::EXTENSION);
    let default = || project.rules().map_or_else(|| name.clone().into(), |rules| rules.join(&name));
    let path = arguments.output.clone().unwrap_or_else(default);
    if path.as_os_str() == "-" {
        ui.data(&text);
        return Ok(Outcome::Clean);
    }
    session::writable(ui, &project, arguments.output.as_slice())?;
    let written = if path.exists() {
        let message = format!("`{}` is there already", inputs::display(&path));
        Err(Diagnostic::new(Code::UNWRITABLE_OUTPUT, message).help("name another file with `-o`"))
    } else {
        output::write_file(&path, &text)
    };
    written.map_err(|problem| {
        ui.diagnostics(&[problem], &SourceMap::new());
        Outcome::Findings
    })?;
    ui.say(&format!("wrote {}", inputs::display(&path)));
    Ok(Outcome::Clean)
}
