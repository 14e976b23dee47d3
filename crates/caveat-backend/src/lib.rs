//! What a back end is, and what it needs from its host.
//!
//! A back end turns [`Checked`](caveat_ir::Checked) rules into [`Artifact`]s. It is a pure
//! function of rules, options and ledger: it reads no file, no clock and no environment, and
//! writes only into the [`EmitCx`].
//!
//! - [`Backend`]: three methods, and no more.
//! - [`Registry`]: the back ends of a program; refuses duplicates.
//! - [`Ledger`]: stable numeric ids derived from content.
//! - [`project`](projection::project): what remains of a formula on a target that cannot see all of
//!   it; [`Losses`]: what does not, and why.
//! - [`claims`]: what a target sees of a claim, and which of them it makes.
//! - [`Lines`]: versions of files that only patched hosts have, for targets that see no platform.
//! - [`page`](page::page): a back end's page for people.

mod artifact;
mod backend;
pub mod claims;
mod ledger;
mod lines;
mod losses;
mod options;
pub mod page;
pub mod projection;
mod registry;

pub use artifact::{Artifact, ArtifactRole, Outputs, is_plain_path};
pub use backend::{
    Backend, BackendInfo, EmitBug, EmitCx, EmitError, Emitted, Fidelity, Metadata, Note, Policy, Support,
    Text, text,
};
pub use ledger::{Entry, Ledger, Meaning, digest};
pub use lines::{Lines, Shared};
pub use losses::{Loss, Losses};
pub use options::{OptionError, OptionSpec, Options};
pub use registry::{DuplicateBackend, Registry};
