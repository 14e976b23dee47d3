//! Markers that name another update, another Windows, or a place where no installer leaves any.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::Leaf;
use caveat_ir::expr::Test;
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{Hive, Kb, NumberSet, RegistryPath};
use caveat_syntax::ast::PackageStatement;

use crate::context::{Context, report};
use crate::registry::{self, UpdatesOf};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for package in &view.packages {
        let own = view.articles(package);
        let written = package.ast.statements.iter().filter_map(|statement| match &statement.kind {
            PackageStatement::Marker(expr) => Some(expr.span),
            _ => None,
        });
        for (marker, span) in package.package.markers.iter().zip(written) {
            marker.leaves(&mut |leaf| {
                found.extend(of_another_update(&own, leaf, span));
                found.extend(of_another_windows(context, package, leaf, span));
                found.extend(elsewhere(leaf, span));
            });
        }
    }
}

fn of_another_update(own: &BTreeSet<Kb>, leaf: &Leaf, span: Span) -> Option<Diagnostic> {
    let named = articles(leaf);
    (!own.is_empty() && !named.is_empty() && named.is_disjoint(own)).then(|| {
        let list = |set: &BTreeSet<Kb>| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("the marker is that of {}, but the update is {}", list(&named), list(own));
        report(Code::FOREIGN_MARKER, message, Some(span), "")
            .help("correct the number, or add the article as `kb` of the package")
    })
}

/// A key of the updates for some hosts, where the package is for others only.
fn of_another_windows(
    context: &Context<'_>,
    package: &PackageView<'_>,
    leaf: &Leaf,
    span: Span,
) -> Option<Diagnostic> {
    let UpdatesOf { windows, versions, next_pack } = registry::updates_of(key(leaf)?)?;
    let ids = &package.package.platforms;
    let facts = |id| Some(context.rules.facts(context.rules.selector(id)?));
    let all: Vec<OsFacts> = ids.iter().map(|id| facts(*id)).collect::<Option<_>>()?;
    let foreign = |facts: &OsFacts| facts.version.is_some_and(|version| !versions.contains(&version));
    let newer = |facts: &OsFacts| {
        let first = facts.service_packs.as_ref().and_then(NumberSet::first);
        first.zip(next_pack).is_some_and(|(first, next)| first >= next)
    };
    let (what, which) = if all.is_empty() {
        return None;
    } else if all.iter().all(foreign) {
        (windows.to_owned(), "another Windows")
    } else if all.iter().all(newer) {
        (format!("{windows} before service pack {}", next_pack?), "later service packs")
    } else {
        return None;
    };
    let message = format!("the marker is that of an update for {what}, but the package is for {which}");
    Some(
        report(Code::FOREIGN_MARKER, message, Some(span), "")
            .help("write the key that this update leaves; it names the Windows and the service pack to come"),
    )
}

/// A key that names an article, but not below the software of the machine.
fn elsewhere(leaf: &Leaf, span: Span) -> Option<Diagnostic> {
    let key = key(leaf)?;
    let top = key.key.split('\\').next().unwrap_or_default();
    let right = key.hive == Hive::LocalMachine && top.eq_ignore_ascii_case("SOFTWARE");
    (!right && !articles(leaf).is_empty()).then(|| {
        let message = format!(r"installers leave no marker in `{}\{top}`", key.hive.short_name());
        report(Code::FOREIGN_MARKER, message, Some(span), "").help(r"they write to `HKLM\SOFTWARE\…`")
    })
}

fn key(leaf: &Leaf) -> Option<&RegistryPath> {
    match &leaf.test {
        Test::RegistryKey(key) | Test::RegistryValue(key, ..) => Some(key),
        _ => None,
    }
}

/// The articles that a marker's key names: components such as `KB830352`, `Q312461`.
fn articles(leaf: &Leaf) -> BTreeSet<Kb> {
    let names = key(leaf).into_iter().flat_map(|key| key.key.split('\\')).filter(|part| {
        let upper = part.to_ascii_uppercase();
        let digits = upper.strip_prefix("KB").or_else(|| upper.strip_prefix('Q')).unwrap_or("");
        (6..=7).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    names.filter_map(|part| part.parse().ok()).collect()
}
