//! Making the changes that problems suggest.

use std::collections::BTreeMap;

use crate::{Diagnostic, Edit, FileId};

/// The changes that may be made without looking, by file.
#[must_use]
pub fn safe_edits(found: &[Diagnostic]) -> BTreeMap<FileId, Vec<&Edit>> {
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    let safe = found.iter().flat_map(|problem| &problem.fixes).filter(|fix| fix.safe);
    for edit in safe.flat_map(|fix| &fix.edits) {
        edits.entry(edit.span.file).or_default().push(edit);
    }
    edits
}

/// The text of a file after changes to it. One that overlaps another before it is left for the next time.
#[must_use]
pub fn edited(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| (edit.span, &edit.replacement));
    edits.dedup();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        if let Some(kept) = text.get(done..start) {
            out.push_str(kept);
            out.push_str(&edit.replacement);
            done = end;
        }
    }
    out.push_str(text.get(done..).unwrap_or(""));
    out
}
