//! The options of the back end.

use caveat_backend::{OptionSpec, Options};
use caveat_ir::text::forbidden_char;

/// What a user may set.
pub(crate) const SPECS: &[OptionSpec] = &[
    OptionSpec {
        name: "status",
        default: "experimental",
        values: &["experimental", "test", "stable"],
        accepts: |_| true,
        help: "the status of the rules",
    },
    OptionSpec {
        name: "author",
        default: "",
        values: &[],
        accepts: |text| forbidden_char(text).is_none(),
        help: "the author of the rules; none when empty",
    },
];

/// What the options come to.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) status: String,
    pub(crate) author: Option<String>,
}

impl Settings {
    /// Reads options that passed their [`SPECS`].
    pub(crate) fn read(options: &Options) -> Self {
        let author = options.get("author");
        Self {
            status: options.get("status").to_owned(),
            author: (!author.is_empty()).then(|| author.to_owned()),
        }
    }
}
