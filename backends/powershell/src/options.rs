//! The options of the back end, and what they come to.

use caveat_backend::{OptionSpec, Options, Text, text};
use caveat_ir::rule::Verdict;

const LAYOUTS: &[Text] = &[text("all"), text("bulletin"), text("bundle")];
const EXITS: &[Text] = &[text("finding"), text("detection"), text("none")];
const RUNTIMES: &[Text] = &[text("inline"), text("module")];
const LINE_ENDS: &[Text] = &[text("crlf"), text("lf")];

/// What a user may set.
pub(crate) const SPECS: &[OptionSpec] = &[
    OptionSpec::listed("layout", "all", LAYOUTS, "a script per bulletin, one for all of them, or both"),
    OptionSpec::listed(
        "exit",
        "finding",
        EXITS,
        "what a script's exit code says when it is run without `-ExitMode`, as services that take no parameters do",
    ),
    OptionSpec::free(
        "fail-on",
        "vulnerable,error,unknown",
        are_verdicts,
        "the verdicts that count as a finding when a script is run without `-FailOn`, between commas",
    ),
    OptionSpec::listed(
        "runtime",
        "inline",
        RUNTIMES,
        "where the code of scripts that judge is: in each of them, or once in `Caveat.psm1` in the same folder",
    ),
    OptionSpec::listed(
        "line-ends",
        "crlf",
        LINE_ENDS,
        "how lines end: as Windows writes them, or with a line feed only",
    ),
];

/// What the options come to.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) layout: Layout,
    /// A value of the script's parameter `-ExitMode`.
    pub(crate) exit_mode: &'static str,
    pub(crate) fail_on: Vec<Verdict>,
    pub(crate) runtime: Runtime,
    pub(crate) line_end: &'static str,
}

/// Where the code of scripts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runtime {
    Inline,
    Module,
}

/// How bulletins are divided among scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    All,
    Bulletin,
    Bundle,
}

impl Settings {
    /// Reads options that passed their [`SPECS`].
    pub(crate) fn read(options: &Options) -> Self {
        Self {
            layout: match options.get("layout") {
                "bulletin" => Layout::Bulletin,
                "bundle" => Layout::Bundle,
                _ => Layout::All,
            },
            exit_mode: match options.get("exit") {
                "detection" => "Detection",
                "none" => "None",
                _ => "Finding",
            },
            fail_on: options
                .get("fail-on")
                .split(',')
                .filter_map(|word| Verdict::named(word.trim()))
                .collect(),
            runtime: if options.get("runtime") == "module" { Runtime::Module } else { Runtime::Inline },
            line_end: if options.get("line-ends") == "lf" { "\n" } else { "\r\n" },
        }
    }
}

fn are_verdicts(text: &str) -> bool {
    text.split(',').all(|word| Verdict::named(word.trim()).is_some())
}
