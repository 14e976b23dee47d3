//! What all lints look at, and how they report.

use std::collections::BTreeMap;

use caveat_diag::{Code, Diagnostic, SourceMap, Span};
use caveat_ir::host::HostFile;
use caveat_ir::rule::SelectorId;
use caveat_ir::{Expr, Leaf, Origin, Places, RuleSet, describe};
use caveat_logic::{Answer, Formula, World};
use caveat_sema::Written;

/// The rules, and where they were written.
pub(crate) struct Context<'a> {
    pub(crate) rules: &'a RuleSet,
    pub(crate) places: &'a Places,
    pub(crate) sources: &'a SourceMap,
    /// Conditions of the given files by where they stand.
    pub(crate) conditions: BTreeMap<Span, &'a Written>,
}

impl<'a> Context<'a> {
    pub(crate) fn span(&self, origin: Origin) -> Option<Span> {
        self.places.span(origin)
    }

    /// Where a part of a registry key or path is written, `offset` bytes into it. None where it came by an
    /// argument, or has escapes: there is no such text to change.
    pub(crate) fn within(&self, span: Span, text: &str, offset: usize, length: usize) -> Option<Span> {
        let start = self.sources.snippet(span).find(text)? + offset;
        let start = span.start + u32::try_from(start).ok()?;
        Some(Span { start, end: start + u32::try_from(length).ok()?, ..span })
    }

    /// The condition that stands at a place.
    pub(crate) fn condition(&self, span: Span) -> Option<&'a Written> {
        self.conditions.get(&span).copied()
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

/// Adds the host that shows the finding, in words and for programs.
pub(crate) fn with_witness(diagnostic: Diagnostic, host: &HostFile) -> Diagnostic {
    let json = serde_json::to_string(host).unwrap_or_default();
    diagnostic.note(format!("such a host: {}", host.in_words())).data("witness", [json])
}
