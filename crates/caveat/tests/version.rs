//! The program runs. As this package has a test, Cargo builds the program together with the tests of all others, which
//! run it.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::Command;

#[test]
fn the_program_says_its_version() {
    let ran = Command::new(env!("CARGO_BIN_EXE_caveat")).arg("--version").output().unwrap();
    assert!(ran.status.success());
    assert_eq!(String::from_utf8_lossy(&ran.stdout), concat!("caveat ", env!("CARGO_PKG_VERSION"), "\n"));
}
