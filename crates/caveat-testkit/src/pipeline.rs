//! The pipeline of the command line, with failures as panics.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use caveat::backend::{Backend, Options, Policy};
use caveat::diag::render::{Format, render};
use caveat::diag::{Diagnostic, SourceMap};
use caveat::driver::config::Project;
use caveat::driver::lock::Lock;
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
        let (inputs, problems) = inputs::read(std::slice::from_ref(&root), Some(&root));
        let sources = inputs.iter().map(|input| (input.shown.clone(), input.text.clone())).collect();
        let Compilation { sources: map, diagnostics, rules, .. } =
            compile_for(inputs, problems, &project.levels, &[]);
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

    /// The artifacts of the targets, all when none is named: path and text.
    pub(crate) fn build(&self, targets: Option<&[String]>) -> Vec<(String, String)> {
        let registry = caveat::registry().unwrap_or_else(|error| panic!("{error}"));
        let chosen: Vec<&dyn Backend> = match targets {
            None => registry.iter().collect(),
            Some(names) => {
                let find = |name: &String| {
                    registry.get(name).unwrap_or_else(|| panic!("there is no target `{name}`"))
                };
                names.iter().map(find).collect()
            }
        };
        let targets: Vec<Target<'_>> = chosen.into_iter().map(|backend| self.target(backend)).collect();
        let built = build(&self.checked, &targets, Policy::Approximate, &self.lock());
        if built.failed {
            fail(&built.diagnostics, &SourceMap::new());
        }
        built.artifacts.into_iter().map(|(_, artifact)| (artifact.path, artifact.text)).collect()
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
