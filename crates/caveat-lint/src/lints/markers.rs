//! Markers that name the article of another update.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::expr::Test;
use caveat_ir::value::Kb;
use caveat_ir::{Expr, Leaf};
use caveat_syntax::ast::PackageStatement;

use crate::context::report;
use crate::view::View;

pub(crate) fn check(view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let own: BTreeSet<Kb> = view.bulletin.kb.iter().chain(&package.package.kb).copied().collect();
        let written = package.ast.statements.iter().filter_map(|statement| match &statement.kind {
            PackageStatement::Marker(expr) => Some(expr.span),
            _ => None,
        });
        for (marker, span) in package.package.markers.iter().zip(written) {
            let Expr::Test(leaf) = marker else { continue };
            let named = articles(leaf);
            if !own.is_empty() && !named.is_empty() && named.is_disjoint(&own) {
                found.push(diagnostic(&named, &own, span));
            }
        }
    }
}

fn diagnostic(named: &BTreeSet<Kb>, own: &BTreeSet<Kb>, span: Span) -> Diagnostic {
    let list = |set: &BTreeSet<Kb>| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let message = format!("the marker is that of {}, but the update is {}", list(named), list(own));
    report(Code::FOREIGN_MARKER, message, Some(span), "")
        .help("correct the number, or add the article as `kb` of the package")
}

/// The articles that a marker's key names: components such as `KB830352`, `Q312461`.
fn articles(leaf: &Leaf) -> BTreeSet<Kb> {
    let (Test::RegistryKey(key) | Test::RegistryValue(key, ..)) = &leaf.test else { return BTreeSet::new() };
    let names = key.key.split('\\').filter(|part| {
        let upper = part.to_ascii_uppercase();
        let digits = upper.strip_prefix("KB").or_else(|| upper.strip_prefix('Q')).unwrap_or("");
        (6..=7).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    names.filter_map(|part| part.parse().ok()).collect()
}
