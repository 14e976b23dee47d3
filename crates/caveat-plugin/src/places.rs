//! Where the nodes of rules were written, as they travel: by JSON pointer beside the rules.

use std::collections::BTreeMap;

use caveat_diag::Location;
use caveat_ir::rule::RuleSet;
use caveat_ir::{Origin, Places, nodes};

use crate::message::Place;

/// The places of all nodes of `rules` that have one, and the nodes' origins, both by JSON pointer.
pub fn take(rules: &mut RuleSet, places: &Places) -> (BTreeMap<String, Place>, BTreeMap<String, Origin>) {
    let (mut told, mut origins) = (BTreeMap::new(), BTreeMap::new());
    nodes::origins(rules, &mut |pointer, origin| {
        if let Some(Location { path, line, column }) = places.location(*origin) {
            told.insert(pointer.to_owned(), Place { file: path, line, column });
            origins.insert(pointer.to_owned(), *origin);
        }
    });
    (told, origins)
}

/// Gives the nodes of `rules` the places that were told, and the pointers in the order of the places.
pub fn give(rules: &mut RuleSet, told: &BTreeMap<String, Place>) -> (Places, Vec<String>) {
    let (mut places, mut pointers) = (Places::default(), Vec::new());
    nodes::origins(rules, &mut |pointer, origin| {
        if let Some(Place { file, line, column }) = told.get(pointer) {
            *origin = places.add_told(Location { path: file.clone(), line: *line, column: *column });
            pointers.push(pointer.to_owned());
        }
    });
    (places, pointers)
}
