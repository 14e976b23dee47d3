//! `PowerShell` itself, where there is one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "an engine that cannot work ends the test"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use caveat_ir::host::HostFile;
use serde_json::Value;

use crate::rules::root;

/// `PowerShell` 7.
#[derive(Debug, Clone)]
pub struct Engine(PathBuf);

impl Engine {
    /// The engine of `CAVEAT_PWSH`, of the path, or the one that `.ci/engines` unpacked.
    ///
    /// # Errors
    /// A line that says why the test cannot run here. No registry of packages has `PowerShell`, so CI may be
    /// without it.
    pub fn find() -> Result<Self, String> {
        let given = std::env::var_os("CAVEAT_PWSH").map(PathBuf::from);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).map(|folder| folder.join("pwsh"));
        let candidates = given.into_iter().chain(on_path).chain([root().join("target/engines/pwsh/pwsh")]);
        let mut engines = candidates.filter(|pwsh| pwsh.is_file()).map(Self);
        engines.find(Self::works).ok_or_else(|| "skipped: pwsh is not installed (set CAVEAT_PWSH)".to_owned())
    }

    fn works(&self) -> bool {
        self.command().args(["-Command", "exit 0"]).output().is_ok_and(|output| output.status.success())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.0);
        command.args(["-NoLogo", "-NoProfile", "-NonInteractive"]).env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    /// Runs a script with arguments, as a scheduled task would.
    #[must_use]
    pub fn run(&self, script: &Path, arguments: &[&str]) -> Output {
        self.command().arg("-File").arg(script).args(arguments).output().unwrap()
    }

    /// What a line of `PowerShell` prints.
    #[must_use]
    pub fn line(&self, line: &str) -> String {
        let ran = self.command().args(["-Command", line]).output().unwrap();
        assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    /// What a script says of hosts, in one run. The facts go to a file beside the script.
    #[must_use]
    pub fn results(&self, script: &Path, hosts: &[HostFile]) -> Vec<Value> {
        let facts = facts(script, hosts);
        let mut command = self.command();
        command.arg("-File").arg(script).args(["-AsJson", "-ExitMode", "None", "-FactsPath"]).arg(&facts);
        said(command, script)
    }

    /// The same, in a culture.
    #[must_use]
    pub fn results_in(&self, culture: &str, script: &Path, hosts: &[HostFile]) -> Vec<Value> {
        let facts = facts(script, hosts);
        let line = format!(
            "[Threading.Thread]::CurrentThread.CurrentCulture = '{culture}'; \
             & '{}' -AsJson -ExitMode None -FactsPath '{}'",
            script.display(),
            facts.display()
        );
        let mut command = self.command();
        command.args(["-Command", &line]);
        said(command, script)
    }
}

fn facts(script: &Path, hosts: &[HostFile]) -> PathBuf {
    let facts = script.with_file_name("hosts.json");
    std::fs::write(&facts, serde_json::to_string(hosts).unwrap()).unwrap();
    facts
}

fn said(mut command: Command, script: &Path) -> Vec<Value> {
    let ran = command.output().unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{}: {errors}", script.display());
    let json: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    json["results"].as_array().expect("results are a list").clone()
}
