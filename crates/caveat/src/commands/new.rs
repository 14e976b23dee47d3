//! `caveat new`

use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::{inputs, output};
use caveat_ir::value::{BulletinId, Date};

use crate::cli::New;
use crate::session;
use crate::ui::{Outcome, Ui};

const TEMPLATE: &str = include_str!("new.caveat");

pub(super) fn run(ui: &Ui, arguments: &New) -> Result<Outcome, Outcome> {
    let id: BulletinId = arguments.bulletin.parse().map_err(|malformed: caveat_ir::value::Malformed| {
        ui.failure(&malformed.to_string());
        Outcome::Usage
    })?;
    let year = year(id.as_str());
    let text = TEMPLATE.replace("BULLETIN", id.as_str()).replace("YEAR", &year.to_string());
    let text = text.replace("PUBLISHED", &published(year));
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

/// The first day of bulletins, the second Tuesday of January, in the year of an id such as `MS08-067`.
fn published(year: u16) -> String {
    const TUESDAY: u8 = 1;
    let day = |day: u32| format!("{year}-01-{day:02}");
    let is_tuesday = |text: &String| text.parse::<Date>().is_ok_and(|date| date.weekday() == TUESDAY);
    (8..=14).map(day).find(is_tuesday).unwrap_or_else(|| day(8))
}

/// The year of an id such as `MS08-067`; for others, one that examples are of.
fn year(id: &str) -> u16 {
    let digits = id.strip_prefix("MS").and_then(|rest| rest.split_once('-')?.0.parse().ok());
    match digits {
        Some(year @ 98..=99) => 1900 + year,
        Some(year @ 0..=17) => 2000 + year,
        _ => 2004,
    }
}
