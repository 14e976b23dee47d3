//! The scripts in PowerShell itself, where there is one.

use std::process::{Command, Stdio};

use caveat_ir::host::HostFile;
use caveat_tests::hosts::systematic;
use caveat_tests::hosts::vocabulary::Vocabulary;
use serde_json::Value;
use tempfile::TempDir;

use crate::{bundled, expected, scripts};

/// How many hosts are tried; they are spread over the systematic ones.
const HOSTS: usize = 60;

fn pwsh(arguments: &[&str]) -> Option<std::process::Output> {
    let mut command = Command::new("pwsh");
    command.args(["-NoLogo", "-NoProfile", "-NonInteractive"]).args(arguments).stdin(Stdio::null());
    command.output().ok()
}

#[test]
fn pwsh_gives_the_evaluators_verdicts() {
    if pwsh(&["-Command", "exit 0"]).is_none_or(|output| !output.status.success()) {
        println!("skipped: pwsh is not installed");
        return;
    }
    let (rules, folder) = (bundled(), TempDir::new().unwrap());
    let all = rules.rules().bulletins.iter();
    let hosts: Vec<HostFile> =
        all.flat_map(|bulletin| systematic::hosts(&Vocabulary::new(rules.rules(), bulletin))).collect();
    let step = hosts.len().div_ceil(HOSTS);
    let hosts: Vec<HostFile> = hosts.into_iter().step_by(step).collect();
    let (facts, script) = (folder.path().join("hosts.json"), folder.path().join("caveat.ps1"));
    std::fs::write(&facts, serde_json::to_string(&hosts).unwrap()).unwrap();
    let text = scripts(&rules).into_iter().find(|(path, _)| path == "powershell/caveat.ps1").unwrap().1;
    std::fs::write(&script, text).unwrap();
    let (facts, script) = (facts.to_string_lossy(), script.to_string_lossy());
    let ran = pwsh(&["-File", &script, "-AsJson", "-ExitMode", "None", "-FactsPath", &facts]).unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{errors}");
    let json: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    let (ours, theirs) = (expected(&rules, &hosts), json["results"].as_array().unwrap());
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_eq!(ours, theirs);
    }
}
