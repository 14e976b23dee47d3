//! Oracles and generators of the test suite.

pub mod command;
pub mod facts;
pub mod hosts;
pub mod oval;
pub mod rules;
