//! Questions about the formulas of rules: does some host satisfy them, does every host, does one
//! follow from another, which parts contradict each other.
//!
//! Rules speak of finitely many facts and compare each with finitely many constants, so the hosts
//! they can tell apart are finite, too. [`World`] splits every fact into cells at those constants;
//! a [`Formula`] says which cells it accepts; [`World::solve`] looks for a host among the cells,
//! and [`World::witness`] writes it down as a host file on which the evaluator agrees.
//!
//! All facts are taken as known: what is not known makes a rule less certain, never satisfied.
//! This crate does not know why a question is asked: see `caveat-lint`.

mod cell;
mod cells;
mod diff;
mod fact;
mod facts;
mod formula;
mod host;
mod instances;
mod integers;
mod matrix;
mod pattern;
mod registry;
mod samples;
mod search;
mod ties;
mod witness;
mod world;

pub use diff::{Change, ChangeKind, Difference, diff};
pub use formula::Formula;
pub use matrix::{Row, matrix};
pub use search::{Answer, Model};
pub use world::World;
