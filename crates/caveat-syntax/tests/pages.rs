//! The pages of the codes that this crate raises: their bad example raises the code and no other, their good one none.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests"
)]

mod common;

use common::{codes, tree};

/// The example below a heading of a page.
fn example<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, section) = page.split_once(&format!("## {heading}\n\n```caveat\n")).unwrap();
    section.split_once("```").unwrap().0
}

#[test]
fn the_examples_are_as_announced() {
    let own = |code: &&&caveat_diag::Code| code.id.starts_with("CAV00") || code.id.starts_with("CAV01");
    for code in caveat_diag::CODES.iter().filter(own) {
        assert!(code.page.starts_with(&format!("# {}: {}\n", code.id, code.name)));
        assert_eq!(codes(example(code.page, "Wrong")), [code.id]);
        tree(example(code.page, "Right"));
    }
}
