//! Macros that compile rules into a program: reached as `caveat::include_rules!` and `caveat::rules!`.
//!
//! Both put the generated items (`evaluate`, `Outcomes`, `BULLETINS` and a module for each bulletin) where
//! they stand, so each is best alone in a module of its own. A mistake in a rule becomes an error of the
//! compiler that names the rule's file, line and column.
//!
//! Nothing is decided here: `caveat-driver` compiles, `caveat-backend-rust` generates.

mod expand;
mod inline;

use proc_macro::TokenStream;

/// Compiles a rule file, or all rule files below a folder, named by its path from the package's folder
/// (that of `Cargo.toml`). `use` lines find modules of the same rule folder, then those that come with
/// Caveat.
///
/// ```ignore
/// mod rules {
///     caveat::include_rules!("rules");
/// }
/// let outcomes = rules::evaluate(&host);
/// ```
///
/// The files that were read are dependencies of the program: when one changes, it is compiled again. Of a
/// file that is new in a folder, or gone, `build.rs` has to tell Cargo: its `main` says
/// `println!("cargo::rerun-if-changed=rules");`.
#[proc_macro]
pub fn include_rules(input: TokenStream) -> TokenStream {
    expand::include_rules(&input.into()).into()
}

/// Compiles rules that stand in the program itself.
///
/// ```ignore
/// mod rules {
///     caveat::rules!(r#"
///         use std.windows
///         bulletin MS04-006 { … }
///     "#);
/// }
/// ```
///
/// Without quotation marks, `rules! { … }`, the rules have to be what Rust can read as well: a string in
/// single quotation marks is not.
#[proc_macro]
pub fn rules(input: TokenStream) -> TokenStream {
    let place = inline::source(&input);
    expand::rules(&input.into(), place).into()
}
