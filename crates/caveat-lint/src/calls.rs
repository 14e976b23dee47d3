//! Conditions with parameters: on their own they mean nothing, so each is looked at with the arguments of
//! every call, wherever that stands.

use std::collections::BTreeMap;

use caveat_diag::{Diagnostic, FileId, Span};
use caveat_ir::Written;

/// A condition with parameters, and what is wrong with it as it is called at one place.
#[derive(Debug, Clone)]
pub struct Called {
    /// The condition's body.
    body: Span,
    /// The call.
    call: Span,
    problems: Vec<Diagnostic>,
}

impl Called {
    pub(crate) fn new(written: &Written, problems: Vec<Diagnostic>) -> Option<Self> {
        Some(Self { body: written.span, call: written.call?, problems })
    }

    /// Where the condition stands, and where it is called.
    #[must_use]
    pub fn files(&self) -> [FileId; 2] {
        [self.body.file, self.call.file]
    }

    /// Whether something is wrong.
    #[must_use]
    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }
}

/// What is wrong with conditions as they are called, each reported once; where one is right for other calls, the
/// one that it is wrong for is shown. `plain` is what was found in conditions as they stand.
#[must_use]
pub fn of_calls<'f>(
    called: impl IntoIterator<Item = &'f Called>,
    plain: impl IntoIterator<Item = &'f Diagnostic>,
) -> Vec<Diagnostic> {
    let called: Vec<&Called> = called.into_iter().collect();
    let mut of_body: BTreeMap<Span, Vec<&Called>> = BTreeMap::new();
    for one in &called {
        of_body.entry(one.body).or_default().push(one);
    }
    let plain: Vec<&Diagnostic> = plain.into_iter().collect();
    let mut kept: Vec<Diagnostic> = Vec::new();
    for one in &called {
        let bodies = of_body.get(&one.body).map_or(&[][..], Vec::as_slice);
        for problem in &one.problems {
            let everywhere = bodies.iter().all(|body| body.problems.iter().any(|other| same(other, problem)));
            // A call that is reported as a whole needs no word about what it calls.
            let known = |other: &Diagnostic| {
                let at_call =
                    other.span().is_some_and(|a| (a.file, a.start) == (one.call.file, one.call.start));
                same(other, problem) || (at_call && !everywhere)
            };
            if !plain.iter().any(|other| known(other)) && !kept.iter().any(known) {
                let call = Some(one.call).filter(|_| !everywhere).into_iter();
                kept.push(call.fold(problem.clone(), |all, call| all.because(call, "with these arguments")));
            }
        }
    }
    kept
}

fn same(a: &Diagnostic, b: &Diagnostic) -> bool {
    (a.code, a.span(), &a.message) == (b.code, b.span(), &b.message)
}
