//! `PowerShell` scripts, run by the suite's interpreter on host files.

use std::collections::BTreeMap;

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
use caveat_powershell_interpreter::script::Script;

/// The script for all bulletins.
pub struct PowerShell {
    script: Script,
    fidelity: Fidelity,
}

/// The script for all bulletins of some rules.
pub(super) fn script(rules: &Checked) -> Artifact {
    let options = Options::new(&BackEnd.info().options, [("layout", "bundle")]).unwrap();
    let target = Target { backend: &BackEnd, options };
    let built = build(rules, &[target], Policy::Approximate, &Lock::default());
    let is_script = |artifact: &Artifact| artifact.path == "powershell/caveat.ps1";
    built.artifacts.into_iter().map(|(_, artifact)| artifact).find(is_script).unwrap()
}

impl PowerShell {
    /// Compiles the rules.
    #[must_use]
    pub fn new(rules: &Checked) -> Self {
        let script = script(rules);
        Self { script: Script::new(&script.text), fidelity: script.fidelity }
    }

    fn outcomes(&self, host: &HostFile) -> BTreeMap<Subject, Said> {
        let facts = serde_json::to_string(host).unwrap();
        let results = self.script.results("host.json", &facts);
        results.iter().flat_map(vulnerabilities).collect()
    }
}

/// What a result of a script says of the vulnerabilities of a bulletin.
pub(super) fn vulnerabilities(result: &Value) -> impl Iterator<Item = (Subject, Said)> {
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

    fn fidelity(&self, _: &BulletinId) -> Fidelity {
        self.fidelity
    }

    fn run(&self, hosts: &[HostFile]) -> Vec<BTreeMap<Subject, Said>> {
        hosts.iter().map(|host| self.outcomes(host)).collect()
    }
}
