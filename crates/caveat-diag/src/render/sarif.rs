//! A SARIF 2.1.0 log, for code-scanning services.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::uri_reference;
use crate::policy::in_order;
use crate::{Code, Diagnostic, Edit, FileId, Fix, Label, SourceMap, Span};

/// A log that grows as a command goes on. Files of different source maps may stand in one.
#[derive(Debug, Default)]
pub struct Log {
    rules: BTreeMap<&'static str, &'static Code>,
    results: Vec<Value>,
}

impl Log {
    /// Adds diagnostics, in order.
    pub fn add(&mut self, diagnostics: &[Diagnostic], sources: &SourceMap) {
        for diagnostic in in_order(diagnostics) {
            self.rules.insert(diagnostic.code.id, diagnostic.code);
            self.results.push(result(diagnostic, sources));
        }
    }

    /// The text of the log.
    #[must_use]
    pub fn finish(&self) -> String {
        let rules: Vec<Value> = self.rules.values().map(|code| rule(code)).collect();
        format!("{:#}\n", log(&rules, &self.results))
    }
}

/// A log of one run: the rules that speak, and what they say.
#[must_use]
pub fn log(rules: &[Value], results: &[Value]) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "caveat", "semanticVersion": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// A file, by its name.
#[must_use]
pub fn artifact(name: &str) -> Value {
    json!({ "uri": uri_reference(name) })
}

/// A code, with the page that explains it.
fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.name.replace('-', " ") },
        "help": { "text": code.page, "markdown": code.page },
        "defaultConfiguration": { "level": code.severity.as_str() },
    })
}

fn result(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let text: Vec<&str> = std::iter::once(&diagnostic.message)
        .chain(&diagnostic.notes)
        .chain(&diagnostic.help)
        .map(String::as_str)
        .collect();
    let (own, others) = diagnostic.split_labels();
    let related = (0..).zip(others).map(|(id, label)| with(location(label, sources), "id", json!(id)));
    let result = json!({
        "ruleId": diagnostic.code.id,
        "level": diagnostic.severity.as_str(),
        "message": { "text": text.join("\n") },
        "locations": own.map(|label| location(label, sources)).into_iter().collect::<Vec<_>>(),
    });
    let lists = [
        ("relatedLocations", related.collect::<Vec<_>>()),
        ("fixes", diagnostic.fixes.iter().map(|one| fix(one, sources)).collect()),
    ];
    let present = lists.into_iter().filter(|(_, list)| !list.is_empty());
    present.fold(result, |result, (name, list)| with(result, name, Value::Array(list)))
}

/// The object with one more property.
#[must_use]
pub fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Value::Object(properties) = &mut object {
        properties.insert(name.to_owned(), value);
    }
    object
}

fn location(label: &Label, sources: &SourceMap) -> Value {
    let name = sources.get(label.span.file).map_or("", |file| file.name());
    let location = json!({ "physicalLocation": {
        "artifactLocation": artifact(name),
        "region": region(label.span, sources),
    } });
    match label.text.as_str() {
        "" => location,
        text => with(location, "message", json!({ "text": text })),
    }
}

fn region(span: Span, sources: &SourceMap) -> Value {
    let at = |offset| sources.get(span.file).map_or((1, 1), |file| file.line_column(offset));
    let ((line, column), (end_line, end_column)) = (at(span.start), at(span.end));
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

/// A change, file by file, and whether it may be made without looking.
fn fix(fix: &Fix, sources: &SourceMap) -> Value {
    let mut files: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in &fix.edits {
        files.entry(edit.span.file).or_default().push(edit);
    }
    let changes = files.into_iter().map(|(file, edits)| {
        let replacements = edits.into_iter().map(|edit| {
            json!({
                "deletedRegion": region(edit.span, sources),
                "insertedContent": { "text": edit.replacement },
            })
        });
        let name = sources.get(file).map_or("", |file| file.name());
        json!({ "artifactLocation": artifact(name), "replacements": replacements.collect::<Vec<_>>() })
    });
    json!({
        "description": { "text": fix.message },
        "artifactChanges": changes.collect::<Vec<_>>(),
        "properties": { "safe": fix.safe },
    })
}
