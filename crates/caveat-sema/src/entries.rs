//! The platforms that names stand for.

use std::collections::BTreeMap;

use caveat_diag::{FileId, Span};
use caveat_ir::rule::PlatformId;

/// The platforms of modules, by file and name.
pub(crate) type Entries = BTreeMap<FileId, BTreeMap<String, Entry>>;

/// A platform and its editions.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its name, where it is defined.
    pub(crate) place: Span,
    /// It in the rule set; nothing when something is wrong with it.
    pub(crate) base: Option<PlatformId>,
    pub(crate) editions: BTreeMap<String, (Span, PlatformId)>,
}
