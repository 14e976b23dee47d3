//! The options of the back end.

use caveat_backend::{OptionSpec, Options, Text, text};

const EVENTS: &[Text] = &[text("windows"), text("any")];
const STATUSES: &[Text] = &[text("experimental"), text("test"), text("stable")];

/// What a user may set.
pub(crate) const SPECS: &[OptionSpec] = &[
    OptionSpec::listed(
        "events",
        "windows",
        EVENTS,
        "the events that rules look for: those that the bulletin's Windows and Sysmon write there, or any that fill the same fields",
    ),
    OptionSpec::listed("status", "experimental", STATUSES, "the status of the rules"),
    OptionSpec::AUTHOR,
];

/// What the options come to.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) status: String,
    pub(crate) author: Option<String>,
    pub(crate) events: Events,
}

/// The events that rules look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Events {
    /// Those that Windows and Sysmon write on a package's platforms.
    #[default]
    Windows,
    /// Those of any source that fills the same fields.
    Any,
}

impl Settings {
    /// Reads options that passed their [`SPECS`].
    pub(crate) fn read(options: &Options) -> Self {
        Self {
            status: options.get("status").to_owned(),
            author: options.given("author"),
            events: if options.get("events") == "any" { Events::Any } else { Events::Windows },
        }
    }
}
