//! Host files of the commands that look at hosts.

use std::cell::LazyCell;
use std::path::{Path, PathBuf};

use caveat_diag::policy::limited;
use caveat_diag::{Diagnostic, SourceMap, Span};
use caveat_driver::inputs::{display, read_file, read_stdin};
use caveat_eval::{Host, HostPlaces, HostProblem, MAX_HOST_FILE, ProblemKind, load_hosts};
use caveat_ir::RuleSet;
use caveat_ir::host::HostFile;

use crate::ui::Ui;

/// A host that could be read.
pub(super) struct Loaded {
    pub(super) host: Host,
    /// What its file says.
    pub(super) file: HostFile,
    /// The name of the file.
    pub(super) shown: String,
}

/// The hosts that could be read.
pub(super) struct Hosts {
    pub(super) hosts: Vec<Loaded>,
    /// Whether some could not.
    pub(super) broken: bool,
}

/// Reads host files and shows what is wrong with them. A host whose facts contradict each other
/// is left out; a malformed fact counts against the rules that ask for it only.
pub(super) fn load(ui: &Ui, files: &[PathBuf], rules: &RuleSet) -> Hosts {
    let mut found = Found { rules, hosts: Vec::new(), sources: SourceMap::new(), problems: Vec::new() };
    for path in files {
        match read(path) {
            Ok(text) => found.take(&display(path), text),
            Err(problem) => found.problems.push(problem),
        }
    }
    let broken = ui.diagnostics(&limited(found.problems), &found.sources);
    Hosts { hosts: found.hosts, broken }
}

fn read(path: &Path) -> Result<String, Diagnostic> {
    let limit = MAX_HOST_FILE as u64;
    if path.as_os_str() == "-" { read_stdin(limit) } else { read_file(path, limit) }
}

/// What was found in host files so far.
struct Found<'r> {
    rules: &'r RuleSet,
    hosts: Vec<Loaded>,
    /// The files with problems.
    sources: SourceMap,
    problems: Vec<Diagnostic>,
}

impl Found<'_> {
    /// Takes the hosts of a file.
    fn take(&mut self, shown: &str, text: String) {
        let mut wrong = Vec::new();
        for (index, loaded) in load_hosts(shown, &text).into_iter().enumerate() {
            match loaded {
                Err(problem) => wrong.push((index, shown.to_owned(), problem)),
                Ok(mut file) => {
                    let name = file.name.get_or_insert_with(|| shown.to_owned()).clone();
                    let (host, problems) = Host::new(&file, self.rules);
                    if problems.iter().all(|problem| problem.kind != ProblemKind::Host) {
                        self.hosts.push(Loaded { host, file, shown: shown.to_owned() });
                    }
                    wrong.extend(problems.into_iter().map(|problem| (index, name.clone(), problem)));
                }
            }
        }
        if !wrong.is_empty() {
            let places = LazyCell::new(|| HostPlaces::new(shown, &text));
            let file = self.sources.next_id();
            let place = |(index, name, problem): (usize, String, HostProblem)| {
                let range = problem.place.clone().or_else(|| places.find(index, &problem.path));
                let span =
                    range.map_or(Span::new(file, 0, 0), |range| Span::new(file, range.start, range.end));
                problem.diagnostic(&name).at(span, "")
            };
            self.problems.extend(wrong.into_iter().map(place));
            self.sources.add(shown, text);
        }
    }
}
