//! The `caveat` command. Parses arguments, runs one command, turns its outcome into an exit code:
//! 0 done and clean, 1 the rules have errors, a test failed or `--fail-on` hit, 2 usage,
//! 3 an internal failure.

mod cli;
mod commands;
mod progress;
mod session;
mod signals;
mod ui;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;
use crate::ui::Outcome;

// A large library is millions of small trees, on all cores at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match commands::run(&cli) {
        Ok(outcome) => outcome.exit_code(),
        Err(failure) => {
            let ui = ui::Ui::new(&cli.common);
            ui.failure(&failure);
            Outcome::Failed.exit_code()
        }
    }
}
