//! `caveat targets`

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;

use caveat_backend::{Backend, Support};
use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::plugin::Plugin;
use caveat_driver::plugin::discover::Found;
use caveat_ir::Feature;
use serde_json::{Value, json};

use super::plugins;
use crate::cli::{ListFormat, Targets};
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Targets) -> Result<Outcome, Outcome> {
    let registry = super::registry(ui)?;
    let project = session::project(ui, &[])?;
    let (mut plugins, mut not_allowed, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let found = plugins::find(ui, &registry, &project)?;
    for (found, started) in found.values().zip(started(&found, arguments.plugins.allow_plugins)) {
        match started {
            Ok(plugin) => plugins.push((plugin, found.source)),
            Err(problem) if problem.code == Code::PLUGIN_NOT_ALLOWED => not_allowed.push(found.name.as_str()),
            Err(problem) => problems.push(*problem),
        }
    }
    let built_in = registry.iter().map(|backend| (backend, "built-in"));
    let external = plugins.iter().map(|(plugin, source)| (plugin as &dyn Backend, source.as_str()));
    let all: Vec<(&dyn Backend, &str)> = built_in.chain(external).collect();
    match arguments.format {
        ListFormat::Human => ui.data(&human(&all, &not_allowed)),
        ListFormat::Json => ui.data(&format!("{:#}\n", json(&all, &not_allowed))),
    }
    ui.diagnostics(&problems, &SourceMap::new());
    Ok(if problems.is_empty() { Outcome::Clean } else { Outcome::Failed })
}

/// Starts all plug-ins at once, so that those that hang cost the time of one.
fn started(found: &BTreeMap<String, Found>, allowed: bool) -> Vec<Result<Plugin, Box<Diagnostic>>> {
    let hung = || Err(Box::new(Diagnostic::new(Code::PLUGIN_NOT_STARTED, "a plug-in could not be started")));
    thread::scope(|scope| {
        let start = |found| scope.spawn(move || Found::start(found, allowed));
        let threads: Vec<_> = found.values().map(start).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| hung())).collect()
    })
}

fn human(targets: &[(&dyn Backend, &str)], not_allowed: &[&str]) -> String {
    let mut out = String::new();
    for (backend, origin) in targets {
        let info = backend.info();
        let origin = if *origin == "built-in" { String::new() } else { format!(" ({origin})") };
        let _ = writeln!(out, "{}  {}{origin}\n    {}\n", info.id, info.title, info.summary);
        for option in info.options.iter() {
            let _ = writeln!(out, "    -O {}.{}={}  {}", info.id, option.name, option.default, option.help);
        }
        out.push('\n');
        for feature in Feature::ALL {
            let _ = writeln!(out, "    {:<48} {}", feature.title(), words(*backend, *feature));
        }
        out.push('\n');
    }
    for name in not_allowed {
        let _ = writeln!(out, "{name}  a program that caveat.toml names; `--allow-plugins` runs it\n");
    }
    out
}

fn words(backend: &dyn Backend, feature: Feature) -> String {
    match backend.support(feature) {
        Support::Exact => "exact".to_owned(),
        Support::Approximate { direction, why } => format!("{direction}: {why}"),
        Support::Narrow { why } => format!("in part: {why}"),
        Support::No { why } => format!("no: {why}"),
    }
}

fn json(targets: &[(&dyn Backend, &str)], not_allowed: &[&str]) -> Value {
    let targets: Vec<Value> = targets.iter().map(|(backend, origin)| target(*backend, origin)).collect();
    json!({ "schema": "caveat/targets/v1", "targets": targets, "not_allowed": not_allowed })
}

fn target(backend: &dyn Backend, origin: &str) -> Value {
    let info = backend.info();
    let options = info.options.iter().map(|option| {
        json!({ "name": option.name, "default": option.default, "values": option.values, "help": option.help })
    });
    let features = Feature::ALL.iter().map(|feature| match backend.support(*feature) {
        Support::Exact => json!({ "feature": feature, "support": "exact" }),
        Support::Approximate { direction, why } => {
            json!({ "feature": feature, "support": direction, "why": why })
        }
        Support::Narrow { why } => json!({ "feature": feature, "support": "narrow", "why": why }),
        Support::No { why } => json!({ "feature": feature, "support": "no", "why": why }),
    });
    json!({
        "id": info.id,
        "title": info.title,
        "summary": info.summary,
        "origin": origin,
        "extensions": info.extensions,
        "options": options.collect::<Vec<_>>(),
        "features": features.collect::<Vec<_>>(),
    })
}
