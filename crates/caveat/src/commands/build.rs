//! `caveat build`

use std::collections::BTreeSet;
use std::path::Path;

use caveat_backend::{Artifact, ArtifactRole, Backend, BackendInfo, Options, Policy, Registry};
use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::config::Project;
use caveat_driver::lock::Lock;
use caveat_driver::plugin::Plugin;
use caveat_driver::{Built, PluginTarget, Target, build_with_plugins, inputs, output};

use super::plugins;

use crate::cli::{Build, PolicyArg};
use crate::progress::Progress;
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Build) -> Result<Outcome, Outcome> {
    let registry = super::registry(ui)?;
    let session = session::open_clean(ui, &arguments.paths.paths)?;
    let chosen = chosen(ui, arguments, &registry, &session.project)?;
    let (targets, plugins) = targets(ui, arguments, &chosen, &session.project)?;
    let lock_path = arguments.lock.clone().or_else(|| session.project.lock());
    let lock = read_lock(ui, lock_path.as_deref())?;
    let mut built = {
        let _progress = Progress::start(ui, "building");
        build_with_plugins(&session.rules, &targets, &plugins, policy(arguments.policy), &lock)
    };
    let linked = output::through_links(&arguments.output, &built.artifacts);
    built.artifacts.retain(|(target, _)| !linked.contains_key(target));
    built.failed |= !chosen.problems.is_empty();
    built.diagnostics.extend(chosen.problems.into_iter().chain(linked.values().cloned()));
    ui.diagnostics(&built.diagnostics, &session.sources);
    let outcome = match (built.failed, built.refused || !linked.is_empty()) {
        (true, _) => Outcome::Failed,
        (false, refused) => Outcome::findings(refused),
    };
    if built.refused || (outcome != Outcome::Clean && built.artifacts.is_empty()) {
        return Err(outcome);
    }
    check_lock(ui, arguments, lock_path.as_deref(), &lock, &built)?;
    write(ui, &arguments.output, &built)?;
    write_lock(ui, lock_path.as_deref(), &lock, &built)?;
    Ok(outcome)
}

fn policy(policy: PolicyArg) -> Policy {
    match policy {
        PolicyArg::Error => Policy::Error,
        PolicyArg::Skip => Policy::Skip,
        PolicyArg::Approximate => Policy::Approximate,
    }
}

/// The targets that the user wants, as far as they could be had.
struct Chosen<'r> {
    built_in: Vec<&'r dyn Backend>,
    plugins: Vec<Plugin>,
    /// What kept plug-ins from starting.
    problems: Vec<Diagnostic>,
}

type Targets<'c> = (Vec<Target<'c>>, Vec<PluginTarget<'c>>);

fn targets<'c>(
    ui: &Ui,
    arguments: &'c Build,
    chosen: &'c Chosen<'_>,
    project: &'c Project,
) -> Result<Targets<'c>, Outcome> {
    let given = given_options(ui, arguments, chosen)?;
    let options = |info: &BackendInfo| {
        let configured = project.config.option.get(info.id).into_iter().flatten();
        let configured = configured.map(|(name, value)| (name.as_str(), value.as_str()));
        let given =
            given.iter().filter(|(target, _, _)| *target == info.id).map(|(_, name, value)| (*name, *value));
        let options = Options::new(info.options, configured.chain(given));
        options.map_err(|error| usage(ui, &format!("{}: {error}", info.id)))
    };
    let built_in =
        |backend: &&'c dyn Backend| Ok(Target { backend: *backend, options: options(backend.info())? });
    let external = |plugin: &'c Plugin| Ok(PluginTarget { plugin, options: options(plugin.info())? });
    let built_in = chosen.built_in.iter().map(built_in).collect::<Result<_, Outcome>>()?;
    Ok((built_in, chosen.plugins.iter().map(external).collect::<Result<_, Outcome>>()?))
}

fn chosen<'r>(
    ui: &Ui,
    arguments: &Build,
    registry: &'r Registry,
    project: &Project,
) -> Result<Chosen<'r>, Outcome> {
    let mut chosen = Chosen { built_in: Vec::new(), plugins: Vec::new(), problems: Vec::new() };
    let mut names: BTreeSet<&str> = arguments.target.iter().map(String::as_str).collect();
    let all = names.remove("all");
    let wanted = |backend: &&'r dyn Backend| all || names.contains(backend.info().id);
    chosen.built_in = registry.iter().filter(wanted).collect();
    names.retain(|name| registry.get(name).is_none());
    if names.is_empty() {
        return Ok(chosen);
    }
    let mut known = plugins::find(ui, registry, project)?;
    for name in names {
        let Some(found) = known.remove(name) else {
            let ids = registry.iter().map(|backend| backend.info().id);
            let known: Vec<&str> = ids.chain(known.keys().map(String::as_str)).collect();
            return Err(usage(ui, &format!("there is no target `{name}`; known: {}, all", known.join(", "))));
        };
        match found.start(arguments.plugins.allow_plugins) {
            Ok(plugin) => chosen.plugins.push(plugin),
            Err(problem) if problem.code == Code::PLUGIN_NOT_ALLOWED => {
                return Err(problem_found(ui, *problem));
            }
            Err(problem) => chosen.problems.push(*problem),
        }
    }
    Ok(chosen)
}

/// The options given on the command line: target, name and value.
fn given_options<'a>(
    ui: &Ui,
    arguments: &'a Build,
    chosen: &Chosen<'_>,
) -> Result<Vec<(&'a str, &'a str, &'a str)>, Outcome> {
    let parse = |option: &'a String| {
        let (key, value) = option.split_once('=')?;
        let (target, name) = key.split_once('.')?;
        Some((target, name, value))
    };
    let check = |option: &'a String| {
        let parsed = parse(option)
            .ok_or_else(|| usage(ui, &format!("`{option}` is not of the form TARGET.NAME=VALUE")))?;
        let is_built_in = chosen.built_in.iter().any(|backend| backend.info().id == parsed.0);
        let known = is_built_in || arguments.target.iter().any(|target| target == parsed.0);
        if known {
            Ok(parsed)
        } else {
            Err(usage(ui, &format!("`{option}` is for a target that is not built")))
        }
    };
    arguments.options.iter().map(check).collect()
}

fn usage(ui: &Ui, message: &str) -> Outcome {
    ui.failure(message);
    Outcome::Usage
}

fn read_lock(ui: &Ui, path: Option<&Path>) -> Result<Lock, Outcome> {
    path.map_or_else(|| Ok(Lock::default()), Lock::read).map_err(|problem| problem_found(ui, problem))
}

fn problem_found(ui: &Ui, problem: Diagnostic) -> Outcome {
    ui.diagnostics(&[problem], &SourceMap::new());
    Outcome::Findings
}

fn check_lock(
    ui: &Ui,
    arguments: &Build,
    path: Option<&Path>,
    old: &Lock,
    built: &Built,
) -> Result<(), Outcome> {
    let Some(path) = path.filter(|_| arguments.locked) else {
        return if arguments.locked {
            Err(usage(ui, "`--locked` needs a lock file: add `--lock FILE`"))
        } else {
            Ok(())
        };
    };
    if old.to_text() == built.lock.to_text() {
        return Ok(());
    }
    let message = format!("the lock file `{}` is out of date", inputs::display(path));
    let problem = Diagnostic::new(Code::LOCK_OUT_OF_DATE, message);
    Err(problem_found(ui, problem.help("run the same command without `--locked`, and commit the file")))
}

fn write_lock(ui: &Ui, path: Option<&Path>, old: &Lock, built: &Built) -> Result<(), Outcome> {
    let (text, Some(path)) = (built.lock.to_text(), path) else { return Ok(()) };
    if text == old.to_text() && path.exists() {
        return Ok(());
    }
    output::write_file(path, &text).map_err(|problem| problem_found(ui, problem))
}

fn write(ui: &Ui, folder: &Path, built: &Built) -> Result<(), Outcome> {
    if folder.as_os_str() == "-" {
        return print(ui, &built.artifacts);
    }
    output::write(folder, &built.artifacts).map_err(|problem| problem_found(ui, problem))?;
    let main = built.artifacts.iter().filter(|(_, artifact)| artifact.role == ArtifactRole::Main);
    let count = main.clone().count();
    ui.say(&format!(
        "wrote {count} {} to {}",
        if count == 1 { "artifact" } else { "artifacts" },
        inputs::display(folder)
    ));
    for (target, artifact) in main.filter(|_| count <= 20 || ui.is_verbose()) {
        ui.say(&format!("  {}/{}  {target}, {}", inputs::display(folder), artifact.path, artifact.fidelity));
    }
    Ok(())
}

/// Prints the only main artifact; several would run into each other.
fn print(ui: &Ui, artifacts: &[(String, Artifact)]) -> Result<(), Outcome> {
    let main: Vec<&Artifact> = artifacts
        .iter()
        .map(|(_, artifact)| artifact)
        .filter(|artifact| artifact.role == ArtifactRole::Main)
        .collect();
    match main.as_slice() {
        [one] => {
            ui.data(&one.text);
            Ok(())
        }
        several => {
            let message = format!("`-o -` prints one artifact, but there are {}", several.len());
            Err(usage(
                ui,
                &format!(
                    "{message}; name one rule and one target, or ask for a bundle with `-O oval.layout=bundle`"
                ),
            ))
        }
    }
}
