//! YARA rules, run on PE files with the names and versions of a host's files.

use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::{Fidelity, Policy};
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::value::BulletinId;

use super::{Engine, Said, Subject};
use crate::yara::agreement::found;
use crate::yara::emitted::{Emitted, bundle, emit};
use crate::yara::engine;

/// The rules for all bulletins.
pub struct Yara<'a> {
    rules: &'a Checked,
    engine: engine::Engine,
    text: String,
    fidelity: BTreeMap<BulletinId, Fidelity>,
    /// What some rule names: the others were left out.
    subjects: BTreeSet<Subject>,
}

impl<'a> Yara<'a> {
    /// Compiles the rules.
    #[must_use]
    pub fn new(rules: &'a Checked, engine: engine::Engine) -> Self {
        let (artifacts, _) = emit(rules, &[], Policy::Approximate);
        // YARA-X wants each import once in a text.
        let text = bundle(rules, "resource");
        let (mut fidelity, mut subjects) = (BTreeMap::new(), BTreeSet::new());
        for artifact in artifacts {
            for rule in Emitted::read(&artifact.text) {
                let bulletin: BulletinId = rule.meta["bulletin"].parse().unwrap();
                let cves = rule.meta["cve"].split(", ");
                subjects.extend(cves.map(|cve| (bulletin.clone(), cve.parse().unwrap())));
            }
            fidelity.extend(artifact.bulletins.into_iter().map(|bulletin| (bulletin, artifact.fidelity)));
        }
        Self { rules, engine, text, fidelity, subjects }
    }
}

impl Engine for Yara<'_> {
    fn target(&self) -> &'static str {
        match self.engine {
            engine::Engine::Yara => "yara",
            engine::Engine::YaraX => "yara-x",
        }
    }

    fn fidelity(&self, bulletin: &BulletinId) -> Fidelity {
        self.fidelity.get(bulletin).copied().unwrap_or(Fidelity::LeftOut)
    }

    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>> {
        let reported = |found: BTreeSet<(String, String)>| {
            let reports =
                |(bulletin, cve): &Subject| found.contains(&(bulletin.to_string(), cve.to_string()));
            let said = |subject: &Subject| (subject.clone(), Said::Vulnerable(reports(subject).into()));
            self.subjects.iter().map(said).collect()
        };
        if self.subjects.is_empty() {
            return vec![BTreeMap::new(); hosts.len()];
        }
        found(&self.text, self.rules, hosts, self.engine).into_iter().map(reported).collect()
    }
}
