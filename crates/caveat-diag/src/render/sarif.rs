//! A SARIF 2.1.0 log, for code-scanning services.

use serde_json::{Value, json};

use crate::{Diagnostic, Severity, SourceMap, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub(super) fn render(diagnostics: &[&Diagnostic], sources: &SourceMap) -> String {
    let mut rules: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    rules.sort_by_key(|code| code.id);
    rules.dedup_by_key(|code| code.id);
    let rules: Vec<Value> = rules.iter().map(|code| json!({ "id": code.id, "name": code.name })).collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, sources)).collect();
    let driver = json!({ "name": "caveat", "rules": rules });
    let run = json!({ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results });
    let log = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    format!("{log:#}\n")
}

fn result(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let text: Vec<&str> = std::iter::once(diagnostic.message.as_str())
        .chain(diagnostic.notes.iter().map(String::as_str))
        .chain(diagnostic.help.iter().map(String::as_str))
        .collect();
    let locations: Vec<Value> = diagnostic.span().map(|span| location(span, sources)).into_iter().collect();
    json!({
        "ruleId": diagnostic.code.id,
        "level": level,
        "message": { "text": text.join("\n") },
        "locations": locations,
    })
}

fn location(span: Span, sources: &SourceMap) -> Value {
    let file = sources.get(span.file);
    let (line, column) = file.map_or((1, 1), |file| file.line_column(span.start));
    let (end_line, end_column) = file.map_or((1, 1), |file| file.line_column(span.end));
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": file.map_or_else(String::new, |file| super::uri_reference(file.name())) },
        "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
    } })
}
