//! `caveat plugin check`

use std::path::Path;

use caveat_diag::SourceMap;
use caveat_driver::plugin::conformance::{self, Finding};

use crate::signals;
use crate::ui::{Outcome, Ui, one_line};

pub(super) fn run(ui: &Ui, command: &[String]) -> Result<Outcome, Outcome> {
    signals::end_plugins();
    let (mut kept, mut broken) = (0, 0);
    let mut hear = |finding: &Finding| {
        let word = if finding.is_kept() { "ok" } else { "BROKEN" };
        ui.data(&format!("{word:<6}  {}\n", one_line(&finding.title)));
        if let Some(words) = &finding.words {
            ui.data(&format!("        {}\n", one_line(words)));
        }
        if let Some(problem) = &finding.broken {
            ui.diagnostics(&[(**problem).clone()], &SourceMap::new());
        }
        if finding.is_kept() { kept += 1 } else { broken += 1 }
    };
    conformance::check(command, Path::new("."), &mut hear).map_err(|defect| {
        ui.failure(&defect);
        Outcome::Failed
    })?;
    ui.data(&format!("{kept} kept, {broken} broken\n"));
    Ok(Outcome::findings(broken > 0))
}
