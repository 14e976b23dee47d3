//! Conditions that cannot hold, cannot fail, or hold parts that add nothing.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::RuleSet;
use caveat_ir::{Joint, Written};
use caveat_logic::{Formula, World};

/// How many parts are compared with each other; more take too long, and nobody reads them.
const MAX_PARTS: usize = 64;

/// Looks at a condition and, unless it is wrong as a whole, at its parts.
pub(crate) fn check(rules: &RuleSet, written: &Written, found: &mut Vec<Diagnostic>) {
    // A world of its own for every part: a large one would be searched for each of its small parts.
    let world = &World::new(rules, [&written.expr]);
    let parts: Vec<Formula> = written.parts.iter().map(|part| world.formula(&part.expr)).collect();
    let reported = match written.joint {
        _ if parts.len() > MAX_PARTS => None,
        Joint::All => impossible(world, written, &parts).or_else(|| implied(world, written, &parts)),
        Joint::Any => always(world, written, &parts)
            .or_else(|| hopeless(world, written, &parts))
            .or_else(|| redundant(world, written, &parts)),
        Joint::Other => None,
    };
    if reported.is_none() {
        written.parts.iter().for_each(|part| check(rules, part, found));
    }
    found.extend(reported);
}

fn impossible(world: &World, written: &Written, parts: &[Formula]) -> Option<Diagnostic> {
    let all: Vec<&Formula> = parts.iter().collect();
    if !world.never(&all) {
        return None;
    }
    let core = world.core(&all);
    if core.len() < 2 {
        return None;
    }
    let diagnostic = Diagnostic::new(Code::IMPOSSIBLE_CONDITION, "no host can satisfy this condition");
    Some(
        labelled(diagnostic, written, &core, "cannot hold together with the other marked parts")
            .help("correct one of the marked parts, or join them with `or`"),
    )
}

fn always(world: &World, written: &Written, parts: &[Formula]) -> Option<Diagnostic> {
    let failing: Vec<Formula> = parts.iter().map(Formula::fails).collect();
    let all: Vec<&Formula> = failing.iter().collect();
    if !world.never(&all) {
        return None;
    }
    let core = world.core(&all);
    if core.len() < 2 {
        return None;
    }
    let diagnostic = Diagnostic::new(Code::ALWAYS_TRUE, "every host satisfies this condition");
    Some(
        labelled(diagnostic, written, &core, "where this fails, another marked part holds")
            .help("a condition that never fails asks for nothing: correct it, or remove it"),
    )
}

/// An alternative that no host satisfies. One that contradicts itself in its parts is reported there.
fn hopeless(world: &World, written: &Written, parts: &[Formula]) -> Option<Diagnostic> {
    let mut parts = written.parts.iter().zip(parts).filter(|(part, _)| part.parts.is_empty());
    let (part, _) = parts.find(|(_, formula)| world.never(&[formula]))?;
    let diagnostic = Diagnostic::new(Code::IMPOSSIBLE_CONDITION, "no host can satisfy this alternative");
    Some(diagnostic.at(part.span, "never holds").help("correct it, or remove it"))
}

/// A part of a conjunction that follows from the others.
fn implied(world: &World, written: &Written, parts: &[Formula]) -> Option<Diagnostic> {
    let (at, reasons) = follows(world, parts)?;
    let part = written.parts.get(at)?;
    let diagnostic = Diagnostic::new(Code::IMPLIED_PART, "this part of the condition adds nothing")
        .at(part.span, "holds wherever the other parts do");
    Some(
        because(diagnostic, written, &reasons, "follows from this")
            .help("remove it, or correct the part that implies it"),
    )
}

/// A part of a disjunction that implies the others.
fn redundant(world: &World, written: &Written, parts: &[Formula]) -> Option<Diagnostic> {
    let failing: Vec<Formula> = parts.iter().map(Formula::fails).collect();
    let (at, reasons) = follows(world, &failing)?;
    let part = written.parts.get(at)?;
    let diagnostic = Diagnostic::new(Code::REDUNDANT_BRANCH, "this alternative adds nothing")
        .at(part.span, "holds only where another alternative does");
    Some(
        because(diagnostic, written, &reasons, "covers it")
            .help("remove it, or correct the one that covers it"),
    )
}

/// The last part that follows from others, and as few of those as will do. A part that cannot fail
/// follows from none, and is reported by itself.
fn follows(world: &World, parts: &[Formula]) -> Option<(usize, Vec<usize>)> {
    (0..parts.len()).rev().find_map(|at| {
        let failing = parts.get(at)?.fails();
        let others: Vec<usize> = (0..parts.len()).filter(|other| *other != at).collect();
        let mut asked: Vec<&Formula> = others.iter().filter_map(|other| parts.get(*other)).collect();
        if world.never(&asked) || world.never(&[&failing]) {
            return None;
        }
        asked.push(&failing);
        world.never(&asked).then(|| {
            let core = world.core(&asked);
            (at, core.iter().filter_map(|index| others.get(*index).copied()).collect())
        })
    })
}

fn labelled(diagnostic: Diagnostic, written: &Written, core: &[usize], text: &str) -> Diagnostic {
    let places = core.iter().filter_map(|at| written.parts.get(*at));
    places.fold(diagnostic, |diagnostic, part| diagnostic.at(part.span, text))
}

fn because(diagnostic: Diagnostic, written: &Written, reasons: &[usize], text: &str) -> Diagnostic {
    let places = reasons.iter().filter_map(|at| written.parts.get(*at));
    places.fold(diagnostic, |diagnostic, part| diagnostic.because(part.span, text))
}
