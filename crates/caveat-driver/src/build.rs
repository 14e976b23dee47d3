//! Runs back ends over checked rules.

use caveat_backend::{
    Artifact, Backend, EmitCx, EmitError, Emitted, Fidelity, Ledger, Note, Options, Policy,
};
use caveat_diag::policy::Levels;
use caveat_diag::{Code, Diagnostic, Severity};
use caveat_ir::{Checked, Origin};
use rayon::prelude::*;

use crate::lock::Lock;

/// A back end and its options.
pub struct Target<'a> {
    /// The back end.
    pub backend: &'a dyn Backend,
    /// Its options.
    pub options: Options,
}

/// What the targets made of the rules.
#[derive(Debug, Default)]
pub struct Built {
    /// The ids of the targets that did their work, also those that made nothing of these rules.
    pub targets: Vec<String>,
    /// Artifacts with the id of their target, by target in the order given, then by path.
    pub artifacts: Vec<(String, Artifact)>,
    /// What the user must know.
    pub diagnostics: Vec<Diagnostic>,
    /// The ids, brought up to date.
    pub lock: Lock,
    /// Whether a back end failed by its own fault. Nothing of it is among the artifacts.
    pub failed: bool,
    /// Whether there is an error in rules or options, so that nothing is to be written.
    pub refused: bool,
}

/// Compiles `rules` for every target. A target that fails does not stop the others.
#[must_use]
pub fn build(rules: &Checked, targets: &[Target<'_>], policy: Policy, lock: &Lock) -> Built {
    let made = |target: &Target<'_>| run(rules, target, policy, lock);
    let runs: Vec<_> = targets.par_iter().map(made).collect();
    let mut built = Built { lock: lock.clone(), ..Built::default() };
    for (target, run) in targets.iter().zip(runs) {
        match run {
            Ok(made) => built.add(rules, &target.backend.info().id, made, policy),
            Err(problem) => {
                built.failed = true;
                built.diagnostics.push(*problem);
            }
        }
    }
    built
}

/// What one target made.
struct Made {
    emitted: Emitted,
    ledger: Ledger,
}

fn run(rules: &Checked, target: &Target<'_>, policy: Policy, lock: &Lock) -> Result<Made, Box<Diagnostic>> {
    let id = &target.backend.info().id;
    let mut ledger = lock.targets.get(id.as_ref()).cloned().unwrap_or_default();
    let mut cx = EmitCx::new(&target.options, policy, &mut ledger);
    target.backend.emit(rules, &mut cx).map_err(|error| failure(id, error))?;
    Ok(Made { emitted: cx.finish(), ledger })
}

fn failure(id: &str, error: EmitError) -> Box<Diagnostic> {
    match error {
        EmitError::Program(problem) => problem,
        EmitError::Bug(bug) => {
            let message = format!("the back end `{id}` failed: {bug}");
            let help = "this is a defect of the back end, not of the rules; please report it with the rules that cause it";
            Box::new(Diagnostic::new(Code::BACKEND_FAILED, message).help(help))
        }
    }
}

impl Built {
    /// Takes what the user must know for as bad as `levels` says. What is taken for an error keeps everything from being
    /// written, other than a back end that fails.
    pub fn take_levels(&mut self, levels: &Levels) {
        self.diagnostics = levels.apply(std::mem::take(&mut self.diagnostics));
        let is_taken = |problem: &Diagnostic| problem.is_error() && problem.code.severity != Severity::Error;
        self.refused |= self.diagnostics.iter().any(is_taken);
    }

    fn add(&mut self, rules: &Checked, id: &str, made: Made, policy: Policy) {
        self.targets.push(id.to_owned());
        let Emitted { outputs, notes, problems } = made.emitted;
        self.artifacts.extend(outputs.into_iter().map(|artifact| (id.to_owned(), artifact)));
        let notes = notes.iter().map(|note| diagnostic(rules, id, note, policy));
        let problems = problems.into_iter().map(|(problem, origin)| placed(rules, problem, origin));
        let told: Vec<Diagnostic> = notes.chain(problems).collect();
        self.refused |= told.iter().any(Diagnostic::is_error);
        self.diagnostics.extend(told);
        self.lock.targets.insert(id.to_owned(), made.ledger);
    }
}

/// The problem at the place of a node, if that is known.
pub(crate) fn placed(rules: &Checked, problem: Diagnostic, origin: Origin) -> Diagnostic {
    match rules.places().span(origin) {
        Some(span) => problem.at(span, ""),
        None => problem,
    }
}

/// More lost tests than this are summed up by what they look at, at the place of the bulletin.
const MAX_PLACES: usize = 3;

fn diagnostic(rules: &Checked, target: &str, note: &Note, policy: Policy) -> Diagnostic {
    let code = match note.fidelity {
        Fidelity::Exact => Code::ID_COLLISION,
        Fidelity::MayOverReport | Fidelity::MayMiss | Fidelity::MayErrBothWays => Code::APPROXIMATED,
        Fidelity::LeftOut if policy == Policy::Error => Code::NOT_EXPRESSIBLE,
        Fidelity::LeftOut => Code::LEFT_OUT,
    };
    let about = note.bulletin.as_ref().map_or_else(String::new, |bulletin| format!("{bulletin}: "));
    let problem = Diagnostic::new(code, format!("{target}: {about}{}", note.message))
        .data("target", [target.to_owned()])
        .data("bulletin", note.bulletin.iter().map(ToString::to_string))
        .data("fidelity", [note.fidelity.to_string()])
        .data("reasons", note.losses.reasons())
        .data("dropped", note.losses.words());
    let problem = note.losses.lines(MAX_PLACES).into_iter().fold(problem, Diagnostic::note);
    places(note).into_iter().filter_map(|origin| rules.places().span(origin)).fold(
        problem,
        |problem, span| {
            let text = if problem.labels.is_empty() { note.fidelity.as_str() } else { "" };
            problem.at(span, text)
        },
    )
}

/// The places of the tests that were lost, if they are few.
fn places(note: &Note) -> Vec<Origin> {
    let lost: Vec<Origin> = note.losses.iter().map(|(_, loss)| loss.origin).collect();
    if lost.is_empty() || lost.len() > MAX_PLACES { vec![note.origin] } else { lost }
}
