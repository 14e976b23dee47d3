//! The companion of a document: from ids back to the rules, so that a result can be shown where
//! the rule was written.

use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::EmitBug;
use caveat_diag::Location;
use serde::Serialize;

use crate::model::{Definition, Document, Kind, Name, Object, Read, Test, TestBody};
use crate::numbers::{Identified, Numbers};

/// The version of the map's shape.
const SCHEMA: &str = "caveat/oval-map/v1";

#[derive(Serialize)]
struct Map<'a> {
    schema: &'static str,
    document: String,
    definitions: Vec<DefinitionEntry<'a>>,
    tests: Vec<TestEntry<'a>>,
    objects: Vec<SharedEntry<'a>>,
    states: Vec<SharedEntry<'a>>,
    variables: Vec<SharedEntry<'a>>,
}

#[derive(Serialize)]
struct DefinitionEntry<'a> {
    id: &'a str,
    class: &'static str,
    title: &'a str,
    bulletin: Option<&'a str>,
    cve: Option<&'a str>,
    package: Option<&'a str>,
    kb: &'a [String],
    #[serde(flatten)]
    place: Option<Place<'a>>,
}

#[derive(Serialize)]
struct TestEntry<'a> {
    id: &'a str,
    words: &'a str,
    places: Vec<Place<'a>>,
}

/// An element that serves tests, and where those were written.
#[derive(Serialize)]
struct SharedEntry<'a> {
    id: &'a str,
    places: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

/// The map of a document that is written as `file`, as JSON.
pub(crate) fn map(document: &Document, numbers: &Numbers, file: &str) -> Result<String, EmitBug> {
    let definitions = numbers.sorted(Kind::Definition, &document.definitions)?;
    let tests = numbers.sorted(Kind::Test, &document.tests)?;
    let uses = uses(document);
    let map = Map {
        schema: SCHEMA,
        document: file.to_owned(),
        definitions: definitions.iter().map(definition).collect(),
        tests: tests.iter().map(|one| test(document, one)).collect(),
        objects: shared(Kind::Object, &document.objects, numbers, &uses)?,
        states: shared(Kind::State, &document.states, numbers, &uses)?,
        variables: shared(Kind::Variable, &document.variables, numbers, &uses)?,
    };
    let failed = |error: serde_json::Error| EmitBug(format!("writing the map failed: {error}"));
    Ok(serde_json::to_string_pretty(&map).map_err(failed)? + "\n")
}

/// The map without lines and columns, which are the last fields of a place.
pub(crate) fn without_lines(map: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in map.lines() {
        let field = line.trim_start();
        if !field.starts_with("\"line\": ") && !field.starts_with("\"column\": ") {
            kept.push(line);
        } else if let Some(before) = kept.last_mut() {
            *before = before.trim_end_matches(',');
        }
    }
    kept.join("\n") + "\n"
}

fn definition<'a>(one: &Identified<'a, Definition>) -> DefinitionEntry<'a> {
    let Definition { class, subject, title, .. } = one.element;
    DefinitionEntry {
        id: one.id,
        class: class.as_str(),
        title,
        bulletin: subject.bulletin.as_deref(),
        cve: subject.cve.as_deref(),
        package: subject.package.as_deref(),
        kb: &subject.kb,
        place: subject.place.as_ref().map(place),
    }
}

fn test<'a>(document: &'a Document, one: &Identified<'a, Test>) -> TestEntry<'a> {
    let places = document.places.get(one.name).into_iter().flatten();
    TestEntry { id: one.id, words: &one.element.comment, places: places.map(place).collect() }
}

/// Where the tests that need an element were written.
type Uses<'a> = BTreeMap<(Kind, &'a Name), BTreeSet<&'a Location>>;

fn uses(document: &Document) -> Uses<'_> {
    let mut uses = Uses::new();
    for (name, test) in &document.tests {
        let TestBody::Observe { object, state, .. } = &test.body else { continue };
        let of_object = document.objects.get(object).and_then(Object::variable);
        let of_state = state.as_ref().and_then(|state| document.states.get(state)?.variable());
        let needed = std::iter::once((Kind::Object, object))
            .chain(state.as_ref().map(|state| (Kind::State, state)))
            .chain(of_object.into_iter().chain(of_state).flat_map(|variable| read(document, variable)));
        let places = document.places.get(name);
        for element in needed {
            uses.entry(element).or_default().extend(places.into_iter().flatten());
        }
    }
    uses
}

/// A variable and the objects it is read from.
fn read<'a>(document: &'a Document, variable: &'a Name) -> impl Iterator<Item = (Kind, &'a Name)> {
    let objects = document.variables.get(variable).into_iter().flat_map(Read::objects);
    std::iter::once((Kind::Variable, variable)).chain(objects.map(|object| (Kind::Object, object)))
}

fn shared<'a, T>(
    kind: Kind,
    elements: &'a BTreeMap<Name, T>,
    numbers: &'a Numbers,
    uses: &Uses<'a>,
) -> Result<Vec<SharedEntry<'a>>, EmitBug> {
    let entry = |one: Identified<'a, T>| {
        let places = uses.get(&(kind, one.name)).into_iter().flatten();
        SharedEntry { id: one.id, places: places.map(|location| place(location)).collect() }
    };
    Ok(numbers.sorted(kind, elements)?.into_iter().map(entry).collect())
}

fn place(location: &Location) -> Place<'_> {
    Place { file: &location.path, line: location.line, column: location.column }
}
