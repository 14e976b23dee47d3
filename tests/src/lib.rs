//! Oracles and generators of the test suite.

pub mod agreement;
pub mod command;
pub mod hosts;
pub mod oval;
pub mod random_rules;
pub mod rules;
