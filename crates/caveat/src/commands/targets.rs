//! `caveat targets`

use std::fmt::Write as _;

use caveat_backend::{Backend, Registry, Support};
use caveat_ir::Feature;
use serde_json::{Value, json};

use crate::cli::{ListFormat, Targets};
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Targets) -> Result<Outcome, Outcome> {
    let registry = super::registry(ui)?;
    match arguments.format {
        ListFormat::Human => ui.data(&human(&registry)),
        ListFormat::Json => ui.data(&format!("{:#}\n", json(&registry))),
    }
    Ok(Outcome::Clean)
}

fn human(registry: &Registry) -> String {
    let mut out = String::new();
    for backend in registry.iter() {
        let info = backend.info();
        let _ = writeln!(out, "{}  {}\n    {}\n", info.id, info.title, info.summary);
        for option in info.options {
            let _ = writeln!(out, "    -O {}.{}={}  {}", info.id, option.name, option.default, option.help);
        }
        out.push('\n');
        for feature in Feature::ALL {
            let _ = writeln!(out, "    {:<48} {}", feature.title(), words(backend, *feature));
        }
        out.push('\n');
    }
    out
}

fn words(backend: &dyn Backend, feature: Feature) -> String {
    match backend.support(feature) {
        Support::Exact => "exact".to_owned(),
        Support::Approximate { direction, why } => format!("{direction}: {why}"),
        Support::No { why } => format!("no: {why}"),
    }
}

fn json(registry: &Registry) -> Value {
    let targets: Vec<Value> = registry.iter().map(target).collect();
    json!({ "schema": "caveat/targets/v1", "targets": targets })
}

fn target(backend: &dyn Backend) -> Value {
    let info = backend.info();
    let options = info.options.iter().map(|option| {
        json!({ "name": option.name, "default": option.default, "values": option.values, "help": option.help })
    });
    let features = Feature::ALL.iter().map(|feature| match backend.support(*feature) {
        Support::Exact => json!({ "feature": feature, "support": "exact" }),
        Support::Approximate { direction, why } => {
            json!({ "feature": feature, "support": direction, "why": why })
        }
        Support::No { why } => json!({ "feature": feature, "support": "no", "why": why }),
    });
    json!({
        "id": info.id,
        "title": info.title,
        "summary": info.summary,
        "origin": "built-in",
        "extensions": info.extensions,
        "options": options.collect::<Vec<_>>(),
        "features": features.collect::<Vec<_>>(),
    })
}
