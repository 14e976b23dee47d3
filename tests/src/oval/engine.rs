//! The programs that the OVAL tests run: OpenSCAP, xmllint and Python.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use caveat_ir::Truth;
use roxmltree::{Document, ParsingOptions};

/// What a program said.
#[derive(Debug)]
pub struct Said {
    /// Whether it ended with 0.
    pub success: bool,
    /// Both its outputs.
    pub output: String,
}

/// Runs a program.
#[must_use]
pub fn run(program: &str, arguments: &[&str]) -> Said {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Said { success: output.status.success(), output: text(&output.stdout) + &text(&output.stderr) }
}

/// Whether a program can be run with these arguments.
#[must_use]
pub fn is_there(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A program that a test needs, by a name for people, and arguments with which it does nothing.
pub type Needed<'a> = (&'a str, &'a str, &'a [&'a str]);

/// Why a test cannot run here; nothing when all programs are there. In CI that is a failure.
#[must_use]
pub fn skipped(needed: &[Needed<'_>]) -> Option<String> {
    let (missing, ..) = needed.iter().find(|(_, program, arguments)| !is_there(program, arguments))?;
    let line = format!("skipped: {missing} is not installed");
    assert!(!is_ci(), "{line}, which CI must not accept");
    Some(line)
}

fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// OpenSCAP.
pub const OSCAP: Needed<'_> = ("oscap", "oscap", &["--version"]);
/// xmllint.
pub const XMLLINT: Needed<'_> = ("xmllint", "xmllint", &["--version"]);

/// OpenSCAP's result of every definition, by id. The system characteristics and the results
/// stay where they are.
#[must_use]
pub fn analyse(definitions: &Path, characteristics: &Path, results: &Path) -> BTreeMap<String, Truth> {
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let said = run(
        "oscap",
        &[
            "oval",
            "analyse",
            "--skip-valid",
            "--results",
            &path(results),
            &path(definitions),
            &path(characteristics),
        ],
    );
    assert!(said.success, "oscap failed on {}:\n{}", characteristics.display(), said.output);
    read_results(&std::fs::read_to_string(results).unwrap())
}

fn read_results(text: &str) -> BTreeMap<String, Truth> {
    let options = ParsingOptions { allow_dtd: false, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).unwrap();
    let definitions = document.descendants().filter(|node| node.has_attribute("definition_id"));
    let result = |word: &str| {
        let truth = Truth::ALL.into_iter().find(|truth| truth.as_str() == word);
        truth.unwrap_or_else(|| panic!("`{word}` is not a result"))
    };
    definitions
        .filter_map(|node| {
            Some((node.attribute("definition_id")?.to_owned(), result(node.attribute("result")?)))
        })
        .collect()
}
