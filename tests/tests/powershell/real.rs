//! The scripts in PowerShell itself, where there is one.

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_tests::hosts::systematic;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::library::hosts_of;
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::pwsh::Engine;
use caveat_tests::rules::root;
use tempfile::TempDir;

use crate::{bundled, expected, scripts};

/// How many hosts are tried; they are spread over the systematic ones.
const HOSTS: usize = 60;

/// The engine, or nothing and a line that says so.
fn engine() -> Option<Engine> {
    Engine::find().inspect_err(|line| println!("{line}")).ok()
}

/// The script's results on hosts equal the evaluator's, in this culture.
fn agrees(engine: &Engine, rules: &Checked, hosts: &[HostFile], culture: &str) {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("caveat.ps1");
    let text = scripts(rules).into_iter().find(|(path, _)| path == "powershell/caveat.ps1").unwrap().1;
    std::fs::write(&script, text).unwrap();
    let (ours, theirs) = (expected(rules, hosts), engine.results_in(culture, &script, hosts));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn pwsh_gives_the_evaluators_verdicts() {
    let Some(engine) = engine() else { return };
    let rules = bundled();
    let all = rules.rules().bulletins.iter();
    let hosts: Vec<HostFile> =
        all.flat_map(|bulletin| systematic::hosts(&Vocabulary::new(rules.rules(), bulletin))).collect();
    let step = hosts.len().div_ceil(HOSTS);
    let hosts: Vec<HostFile> = hosts.into_iter().step_by(step).collect();
    agrees(&engine, &rules, &hosts, "en-US");
}

/// Turkish has a dotless `I`, and other cultures letters of their own; none has a part in names.
#[test]
fn names_compare_alike_in_every_culture() {
    let Some(engine) = engine() else { return };
    let file = root().join("tests/cases/oval/names.caveat");
    let rules = checked(compiled(std::slice::from_ref(&file), file.parent().unwrap()));
    let hosts = hosts_of(&file.with_extension("hosts.yaml"));
    for culture in ["", "tr-TR", "az-Latn-AZ", "el-GR", "lt-LT"] {
        agrees(&engine, &rules, &hosts, culture);
    }
}
