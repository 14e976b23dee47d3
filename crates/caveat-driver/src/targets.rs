//! What is wrong with rules for the targets that they are meant for: facts that readers of a target
//! expect and a bulletin does not say, and updates that make no difference a target could see.

use caveat_backend::claims::is_blind;
use caveat_backend::projection::{Direction, Projected, project};
use caveat_backend::{Backend, Metadata, Support};
use caveat_diag::{Code, Diagnostic};
use caveat_ir::meaning::Case;
use caveat_ir::rule::Bulletin;
use caveat_ir::{Checked, Expr, Feature, Leaf};
use caveat_logic::World;
use rayon::prelude::*;

/// The codes of these findings: whether one comes up depends on the targets that were chosen.
pub(crate) const CODES: [&Code; 2] = [Code::BLIND_TARGET, Code::TARGET_METADATA];

/// Lints rules for targets.
pub(crate) fn lint(rules: &Checked, targets: &[&dyn Backend]) -> Vec<Diagnostic> {
    if targets.is_empty() {
        return Vec::new();
    }
    let of = |bulletin: &Bulletin| {
        metadata(rules, targets, bulletin).chain(blind(rules, targets, bulletin)).collect::<Vec<_>>()
    };
    rules.rules().bulletins.par_iter().flat_map_iter(of).collect()
}

/// The facts that the bulletin does not say, each with the targets whose readers expect it.
fn metadata<'a>(
    rules: &'a Checked,
    targets: &'a [&dyn Backend],
    bulletin: &'a Bulletin,
) -> impl Iterator<Item = Diagnostic> + 'a {
    let missing = Metadata::ALL.iter().filter(|fact| !fact.is_in(bulletin));
    missing.filter_map(move |fact| {
        let wanting = targets.iter().map(|target| target.info()).filter(|info| info.metadata.contains(fact));
        let names: Vec<String> = wanting.map(|info| format!("`{}`", info.id)).collect();
        if names.is_empty() {
            return None;
        }
        let (what, how) = match fact {
            Metadata::Documentation => ("what it is about", "write `/// …` above it, in a sentence or two"),
            Metadata::Reference => ("where to read more", "add `reference \"https://…\"`"),
        };
        let message = format!(
            "the bulletin `{}` does not say {what}, as readers of {} expect",
            bulletin.id,
            names.join(", ")
        );
        let place = rules.places().span(bulletin.origin)?;
        Some(Diagnostic::new(Code::TARGET_METADATA, message).at(place, "").help(how))
    })
}

/// The packages of which a target sees nothing that tells outdated hosts from others, or sees tests that
/// do, but none of them without another that it does not see: every host that such a package is for counts
/// as outdated.
fn blind<'a>(
    rules: &'a Checked,
    targets: &'a [&dyn Backend],
    bulletin: &'a Bulletin,
) -> impl Iterator<Item = Diagnostic> + 'a {
    let cases = rules.rules().cases(bulletin);
    cases.flat_map(move |case| {
        targets.iter().filter_map(move |target| blind_case(rules, *target, &case)).collect::<Vec<_>>()
    })
}

fn blind_case(rules: &Checked, target: &dyn Backend, case: &Case<'_>) -> Option<Diagnostic> {
    let outdated = rules.rules().spelled_out(&case.outdated);
    // What no fact decides is no fault of the target.
    let sees = |leaf: &Leaf, _| {
        let seen = |feature| !matches!(target.support(feature), Support::No { .. });
        leaf.test.features().into_iter().all(|feature| feature == Feature::Unknowable || seen(feature))
    };
    let (id, package) = (&target.info().id, &case.package.name);
    let (message, note) = if is_blind(&outdated, &sees) {
        let message = format!(
            "`{id}` sees nothing of what tells outdated hosts of the package \"{package}\" from others"
        );
        (message, "what is built for the target leaves the package out")
    } else if makes_no_difference(rules, case, &outdated, &sees) {
        let message =
            format!("what `{id}` sees of the package \"{package}\" holds on every host that it is for");
        (message, "the other tests are taken to hold where they decide")
    } else {
        return None;
    };
    let place = rules.places().span(case.package.origin)?;
    let problem = Diagnostic::new(Code::BLIND_TARGET, message).at(place, "installed or not").note(note);
    Some(
        problem.help(format!(
            "add a test that `{id}` can make, such as the version of a file, or build without it"
        )),
    )
}

/// Whether what is seen of the package holds wherever it is applicable, though the whole does not.
fn makes_no_difference(
    rules: &Checked,
    case: &Case<'_>,
    outdated: &Expr,
    sees: &dyn Fn(&Leaf, Direction) -> bool,
) -> bool {
    let Projected::Formula(seen) = project(outdated, Direction::Over, sees) else { return false };
    if seen == *outdated {
        return false;
    }
    let applicable = case.applicable();
    let world = World::new(rules.rules(), [&applicable, &seen, outdated]);
    let applicable = world.formula(&applicable);
    let holds_wherever_applicable = |expr: &Expr| world.implies(&applicable, &world.formula(expr));
    holds_wherever_applicable(&seen) && !holds_wherever_applicable(outdated)
}
