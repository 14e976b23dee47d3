//! One test that keeps a repository of rules sound, and what is generated from it under review.
//!
//! ```no_run
//! #[test]
//! fn rules() {
//!     caveat_testkit::repository!().check();
//! }
//! ```
//!
//! The rules are those that the repository's `caveat.toml` names. [`Repository::check`] asks that
//! they raise no diagnostic, are laid out as `caveat fmt` does, and pass the tests inside them; then
//! it compares what follows from them in every artifact of every target, and the verdicts on the
//! host files, with [insta](https://insta.rs) snapshots in `snapshots`. After a change,
//! `cargo insta review` shows what it does to each target.
//!
//! Snapshots hold what a reviewer should see: of a script its tables, not the code that is the same
//! for all rules, and of a map no lines and columns. So a comment in a rule changes none of them.
//!
//! Targets that are programs of the repository (`[backend.NAME]` in `caveat.toml`) are left out, as
//! whoever clones a repository has not said yet that it may run programs. [`Repository::allow_plugins`]
//! says so.
//!
//! Where `caveat.toml` names a lock file, that has to be up to date: the ids and versions in snapshots come from it.
//!
//! This crate judges nothing itself: it drives the same pipeline as the command line.
#![allow(clippy::panic, reason = "a test ends where its expectation does")]

mod pipeline;
mod snapshots;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::pipeline::Rules;
use crate::snapshots::Snapshots;

/// The repository that the test is in: the package's folder.
#[macro_export]
macro_rules! repository {
    () => {
        $crate::Repository::at(env!("CARGO_MANIFEST_DIR"))
    };
}

/// A repository of rules.
#[derive(Debug, Clone)]
pub struct Repository {
    folder: PathBuf,
    targets: Option<Vec<String>>,
    hosts: PathBuf,
    snapshots: PathBuf,
    plugins: bool,
}

impl Repository {
    /// The repository in this folder: all targets, host files in `hosts` if there is such a folder,
    /// snapshots in `snapshots`.
    #[must_use]
    pub fn at(folder: impl AsRef<Path>) -> Self {
        let folder = folder.as_ref().to_owned();
        let (hosts, snapshots) = (folder.join("hosts"), folder.join("snapshots"));
        Self { folder, targets: None, hosts, snapshots, plugins: false }
    }

    /// The programs that are targets of the repository may run, and their artifacts are under review as well.
    #[must_use]
    pub const fn allow_plugins(mut self) -> Self {
        self.plugins = true;
        self
    }

    /// Only these targets, such as `oval`.
    #[must_use]
    pub fn targets<T: Into<String>>(mut self, targets: impl IntoIterator<Item = T>) -> Self {
        self.targets = Some(targets.into_iter().map(Into::into).collect());
        self
    }

    /// Host files from this folder, relative to the repository.
    #[must_use]
    pub fn hosts(mut self, folder: impl AsRef<Path>) -> Self {
        self.hosts = self.folder.join(folder);
        self
    }

    /// Snapshots in this folder, relative to the repository.
    #[must_use]
    pub fn snapshots(mut self, folder: impl AsRef<Path>) -> Self {
        self.snapshots = self.folder.join(folder);
        self
    }

    /// Checks the rules and compares what is made of them with the snapshots.
    ///
    /// # Panics
    /// When the rules raise a diagnostic, are not laid out, fail a test of their own, cannot be built,
    /// or when something made of them is not what the snapshots say.
    pub fn check(&self) {
        let rules = Rules::open(&self.folder);
        rules.check_layout();
        rules.check_tests();
        let mut snapshots = Snapshots::new(&self.snapshots);
        for (name, text) in self.reviewed_of(&rules) {
            snapshots.compare(&name, &text);
        }
        snapshots.finish();
    }

    /// What is under review, by the names of the snapshots: what follows from the rules in every artifact, and the
    /// verdicts.
    ///
    /// # Panics
    /// When the rules raise a diagnostic, or cannot be built.
    #[must_use]
    pub fn reviewed(&self) -> BTreeMap<String, String> {
        self.reviewed_of(&Rules::open(&self.folder))
    }

    fn reviewed_of(&self, rules: &Rules) -> BTreeMap<String, String> {
        let built = rules.build(self.targets.as_deref(), self.plugins);
        let mut all: BTreeMap<String, String> =
            built.into_iter().map(|(path, text)| (path.replace('/', "-"), text)).collect();
        let hosts = pipeline::host_files(&self.hosts);
        if !hosts.is_empty() {
            all.insert("verdicts".to_owned(), rules.verdicts(&hosts));
        }
        all
    }
}
