//! Host files of the commands that look at hosts.

use std::path::{Path, PathBuf};

use caveat_diag::{Diagnostic, SourceMap};
use caveat_driver::inputs::{display, read_file, read_stdin};
use caveat_eval::{Host, HostProblem, MAX_HOST_FILE, ProblemKind, load_hosts};
use caveat_ir::RuleSet;
use caveat_ir::host::HostFile;

use crate::ui::Ui;

/// The hosts that could be read, each with the file it came from.
pub(super) struct Hosts {
    pub(super) hosts: Vec<(Host, String)>,
    /// Whether some could not.
    pub(super) broken: bool,
}

/// Reads host files and shows what is wrong with them. A host whose facts contradict each other
/// is left out; a malformed fact counts against the rules that ask for it only.
pub(super) fn load(ui: &Ui, files: &[PathBuf], rules: &RuleSet) -> Hosts {
    let mut problems = Vec::new();
    let mut hosts = Vec::new();
    for path in files {
        match read(path) {
            Ok(text) => {
                let shown = display(path);
                for loaded in load_hosts(&shown, &text) {
                    hosts
                        .extend(host(loaded, &shown, rules, &mut problems).map(|host| (host, shown.clone())));
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    ui.diagnostics(&problems, &SourceMap::new());
    Hosts { hosts, broken: problems.iter().any(Diagnostic::is_error) }
}

fn read(path: &Path) -> Result<String, Diagnostic> {
    let limit = MAX_HOST_FILE as u64;
    if path.as_os_str() == "-" { read_stdin(limit) } else { read_file(path, limit) }
}

fn host(
    loaded: Result<HostFile, HostProblem>,
    shown: &str,
    rules: &RuleSet,
    problems: &mut Vec<Diagnostic>,
) -> Option<Host> {
    let mut file = loaded.map_err(|problem| problems.push(problem.diagnostic(shown))).ok()?;
    let stem = Path::new(shown)
        .file_stem()
        .map_or_else(|| shown.to_owned(), |stem| stem.to_string_lossy().into_owned());
    let name = file.name.get_or_insert(stem).clone();
    let (host, found) = Host::new(&file, rules);
    let contradictory = found.iter().any(|problem| problem.kind == ProblemKind::Host);
    problems.extend(found.iter().map(|problem| problem.diagnostic(&name)));
    (!contradictory).then_some(host)
}
