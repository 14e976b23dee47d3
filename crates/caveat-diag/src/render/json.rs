//! One JSON object a line. Offsets are bytes; lines and columns are 1-based.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Diagnostic, Fix, Label, SourceMap, Span};

/// The version of the shape.
pub const SCHEMA: &str = "caveat/diagnostic/v1";

pub(super) fn render(diagnostics: &[&Diagnostic], sources: &SourceMap) -> String {
    let lines = diagnostics.iter().map(|one| serde_json::to_string(&JsonDiagnostic::new(one, sources)));
    lines.flatten().fold(String::new(), |out, line| out + &line + "\n")
}

/// A diagnostic.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JsonDiagnostic<'d> {
    /// [`SCHEMA`]
    schema: &'static str,
    /// The stable code.
    code: &'static str,
    /// Its name.
    name: &'static str,
    /// How bad it is: `error`, `warning` or `note`.
    severity: &'static str,
    /// What is wrong.
    message: &'d str,
    /// Where.
    labels: Vec<JsonLabel<'d>>,
    /// Facts that explain.
    notes: &'d [String],
    /// What to do.
    help: &'d [String],
    /// Changes that would mend it.
    fixes: Vec<JsonFix<'d>>,
    /// The same for programs: what a message says in words, by name.
    data: &'d BTreeMap<&'static str, Vec<String>>,
}

/// A place with a few words on it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonLabel<'d> {
    #[serde(flatten)]
    place: JsonPlace<'d>,
    /// What is to say about it; may be empty.
    text: &'d str,
    /// Whether this is where the problem is, or only something that explains it.
    primary: bool,
}

/// A change that would mend the problem.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonFix<'d> {
    /// What the change does.
    message: &'d str,
    /// Whether it may be made without looking, as `caveat check --fix` does.
    safe: bool,
    /// The replacements, which do not overlap.
    edits: Vec<JsonEdit<'d>>,
}

/// One replacement of source text; an empty place inserts.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonEdit<'d> {
    #[serde(flatten)]
    place: JsonPlace<'d>,
    /// The new text.
    replacement: &'d str,
}

/// A part of a file.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct JsonPlace<'d> {
    /// The file, as it is shown.
    file: &'d str,
    /// The first byte.
    start: u32,
    /// One past the last byte.
    end: u32,
    /// The line of the first byte.
    line: u32,
    /// The column of the first byte, in characters.
    column: u32,
    /// The line of the end.
    end_line: u32,
    /// The column of the end, in characters.
    end_column: u32,
}

impl<'d> JsonDiagnostic<'d> {
    fn new(diagnostic: &'d Diagnostic, sources: &'d SourceMap) -> Self {
        Self {
            schema: SCHEMA,
            code: diagnostic.code.id,
            name: diagnostic.code.name,
            severity: diagnostic.severity.as_str(),
            message: &diagnostic.message,
            labels: diagnostic.labels.iter().map(|label| JsonLabel::new(label, sources)).collect(),
            notes: &diagnostic.notes,
            help: &diagnostic.help,
            fixes: diagnostic.fixes.iter().map(|fix| JsonFix::new(fix, sources)).collect(),
            data: &diagnostic.data,
        }
    }
}

impl<'d> JsonLabel<'d> {
    fn new(label: &'d Label, sources: &'d SourceMap) -> Self {
        Self { place: JsonPlace::new(label.span, sources), text: &label.text, primary: label.primary }
    }
}

impl<'d> JsonFix<'d> {
    fn new(fix: &'d Fix, sources: &'d SourceMap) -> Self {
        let edits = fix.edits.iter().map(|edit| JsonEdit {
            place: JsonPlace::new(edit.span, sources),
            replacement: &edit.replacement,
        });
        Self { message: &fix.message, safe: fix.safe, edits: edits.collect() }
    }
}

impl<'d> JsonPlace<'d> {
    fn new(span: Span, sources: &'d SourceMap) -> Self {
        let file = sources.get(span.file);
        let at = |offset| file.map_or((1, 1), |file| file.line_column(offset));
        let ((line, column), (end_line, end_column)) = (at(span.start), at(span.end));
        let name = file.map_or("", |file| file.name());
        Self { file: name, start: span.start, end: span.end, line, column, end_line, end_column }
    }
}
