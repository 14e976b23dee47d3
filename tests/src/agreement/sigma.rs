//! Sigma rules, run by pySigma's `SQLite` target on the events that a host would log.

use std::collections::BTreeMap;

use caveat_backend::Fidelity;
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::value::BulletinId;

use super::{Engine, Said, Subject};
use crate::sigma::agreement::fired;
use crate::sigma::engine::{self, artifacts};

/// The rules for all bulletins.
pub struct Sigma<'a> {
    rules: &'a Checked,
    engine: engine::Engine,
    fidelity: BTreeMap<BulletinId, Fidelity>,
}

impl<'a> Sigma<'a> {
    /// Compiles the rules.
    #[must_use]
    pub fn new(rules: &'a Checked, engine: engine::Engine) -> Self {
        let mut fidelity = BTreeMap::new();
        for artifact in artifacts(rules) {
            fidelity.extend(artifact.bulletins.into_iter().map(|bulletin| (bulletin, artifact.fidelity)));
        }
        Self { rules, engine, fidelity }
    }
}

impl Engine for Sigma<'_> {
    fn target(&self) -> &'static str {
        "sigma"
    }

    fn fidelity(&self, bulletin: &BulletinId) -> Fidelity {
        self.fidelity.get(bulletin).copied().unwrap_or(Fidelity::LeftOut)
    }

    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>> {
        let mut said: Vec<BTreeMap<Subject, Said>> = vec![BTreeMap::new(); hosts.len()];
        let made = |bulletin: &BulletinId| self.fidelity.contains_key(bulletin);
        for bulletin in self.rules.rules().bulletins.iter().filter(|bulletin| made(&bulletin.id)) {
            for (said, fired) in
                said.iter_mut().zip(fired(&self.engine, self.rules, bulletin, hosts, |_| true))
            {
                said.extend(
                    fired
                        .into_iter()
                        .map(|(cve, fires)| ((bulletin.id.clone(), cve), Said::Vulnerable(fires.into()))),
                );
            }
        }
        said
    }
}
