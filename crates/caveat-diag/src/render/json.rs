//! One JSON object a line: `code`, `name`, `severity`, `message`, `labels`,
//! `notes`, `help`, `fixes`, `data`. Offsets are bytes; lines and columns are 1-based.

use serde_json::{Value, json};

use crate::{Diagnostic, Fix, Label, SourceMap, Span};

pub(super) fn render(diagnostics: &[&Diagnostic], sources: &SourceMap) -> String {
    diagnostics
        .iter()
        .fold(String::new(), |out, diagnostic| out + &object(diagnostic, sources).to_string() + "\n")
}

fn object(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    json!({
        "schema": "caveat/diagnostic/v1",
        "code": diagnostic.code.id,
        "name": diagnostic.code.name,
        "severity": diagnostic.severity.as_str(),
        "message": diagnostic.message,
        "labels": diagnostic.labels.iter().map(|label| label_object(label, sources)).collect::<Vec<_>>(),
        "notes": diagnostic.notes,
        "help": diagnostic.help,
        "fixes": diagnostic.fixes.iter().map(|fix| fix_object(fix, sources)).collect::<Vec<_>>(),
        "data": diagnostic.data,
    })
}

fn label_object(label: &Label, sources: &SourceMap) -> Value {
    let mut object = span_object(label.span, sources);
    if let Value::Object(fields) = &mut object {
        fields.insert("text".into(), json!(label.text));
        fields.insert("primary".into(), json!(label.primary));
    }
    object
}

fn fix_object(fix: &Fix, sources: &SourceMap) -> Value {
    let edits = fix.edits.iter().map(|edit| {
        let mut object = span_object(edit.span, sources);
        if let Value::Object(fields) = &mut object {
            fields.insert("replacement".into(), json!(edit.replacement));
        }
        object
    });
    json!({ "message": fix.message, "edits": edits.collect::<Vec<_>>() })
}

pub(super) fn span_object(span: Span, sources: &SourceMap) -> Value {
    let file = sources.get(span.file);
    let (line, column) = file.map_or((1, 1), |file| file.line_column(span.start));
    let (end_line, end_column) = file.map_or((1, 1), |file| file.line_column(span.end));
    json!({
        "file": file.map_or("", |file| file.name()),
        "start": span.start, "end": span.end,
        "line": line, "column": column, "end_line": end_line, "end_column": end_column,
    })
}
