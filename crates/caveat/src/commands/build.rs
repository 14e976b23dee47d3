//! `caveat build`

use std::path::Path;

use caveat_backend::{Artifact, ArtifactRole, Backend, Options, Policy, Registry};
use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::config::Project;
use caveat_driver::lock::Lock;
use caveat_driver::{Built, Target, inputs, output};

use crate::cli::{Build, PolicyArg};
use crate::progress::Progress;
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Build) -> Result<Outcome, Outcome> {
    let registry = super::registry(ui)?;
    let session = session::open_clean(ui, &arguments.paths.paths)?;
    let targets = targets(ui, arguments, &registry, &session.project)?;
    let lock_path = arguments.lock.clone().or_else(|| session.project.lock());
    let lock = read_lock(ui, lock_path.as_deref())?;
    let built = {
        let _progress = Progress::start(ui, "building");
        caveat_driver::build(&session.rules, &targets, policy(arguments.policy), &lock)
    };
    ui.diagnostics(&built.diagnostics, &session.sources);
    if built.failed {
        return Err(Outcome::Failed);
    }
    if built.diagnostics.iter().any(Diagnostic::is_error) {
        return Err(Outcome::Findings);
    }
    check_lock(ui, arguments, lock_path.as_deref(), &lock, &built)?;
    write(ui, &arguments.output, &built)?;
    write_lock(ui, lock_path.as_deref(), &lock, &built)?;
    Ok(Outcome::Clean)
}

fn policy(policy: PolicyArg) -> Policy {
    match policy {
        PolicyArg::Error => Policy::Error,
        PolicyArg::Skip => Policy::Skip,
        PolicyArg::Approximate => Policy::Approximate,
    }
}

fn targets<'r>(
    ui: &Ui,
    arguments: &Build,
    registry: &'r Registry,
    project: &Project,
) -> Result<Vec<Target<'r>>, Outcome> {
    let chosen = chosen(ui, arguments, registry)?;
    let given = given_options(ui, arguments, &chosen)?;
    let target = |backend: &'r dyn Backend| {
        let id = backend.info().id;
        let configured = project.config.option.get(id).into_iter().flatten();
        let configured = configured.map(|(name, value)| (name.as_str(), value.as_str()));
        let given =
            given.iter().filter(|(target, _, _)| *target == id).map(|(_, name, value)| (*name, *value));
        let options = Options::new(backend.info().options, configured.chain(given));
        options
            .map(|options| Target { backend, options })
            .map_err(|error| usage(ui, &format!("{id}: {error}")))
    };
    chosen.into_iter().map(target).collect()
}

fn chosen<'r>(ui: &Ui, arguments: &Build, registry: &'r Registry) -> Result<Vec<&'r dyn Backend>, Outcome> {
    if arguments.target.iter().any(|target| target == "all") {
        return Ok(registry.iter().collect());
    }
    let mut names = arguments.target.clone();
    names.dedup();
    let find = |name: &String| {
        registry.get(name).ok_or_else(|| {
            let known: Vec<&str> = registry.iter().map(|backend| backend.info().id).collect();
            usage(ui, &format!("there is no target `{name}`; known: {}, all", known.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

/// The options given on the command line: target, name and value.
fn given_options<'a>(
    ui: &Ui,
    arguments: &'a Build,
    chosen: &[&dyn Backend],
) -> Result<Vec<(&'a str, &'a str, &'a str)>, Outcome> {
    let parse = |option: &'a String| {
        let (key, value) = option.split_once('=')?;
        let (target, name) = key.split_once('.')?;
        Some((target, name, value))
    };
    let check = |option: &'a String| {
        let parsed = parse(option)
            .ok_or_else(|| usage(ui, &format!("`{option}` is not of the form TARGET.NAME=VALUE")))?;
        let known = chosen.iter().any(|backend| backend.info().id == parsed.0);
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
