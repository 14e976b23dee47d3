//! Runs back ends over checked rules.

use caveat_backend::{Artifact, Backend, EmitCx, Fidelity, Ledger, Loss, Losses, Note, Options, Policy};
use caveat_diag::{Code, Diagnostic};
use caveat_ir::{Checked, Origin, Test, describe};
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
    /// Artifacts with the id of their target, by target in the order given, then by path.
    pub artifacts: Vec<(String, Artifact)>,
    /// What the user must know.
    pub diagnostics: Vec<Diagnostic>,
    /// The ids, brought up to date.
    pub lock: Lock,
    /// Whether a back end failed by its own fault.
    pub failed: bool,
}

/// Compiles `rules` for every target. A target that fails does not stop the others.
#[must_use]
pub fn build(rules: &Checked, targets: &[Target<'_>], policy: Policy, lock: &Lock) -> Built {
    let mut built = Built { lock: lock.clone(), ..Built::default() };
    let runs: Vec<_> = targets.par_iter().map(|target| run(rules, target, policy, lock)).collect();
    for (target, (result, ledger)) in targets.iter().zip(runs) {
        let id = target.backend.info().id;
        match result {
            Ok((artifacts, notes)) => {
                built.artifacts.extend(artifacts.into_iter().map(|artifact| (id.to_owned(), artifact)));
                built.diagnostics.extend(notes.iter().map(|note| diagnostic(rules, id, note, policy)));
                built.lock.targets.insert(id.to_owned(), ledger);
            }
            Err(problem) => {
                built.failed = true;
                built.diagnostics.push(problem);
            }
        }
    }
    built
}

type Run = (Result<(Vec<Artifact>, Vec<Note>), Diagnostic>, Ledger);

fn run(rules: &Checked, target: &Target<'_>, policy: Policy, lock: &Lock) -> Run {
    let id = target.backend.info().id;
    let mut ledger = lock.targets.get(id).cloned().unwrap_or_default();
    let mut cx = EmitCx::new(&target.options, policy, &mut ledger);
    let result = target.backend.emit(rules, &mut cx).map_err(|bug| {
        let problem = Diagnostic::new(Code::BACKEND_FAILED, format!("the back end `{id}` failed: {bug}"));
        problem.help("this is a defect of the back end, not of the rules; please report it with the rules that cause it")
    });
    let (outputs, notes) = cx.finish();
    (result.map(|()| (outputs.iter().cloned().collect(), notes)), ledger)
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
    let problem = unseen(&note.losses).into_iter().fold(problem, Diagnostic::note);
    places(note).into_iter().filter_map(|origin| rules.places().span(origin)).fold(
        problem,
        |problem, span| {
            let text = if problem.labels.is_empty() { note.fidelity.as_str() } else { "" };
            problem.at(span, text)
        },
    )
}

/// What was lost, in words: test by test, if they are few.
fn unseen(losses: &Losses) -> Vec<String> {
    if losses.iter().count() > MAX_PLACES {
        return losses.reasons().into_iter().map(|reason| format!("not seen: {reason}")).collect();
    }
    let words = |(test, loss): (&Test, &Loss)| {
        format!("not seen: whether {}: {}", describe::test(test, false), loss.why)
    };
    losses.iter().map(words).collect()
}

/// The places of the tests that were lost, if they are few.
fn places(note: &Note) -> Vec<Origin> {
    let lost: Vec<Origin> = note.losses.iter().map(|(_, loss)| loss.origin).collect();
    if lost.is_empty() || lost.len() > MAX_PLACES { vec![note.origin] } else { lost }
}
