//! The options of the back end, and what they come to.

use caveat_backend::{OptionSpec, Options, Text, text};

const IDENTITIES: &[Text] = &[text("resource"), text("filename"), text("either")];
const LAYOUTS: &[Text] = &[text("bulletin"), text("bundle")];

/// What a user may set.
pub(crate) const SPECS: &[OptionSpec] = &[
    OptionSpec::listed(
        "identity",
        "resource",
        IDENTITIES,
        "what tells which file it is: OriginalFilename and InternalName of the version resource, the external variable `filename`, or either of them",
    ),
    OptionSpec::listed("layout", "bulletin", LAYOUTS, "a file per bulletin, or one for all"),
    OptionSpec::AUTHOR,
];

/// What the options come to.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) author: Option<String>,
    pub(crate) identity: Identity,
    pub(crate) layout: Layout,
}

/// What tells which file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    Resource,
    Filename,
    Either,
}

/// How bulletins are divided among files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Bulletin,
    Bundle,
}

impl Settings {
    /// Reads options that passed their [`SPECS`].
    pub(crate) fn read(options: &Options) -> Self {
        Self {
            author: options.given("author"),
            identity: match options.get("identity") {
                "filename" => Identity::Filename,
                "either" => Identity::Either,
                _ => Identity::Resource,
            },
            layout: if options.get("layout") == "bundle" { Layout::Bundle } else { Layout::Bulletin },
        }
    }
}

/// The longest name that YARA keeps of a version resource, and that Windows gives a file.
const MAX_NAME: usize = 255;

impl Identity {
    /// Whether a file of this name can be told at all.
    pub(crate) fn tells(self, name: &str) -> bool {
        self.by_resource(name) || self.by_filename(name)
    }

    /// Whether the version resource is asked. YARA keeps one byte of each UTF-16 unit in it and
    /// YARA-X all of them, so names beyond ASCII do not compare alike.
    pub(crate) fn by_resource(self, name: &str) -> bool {
        self != Self::Filename && name.is_ascii() && name.len() <= MAX_NAME
    }

    /// Whether the external variable is asked.
    pub(crate) fn by_filename(self, name: &str) -> bool {
        self != Self::Resource && name.chars().count() <= MAX_NAME
    }
}
