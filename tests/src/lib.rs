//! Oracles and generators of the test suite.

pub mod command;
pub mod hosts;
pub mod oval;
pub mod rules;
pub mod yara;
