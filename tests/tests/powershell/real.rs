//! The scripts in PowerShell itself, where there is one.

use std::process::{Command, Stdio};

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_tests::hosts::systematic;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::library::hosts_of;
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::rules::root;
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

/// Whether there is a PowerShell; says so where there is none.
fn is_there() -> bool {
    let is_there = pwsh(&["-Command", "exit 0"]).is_some_and(|output| output.status.success());
    if !is_there {
        println!("skipped: pwsh is not installed");
    }
    is_there
}

/// The script's results on hosts equal the evaluator's, in this culture.
fn agrees(rules: &Checked, hosts: &[HostFile], culture: &str) {
    let folder = TempDir::new().unwrap();
    let (facts, script) = (folder.path().join("hosts.json"), folder.path().join("caveat.ps1"));
    std::fs::write(&facts, serde_json::to_string(hosts).unwrap()).unwrap();
    let text = scripts(rules).into_iter().find(|(path, _)| path == "powershell/caveat.ps1").unwrap().1;
    std::fs::write(&script, text).unwrap();
    let (facts, script) = (facts.to_string_lossy(), script.to_string_lossy());
    let command = format!(
        "[Threading.Thread]::CurrentThread.CurrentCulture = '{culture}'; \
         & '{script}' -AsJson -ExitMode None -FactsPath '{facts}'"
    );
    let ran = pwsh(&["-Command", &command]).unwrap();
    let errors = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{errors}");
    let json: Value = serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"));
    let (ours, theirs) = (expected(rules, hosts), json["results"].as_array().unwrap());
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn pwsh_gives_the_evaluators_verdicts() {
    if !is_there() {
        return;
    }
    let rules = bundled();
    let all = rules.rules().bulletins.iter();
    let hosts: Vec<HostFile> =
        all.flat_map(|bulletin| systematic::hosts(&Vocabulary::new(rules.rules(), bulletin))).collect();
    let step = hosts.len().div_ceil(HOSTS);
    let hosts: Vec<HostFile> = hosts.into_iter().step_by(step).collect();
    agrees(&rules, &hosts, "en-US");
}

/// Turkish has a dotless `I`, and other cultures letters of their own; none has a part in names.
#[test]
fn names_compare_alike_in_every_culture() {
    if !is_there() {
        return;
    }
    let file = root().join("tests/cases/oval/names.caveat");
    let rules = checked(compiled(std::slice::from_ref(&file), file.parent().unwrap()));
    let hosts = hosts_of(&file.with_extension("hosts.yaml"));
    for culture in ["", "tr-TR", "az-Latn-AZ", "el-GR", "lt-LT"] {
        agrees(&rules, &hosts, culture);
    }
}
