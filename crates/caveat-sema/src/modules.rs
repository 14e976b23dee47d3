//! Which modules see which: `use` lines, modules that are not there, and circles.

use std::collections::BTreeMap;

use caveat_diag::{Code, Diagnostic};
use caveat_syntax::ast;

use crate::Module;
use crate::values::closest;

/// The `use` lines of every module, resolved.
pub(crate) struct Visibility<'a> {
    /// For each module, the modules it uses, with the line that says so.
    pub(crate) uses: Vec<Vec<(usize, &'a ast::Use)>>,
    /// Unknown modules and circles.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

pub(crate) fn resolve<'a>(modules: &[Module<'a>]) -> Visibility<'a> {
    let index: BTreeMap<&str, usize> =
        modules.iter().enumerate().map(|(at, module)| (module.name, at)).collect();
    let mut visibility = Visibility { uses: Vec::with_capacity(modules.len()), diagnostics: Vec::new() };
    for module in modules {
        let mut uses = Vec::new();
        for line in &module.ast.uses {
            match index.get(line.module.text.as_str()) {
                Some(at) => uses.push((*at, line)),
                None => visibility.diagnostics.push(unknown(line, index.keys().copied())),
            }
        }
        visibility.uses.push(uses);
    }
    let circles =
        Circles { uses: &visibility.uses, state: vec![State::New; modules.len()], found: Vec::new() };
    visibility.diagnostics.extend(circles.find());
    visibility
}

fn unknown<'n>(line: &ast::Use, known: impl Iterator<Item = &'n str>) -> Diagnostic {
    let name = &line.module.text;
    let problem = Diagnostic::new(Code::UNKNOWN_MODULE, format!("there is no module `{name}`"));
    let problem = problem
        .at(line.module.span, format!("no file `{}.caveat` below a rule folder", name.replace('.', "/")));
    match closest(name, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem
            .help("the module `a.b` is the file `a/b.caveat` below a rule folder; `std.*` comes with Caveat"),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

struct Circles<'u, 'a> {
    uses: &'u [Vec<(usize, &'a ast::Use)>],
    state: Vec<State>,
    found: Vec<Diagnostic>,
}

impl Circles<'_, '_> {
    /// A depth-first walk with its own stack: chains of modules may be long.
    fn find(mut self) -> Vec<Diagnostic> {
        for start in 0..self.uses.len() {
            let mut stack = vec![(start, 0)];
            while let Some((at, next)) = stack.pop() {
                self.set(at, State::Open);
                match self.uses.get(at).and_then(|uses| uses.get(next)) {
                    None => self.set(at, State::Done),
                    Some((target, line)) => {
                        stack.push((at, next + 1));
                        match self.state.get(*target) {
                            Some(State::New) => stack.push((*target, 0)),
                            Some(State::Open) => self.found.push(circle(line)),
                            _ => {}
                        }
                    }
                }
            }
        }
        self.found
    }

    fn set(&mut self, at: usize, state: State) {
        if let Some(slot) = self.state.get_mut(at) {
            *slot = state;
        }
    }
}

fn circle(line: &ast::Use) -> Diagnostic {
    Diagnostic::new(Code::CYCLIC_USE, format!("the module `{}` comes to use itself", line.module.text))
        .at(line.module.span, "this `use` closes the circle")
        .help("move what both need into a third module")
}
