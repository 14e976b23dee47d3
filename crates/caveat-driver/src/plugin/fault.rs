//! What a plug-in can do wrong, and how the user hears of it: one diagnostic each.

use std::time::Duration;

use caveat_diag::{Code, Diagnostic};

/// The part of a plug-in's own words that is shown.
const SHOWN: usize = 300;

/// What a plug-in did wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its program does not start.
    NotStarted(String),
    /// It ended too early.
    Ended(String),
    /// It was done, and ended in another way than it should.
    Faltered(String),
    /// It did not introduce itself.
    Silent(Duration),
    /// It was silent, or busy, for too long.
    TooSlow(Duration),
    /// It said more than anyone would.
    TooMuch(String),
    /// It said something that the protocol does not allow.
    Misspoke(String),
    /// It reported a defect of its own.
    Failed(String),
}

impl Fault {
    /// What the user hears; `complaint` is what the plug-in wrote to its standard error.
    pub(super) fn diagnostic(&self, name: &str, complaint: &str) -> Diagnostic {
        let (code, what, help) = match self {
            Self::NotStarted(why) => (
                Code::PLUGIN_NOT_STARTED,
                format!("cannot be started: {why}"),
                "check its `command` in the configuration, or the program on the `PATH`",
            ),
            Self::Ended(how) => (Code::PLUGIN_ENDED, format!("{how} before it was done"), REPORT),
            Self::Faltered(how) => (
                Code::PLUGIN_ENDED,
                format!("ended ({how}) after it was done, where the exit status 0 was to be"),
                REPORT,
            ),
            Self::Silent(limit) => (
                Code::PLUGIN_TOO_SLOW,
                format!("was stopped, as it did not introduce itself within {} s", limit.as_secs()),
                REPORT,
            ),
            Self::TooSlow(limit) => (
                Code::PLUGIN_TOO_SLOW,
                format!("was stopped, as it was not done after {} s", limit.as_secs()),
                "if it needs longer, set `timeout` in its section of the configuration",
            ),
            Self::TooMuch(what) => {
                (Code::PLUGIN_TOO_MUCH, format!("was stopped, as it wrote {what}"), REPORT)
            }
            Self::Misspoke(what) => {
                (Code::PLUGIN_MISSPOKE, format!("does not keep to the protocol: {}", shortened(what)), CHECK)
            }
            Self::Failed(why) => (Code::BACKEND_FAILED, format!("failed: {}", shortened(why)), REPORT),
        };
        let problem = Diagnostic::new(code, format!("the plug-in `{name}` {what}")).help(help);
        let problem = problem.data("target", [name.to_owned()]);
        if complaint.is_empty() {
            problem
        } else {
            problem.note(format!("it wrote to its standard error: {}", ending(complaint)))
        }
    }
}

const REPORT: &str = "this is a defect of the plug-in, not of the rules; please report it to its authors";
const CHECK: &str =
    "this is a defect of the plug-in, not of the rules; `caveat plugin check` finds such defects";

/// Words of a plug-in, on one line and not too many.
pub(super) fn shortened(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(&line)),
        None => line,
    }
}

/// The end of such words, where a failing program says why it fails.
pub(super) fn ending(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth_back(SHOWN) {
        Some((start, first)) => format!("…{}", line.get(start + first.len_utf8()..).unwrap_or(&line)),
        None => line,
    }
}

fn one_line(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
