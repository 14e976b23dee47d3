//! The revision of the build, as a list of updates tells it where nothing else does.

use std::collections::BTreeSet;

use caveat_ir::host::{OsEntry, Scalar};
use caveat_ir::updates::{Revision, Updates as Table};
use caveat_ir::value::Kb;
use caveat_runtime::Fact;
use caveat_runtime::recorded::{FIRST_BUILD_OF_10, Place, System};

use super::problem::{ProblemKind, Problems, Trouble};
use super::read;
use super::registry::Registry;
use super::updates::Updates;

/// What a bound begins with, in place of the revision.
const AT_LEAST: &str = "at least ";

/// What is known of a revision that is not known itself.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    /// The revision that the host has at least.
    pub(super) least: Fact<u32>,
    /// What follows from the list of updates.
    pub(super) derived: Option<Revision>,
}

/// The text that states a bound, without the words before the number.
fn stated(entry: &OsEntry) -> Option<Scalar> {
    match &entry.revision {
        Some(Scalar::Text(text)) => text.strip_prefix(AT_LEAST).map(|number| number.trim().into()),
        _ => None,
    }
}

/// Whether the entry states a bound, and no revision.
pub(super) fn is_bound(entry: &OsEntry) -> bool {
    stated(entry).is_some()
}

/// Completes the revision of the system by the list of updates, and finds what contradicts it.
pub(super) fn settle(
    entry: &OsEntry,
    system: &mut System<'_>,
    updates: &Updates,
    table: &Table,
    registry: &mut Registry,
    problems: &mut Problems,
) -> Bound {
    let stated = stated(entry).map(|number| problems.read("os.revision", read::revision(&number)));
    let derived = derived(system, updates, table);
    let least = match stated {
        Some(Fact::Error(message)) => return Bound { least: Fact::Error(message), derived },
        Some(Fact::Present(number)) => Some(number),
        _ => None,
    };
    let listed = derived.as_ref().map(|found| found.least);
    if let (Fact::Present(exact), Some(least)) = (&system.revision, least)
        && least > *exact
    {
        let message = format!("`os.revision` is at least `{least}`, but the registry says `{exact}`");
        let error = problems.contradiction("os.revision", message);
        registry.spoil(Place::Revision.key(), Place::Revision.name(), &error);
        system.revision = Fact::Error(error);
    }
    let wrong = match (&system.revision, &derived) {
        (Fact::Present(exact), Some(found))
            if found.least > *exact || found.exact && found.least != *exact =>
        {
            Some(says(found, &format!("is `{exact}`")))
        }
        (Fact::Unknown, Some(found)) if found.exact && least.is_some_and(|least| least > found.least) => {
            Some(says(found, &format!("is at least `{}`", least.unwrap_or(0))))
        }
        _ => None,
    };
    if let Some(message) = wrong {
        // An update that waits for a restart may be listed before it counts: what else the host says stands.
        let trouble = Trouble::new(message).help("see which of the two is right, and leave the other out");
        let error = problems.report(ProblemKind::Fact, "os.revision", trouble);
        registry.spoil(Place::Revision.key(), Place::Revision.name(), &error);
        system.revision = Fact::Error(error);
    } else if let (Fact::Unknown, Some(found)) = (&system.revision, &derived)
        && found.exact
    {
        system.revision = Fact::Present(found.least);
    }
    let least = least.max(listed).map_or(Fact::Unknown, Fact::Present);
    Bound { least, derived }
}

/// The revision that follows from the updates that the host lists.
fn derived(system: &System<'_>, updates: &Updates, table: &Table) -> Option<Revision> {
    let build = *system.build.as_ref().present()?;
    let old = system.version.as_ref().present().is_some_and(|version| version.major < 10);
    if old || build < FIRST_BUILD_OF_10 {
        return None;
    }
    let (listed, all): (BTreeSet<Kb>, bool) = updates.articles();
    table.revision(build, &listed, all)
}

fn says(found: &Revision, stated: &str) -> String {
    let (article, least) = (found.article, found.least);
    let bound = if found.exact { "" } else { "at least " };
    format!("the revision {stated}, but the list of updates, with {article}, says {bound}`{least}`")
}
