//! The companion of a document: from ids back to the rules, so that a result can be shown where
//! the rule was written.

use caveat_backend::EmitBug;
use caveat_diag::Location;
use serde::Serialize;

use crate::model::{Definition, Document, Kind, Test};
use crate::numbers::{Identified, Numbers};

/// The version of the map's shape.
const SCHEMA: &str = "caveat/oval-map/v1";

#[derive(Serialize)]
struct Map<'a> {
    schema: &'static str,
    document: String,
    definitions: Vec<DefinitionEntry<'a>>,
    tests: Vec<TestEntry<'a>>,
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
    let map = Map {
        schema: SCHEMA,
        document: file.to_owned(),
        definitions: definitions.iter().map(definition).collect(),
        tests: tests.iter().map(|one| test(document, one)).collect(),
    };
    let failed = |error: serde_json::Error| EmitBug(format!("writing the map failed: {error}"));
    Ok(serde_json::to_string_pretty(&map).map_err(failed)? + "\n")
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

fn place(location: &Location) -> Place<'_> {
    Place { file: &location.path, line: location.line, column: location.column }
}
