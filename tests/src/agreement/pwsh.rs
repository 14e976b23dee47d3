//! `PowerShell` scripts, run by `PowerShell` itself, many hosts at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use caveat_backend::Fidelity;
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::value::BulletinId;

use super::powershell::{script, vulnerabilities};
use super::{Engine, Said, Subject};
use crate::pwsh;

/// The script for all bulletins.
pub struct Pwsh {
    engine: pwsh::Engine,
    folder: PathBuf,
    fidelity: Fidelity,
    bulletins: usize,
}

impl Pwsh {
    /// Compiles the rules. Files go to `folder`.
    #[must_use]
    pub fn new(rules: &Checked, engine: pwsh::Engine, folder: &Path) -> Self {
        let script = script(rules);
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("caveat.ps1"), &script.text).unwrap();
        let bulletins = rules.rules().bulletins.len();
        Self { engine, folder: folder.to_owned(), fidelity: script.fidelity, bulletins }
    }
}

impl Engine for Pwsh {
    fn target(&self) -> &'static str {
        "pwsh"
    }

    fn fidelity(&self, _: &BulletinId) -> Fidelity {
        self.fidelity
    }

    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>> {
        let results = self.engine.results(&self.folder.join("caveat.ps1"), hosts);
        assert_eq!(results.len(), hosts.len() * self.bulletins, "a result for each host and bulletin");
        let of_host = results.chunks(self.bulletins);
        of_host.map(|results| results.iter().flat_map(vulnerabilities).collect()).collect()
    }
}
