//! The order of problems, and how many of a file are told.

use std::collections::BTreeMap;

#[cfg(feature = "render")]
use crate::Severity;
use crate::{Diagnostic, FileId, Span};

/// How many problems of one file are told: no more than a person would read.
pub const LIMIT: usize = 100;

/// What the last problem of a file says when there are more.
const MORE: &str = "further problems in this file are not shown";

/// Where a problem stands among others: by file, offset and code. What has no place comes first, and what stands in one
/// place with one code comes as it was found: wording changes no order.
fn rank(problem: &Diagnostic) -> (Option<(FileId, u32)>, &'static str, Option<u32>) {
    let span = problem.span();
    let begin = span.map(|Span { file, start, .. }| (file, start));
    (begin, problem.code.id, span.map(|span| span.end))
}

/// The problems by file, offset and code.
#[must_use]
pub fn in_order(found: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut ordered: Vec<&Diagnostic> = found.iter().collect();
    ordered.sort_by_key(|problem| rank(problem));
    ordered
}

/// The first [`LIMIT`] problems of each file, in order; errors are kept before warnings, and warnings before notes.
/// The last of a file says that there are more.
#[must_use]
pub fn limited(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut counts: BTreeMap<FileId, usize> = BTreeMap::new();
    found.sort_by_key(|problem| (problem.severity, rank(problem)));
    found.retain(|problem| {
        let Some(span) = problem.span() else { return true };
        let count = counts.entry(span.file).or_default();
        *count += 1;
        *count <= LIMIT
    });
    found.sort_by_key(rank);
    for (file, _) in counts.into_iter().filter(|(_, count)| *count > LIMIT) {
        say_more(&mut found, file);
    }
    found
}

/// Has the last problem of a file say that there are more, which were not kept.
pub fn say_more(found: &mut [Diagnostic], file: FileId) {
    let is_here = |problem: &&mut Diagnostic| problem.span().is_some_and(|span| span.file == file);
    let mut here: Vec<&mut Diagnostic> = found.iter_mut().filter(is_here).collect();
    // Those of a part of the file may have been counted before.
    for problem in &mut here {
        problem.notes.retain(|note| note != MORE);
    }
    if let Some(last) = here.last_mut() {
        last.notes.push(MORE.to_owned());
    }
}

/// How many problems there are of each severity.
#[cfg(feature = "render")]
pub(crate) fn count(found: &[Diagnostic], severity: Severity) -> usize {
    found.iter().filter(|problem| problem.severity == severity).count()
}
