//! `caveat dump`

use caveat_sema::Rules;
use serde_json::json;

use crate::cli::{Dump, Pass};
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Dump) -> Result<Outcome, Outcome> {
    let compilation = &session::open(ui, &arguments.paths.paths)?;
    ui.diagnostics(&compilation.diagnostics, &compilation.sources);
    let value = match arguments.after {
        Pass::Parse => {
            let files = compilation.files.iter();
            let files = files.map(|module| json!({ "module": module.name(), "tree": module.tree() }));
            let files = files.collect::<Vec<_>>();
            Some(json!({ "files": files }))
        }
        Pass::Lower => Some(json!(compilation.rules.lowered())),
        Pass::Check => match &compilation.rules {
            Rules::Checked(checked) => Some(json!(checked.rules())),
            Rules::Broken(_) => None,
        },
    };
    if let Some(value) = value {
        ui.data(&format!("{value:#}\n"));
    }
    Ok(Outcome::findings(compilation.has_errors()))
}
