//! Many snapshots in one test: all are compared before the test fails, so that one review shows
//! everything, and snapshots of what is no longer made do not stay behind.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Snapshots in a folder.
pub(crate) struct Snapshots {
    folder: PathBuf,
    seen: BTreeSet<String>,
    different: Vec<String>,
}

impl Snapshots {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), seen: BTreeSet::new(), different: Vec::new() }
    }

    /// Compares a text with the snapshot of this name.
    pub(crate) fn compare(&mut self, name: &str, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&self.folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let compare = || settings.bind(|| insta::assert_snapshot!(name, text));
        if catch_unwind(AssertUnwindSafe(compare)).is_err() {
            self.different.push(name.to_owned());
        }
        self.seen.insert(format!("{name}.snap"));
    }

    /// Fails when a text was different, or when a snapshot belongs to nothing.
    pub(crate) fn finish(self) {
        let stale: Vec<String> = self.found().into_iter().filter(|name| !self.seen.contains(name)).collect();
        assert!(
            stale.is_empty(),
            "nothing is made any more for these snapshots in `{}`; delete them: {}",
            self.folder.display(),
            stale.join(", ")
        );
        assert!(
            self.different.is_empty(),
            "{} of {} artifacts are not what their snapshots say; look at the differences with `cargo insta review`, or \
             take them with `INSTA_UPDATE=always cargo test` and look at them in Git: {}",
            self.different.len(),
            self.seen.len(),
            self.different.join(", ")
        );
    }

    fn found(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let snapshots = paths.filter(|path| path.extension().is_some_and(|extension| extension == "snap"));
        let names = snapshots.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}
