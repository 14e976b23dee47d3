//! Lints of form: what the text of a file shows, whatever its rules mean. Lints of meaning are the business of
//! `caveat-lint`.

mod confusable;
mod double_negation;
mod empty_rows;
mod unfinished;

use caveat_diag::Diagnostic;

pub(crate) use unfinished::unfinished;
pub use unfinished::unknown_bulletins;

use crate::scope::Scope;

/// What is probably not meant as it is written in the file that `scope` is the scope of.
pub(crate) fn of_text(scope: &Scope) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(main) = scope.resolved(scope.main()) else { return found };
    let tree = main.module.tree();
    if main.primary {
        double_negation::check(tree, scope.sources(), &mut found);
        empty_rows::check(tree, &mut found);
    }
    found.extend(confusable::check(scope.main(), main.module.source().text()));
    found
}
