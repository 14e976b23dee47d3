//! The targets that the user chose.

use std::collections::BTreeSet;

use caveat_backend::{Backend, Registry};
use caveat_diag::suggest::{did_you_mean, nearest};
use caveat_diag::{Code, Diagnostic, SourceMap};
use caveat_driver::config::Project;
use caveat_driver::plugin::Plugin;

use super::plugins;
use crate::cli;
use crate::ui::{Outcome, Ui};

/// The targets that the user wants, as far as they could be had.
pub(super) struct Chosen<'r> {
    pub(super) targets: Vec<OneOf<'r>>,
    /// What kept plug-ins from starting.
    pub(super) problems: Vec<Diagnostic>,
}

/// A target, wherever it comes from.
pub(super) enum OneOf<'r> {
    BuiltIn(&'r dyn Backend),
    Program(Plugin),
}

impl OneOf<'_> {
    fn backend(&self) -> &dyn Backend {
        match self {
            Self::BuiltIn(backend) => *backend,
            Self::Program(plugin) => plugin,
        }
    }
}

impl<'r> Chosen<'r> {
    /// The targets of these names, and all built-in ones for `all`.
    pub(super) fn named(
        ui: &Ui,
        names: &[String],
        allowed: &cli::Plugins,
        registry: &'r Registry,
        project: &Project,
    ) -> Result<Self, Outcome> {
        let mut names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let all = names.remove("all");
        let wanted = |backend: &&'r dyn Backend| all || names.contains(backend.info().id.as_ref());
        let mut chosen = Self {
            targets: registry.iter().filter(wanted).map(OneOf::BuiltIn).collect(),
            problems: Vec::new(),
        };
        misspelt_section(ui, registry, project)?;
        names.retain(|name| registry.get(name).is_none());
        if names.is_empty() {
            return Ok(chosen);
        }
        let mut known = plugins::find(ui, registry, project)?;
        for name in names {
            let Some(found) = known.remove(name) else {
                let ids = registry.iter().map(|backend| backend.info().id.as_ref());
                let known: Vec<&str> = ids.chain(known.keys().map(String::as_str)).chain(["all"]).collect();
                return Err(unknown(ui, name, &known, project));
            };
            match found.start(allowed.allow_plugins) {
                Ok(plugin) => chosen.targets.push(OneOf::Program(plugin)),
                Err(problem) if problem.code == Code::PLUGIN_NOT_ALLOWED => {
                    ui.diagnostics(&[*problem], &SourceMap::new());
                    return Err(Outcome::Findings);
                }
                Err(problem) => chosen.problems.push(*problem),
            }
        }
        Ok(chosen)
    }

    /// All of them.
    pub(super) fn backends(&self) -> Vec<&dyn Backend> {
        self.targets.iter().map(OneOf::backend).collect()
    }
}

/// Refuses a section of options whose name is nearly that of a target. Any other may be of a plug-in that is not here.
fn misspelt_section(ui: &Ui, registry: &Registry, project: &Project) -> Result<(), Outcome> {
    let config = &project.config;
    let ids = registry.iter().map(|backend| backend.info().id.as_ref());
    let known: BTreeSet<&str> =
        ids.chain(config.backend.keys().chain(&config.targets).map(String::as_str)).collect();
    let misspelt = config.option.keys().filter(|name| !known.contains(name.as_str())).find_map(|name| {
        let near = nearest(name, known.iter().copied())?;
        let problem =
            project.written.problem(&format!("option.{name}"), format!("there is no target `{name}`"));
        Some(problem.help(did_you_mean(near)))
    });
    misspelt.map_or(Ok(()), |problem| Err(ui.misconfigured(&project.written.refused(vec![problem]))))
}

/// There is no such target, on the command line or in the configuration.
fn unknown(ui: &Ui, name: &str, known: &[&str], project: &Project) -> Outcome {
    let Some(index) = project.config.targets.iter().position(|one| one == name) else {
        ui.failure(&format!("there is no target `{name}`; known: {}", known.join(", ")));
        return Outcome::Usage;
    };
    let problem =
        project.written.problem(&format!("targets[{index}]"), format!("there is no target `{name}`"));
    let problem = match problem.span() {
        Some(span) => problem.suggest(name, known.iter().copied(), span),
        None => problem,
    };
    ui.misconfigured(&project.written.refused(vec![problem]))
}
