//! Packages that are for hosts with, or without, what their own installer leaves behind.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::expr::Test;
use caveat_ir::value::{Kb, name};
use caveat_ir::{Expr, Leaf};

use super::markers::articles;
use crate::context::{Context, report, signed_leaves};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let marks = marks(package);
        let own = view.articles(package);
        let name = &package.package.name;
        for expr in &package.package.requires {
            for span in asked(context, expr, &marks, &own) {
                let message = format!("`requires` asks whether the package `{name}` is installed already");
                found.push(report(Code::OWN_MARKER, message, span, "").help(
                    "remove this condition: files and markers say whether a host is fixed, `requires` which hosts the package is for",
                ));
            }
        }
        // Without floors, a marker is all there is to go by.
        let floors = package.package.files.iter().any(|file| !file.floors.is_empty());
        if let Some(expr) = &package.package.vulnerable_when {
            let places =
                if floors { asked(context, expr, &marks, &own) } else { wanted(context, expr, &marks, &own) };
            let (what, help) = if floors { BESIDE_FLOORS } else { INVERTED };
            for span in places {
                found.push(
                    report(Code::OWN_MARKER, format!("the package `{name}` {what}"), span, "").help(help),
                );
            }
        }
    }
}

const BESIDE_FLOORS: (&str, &str) = (
    "goes by its own marker, though it has floors",
    "remove this condition, and the floors decide: a marker stays behind when older files come back",
);
const INVERTED: (&str, &str) = (
    "counts as missing where it is installed",
    "write `not` before it: what the update leaves behind is not there before it",
);

/// The markers of a package.
fn marks<'a>(package: &PackageView<'a>) -> Vec<&'a Leaf> {
    let mut marks = Vec::new();
    package.package.markers.iter().for_each(|marker| marker.leaves(&mut |leaf| marks.push(leaf)));
    marks
}

/// Where a condition asks for one of the markers or articles.
fn asked(context: &Context<'_>, expr: &Expr, marks: &[&Leaf], own: &BTreeSet<Kb>) -> BTreeSet<Option<Span>> {
    let mut places = BTreeSet::new();
    expr.leaves(&mut |leaf| {
        if is_own(leaf, marks, own) {
            places.insert(context.span(leaf.origin));
        }
    });
    places
}

/// Where a condition wants one of the markers or articles to be there.
fn wanted(context: &Context<'_>, expr: &Expr, marks: &[&Leaf], own: &BTreeSet<Kb>) -> BTreeSet<Option<Span>> {
    let mut places = BTreeSet::new();
    signed_leaves(expr, &mut |leaf, negated| {
        if !negated && is_own(leaf, marks, own) {
            places.insert(context.span(leaf.origin));
        }
    });
    places
}

fn is_own(leaf: &Leaf, marks: &[&Leaf], own: &BTreeSet<Kb>) -> bool {
    let article = match &leaf.test {
        Test::Hotfix(kb) => own.contains(kb),
        Test::RegistryKey(_) | Test::RegistryValue(..) => !own.is_disjoint(&articles(leaf)),
        _ => false,
    };
    article || marks.iter().any(|mark| same(&mark.test, &leaf.test))
}

/// Whether two tests ask for the same key or value.
fn same(a: &Test, b: &Test) -> bool {
    match (a, b) {
        (Test::RegistryKey(a), Test::RegistryKey(b)) => a.folded() == b.folded(),
        (Test::RegistryValue(a, left, _), Test::RegistryValue(b, right, _)) => {
            a.folded() == b.folded() && name::same(left, right)
        }
        _ => a == b,
    }
}
