//! Oracles and generators of the test suite.

pub mod agreement;
pub mod command;
pub mod drawn;
pub mod facts;
pub mod forget;
pub mod hosts;
pub mod library;
pub mod lines;
pub mod live;
pub mod oval;
pub mod pwsh;
pub mod random_rules;
pub mod rules;
pub mod sigma;
pub mod smaller;
pub mod yara;
