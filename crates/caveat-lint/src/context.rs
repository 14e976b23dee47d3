//! What all lints look at, and how they report.

use std::collections::{BTreeMap, BTreeSet};

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::host::HostFile;
use caveat_ir::rule::SelectorId;
use caveat_ir::value::RegistryPath;
use caveat_ir::{Checked, Expr, Leaf, Origin, Places, RuleSet, Written, describe};
use caveat_logic::{Answer, Formula, World};

use crate::registry::Misplaced;

/// The rules, and where they were written.
pub(crate) struct Context<'a> {
    pub(crate) rules: &'a RuleSet,
    pub(crate) places: &'a Places,
    /// The conditions whose parts have places, by where they stand.
    conditions: BTreeMap<Span, &'a Written>,
}

/// A part of a condition, and where it stands.
pub(crate) type Part<'a> = (Option<Span>, &'a Expr);

impl<'a> Context<'a> {
    pub(crate) fn new(checked: &'a Checked, written: &'a [Written]) -> Self {
        let conditions = written.iter().map(|written| (written.span, written)).collect();
        Self { rules: checked.rules(), places: checked.places(), conditions }
    }

    pub(crate) fn span(&self, origin: Origin) -> Option<Span> {
        self.places.span(origin)
    }

    /// From the first of some values to the last.
    pub(crate) fn span_of<T>(&self, placed: impl Iterator<Item = (T, Origin)>) -> Option<Span> {
        placed.filter_map(|(_, origin)| self.span(origin)).reduce(Span::to)
    }

    /// Where a part of a registry key or path is written, `offset` bytes into it. None where it came by an
    /// argument, or has escapes: there is no such text to change.
    pub(crate) fn within(&self, span: Span, text: &str, offset: usize, length: usize) -> Option<Span> {
        let start = self.places.snippet(span).find(text)? + offset;
        let start = span.start + u32::try_from(start).ok()?;
        Some(Span { start, end: start + u32::try_from(length).ok()?, ..span })
    }

    /// The parts of a clause that must all hold: as they were written where that is known, and else those of
    /// its formula.
    pub(crate) fn conjuncts(&self, clause: &'a Expr, origin: Origin) -> Vec<Part<'a>> {
        let written = self.span(origin).and_then(|span| self.conditions.get(&span));
        match written {
            Some(written) => {
                written.conjuncts().into_iter().map(|part| (Some(part.span), &part.expr)).collect()
            }
            None => self.parts(clause, origin),
        }
    }

    fn parts(&self, expr: &'a Expr, origin: Origin) -> Vec<Part<'a>> {
        match expr {
            Expr::All(parts) => parts.iter().flat_map(|part| self.parts(part, origin)).collect(),
            Expr::Test(leaf) => vec![(self.span(leaf.origin).or_else(|| self.span(origin)), expr)],
            _ => vec![(self.span(origin), expr)],
        }
    }

    /// The problem with the change that mends it, where the key is written out.
    pub(crate) fn mended(
        &self,
        problem: Diagnostic,
        span: Option<Span>,
        key: &RegistryPath,
        wrong: &Misplaced,
    ) -> Diagnostic {
        let place = span.zip(wrong.mend).and_then(|(span, (index, right))| {
            let before: usize = key.key.split('\\').take(index).map(|part| part.len() + 1).sum();
            let length = key.key.split('\\').nth(index)?.len();
            Some((self.within(span, &key.key, before, length)?, right))
        });
        match place {
            Some((place, right)) if wrong.safe => problem.safe_fix(format!("write `{right}`"), place, right),
            Some((place, right)) => problem.fix(format!("write `{right}`"), place, right),
            None => problem,
        }
    }

    /// Platforms in words.
    pub(crate) fn platforms(&self, ids: &[SelectorId]) -> String {
        let names: Vec<String> = ids.iter().map(|id| describe::platform(self.rules, *id)).collect();
        names.join(" or ")
    }
}

/// Calls `visit` for every test of a formula, and says whether an odd number of negations stands before it.
pub(crate) fn signed_leaves<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e Leaf, bool)) {
    signed(expr, false, visit);
}

fn signed<'e>(expr: &'e Expr, negated: bool, visit: &mut impl FnMut(&'e Leaf, bool)) {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| signed(part, negated, visit)),
        Expr::Not(part) => signed(part, !negated, visit),
        Expr::Test(leaf) => visit(leaf, negated),
        Expr::Platform(_) => {}
    }
}

/// A host on which the formulas hold, if it is certain that there is one.
pub(crate) fn witness(world: &World, name: &str, formulas: &[&Formula]) -> Option<HostFile> {
    match world.solve(formulas) {
        Answer::Satisfiable(model) => Some(world.witness(name, &model)),
        Answer::Unsatisfiable | Answer::Undecided => None,
    }
}

/// A diagnostic at a place, if the place is known.
pub(crate) fn report(
    code: &'static Code,
    message: impl Into<String>,
    span: Option<Span>,
    text: &str,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(code, message);
    match span {
        Some(span) => diagnostic.at(span, text),
        None => diagnostic,
    }
}

/// What was reported: once for a place, and in other words again where places are not known.
#[derive(Default)]
pub(crate) struct Reported(BTreeSet<(Option<Span>, Option<String>)>);

impl Reported {
    /// Whether nothing was reported there before.
    pub(crate) fn is_new(&mut self, span: Option<Span>, message: &str) -> bool {
        let words = span.is_none().then(|| message.to_owned());
        self.0.insert((span, words))
    }
}

/// Whether one place is a part of another, or the same.
pub(crate) fn lies_in(inner: Span, outer: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}

/// Adds a reason, if its place is known.
pub(crate) fn because(diagnostic: Diagnostic, span: Option<Span>, text: &str) -> Diagnostic {
    match span {
        Some(span) => diagnostic.because(span, text),
        None => diagnostic,
    }
}

/// Adds the host that shows the finding, in words and for programs.
pub(crate) fn with_witness(diagnostic: Diagnostic, host: &HostFile) -> Diagnostic {
    let json = serde_json::to_string(host).unwrap_or_default();
    diagnostic.note(format!("such a host: {}", host.in_words())).data("witness", [json])
}
