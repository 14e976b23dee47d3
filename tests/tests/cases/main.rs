//! Cases that are files: drop one below `tests/cases` to add it. What its header may say is told
//! in [`check`], [`verdict`], [`layout`] and [`analysis`]; unknown directives and orphan snapshots fail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test ends the test"
)]

mod analysis;
mod check;
mod header;
mod layout;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;

use caveat_tests::rules::root;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = [check::trials(), verdict::trials(), layout::trials(), analysis::trials()]
        .into_iter()
        .flatten()
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The folder of a family of cases.
fn folder(family: &str) -> PathBuf {
    root().join("tests/cases").join(family)
}

/// A trial that passes when the function returns.
fn trial(name: String, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || -> Result<(), Failed> {
        test();
        Ok(())
    })
}
