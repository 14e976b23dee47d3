//! `caveat schema`
//!
//! The schemas come from the types that are read and written, so they cannot say something else. The
//! files in `docs/schemas` are these texts; a test keeps them fresh.

use caveat_diag::render::json::{JsonDiagnostic, SCHEMA as DIAGNOSTIC_SCHEMA};
use caveat_eval::Outcome;
use caveat_ir::host::{HOST_SCHEMA, HostFile};
use caveat_ir::rule::{IR_SCHEMA, RuleSet};
use caveat_plugin::PROTOCOL;
use caveat_plugin::message::{FromHost, FromPlugin};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use crate::cli::Schema;

/// A schema by JSON Schema 2020-12.
pub(super) fn schema(of: Schema) -> Value {
    match of {
        Schema::Ir => titled(IR_SCHEMA, reference::<RuleSet>),
        Schema::Host => titled(HOST_SCHEMA, reference::<HostFile>),
        Schema::Protocol => titled(
            PROTOCOL,
            |generator| json!({ "anyOf": [reference::<FromHost>(generator), reference::<FromPlugin>(generator)] }),
        ),
        Schema::Diagnostic => titled(DIAGNOSTIC_SCHEMA, reference::<JsonDiagnostic<'static>>),
        Schema::Eval => titled(EVAL_SCHEMA, |generator| {
            let results = json!({ "type": "array", "items": reference::<Outcome>(generator) });
            json!({
                "type": "object",
                "properties": { "schema": { "const": EVAL_SCHEMA }, "results": results },
                "required": ["schema", "results"],
            })
        }),
    }
}

/// The version of the verdicts' JSON.
pub(super) const EVAL_SCHEMA: &str = "caveat/eval/v1";

fn reference<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

fn titled(title: &str, body: impl FnOnce(&mut SchemaGenerator) -> Value) -> Value {
    let settings = SchemaSettings::draft2020_12();
    // Verdicts and diagnostics are written only; all else is read by someone.
    let settings =
        if [EVAL_SCHEMA, DIAGNOSTIC_SCHEMA].contains(&title) { settings.for_serialize() } else { settings };
    let mut generator = settings.into_generator();
    let body = body(&mut generator);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "$defs": generator.take_definitions(true),
    });
    if let (Value::Object(schema), Value::Object(body)) = (&mut schema, body) {
        schema.extend(body);
    }
    schema
}
