//! The pages of the back ends say what the back ends say. `CAVEAT_UPDATE=1` writes them anew.
#![allow(clippy::unwrap_used, reason = "a helper of a test ends the test")]

use std::collections::BTreeSet;
use std::fs;

use caveat::backend::page;
use caveat_tests::rules::root;

#[test]
fn the_pages_are_fresh() {
    let folder = root().join("docs/backends");
    let registry = caveat::registry().unwrap();
    let mut expected = BTreeSet::new();
    for backend in registry.iter() {
        let name = format!("{}.md", backend.info().id);
        let (path, text) = (folder.join(&name), page::page(backend));
        if std::env::var_os("CAVEAT_UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "docs/backends/{name} is stale: run the test with CAVEAT_UPDATE=1");
        expected.insert(name);
    }
    let found: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, expected, "a page without its back end, or the other way round");
}
