//! `PowerShell` scripts, run by `PowerShell` itself, many hosts at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use caveat_backend::{Artifact, Backend, Fidelity, Options, Policy};
use caveat_backend_powershell::PowerShell as BackEnd;
use caveat_driver::lock::Lock;
use caveat_driver::{Target, build};
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::rule::Verdict;
use caveat_ir::value::BulletinId;
use serde_json::Value;

use super::{Engine, Said, Subject};
use crate::pwsh;

/// The script for all bulletins.
pub struct PowerShell {
    engine: pwsh::Engine,
    folder: PathBuf,
    /// How the script of each bulletin relates to its rules.
    fidelity: BTreeMap<BulletinId, Fidelity>,
    bulletins: usize,
}

fn artifacts(rules: &Checked, layout: &str) -> Vec<Artifact> {
    let options = Options::new(&BackEnd.info().options, [("layout", layout)]).unwrap();
    let target = Target { backend: &BackEnd, options };
    let built = build(rules, &[target], Policy::Approximate, &Lock::default());
    built.artifacts.into_iter().map(|(_, artifact)| artifact).collect()
}

/// The script for all bulletins of some rules.
fn script(rules: &Checked) -> Artifact {
    let is_script = |artifact: &Artifact| artifact.path == "powershell/caveat.ps1";
    artifacts(rules, "bundle").into_iter().find(is_script).unwrap()
}

impl PowerShell {
    /// Compiles the rules. Files go to `folder`.
    #[must_use]
    pub fn new(rules: &Checked, engine: pwsh::Engine, folder: &Path) -> Self {
        let script = script(rules);
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("caveat.ps1"), &script.text).unwrap();
        let bulletins = rules.rules().bulletins.len();
        let fidelity = super::fidelity_of_bulletins(artifacts(rules, "bulletin"));
        Self { engine, folder: folder.to_owned(), fidelity, bulletins }
    }
}

/// What a result of a script says of the vulnerabilities of a bulletin.
fn vulnerabilities(result: &Value) -> impl Iterator<Item = (Subject, Said)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let bulletin: BulletinId = text(&result["bulletin"]).parse().unwrap();
    result["vulnerabilities"].as_array().unwrap().iter().map(move |one| {
        let verdict = Verdict::named(one["verdict"].as_str().unwrap()).unwrap();
        ((bulletin.clone(), text(&one["id"]).parse().unwrap()), Said::Verdict(verdict))
    })
}

impl Engine for PowerShell {
    fn target(&self) -> &'static str {
        "powershell"
    }

    fn fidelity(&self, bulletin: &BulletinId) -> Fidelity {
        self.fidelity.get(bulletin).copied().unwrap_or(Fidelity::LeftOut)
    }

    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>> {
        let results = self.engine.results(&self.folder.join("caveat.ps1"), hosts);
        assert_eq!(results.len(), hosts.len() * self.bulletins, "a result for each host and bulletin");
        let of_host = results.chunks(self.bulletins);
        of_host.map(|results| results.iter().flat_map(vulnerabilities).collect()).collect()
    }
}
