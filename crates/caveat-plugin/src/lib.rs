//! Back ends that are programs of their own: what they and Caveat, the host, say to each other.
//!
//! - [`message`]: the messages, one JSON object a line; `docs/plugin-protocol.md` is their specification.
//! - [`places`]: where the nodes of the rules were written, beside the rules.
//! - [`serve()`]: turns a [`Backend`](caveat_backend::Backend) into such a program.
//!
//! Starting programs, limits and distrust are the business of `caveat-driver`.

pub mod message;
pub mod places;
mod serve;

pub use serve::{serve, serve_on};

/// The version of the protocol. It has nothing to do with the version of the product.
pub const PROTOCOL: &str = "caveat/plugin/v1";
