//! The intermediate representation: what rules mean, free of how they were written.
//!
//! - [`value`]: versions, registry paths, dates, …: types whose bad states cannot be said.
//! - [`rule`] and [`expr`]: bulletins, packages, vulnerabilities and the tests they make of a host.
//! - [`builds`]: lines of builds that share their revisions.
//! - [`meaning`]: the formula behind every claim a rule makes, drawn up once for the
//!   evaluator and all back ends.
//! - [`Placed`] and [`Written`]: what rules say, with the places where they say it.
//! - [`host`]: the shape of host files.
//! - [`canonical`]: the frozen form of nodes from which ids are made.
//! - [`nodes`]: the nodes whose places travel, by JSON pointer, and those that refer to platforms.
//! - [`check()`]: the only maker of [`Checked`], whether the rules come from source or from JSON;
//!   [`check_on()`] is the same for rules on platforms that it has seen before.
//!
//! This crate knows no syntax, no format and no file.

mod asked;
pub mod builds;
pub mod canonical;
mod check;
pub mod describe;
pub mod expr;
mod feature;
mod floor;
pub mod host;
mod knowledge;
mod known;
pub mod meaning;
pub mod nodes;
mod outside;
mod overlap;
mod placed;
pub mod rule;
mod selector;
mod shared;
pub mod text;
pub mod updates;
pub mod value;
mod written;

pub use caveat_runtime::{Truth, recorded};
pub use check::{Checked, Places, Rejected, check, check_on};
pub use expr::{Expr, Leaf, Test};
pub use feature::Feature;
pub use meaning::{Claim, ClaimKind};
pub use outside::Unmeasured;
pub use placed::{Origin, Placed, PlacedList};
pub use rule::RuleSet;
pub use shared::Shared;
pub use written::{Joint, Written};
