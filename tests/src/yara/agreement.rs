//! Whether rules report every file that makes a host vulnerable.
//!
//! The files of hosts are written as PE files of their versions, named by their version resources,
//! for the machine that host and folder suggest, and scanned. Digests of hosts are names for what is in a file: in the rules
//! those of the files that were written stand in their place. A CVE counts as reported on a host
//! when a rule that names it matches one of the host's files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use caveat_backend::{Fidelity, Lines, Note, Policy};
use caveat_eval::{Evaluator, Fact, Host, HostFacts, Outcome};
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::rule::Verdict;
use caveat_ir::value::{Architecture, Digest, FileVersion, WindowsPath};
use sha2::Digest as _;
use tempfile::TempDir;

use super::emitted::{Emitted, emit};
use super::engine::Engine;
use super::pe::{ALPHA, AMD64, ARM64, ARMNT, I386, IA64, POWERPC, Pe, R4000};
use crate::lines::is_taken_out;

/// What a comparison came to: claims are those of a CVE of a bulletin on a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Claims that were compared.
    pub compared: usize,
    /// Claims that the evaluator holds true.
    pub vulnerable: usize,
    /// Claims that both hold true, or neither.
    pub agreed: usize,
    /// Claims that only the rules hold true, which they declare.
    pub over_reported: usize,
    /// Claims that only the evaluator holds true, by a package that is declared as left out, or seen in part.
    pub left_out: usize,
    /// Claims that only the evaluator holds true, of a host with a version that is declared to be taken out.
    pub taken_out: usize,
    /// Claims that only the evaluator holds true otherwise: defects.
    pub disagreements: Vec<String>,
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { compared, vulnerable, agreed, over_reported, left_out, taken_out, disagreements } = self;
        write!(
            f,
            "{compared} compared ({vulnerable} vulnerable): {agreed} agreed, {over_reported} over-reported, {left_out} left out, {taken_out} taken out, {} disagreed",
            disagreements.len()
        )
    }
}

/// A file as a scan sees it: name in lower case, version, machine, the host's digests.
type Scanned = (String, Option<FileVersion>, u16, Vec<(Digest, String)>);

/// For every host, the CVEs that rules report on its files: bulletin and CVE.
pub fn found(text: &str, rules: &Checked, hosts: &[HostFile], engine: Engine) -> Vec<BTreeSet<Claim>> {
    let scanned = |file: &HostFile| scanned(file, &Host::new(file, rules.rules()).0);
    let files: Vec<BTreeSet<Scanned>> = hosts.iter().map(scanned).collect();
    let reported = reported(text, &files.iter().flatten().cloned().collect(), engine);
    let of_host = |files: &BTreeSet<Scanned>| {
        files.iter().filter_map(|file| reported.get(file)).flatten().cloned().collect()
    };
    files.iter().map(of_host).collect()
}

/// Compares what the evaluator says of hosts with what an engine finds in their files.
pub fn agreement(rules: &Checked, hosts: &[HostFile], engine: Engine) -> Agreement {
    let (artifacts, notes) = emit(rules, &[("layout", "bundle")], Policy::Approximate);
    let text: String = artifacts.into_iter().map(|artifact| artifact.text).collect();
    let evaluator = Evaluator::new(rules);
    let bulletins = &rules.rules().bulletins;
    let lines: Vec<Lines> = bulletins.iter().map(|one| Lines::of(rules.rules(), one)).collect();
    let mut agreement = Agreement::default();
    for (file, found) in hosts.iter().zip(found(&text, rules, hosts, engine)) {
        let host = Host::new(file, rules.rules()).0;
        for (outcome, lines) in evaluator.outcomes(&host).iter().zip(&lines) {
            agreement.add(outcome, &found, &notes, is_taken_out(lines, file, &host));
        }
    }
    agreement
}

impl Agreement {
    fn add(&mut self, outcome: &Outcome, found: &BTreeSet<Claim>, notes: &[Note], is_taken_out: bool) {
        for one in &outcome.vulnerabilities {
            let claim = (outcome.bulletin.to_string(), one.id.to_string());
            let (ours, theirs) = (one.verdict == Verdict::Vulnerable, found.contains(&claim));
            let package = format!("\"{}\"", one.package.as_deref().unwrap_or_default());
            let declared = |note: &&Note| {
                note.bulletin.as_ref() == Some(&outcome.bulletin)
                    && (note.message == Fidelity::LeftOut.to_string()
                        || note.message.contains(&claim.1) && note.message.contains(&package))
            };
            self.compared += 1;
            self.vulnerable += usize::from(ours);
            match (ours, theirs) {
                (true, true) | (false, false) => self.agreed += 1,
                (false, true) => self.over_reported += 1,
                (true, false) if notes.iter().any(|note| declared(&note)) => self.left_out += 1,
                (true, false) if is_taken_out => self.taken_out += 1,
                (true, false) => {
                    self.disagreements
                        .push(format!("{}: {} {package} on {}", claim.0, claim.1, outcome.host));
                }
            }
        }
    }
}

/// The files of a host, as the evaluator reads them.
fn scanned(file: &HostFile, host: &Host) -> BTreeSet<Scanned> {
    let paths = file.files.iter().filter_map(|entry| entry.path.parse::<WindowsPath>().ok());
    let seen = paths.filter_map(|path| {
        host.file(path.borrowed()).present()?;
        let version = host.file_version(path.borrowed()).present();
        let digest = |kind: &Digest| Some((*kind, host.file_digest(path.borrowed(), *kind).present()?));
        let digests = Digest::ALL.iter().filter_map(digest);
        let digests = digests.map(|(kind, value)| (kind, value.to_ascii_lowercase())).collect();
        Some((path.file_name().to_ascii_lowercase(), version, machine(&path, host), digests))
    });
    seen.collect()
}

fn machine(path: &WindowsPath, host: &Host) -> u16 {
    let emulated = path.folded().contains("\\syswow64\\");
    match host.architecture() {
        _ if emulated => I386,
        Fact::Present(Architecture::Ia64) => IA64,
        Fact::Present(Architecture::X64) => AMD64,
        Fact::Present(Architecture::Arm64) => ARM64,
        Fact::Present(Architecture::Arm) => ARMNT,
        Fact::Present(Architecture::Alpha) => ALPHA,
        Fact::Present(Architecture::Mips) => R4000,
        Fact::Present(Architecture::PowerPc) => POWERPC,
        Fact::Present(Architecture::X86) | Fact::Absent | Fact::Unknown | Fact::Error(_) => I386,
    }
}

/// Bulletin and CVE.
pub type Claim = (String, String);

/// What the rules report of each file.
fn reported(text: &str, files: &BTreeSet<Scanned>, engine: Engine) -> BTreeMap<Scanned, BTreeSet<Claim>> {
    let folder = TempDir::new().unwrap();
    let mut by_file = BTreeMap::new();
    let mut real: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (number, file) in files.iter().enumerate() {
        let (name, version, machine, digests) = file;
        let mut pe = Pe::new(*machine, name, version.unwrap_or_default());
        if version.is_none() {
            pe.resources.clear();
        }
        let bytes = [pe.bytes(), number.to_string().into_bytes()].concat();
        for (kind, value) in digests {
            real.entry(compared(*kind, value)).or_default().insert(compared(*kind, &digest(*kind, &bytes)));
        }
        std::fs::write(folder.path().join(number.to_string()), bytes).unwrap();
        by_file.insert(number.to_string(), file);
    }
    let claims: BTreeMap<String, Vec<Claim>> =
        Emitted::read(text).into_iter().map(|rule| (rule.name.clone(), claims(&rule))).collect();
    let mut reported: BTreeMap<Scanned, BTreeSet<Claim>> = BTreeMap::new();
    let mut text = text.to_owned();
    for (of_host, of_files) in real {
        let of_files = of_files.into_iter().collect::<Vec<_>>().join(" or ");
        text = text.replace(&of_host, &of_files);
    }
    for found in engine.scan(&text, None, folder.path()).unwrap_or_else(|error| panic!("{engine:?}: {error}"))
    {
        reported.entry(by_file[&found.file].clone()).or_default().extend(claims[&found.rule].clone());
    }
    reported
}

/// How a rule asks for a digest.
fn compared(kind: Digest, value: &str) -> String {
    format!("hash.{}(0, filesize) == \"{value}\"", kind.as_str())
}

fn digest(kind: Digest, bytes: &[u8]) -> String {
    let bytes = match kind {
        Digest::Md5 => md5::Md5::digest(bytes).to_vec(),
        Digest::Sha1 => sha1::Sha1::digest(bytes).to_vec(),
        Digest::Sha256 => sha2::Sha256::digest(bytes).to_vec(),
    };
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn claims(rule: &Emitted) -> Vec<Claim> {
    let cves = rule.meta["cve"].split(", ");
    cves.map(|cve| (rule.meta["bulletin"].clone(), cve.to_owned())).collect()
}
