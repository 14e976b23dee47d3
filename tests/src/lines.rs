//! Hosts of the rules' own tests that are patched, and those that are not: what targets that see no platform make
//! of the files of either.
#![allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a helper that cannot work ends the test")]

use caveat_backend::Lines;
use caveat_eval::{Evaluator, Fact, Host, HostFacts};
use caveat_ir::host::HostFile;
use caveat_ir::rule::{Bulletin, Verdict};
use caveat_ir::value::{Architecture, FileVersion, VersionSet, WindowsPath};
use caveat_ir::{Checked, Truth};

/// A host of a test, and what the evaluator says of it.
#[derive(Debug)]
pub struct Tried {
    /// The name of the test.
    pub name: String,
    /// The host.
    pub host: HostFile,
    /// Whether the bulletin is fixed on it; else it is vulnerable.
    pub is_patched: bool,
    /// Whether it is declared that the host may be taken for another: a version of its files is on a line that
    /// patched and outdated hosts share, or, though the host is vulnerable, one that only patched hosts have.
    pub is_declared: bool,
}

/// The hosts of a bulletin's tests that are patched or vulnerable.
#[must_use]
pub fn tried(rules: &Checked, bulletin: &Bulletin) -> Vec<Tried> {
    let evaluator = Evaluator::new(rules);
    let lines = Lines::of(rules.rules(), bulletin);
    let tests = bulletin.tests.iter().filter_map(|test| {
        let host = Host::new(&test.host, rules.rules()).0;
        let is_patched = match evaluator.outcome(&bulletin.id, &host).unwrap().verdict {
            Verdict::Fixed if has_old_file(rules, bulletin, &test.host, &host) => return None,
            Verdict::Fixed => true,
            Verdict::Vulnerable => false,
            Verdict::Mitigated | Verdict::NotApplicable | Verdict::Unknown | Verdict::Error => return None,
        };
        let is_shared = test.host.files.iter().any(|file| is_shared(&lines, &file.path, &host));
        let is_declared = if is_patched { is_shared } else { is_taken_out(&lines, &test.host, &host) };
        Some(Tried { name: test.name.clone(), host: test.host.clone(), is_patched, is_declared })
    });
    tests.collect()
}

/// Whether a host on which the bulletin is fixed has an outdated file all the same: one that makes nothing vulnerable
/// there, or a copy for 32-bit programs that no 32-bit Windows has.
fn has_old_file(rules: &Checked, bulletin: &Bulletin, file: &HostFile, host: &Host) -> bool {
    let evaluator = Evaluator::new(rules);
    let mut claims = rules.rules().claims(bulletin);
    let lacks = claims.any(|claim| evaluator.claim(&claim.formula, host) == Truth::True);
    let is_32_bit = host.architecture() == Fact::Present(Architecture::X86);
    lacks || is_32_bit && file.files.iter().any(|one| one.path.to_ascii_lowercase().contains("syswow64"))
}

/// Whether one of the host's files has a version that patched hosts of a package have, and outdated ones of another.
fn is_shared(lines: &Lines, file: &str, host: &Host) -> bool {
    version(file, host).is_some_and(|(name, version)| {
        let shared = lines.shared(&name, &VersionSet::all());
        shared.iter().any(|one| one.versions.contains(version))
    })
}

/// Whether one of the host's files has a version that is taken out of the bulletin's tests, as only patched hosts
/// of another package have it.
#[must_use]
pub fn is_taken_out(lines: &Lines, file: &HostFile, host: &Host) -> bool {
    let mut files = file.files.iter().filter_map(|entry| version(&entry.path, host));
    files.any(|(name, version)| lines.patched(&name).contains(version))
}

/// The name of a file of a host, and its version.
fn version(path: &str, host: &Host) -> Option<(String, FileVersion)> {
    let path: WindowsPath = path.parse().ok()?;
    let version = host.file_version(path.borrowed()).present()?;
    Some((path.file_name().to_owned(), version))
}
