//! The standard library, as it comes with the program.

/// Module names and texts of the standard library.
pub const STANDARD_LIBRARY: &[(&str, &str)] = &[
    ("std.mac", include_str!("../../../rules/std/mac.caveat")),
    ("std.products", include_str!("../../../rules/std/products.caveat")),
    ("std.windows", include_str!("../../../rules/std/windows.caveat")),
];

/// The text of a module of the standard library.
pub(crate) fn module(name: &str) -> Option<&'static str> {
    STANDARD_LIBRARY.iter().find(|(module, _)| *module == name).map(|(_, text)| *text)
}
