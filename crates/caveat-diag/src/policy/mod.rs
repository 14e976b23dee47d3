//! What of the problems that were found is told, as how bad, and in what order. All commands go by this.
//!
//! [`Findings::without_echoes`] drops what only follows from something else → [`Allowances::silence`] what comments
//! allow → [`Levels::apply`] says how bad the rest is → [`limited`] leaves no more of a file than a person would
//! read → [`in_order`] puts it by file, offset and code.

mod echoes;
mod levels;
mod order;
mod silence;

pub use echoes::Findings;
pub use levels::{Level, Levels};
#[cfg(feature = "render")]
pub(crate) use order::count;
pub use order::{LIMIT, in_order, limited, say_more};
pub use silence::{Allowance, Allowances, Silenced};
