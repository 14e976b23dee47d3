//! The bundled rules and the example hosts; and the bulletins each for itself, as a host made for one is
//! compared on the rules of that one.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a helper that cannot work ends the test")]

use std::path::Path;

use caveat_eval::load_hosts;
use caveat_ir::Checked;
use caveat_ir::host::HostFile;

use crate::forget;
use crate::hosts::vocabulary::Vocabulary;
use crate::hosts::{systematic, unusual};
use crate::oval::compare::{checked, compiled};
use crate::rules::{files_below, read, root};

/// All bundled rules.
#[must_use]
pub fn bundled() -> Checked {
    let rules = root().join("rules");
    checked(compiled(std::slice::from_ref(&rules), &rules))
}

/// The example hosts, by file.
#[must_use]
pub fn example_hosts() -> Vec<HostFile> {
    let folder = root().join("examples/hosts");
    let files = ["yaml", "json", "ndjson"].map(|extension| files_below(&folder, extension));
    files.iter().flatten().flat_map(|file| hosts_of(file)).collect()
}

/// All hosts of a host file.
#[must_use]
pub fn hosts_of(path: &Path) -> Vec<HostFile> {
    load_hosts(&path.to_string_lossy(), &read(path)).into_iter().map(Result::unwrap).collect()
}

/// The files of the library that hold bulletins: the name of each, and its rules.
pub fn files() -> impl Iterator<Item = (String, Checked)> {
    let rules = root().join("rules");
    files_below(&rules, "caveat").into_iter().filter_map(move |file| {
        let checked = checked(compiled(std::slice::from_ref(&file), &rules));
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        (!checked.rules().bulletins.is_empty()).then_some((stem, checked))
    })
}

/// At most `most` of the systematic hosts for all bulletins of some rules, taken evenly.
#[must_use]
pub fn some_systematic_hosts(rules: &Checked, most: usize) -> Vec<HostFile> {
    let rules = rules.rules();
    let hosts = rules.bulletins.iter().map(|bulletin| systematic::hosts(&Vocabulary::new(rules, bulletin)));
    evenly(hosts.flatten().collect(), most)
}

/// At most `most` of the hosts with something unusual, taken evenly.
#[must_use]
pub fn some_unusual_hosts(rules: &Checked, most: usize) -> Vec<HostFile> {
    let rules = rules.rules();
    let hosts = rules.bulletins.iter().map(|bulletin| unusual::hosts(&Vocabulary::new(rules, bulletin)));
    evenly(hosts.flatten().collect(), most)
}

/// At most `most` of the ways to know less of the hosts, taken evenly.
#[must_use]
pub fn some_forgetful_hosts(hosts: &[HostFile], most: usize) -> Vec<HostFile> {
    evenly(hosts.iter().flat_map(forget::ways).map(|way| way.host).collect(), most)
}

/// At most `most` of the hosts, taken evenly; all with `CAVEAT_THOROUGH` in the environment.
#[must_use]
pub fn evenly(hosts: Vec<HostFile>, most: usize) -> Vec<HostFile> {
    let thorough = std::env::var_os("CAVEAT_THOROUGH").is_some();
    let step = if thorough { 1 } else { hosts.len().div_ceil(most).max(1) };
    hosts.into_iter().step_by(step).collect()
}
