//! What is wrong between modules: those that are not there, and circles.

use std::collections::BTreeMap;

use caveat_diag::suggest::nearest;
use caveat_diag::{Code, Diagnostic, FileId};
use caveat_syntax::ast;

use crate::scope::Resolved;

/// Says that there is no such module; `known` are those that there are.
#[must_use]
pub fn unknown_module<'n>(line: &ast::Use, known: impl Iterator<Item = &'n str>) -> Diagnostic {
    let name = &line.module.text;
    let problem = Diagnostic::new(Code::UNKNOWN_MODULE, format!("there is no module `{name}`"));
    let problem = problem
        .at(line.module.span, format!("no file `{}.caveat` below a rule folder", name.replace('.', "/")));
    match nearest(name, known) {
        Some(near) => problem.did_you_mean(near, line.module.span),
        None => problem
            .help("the module `a.b` is the file `a/b.caveat` below a rule folder; `std.*` comes with Caveat"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Done,
}

/// The `use` lines that close a circle, looked for in the order of the modules.
#[must_use]
pub fn circles<'m>(modules: impl IntoIterator<Item = &'m Resolved>) -> Vec<Diagnostic> {
    let all: Vec<(FileId, &Resolved)> = modules.into_iter().map(|one| (one.module.file(), one)).collect();
    let uses: BTreeMap<FileId, Vec<(FileId, &ast::Use)>> =
        all.iter().map(|(file, one)| (*file, one.used().collect())).collect();
    let mut state: BTreeMap<FileId, State> = BTreeMap::new();
    let mut found = Vec::new();
    for (start, _) in all {
        // A depth-first walk with its own stack: chains of modules may be long.
        let mut stack = vec![(start, 0)];
        while let Some((at, next)) = stack.pop() {
            state.insert(at, State::Open);
            match uses.get(&at).and_then(|uses| uses.get(next)) {
                None => {
                    state.insert(at, State::Done);
                }
                Some((target, line)) => {
                    stack.push((at, next + 1));
                    match state.get(target) {
                        None => stack.push((*target, 0)),
                        Some(State::Open) => found.push(circle(line)),
                        Some(State::Done) => {}
                    }
                }
            }
        }
    }
    found
}

fn circle(line: &ast::Use) -> Diagnostic {
    Diagnostic::new(Code::CYCLIC_USE, format!("the module `{}` comes to use itself", line.module.text))
        .at(line.module.span, "this `use` closes the circle")
        .help("move what both need into a third module")
}
