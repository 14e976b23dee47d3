//! The pipeline of the command line, with failures as panics.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use caveat::backend::{Backend, Options, Policy, Registry};
use caveat::diag::render::{Format, render};
use caveat::diag::{Diagnostic, SourceMap};
use caveat::driver::config::Project;
use caveat::driver::inputs::Input;
use caveat::driver::lock::Lock;
use caveat::driver::plugin::Plugin;
use caveat::driver::plugin::discover::{self, Source};
use caveat::driver::{Compilation, Target, build, compile_for, inputs};
use caveat::eval::{Evaluator, Host, load_hosts, run_tests};
use caveat::ir::Checked;

/// Host files have these extensions.
const HOST_EXTENSIONS: [&str; 4] = ["yaml", "yml", "json", "ndjson"];

/// Rules without errors or warnings.
pub(crate) struct Rules {
    project: Project,
    sources: Vec<(String, String)>,
    map: Arc<SourceMap>,
    checked: Checked,
}

impl Rules {
    pub(crate) fn open(folder: &Path) -> Self {
        let project =
            Project::find(folder).unwrap_or_else(|problem| fail(&problem.problems, &problem.sources));
        let Some(root) = project.rules() else {
            panic!("`{}` has no caveat.toml that says where the rules are", folder.display())
        };
        let (mut inputs, problems) = inputs::read(std::slice::from_ref(&root), Some(&root));
        for input in &mut inputs {
            name(input, &project.folder);
        }
        let sources = inputs.iter().map(|input| (input.shown.clone(), input.text.clone())).collect();
        let updates = project.updates().unwrap_or_else(|problem| fail(&problem.problems, &problem.sources));
        let Compilation { sources: map, diagnostics, rules, .. } =
            compile_for(inputs, problems, &project.levels, &[]).with_updates(updates);
        match rules {
            caveat::sema::Rules::Checked(checked) if diagnostics.is_empty() => {
                Self { project, sources, map, checked }
            }
            _ => fail(&diagnostics, &map),
        }
    }

    pub(crate) fn check_layout(&self) {
        let astray = self.sources.iter().filter(|(name, text)| {
            let file = SourceMap::new().add(name.as_str(), text.as_str());
            caveat::syntax::format(file, text).is_ok_and(|laid_out| laid_out != *text)
        });
        let astray: Vec<&str> = astray.map(|(name, _)| name.as_str()).collect();
        assert!(astray.is_empty(), "run `caveat fmt` for {}", astray.join(", "));
    }

    pub(crate) fn check_tests(&self) {
        let results = run_tests(&Evaluator::new(&self.checked));
        let places = self.checked.places();
        let failed: Vec<Diagnostic> = results.iter().flat_map(|result| result.diagnostics(places)).collect();
        if !failed.is_empty() {
            fail(&failed, &self.map);
        }
    }

    /// What of the artifacts of the targets follows from the rules: path and text. Without `names`, that is of all
    /// built-in targets, and of the programs that are targets of the repository, if it may run them.
    pub(crate) fn build(&self, names: Option<&[String]>, plugins: bool) -> Vec<(String, String)> {
        let registry = caveat::registry().unwrap_or_else(|error| panic!("{error}"));
        let programs = self.programs(&registry, names, plugins);
        let wanted = |name: &str| names.is_none_or(|names| names.iter().any(|one| one == name));
        let built_in = registry.iter().filter(|backend| wanted(&backend.info().id));
        let programs = programs.iter().map(|program| -> &dyn Backend { program });
        let targets: Vec<Target<'_>> = built_in.chain(programs).map(|backend| self.target(backend)).collect();
        let lock = self.lock();
        let built = build(&self.checked, &targets, Policy::Approximate, &lock);
        if built.failed || built.refused {
            fail(&built.diagnostics, &self.map);
        }
        let kept = self.project.config.lock.is_none() || built.lock.to_text() == lock.to_text();
        assert!(
            kept,
            "the lock file is out of date: run `caveat build -t all`, and commit it with the rules"
        );
        let reviewed = built.artifacts.into_iter().filter_map(|(id, artifact)| {
            let target = targets.iter().find(|target| target.backend.info().id == id)?;
            let text = target.backend.reviewed(&artifact).into_owned();
            (!text.is_empty()).then_some((artifact.path, text))
        });
        reviewed.collect()
    }

    /// The programs among the targets, started.
    fn programs(&self, registry: &Registry, names: Option<&[String]>, allowed: bool) -> Vec<Plugin> {
        let built_in: Vec<&str> = registry.iter().map(|backend| backend.info().id.as_ref()).collect();
        let own = || if allowed { self.project.config.backend.keys().cloned().collect() } else { Vec::new() };
        let mut names = names.map_or_else(own, <[String]>::to_vec);
        names.retain(|name| !built_in.contains(&name.as_str()));
        if names.is_empty() {
            return Vec::new();
        }
        let found = discover::find(&self.project, &built_in)
            .unwrap_or_else(|refused| fail(&refused.problems, &refused.sources));
        let start = |name: &String| {
            let Some(program) = found.get(name) else { panic!("there is no target `{name}`") };
            assert!(
                allowed || program.source != Source::Project,
                "the target `{name}` is a program that this repository brings along; if you trust it, allow it: \
                 `caveat_testkit::repository!().allow_plugins().check()`"
            );
            program.start(allowed).unwrap_or_else(|problem| fail(&[*problem], &SourceMap::new()))
        };
        names.iter().map(start).collect()
    }

    fn target<'r>(&self, backend: &'r dyn Backend) -> Target<'r> {
        let info = backend.info();
        let given = self.project.config.option.get(info.id.as_ref()).into_iter().flatten();
        let given = given.map(|(name, value)| (name.as_str(), value.as_str()));
        let options = Options::new(&info.options, given);
        Target { backend, options: options.unwrap_or_else(|error| panic!("{}: {error}", info.id)) }
    }

    fn lock(&self) -> Lock {
        let path = self.project.lock();
        let read = path.and_then(|path| path.map_or_else(|| Ok(Lock::default()), |path| Lock::read(&path)));
        read.unwrap_or_else(|problem| fail(&[problem], &SourceMap::new()))
    }

    /// A line for every host and bulletin, and one for every vulnerability.
    pub(crate) fn verdicts(&self, files: &[PathBuf]) -> String {
        let evaluator = Evaluator::new(&self.checked);
        let mut text = String::new();
        for file in files {
            for host in read_hosts(file) {
                let (host, problems) = Host::new(&host, self.checked.rules());
                assert!(problems.is_empty(), "`{}`: {problems:?}", inputs::display(file));
                for outcome in evaluator.outcomes(&host) {
                    let _ = writeln!(text, "{}  {}  {}", outcome.host, outcome.bulletin, outcome.verdict);
                    for one in &outcome.vulnerabilities {
                        let _ = writeln!(text, "    {}  {}", one.id, one.verdict);
                    }
                }
            }
        }
        text
    }
}

/// Names a file by its path in the repository, wherever the test runs.
fn name(input: &mut Input, folder: &Path) {
    let path = input.path.as_ref().and_then(|path| path.strip_prefix(folder).ok());
    if let Some(path) = path {
        input.shown = path.to_string_lossy().replace('\\', "/");
    }
}

fn read_hosts(path: &Path) -> Vec<caveat::ir::host::HostFile> {
    let shown = inputs::display(path);
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("`{shown}`: {error}"));
    let hosts = load_hosts(&shown, &text).into_iter();
    hosts.map(|host| host.unwrap_or_else(|problem| panic!("`{shown}`: {problem}"))).collect()
}

/// The host files of a folder, in order.
pub(crate) fn host_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_host = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| HOST_EXTENSIONS.contains(&extension))
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_host).collect();
    files.sort();
    files
}

fn fail(diagnostics: &[Diagnostic], sources: &SourceMap) -> ! {
    panic!("{}", render(diagnostics, sources, Format::Human { color: false }))
}
