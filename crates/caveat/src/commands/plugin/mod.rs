//! `caveat plugin`

mod check;

use std::io;

use crate::cli::Plugin;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, command: &Plugin) -> Result<Outcome, Outcome> {
    match command {
        Plugin::Serve { name } => serve(ui, name),
        Plugin::Check { command } => check::run(ui, command),
    }
}

/// Serves a built-in back end, as its own program would.
fn serve(ui: &Ui, name: &str) -> Result<Outcome, Outcome> {
    let registry = super::registry(ui)?;
    let Some(backend) = registry.get(name) else {
        let known: Vec<&str> = registry.iter().map(|backend| backend.info().id.as_ref()).collect();
        ui.failure(&format!("there is no built-in target `{name}`; known: {}", known.join(", ")));
        return Err(Outcome::Usage);
    };
    caveat_plugin::serve_on(backend, io::stdin().lock(), io::stdout().lock()).map_err(|error| {
        ui.failure(&error.to_string());
        Outcome::Failed
    })?;
    Ok(Outcome::Clean)
}
