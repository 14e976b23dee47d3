//! The intermediate representation: what rules mean, free of how they were written.
//!
//! - [`value`]: versions, registry paths, dates, …: types whose bad states cannot be said.
//! - [`rule`] and [`expr`]: bulletins, packages, vulnerabilities and the tests they make of a host.
//! - [`meaning`]: the formula behind every claim a rule makes, drawn up once for the
//!   evaluator and all back ends.
//! - [`host`]: the shape of host files.
//! - [`canonical`]: the frozen form of nodes from which ids are made.
//! - [`nodes`]: the nodes that have a place, by JSON pointer, and those that refer to platforms.
//! - [`check()`]: the only maker of [`Checked`], whether the rules come from source or from JSON;
//!   [`check_on()`] is the same for rules on platforms that it has seen before.
//!
//! This crate knows no syntax, no format and no file.

pub mod canonical;
mod check;
pub mod describe;
pub mod expr;
mod feature;
pub mod host;
mod knowledge;
pub mod meaning;
pub mod nodes;
mod outside;
mod overlap;
pub mod rule;
mod shared;
pub mod text;
pub mod value;

pub use caveat_runtime::Truth;
pub use check::{Checked, Places, Rejected, check, check_on};
pub use expr::{Expr, Leaf, Origin, Test};
pub use feature::Feature;
pub use meaning::{Claim, ClaimKind};
pub use outside::Unmeasured;
pub use rule::RuleSet;
pub use shared::Shared;
