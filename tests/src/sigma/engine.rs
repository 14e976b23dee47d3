//! sigma-cli, and the `SQLite` target of pySigma by way of the script beside this file.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use caveat_backend::{Artifact, Backend, Options, Policy};
use caveat_backend_sigma::Sigma;
use caveat_driver::lock::Lock;
use caveat_driver::{Target, build};
use caveat_ir::Checked;
use serde_json::{Value, json};

use super::Runs;
use super::events::Event;
use crate::rules::root;

const SCRIPT: &str = include_str!("engine.py");

/// Validators that want the internet.
const ONLINE: [&str; 9] = [
    "attacktag",
    "d3_fendtag",
    "sigmahq_category_event_id",
    "sigmahq_category_windows_provider_name",
    "sigmahq_fieldname_cast",
    "sigmahq_filename_prefix",
    "sigmahq_invalid_fieldname",
    "sigmahq_logsource_unknown",
    "sigmahq_redundant_field",
];

/// The programs.
#[derive(Debug, Clone)]
pub struct Engine {
    sigma: PathBuf,
    python: PathBuf,
}

/// What became of a rule.
#[derive(Debug, Clone)]
pub struct Ran {
    /// What a reader of YAML 1.1 reads in it.
    pub read: Value,
    /// The numbers of the events in which it fires.
    pub fired: BTreeSet<usize>,
}

impl Engine {
    /// The engine of `CAVEAT_SIGMA`, of the path, or of the environment that `.ci/run` makes.
    ///
    /// # Errors
    /// A line that says why the test cannot run here. In CI that is a failure.
    pub fn find() -> Result<Self, String> {
        let given = std::env::var_os("CAVEAT_SIGMA").map(PathBuf::from);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).map(|folder| folder.join("sigma"));
        let candidates = given.into_iter().chain(on_path).chain([root().join("target/engines/bin/sigma")]);
        let mut engines = candidates.filter(|sigma| sigma.is_file()).map(|sigma| {
            let beside = sigma.with_file_name("python");
            let python = if beside.is_file() { beside } else { PathBuf::from("python3") };
            Self { sigma, python }
        });
        engines.find(Self::works).ok_or_else(|| {
            let line = "skipped: sigma-cli with pysigma-backend-sqlite and pysigma-validators-sigmahq is not installed (set CAVEAT_SIGMA)";
            let ci = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!ci, "{line}, which CI must not accept");
            line.to_owned()
        })
    }

    /// The Python beside it.
    #[must_use]
    pub fn python(&self) -> &Path {
        &self.python
    }

    fn works(&self) -> bool {
        let mut command = Command::new(&self.python);
        command
            .args(["-c", "import yaml, sigma.backends.sqlite, sigma.validators.sigmahq"])
            .stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// What `sigma check` says of a folder of rules, by the validators of Sigma's repository as well; an error when it finds anything.
    ///
    /// # Errors
    /// What it says.
    pub fn check(&self, folder: &Path) -> Result<String, String> {
        let mut command = Command::new(&self.sigma);
        command.arg("check").args(ONLINE.iter().flat_map(|name| ["-x", name]));
        command.args(["-i", "--fail-on-error", "--fail-on-issues"]).arg(folder).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let clean = text.contains("Found 0 errors, 0 condition errors and 0 issues");
        if output.status.success() && clean { Ok(text.into_owned()) } else { Err(text.into_owned()) }
    }

    /// Every rule on every event.
    ///
    /// # Errors
    /// For a rule that cannot be read: what pySigma says of it.
    #[must_use]
    pub fn run(&self, rules: &[&str], events: &[Event]) -> Vec<Result<Ran, String>> {
        let rows: Vec<Value> = events.iter().map(Event::row).collect();
        let input = json!({ "rules": rules, "rows": rows }).to_string();
        let mut command = Command::new(&self.python);
        command.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "the script failed");
        let results: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(results.len(), rules.len());
        results.iter().map(result).collect()
    }
}

impl Runs for Engine {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn fired(&self, rules: &[&str], events: &[Event]) -> Vec<BTreeSet<usize>> {
        let ran = self.run(rules, events).into_iter();
        ran.map(|ran| ran.expect("a rule that pySigma reads").fired).collect()
    }
}

fn result(result: &Value) -> Result<Ran, String> {
    if let Some(error) = result.get("error") {
        return Err(error.as_str().unwrap().to_owned());
    }
    let number = |row: &Value| usize::try_from(row.as_u64().unwrap()).unwrap();
    let fired = result["fired"].as_array().unwrap().iter().map(number).collect();
    Ok(Ran { read: result["read"].clone(), fired })
}

/// The rules that the back end makes for the events of any source.
#[must_use]
pub fn artifacts(rules: &Checked) -> Vec<Artifact> {
    artifacts_for("any", rules)
}

/// The rules that the back end makes for the events that the option names.
#[must_use]
pub fn artifacts_for(events: &str, rules: &Checked) -> Vec<Artifact> {
    let options = Options::new(&Sigma.info().options, [("events", events)]).unwrap();
    let target = [Target { backend: &Sigma, options }];
    let built = build(rules, &target, Policy::Approximate, &Lock::default());
    assert!(!built.failed, "the back end failed: {:?}", built.diagnostics);
    built.artifacts.into_iter().map(|(_, artifact)| artifact).collect()
}

/// The ids that a rule stands for: its own, and those of rules that were merged into it.
#[must_use]
pub fn ids(artifact: &Artifact) -> Vec<String> {
    let rule: Value = serde_yaml::from_str(&artifact.text).unwrap();
    let related = rule["related"].as_array().into_iter().flatten();
    let ids = [&rule["id"]].into_iter().chain(related.map(|one| &one["id"]));
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// The id of a rule.
#[must_use]
pub fn id(artifact: &Artifact) -> String {
    let rule: Value = serde_yaml::from_str(&artifact.text).unwrap();
    rule["id"].as_str().unwrap().to_owned()
}
