//! Generated Rust code, which was compiled into a test.

use std::collections::BTreeMap;

use caveat_backend::Fidelity;
use caveat_eval::Host;
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::value::BulletinId;
use caveat_runtime::Outcome;

use super::{Engine, Said, Subject};

/// Code for some rules.
pub struct Rust<'a> {
    /// The rules, for what host files leave to platforms.
    pub rules: &'a Checked,
    /// What the code says of a host: see [`said`].
    pub evaluate: fn(&Host) -> BTreeMap<Subject, Said>,
}

/// The verdicts of generated code.
pub fn said<'o>(outcomes: impl Iterator<Item = &'o Outcome>) -> BTreeMap<Subject, Said> {
    let mut said = BTreeMap::new();
    for outcome in outcomes {
        let bulletin: BulletinId = outcome.bulletin.id.parse().unwrap();
        for one in &outcome.vulnerabilities {
            let subject = (bulletin.clone(), one.vulnerability.id.parse().unwrap());
            said.insert(subject, Said::Verdict(one.verdict));
        }
    }
    said
}

impl Engine for Rust<'_> {
    fn target(&self) -> &'static str {
        "rust"
    }

    fn fidelity(&self, _: &BulletinId) -> Fidelity {
        Fidelity::Exact
    }

    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>> {
        hosts.iter().map(|host| (self.evaluate)(&Host::new(host, self.rules.rules()).0)).collect()
    }
}
