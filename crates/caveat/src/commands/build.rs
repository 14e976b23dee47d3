//! `caveat build`

use std::path::{Path, PathBuf};

use caveat_backend::{Artifact, ArtifactRole, Backend, BackendInfo, Options, Policy};
use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::config::Project;
use caveat_driver::lock::Lock;
use caveat_driver::{Built, Target, build, inputs, output};

use super::chosen::Chosen;
use crate::cli::{Build, PolicyArg};
use crate::progress::Progress;
use crate::session;
use crate::ui::{Outcome, Ui};

pub(super) fn run(ui: &Ui, arguments: &Build) -> Result<Outcome, Outcome> {
    let registry = super::registry(ui)?;
    let project = session::project(ui, &arguments.paths.paths)?;
    let output = output_folder(ui, arguments)?;
    let names = names(ui, arguments, &project)?;
    let chosen = Chosen::named(ui, names, &arguments.plugins, &registry, &project)?;
    let session = session::open_for(ui, &project, &arguments.paths.paths, &chosen.backends())?;
    let session = session::clean(ui, session)?;
    let targets = targets(ui, arguments, names, &chosen, &project)?;
    let lock_path = lock_path(ui, arguments, &project)?;
    let lock = read_lock(ui, lock_path.as_deref())?;
    let mut built = {
        let _progress = Progress::start(ui, "building");
        build(&session.rules, &targets, policy(arguments.policy), &lock)
    };
    match lock_path {
        Some(_) => built.diagnostics.extend(built.lock.revise(&session.rules)),
        None => built.diagnostics.extend(without_lock(&targets)),
    }
    let linked = output::through_links(output, &built.artifacts);
    built.artifacts.retain(|(target, _)| !linked.contains_key(target));
    built.targets.retain(|target| !linked.contains_key(target));
    built.failed |= !chosen.problems.is_empty();
    built.diagnostics.extend(chosen.problems.into_iter().chain(linked.values().cloned()));
    built.take_levels(&ui.levels());
    ui.diagnostics(&built.diagnostics, &session.sources);
    let outcome = match (built.failed, built.refused || !linked.is_empty()) {
        (true, _) => Outcome::Failed,
        (false, refused) => Outcome::findings(refused),
    };
    if built.refused || (outcome != Outcome::Clean && built.targets.is_empty()) {
        return Err(outcome);
    }
    check_lock(ui, arguments, lock_path.as_deref(), &lock, &built)?;
    let stale = write(ui, output, &built)?;
    write_lock(ui, lock_path.as_deref(), &lock, &built)?;
    Ok(if outcome == Outcome::Clean { Outcome::findings(stale) } else { outcome })
}

/// That versions stay 1 without a lock file, whatever a rule comes to mean.
fn without_lock(targets: &[Target<'_>]) -> Option<Diagnostic> {
    let target = targets.iter().find(|target| target.backend.counts_versions())?;
    let id = &target.backend.info().id;
    let message =
        format!("without a lock file the versions of the target `{id}` stay 1 when a meaning changes");
    let problem = Diagnostic::new(Code::WITHOUT_LOCK, message);
    Some(problem.help("add `lock = \"caveat.lock\"` to caveat.toml, or build with `--lock caveat.lock`, and commit the file"))
}

/// The folder that the user named. The one that nobody named may come with the rules, and lead elsewhere.
fn output_folder<'a>(ui: &Ui, arguments: &'a Build) -> Result<&'a Path, Outcome> {
    let default = Path::new("out");
    match &arguments.output {
        Some(folder) => Ok(folder),
        None if default.is_symlink() => {
            let problem = Diagnostic::new(Code::UNWRITABLE_OUTPUT, "`out` is a symbolic link");
            Err(problem_found(ui, problem.help("remove it, or name the folder to write to with `-o`")))
        }
        None => Ok(default),
    }
}

/// The lock file of the command line, else that of the configuration.
fn lock_path(ui: &Ui, arguments: &Build, project: &Project) -> Result<Option<PathBuf>, Outcome> {
    let configured = || project.lock().map_err(|problem| problem_found(ui, problem));
    arguments.lock.clone().map_or_else(configured, |given| Ok(Some(given)))
}

/// The names of the targets on the command line, else in the configuration.
fn names<'a>(ui: &Ui, arguments: &'a Build, project: &'a Project) -> Result<&'a [String], Outcome> {
    let given = [&arguments.target, &project.config.targets].into_iter().find(|names| !names.is_empty());
    given.map(Vec::as_slice).ok_or_else(|| {
        usage(ui, "name a target: `-t oval`, `-t all`, or `targets = [\"oval\"]` in caveat.toml")
    })
}

fn policy(policy: PolicyArg) -> Policy {
    match policy {
        PolicyArg::Error => Policy::Error,
        PolicyArg::Skip => Policy::Skip,
        PolicyArg::Approximate => Policy::Approximate,
    }
}

fn targets<'c>(
    ui: &Ui,
    arguments: &'c Build,
    names: &[String],
    chosen: &'c Chosen<'_>,
    project: &'c Project,
) -> Result<Vec<Target<'c>>, Outcome> {
    let backends = chosen.backends();
    let given = given_options(ui, arguments, names, &backends)?;
    let options = |BackendInfo { id, options, .. }: &BackendInfo| {
        let configured = project.config.option.get(id.as_ref()).into_iter().flatten();
        let configured = configured.map(|(name, value)| (name.as_str(), value.as_str()));
        Options::new(options, configured.clone()).map_err(|error| {
            let path = format!("option.{id}.{}", error.option());
            let problem = project.written.problem(&path, format!("{id}: {error}"));
            ui.misconfigured(&project.written.refused(vec![problem]))
        })?;
        let given =
            given.iter().filter(|(target, _, _)| target == id).map(|(_, name, value)| (*name, *value));
        let options = Options::new(options, configured.chain(given));
        options.map_err(|error| usage(ui, &format!("{id}: {error}")))
    };
    let target = |backend: &'c dyn Backend| Ok(Target { backend, options: options(backend.info())? });
    backends.into_iter().map(target).collect()
}

/// The options given on the command line: target, name and value.
fn given_options<'a>(
    ui: &Ui,
    arguments: &'a Build,
    names: &[String],
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
        let is_chosen = chosen.iter().any(|backend| backend.info().id == parsed.0);
        if is_chosen || names.iter().any(|name| name == parsed.0) {
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
    let text = built.lock.to_text();
    if path.is_some() && !Lock::fits(&text) {
        let problem =
            Diagnostic::new(Code::UNWRITABLE_OUTPUT, "the lock file would be too large to be read again");
        return Err(problem_found(ui, problem.help("build fewer targets with it")));
    }
    let Some(path) = path.filter(|_| arguments.locked) else {
        return if arguments.locked {
            Err(usage(ui, "`--locked` needs a lock file: add `--lock FILE`"))
        } else {
            Ok(())
        };
    };
    if old.to_text() == text {
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

/// Writes the artifacts, and says whether something about it is taken for an error.
fn write(ui: &Ui, folder: &Path, built: &Built) -> Result<bool, Outcome> {
    if folder.as_os_str() == "-" {
        return print(ui, &built.artifacts).map(|()| false);
    }
    let targets: Vec<&str> = built.targets.iter().map(String::as_str).collect();
    let warnings = output::write(folder, &targets, &built.artifacts);
    let warnings = warnings.map_err(|problem| problem_found(ui, problem))?;
    let is_error = ui.diagnostics(&warnings, &SourceMap::new());
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
    Ok(is_error)
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
