//! Bulletins that replace later ones, each other in a circle, or a fix by an older one.

use std::collections::{BTreeSet, HashMap};

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::rule::{Bulletin, Floor, Package, PackageFile};
use caveat_ir::value::BulletinId;
use caveat_ir::{Checked, Expr};
use caveat_logic::{Formula, World};

use crate::bulletins;
use crate::context::{report, with_witness, witness};
use crate::outline::{Lower, Outline};
use crate::view::file_outdated;

/// Looks at bulletins that replace others; `lower` tells of a floor that is lower in the first than in the second,
/// which are to be reported at the place.
pub(crate) fn check(bulletins: &[&Outline], lower: &mut Lower<'_>, found: &mut Vec<Diagnostic>) {
    let known: Known<'_> = bulletins.iter().map(|bulletin| (bulletin.id.as_str(), *bulletin)).collect();
    for bulletin in bulletins {
        for (id, span) in &bulletin.supersedes {
            let older = known.get(id.as_str()).copied();
            if let Some(why) = bulletins::never_was(id.as_str()) {
                let message = format!("there never was a bulletin `{id}`: {why}");
                found.push(report(Code::UNKNOWN_BULLETIN, message, *span, "").help("correct the id"));
            } else if let Some(message) = backwards(&known, bulletin, id, older) {
                let problem = report(Code::SUPERSEDING_CIRCLE, message, *span, "");
                found.push(problem.help("a bulletin supersedes earlier ones: correct the id, or remove it"));
            } else if let Some(older) = older.filter(|older| !reaches(&known, older, bulletin)) {
                found.extend(lower(bulletin, older, *span));
            }
        }
    }
}

type Known<'a> = HashMap<&'a str, &'a Outline>;

/// Why a bulletin cannot supersede another. Of a circle whose days are known, only the line that goes
/// back in time is wrong.
fn backwards(known: &Known<'_>, newer: &Outline, id: &BulletinId, older: Option<&Outline>) -> Option<String> {
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

/// Whether one bulletin replaces the other, directly or through others.
fn reaches(known: &Known<'_>, from: &Outline, to: &Outline) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(next) = open.pop() {
        if next.id == to.id {
            return true;
        }
        if seen.insert(&next.id) {
            open.extend(next.supersedes.iter().filter_map(|(id, _)| known.get(id.as_str()).copied()));
        }
    }
    false
}

/// A file that the newer bulletin of two calls fixed where the older one calls it outdated, to be reported at a
/// place.
#[must_use]
pub fn lower_floor(
    rules: &Checked,
    newer: &BulletinId,
    older: &BulletinId,
    span: Option<Span>,
) -> Option<Diagnostic> {
    let of = |id: &BulletinId| rules.rules().bulletins.iter().find(|bulletin| bulletin.id == *id);
    lower(rules, of(newer)?, of(older)?, span)
}

fn lower(rules: &Checked, newer: &Bulletin, older: &Bulletin, span: Option<Span>) -> Option<Diagnostic> {
    newer.packages.iter().flat_map(|a| older.packages.iter().map(move |b| (a, b))).find_map(|(a, b)| {
        let mut shared = a.files.iter().filter_map(|file| {
            let same =
                |other: &&PackageFile| other.path.folded() == file.path.folded() && !other.floors.is_empty();
            (!file.floors.is_empty()).then_some((file, b.files.iter().find(same)?))
        });
        shared.find_map(|(file, other)| {
            let (newer_outdated, older_outdated) =
                (file_outdated(rules.rules(), a, file), file_outdated(rules.rules(), b, other));
            // Hosts that the newer update does not measure the file on have no lower floor of it.
            let measured = Expr::any(file.floors.iter().map(Floor::guard));
            let (ours, theirs) = (Expr::all([applicable(rules, a), measured]), applicable(rules, b));
            let world = World::new(rules.rules(), [&newer_outdated, &older_outdated, &ours, &theirs]);
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
                rules.places().span(file.origin).map(|at| (at, "the lower floor")),
                rules.places().span(other.origin).map(|at| (at, "the floor of the older")),
            ];
            let problem = places.into_iter().flatten().fold(problem, |all, (at, text)| all.because(at, text));
            Some(
                with_witness(problem, &host)
                    .help("an update that replaces another has files at least as new"),
            )
        })
    })
}

fn applicable(rules: &Checked, package: &Package) -> Expr {
    Expr::all([rules.rules().reach(package), Expr::all(package.requires.iter().cloned())])
}
