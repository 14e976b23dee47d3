//! OVAL documents, run by OpenSCAP on the system characteristics of a host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use caveat_backend::{ArtifactRole, Fidelity};
use caveat_driver::lock::Lock;
use caveat_ir::host::HostFile;
use caveat_ir::value::BulletinId;
use caveat_ir::{Checked, Truth};
use serde_json::Value;

use super::{Engine, Said, Subject};
use crate::oval::characteristics::characteristics;
use crate::oval::compare::artifacts;
use crate::oval::definitions::Definitions;
use crate::oval::engine::analyse;

/// One document for all rules.
pub struct Oval {
    definitions: Definitions,
    /// How the definitions of each bulletin relate to its rules; the document's is the worst of them.
    fidelity: BTreeMap<BulletinId, Fidelity>,
    /// The vulnerability definitions: id and what each is about.
    subjects: Vec<(String, Subject)>,
    folder: PathBuf,
    runs: AtomicUsize,
}

impl Oval {
    /// Compiles the rules; nothing when all of them were left out. Files go to `folder`.
    #[must_use]
    pub fn new(rules: &Checked, folder: &Path) -> Option<Self> {
        let (artifacts, _) = artifacts(rules, &[("layout", "bundle")], &Lock::default());
        let find = |role: ArtifactRole| artifacts.iter().find(|artifact| artifact.role == role);
        let (main, map) = (find(ArtifactRole::Main)?, find(ArtifactRole::Companion)?);
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("definitions.xml"), &main.text).unwrap();
        let map: Value = serde_json::from_str(&map.text).unwrap();
        let subject = |entry: &Value| {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            let about = (text("bulletin").parse().ok()?, text("cve").parse().ok()?);
            (text("class") == "vulnerability").then(|| (text("id"), about))
        };
        Some(Self {
            definitions: Definitions::read(&main.text),
            fidelity: fidelity(rules),
            subjects: map["definitions"].as_array().unwrap().iter().filter_map(subject).collect(),
            folder: folder.to_owned(),
            runs: AtomicUsize::new(0),
        })
    }
}

/// The fidelity of each bulletin, in a document of its own.
fn fidelity(rules: &Checked) -> BTreeMap<BulletinId, Fidelity> {
    let (artifacts, _) = artifacts(rules, &[("layout", "bulletin")], &Lock::default());
    super::fidelity_of_bulletins(artifacts)
}

impl Engine for Oval {
    fn target(&self) -> &'static str {
        "oval"
    }

    fn fidelity(&self, bulletin: &BulletinId) -> Fidelity {
        self.fidelity.get(bulletin).copied().unwrap_or(Fidelity::LeftOut)
    }

    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>> {
        // What a Windows shows of a host is known for keys that were read whole, or not at all.
        let is_known = |host: &HostFile| !host.registry.iter().any(|entry| entry.partial);
        hosts.iter().map(|host| if is_known(host) { self.analyse(host) } else { self.nothing() }).collect()
    }
}

impl Oval {
    fn nothing(&self) -> BTreeMap<Subject, Said> {
        self.subjects.iter().map(|(_, subject)| (subject.clone(), Said::Nothing)).collect()
    }

    fn analyse(&self, host: &HostFile) -> BTreeMap<Subject, Said> {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let path = |kind: &str| self.folder.join(format!("{run}.{kind}.xml"));
        let (facts, results) = (path("facts"), path("results"));
        std::fs::write(&facts, characteristics(&self.definitions, host)).unwrap();
        let truths = analyse(&self.folder.join("definitions.xml"), &facts, &results);
        let mut said: BTreeMap<Subject, Vec<Truth>> = BTreeMap::new();
        for (id, subject) in &self.subjects {
            said.entry(subject.clone()).or_default().extend(truths.get(id));
        }
        let _ = std::fs::remove_file(&facts);
        let _ = std::fs::remove_file(&results);
        let whole = |(subject, truths)| (subject, Said::Vulnerable(Truth::any(truths)));
        said.into_iter().map(whole).collect()
    }
}
