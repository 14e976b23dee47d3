//! The scripts in PowerShell itself, where there is one.

use caveat_ir::host::HostFile;
use caveat_tests::hosts::systematic;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::powershell::pwsh::Engine;
use tempfile::TempDir;

use crate::{bundled, expected, scripts};

/// How many hosts are tried; they are spread over the systematic ones.
const HOSTS: usize = 60;

#[test]
fn pwsh_gives_the_evaluators_verdicts() {
    let engine = match Engine::find() {
        Err(line) => return println!("{line}"),
        Ok(engine) => engine,
    };
    let (rules, folder) = (bundled(), TempDir::new().unwrap());
    let all = rules.rules().bulletins.iter();
    let hosts: Vec<HostFile> =
        all.flat_map(|bulletin| systematic::hosts(&Vocabulary::new(rules.rules(), bulletin))).collect();
    let step = hosts.len().div_ceil(HOSTS);
    let hosts: Vec<HostFile> = hosts.into_iter().step_by(step).collect();
    let script = folder.path().join("caveat.ps1");
    let text = scripts(&rules).into_iter().find(|(path, _)| path == "powershell/caveat.ps1").unwrap().1;
    std::fs::write(&script, text).unwrap();
    let (ours, theirs) = (expected(&rules, &hosts), engine.results(&script, &hosts));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
}
