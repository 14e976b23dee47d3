//! Whether the outputs of all targets, run by their own engines, say what the evaluator says, or
//! differ from it the way they declare.
//!
//! - [`Engine`]: a target's outputs and the engine that runs them; one module for each target.
//! - [`judge`]: what a difference means, given the declared fidelity.
//! - [`Table`]: rules × targets × hosts, counted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a helper that cannot work ends the test"
)]

pub mod generated;
mod judge;
pub mod oval;
pub mod powershell;
pub mod rust;
pub mod sigma;
mod table;
pub mod yara;

use std::collections::BTreeMap;

use caveat_backend::{Artifact, ArtifactRole, Fidelity};
use caveat_eval::{Evaluator, Host};
use caveat_ir::host::HostFile;
use caveat_ir::rule::{Bulletin, Verdict};
use caveat_ir::value::{BulletinId, CveId};
use caveat_ir::{Checked, Truth};

pub use judge::{Judgement, judge};
pub use table::{Count, Disagreement, Judged, Table};

/// A vulnerability of a bulletin.
pub type Subject = (BulletinId, CveId);

/// What the output of a target says of a vulnerability on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// A verdict, for targets that give one.
    Verdict(Verdict),
    /// Whether the host is vulnerable.
    Vulnerable(Truth),
    /// Nothing, as the target left the vulnerability out, and said so.
    Nothing,
}

/// The fidelity of each bulletin, of artifacts with a bulletin each.
fn fidelity_of_bulletins(artifacts: Vec<Artifact>) -> BTreeMap<BulletinId, Fidelity> {
    let is_one = |artifact: &Artifact| artifact.role == ArtifactRole::Main && artifact.bulletins.len() == 1;
    let of = |one: Artifact| one.bulletins.into_iter().map(move |bulletin| (bulletin, one.fidelity));
    artifacts.into_iter().filter(is_one).flat_map(of).collect()
}

/// The outputs of a target for some rules, and the engine that runs them.
pub trait Engine: Sync {
    /// The target's id.
    fn target(&self) -> &'static str;
    /// How the outputs for a bulletin relate to its rules.
    fn fidelity(&self, bulletin: &BulletinId) -> Fidelity;
    /// What the outputs say of each host.
    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>>;
}

/// What the evaluator says of a vulnerability on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether the host is vulnerable: the formula, of which the verdict is a summary.
    pub vulnerable: Truth,
}

/// What the evaluator says of all vulnerabilities on a host.
#[must_use]
pub fn reference(
    rules: &Checked,
    evaluator: &Evaluator<'_>,
    host: &HostFile,
) -> BTreeMap<Subject, Reference> {
    let (host, _) = Host::new(host, rules.rules());
    let mut found = BTreeMap::new();
    for (bulletin, outcome) in rules.rules().bulletins.iter().zip(evaluator.outcomes(&host)) {
        for one in &outcome.vulnerabilities {
            let Some(vulnerable) = vulnerable(rules, evaluator, bulletin, &one.id, &host) else { continue };
            let reference = Reference { verdict: one.verdict, vulnerable };
            found.insert((bulletin.id.clone(), one.id.clone()), reference);
        }
    }
    found
}

/// Whether some case of the vulnerability holds; nothing when no package concerns it.
fn vulnerable(
    rules: &Checked,
    evaluator: &Evaluator<'_>,
    bulletin: &Bulletin,
    id: &CveId,
    host: &Host,
) -> Option<Truth> {
    let cases = rules.rules().cases(bulletin).filter(|case| case.vulnerability.id == *id);
    let truths: Vec<Truth> = cases.map(|case| evaluator.claim(&case.vulnerable(), host)).collect();
    (!truths.is_empty()).then(|| Truth::any(truths))
}
