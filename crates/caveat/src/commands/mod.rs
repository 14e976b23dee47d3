//! The commands, one file each. Each returns how it ended; an `Err` is an internal failure.

mod build;
mod check;
mod chosen;
mod diff;
mod dump;
mod eval;
mod explain;
mod facts;
mod fmt;
mod hosts;
mod junit;
mod matrix;
mod new;
mod plugin;
mod plugins;
mod schema;
mod targets;
mod test;

use clap::CommandFactory;

use crate::cli::{Cli, Command};
use crate::ui::{Outcome, Ui};

/// Runs the command. Commands hand an early end up as `Err(Outcome)`; here both ways meet.
pub(crate) fn run(cli: &Cli) -> Result<Outcome, String> {
    let ui = Ui::new(&cli.common);
    let ui = if matches!(cli.command, Command::Check(_)) { ui.with_diagnostics_as_data() } else { ui };
    let ended = match &cli.command {
        Command::Check(arguments) => check::run(&ui, arguments),
        Command::Build(arguments) => build::run(&ui, arguments),
        Command::Eval(arguments) => eval::run(&ui, arguments),
        Command::Explain(arguments) => explain::run(&ui, arguments),
        Command::Facts(arguments) => facts::run(&ui, arguments),
        Command::Test(arguments) => test::run(&ui, arguments),
        Command::Diff(arguments) => diff::run(&ui, arguments),
        Command::Matrix(arguments) => matrix::run(&ui, arguments),
        Command::Fmt(arguments) => fmt::run(&ui, arguments),
        Command::New(arguments) => new::run(&ui, arguments),
        Command::Targets(arguments) => targets::run(&ui, arguments),
        Command::Plugin { command } => plugin::run(&ui, command),
        Command::Schema { schema } => {
            ui.data(&format!("{:#}\n", schema::schema(*schema)));
            Ok(Outcome::Clean)
        }
        Command::Dump(arguments) => dump::run(&ui, arguments),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "caveat", &mut script);
            ui.data(&String::from_utf8(script).map_err(|error| error.to_string())?);
            Ok(Outcome::Clean)
        }
    };
    ui.finish();
    Ok(ended.unwrap_or_else(|early| early))
}

/// The built-in back ends.
fn registry(ui: &Ui) -> Result<caveat_backend::Registry, Outcome> {
    caveat::registry().map_err(|duplicate| {
        ui.failure(&duplicate.to_string());
        Outcome::Failed
    })
}
