//! Everything has its place in the text, whatever the text is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a helper of a test ends the test"
)]

use caveat_diag::{FileId, Span};
use caveat_document::{Data, Flavor, Node, documents, toml};
use proptest::prelude::*;

const FILE: FileId = FileId::new(0);

fn under(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

/// The text at the end of a path, in YAML.
fn found<'t>(text: &'t str, path: &str) -> &'t str {
    under(text, documents(FILE, text, Flavor::Yaml)[0].find(path))
}

#[test]
fn paths_lead_to_values_and_else_as_far_as_they_can() {
    let text = "a: 1\nä: [x, {b.c: 'two', d: {e: 3}}]\nb.c: four # no\nf: |\n  more\n";
    assert_eq!(found(text, "a"), "1");
    assert_eq!(found(text, "ä[1].b.c"), "'two'");
    assert_eq!(found(text, "ä[1].d"), "d");
    assert_eq!(found(text, "ä[1].d.e"), "3");
    assert_eq!(found(text, "ä[0]"), "x");
    assert_eq!(found(text, "b.c"), "four");
    assert_eq!(found(text, "ä[7]"), "ä");
    assert_eq!(found(text, "ä[1].d.none"), "d");
    assert_eq!(found(text, "none"), "a");
}

#[test]
fn toml_has_places_too() {
    let text = "a = 'ä'\n[b.'c.d']\ne = [1, 0x1F]\nf.g = true\n";
    let tree = toml(FILE, text).unwrap();
    assert_eq!(under(text, tree.find("a")), "'ä'");
    assert_eq!(under(text, tree.find("b.c.d.e[1]")), "0x1F");
    assert_eq!(under(text, tree.find("b.c.d.f.g")), "true");
    assert_eq!(under(text, tree.find("b.c.d.none")), "'c.d'");
    assert_eq!(
        tree.get("b").unwrap().get("c.d").unwrap().get("e").unwrap().items()[1].data,
        Data::Integer(31)
    );
    let fault = toml(FILE, "a = 1\nb = [\n").unwrap_err();
    assert!(fault.span().unwrap().start >= 6, "{fault:?}");
}

#[test]
fn deep_and_broken_texts_have_no_tree() {
    assert!(documents(FILE, &"- ".repeat(100_000), Flavor::Yaml).is_empty());
    assert!(documents(FILE, &"{\"a\":".repeat(1000), Flavor::Json).is_empty());
    assert_eq!(documents(FILE, "a: 1\n---\n}{\n---\nb: 2\n", Flavor::Yaml).len(), 1);
}

/// All places of a tree lie in the text, between characters, and inside of those of what they are part of.
fn is_sound(node: &Node, text: &str) -> bool {
    let lies = |span: Span| text.get(span.start as usize..span.end as usize).is_some();
    let keys = node.entries().iter().all(|(key, value)| lies(key.span) && is_sound(value, text));
    lies(node.span) && lies(node.head()) && keys && node.items().iter().all(|item| is_sound(item, text))
}

proptest! {
    #[test]
    fn no_text_leads_astray(text in "([ab:\\-\\[\\]{},'\"#&*|>!?%~\n ä\u{feff}\u{1F600}]|- |: |\n  ){0,60}") {
        for flavor in [Flavor::Yaml, Flavor::Json] {
            for document in documents(FILE, &text, flavor) {
                prop_assert!(is_sound(&document, &text), "{document:?}");
            }
        }
        if let Ok(tree) = toml(FILE, &text) {
            prop_assert!(is_sound(&tree, &text), "{tree:?}");
        }
    }

    #[test]
    fn toml_is_sound(text in "([ab.=\\[\\]{},'\"#\nä]|a = |1|\n\\[b\\]\n){0,40}") {
        if let Ok(tree) = toml(FILE, &text) {
            prop_assert!(is_sound(&tree, &text), "{tree:?}");
        }
    }
}
