//! Bulletins that replace later ones, each other in a circle, or a fix by an older one.

use std::collections::{BTreeMap, BTreeSet};

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::Expr;
use caveat_ir::rule::{Bulletin, Floor, Package, PackageFile};
use caveat_ir::value::BulletinId;
use caveat_logic::{Formula, World};
use caveat_syntax::ast::{self, BulletinStatement};

use crate::bulletins;
use crate::context::{Context, report, with_witness, witness};
use crate::view::file_outdated;

pub(crate) fn check(
    context: &Context<'_>,
    written: &BTreeMap<&str, &ast::Bulletin>,
    found: &mut Vec<Diagnostic>,
) {
    let known: BTreeMap<&str, &Bulletin> =
        context.rules.bulletins.iter().map(|bulletin| (bulletin.id.as_str(), bulletin)).collect();
    for bulletin in &context.rules.bulletins {
        let span = |id: &str| written.get(bulletin.id.as_str()).and_then(|ast| place(ast, id));
        for id in bulletin.supersedes.iter().flat_map(|one| &one.bulletins) {
            let span = span(id.as_str());
            let older = known.get(id.as_str()).copied();
            if let Some(why) = bulletins::never_was(id.as_str()) {
                let message = format!("there never was a bulletin `{id}`: {why}");
                found.push(report(Code::UNKNOWN_BULLETIN, message, span, "").help("correct the id"));
            } else if let Some(message) = backwards(&known, bulletin, id, older) {
                let problem = report(Code::SUPERSEDING_CIRCLE, message, span, "");
                found.push(problem.help("a bulletin supersedes earlier ones: correct the id, or remove it"));
            } else if let Some(older) = older.filter(|older| !reaches(&known, older, bulletin)) {
                found.extend(lower(context, bulletin, older, span));
            }
        }
    }
}

/// Why a bulletin cannot supersede another. Of a circle whose days are known, only the line that goes
/// back in time is wrong.
fn backwards(
    known: &BTreeMap<&str, &Bulletin>,
    newer: &Bulletin,
    id: &BulletinId,
    older: Option<&Bulletin>,
) -> Option<String> {
    let own = &newer.id;
    if own == id {
        return Some(format!("`{own}` supersedes itself"));
    }
    match newer.published.zip(older.and_then(|older| older.published)) {
        Some((published, other)) if published < other => {
            Some(format!("`{own}` of {published} supersedes `{id}`, which is of {other}"))
        }
        Some((published, other)) if published > other => None,
        _ if bulletins::is_later(id.as_str(), own.as_str()) => {
            Some(format!("`{own}` supersedes `{id}`, which came out after it"))
        }
        _ if older.is_some_and(|older| reaches(known, older, newer)) => {
            Some(format!("`{own}` supersedes `{id}`, which supersedes it in turn"))
        }
        _ => None,
    }
}

fn place(bulletin: &ast::Bulletin, id: &str) -> Option<Span> {
    let words = bulletin.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Supersedes(supersedes) => Some(&supersedes.bulletins),
        _ => None,
    });
    words.flatten().find(|word| word.text == id).map(|word| word.span)
}

/// Whether one bulletin replaces the other, directly or through others.
fn reaches(known: &BTreeMap<&str, &Bulletin>, from: &Bulletin, to: &Bulletin) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(next) = open.pop() {
        if next.id == to.id {
            return true;
        }
        if seen.insert(&next.id) {
            let older = next.supersedes.iter().flat_map(|one| &one.bulletins);
            open.extend(older.filter_map(|id| known.get(id.as_str())));
        }
    }
    false
}

/// A file that the newer bulletin calls fixed where the older one calls it outdated.
fn lower(
    context: &Context<'_>,
    newer: &Bulletin,
    older: &Bulletin,
    span: Option<Span>,
) -> Option<Diagnostic> {
    newer.packages.iter().flat_map(|a| older.packages.iter().map(move |b| (a, b))).find_map(|(a, b)| {
        let mut shared = a.files.iter().filter_map(|file| {
            let same =
                |other: &&PackageFile| other.path.folded() == file.path.folded() && !other.floors.is_empty();
            (!file.floors.is_empty()).then_some((file, b.files.iter().find(same)?))
        });
        shared.find_map(|(file, other)| {
            let (newer_outdated, older_outdated) = (file_outdated(a, file), file_outdated(b, other));
            // Hosts that the newer update does not measure the file on have no lower floor of it.
            let measured = Expr::any(file.floors.iter().map(Floor::guard));
            let (ours, theirs) = (Expr::all([applicable(context, a), measured]), applicable(context, b));
            let world = World::new(context.rules, [&newer_outdated, &older_outdated, &ours, &theirs]);
            let [fixed, outdated, ours, theirs] =
                [Expr::negate(newer_outdated), older_outdated, ours, theirs].map(|expr| world.formula(&expr));
            let asked: [&Formula; 4] = [&ours, &theirs, &fixed, &outdated];
            let host = witness(&world, "fixed-by-the-newer-only", &asked)?;
            let message = format!(
                "`{}` supersedes `{}`, but has a lower floor for `{}`",
                newer.id,
                older.id,
                file.path.file_name()
            );
            let problem = report(Code::LOWER_FLOOR, message, span, "");
            let places = [
                context.span(file.origin).map(|at| (at, "the lower floor")),
                context.span(other.origin).map(|at| (at, "the floor of the older")),
            ];
            let problem = places.into_iter().flatten().fold(problem, |all, (at, text)| all.because(at, text));
            Some(
                with_witness(problem, &host)
                    .help("an update that replaces another has files at least as new"),
            )
        })
    })
}

fn applicable(context: &Context<'_>, package: &Package) -> Expr {
    Expr::all([context.rules.reach(package), Expr::all(package.requires.iter().cloned())])
}
