//! Configuration and host files as trees that know where everything stands, so that what is wrong with one has a place
//! in it.
//!
//! [`toml()`] and [`documents`] make [`Node`]s of a text; [`Node::read`] makes values of a node, or a [`Fault`] at the key
//! or value that does not fit; [`Node::find`] says where a value stands that is wrong for another reason. This crate
//! knows no file's shape.

mod fault;
mod node;
mod read;
mod toml;
mod yaml;

pub use fault::Fault;
pub use node::{Data, Key, Node};
pub use toml::toml;
pub use yaml::{Flavor, documents};
