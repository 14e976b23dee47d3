//! A bulletin with one of everything that an event can show.

use caveat_backend::{Artifact, ArtifactRole, Fidelity};
use caveat_backend_sigma::Sigma;
use caveat_ir::Checked;
use caveat_sema::Rules;
use caveat_tests::rules::{compile_alone, rendered};
use caveat_tests::sigma::engine;

pub(super) fn compiled(text: &str) -> Checked {
    let compilation = compile_alone(text);
    let said = rendered(&compilation.diagnostics, &compilation.sources);
    match compilation.rules {
        Rules::Checked(checked) => checked,
        Rules::Broken(_) => panic!("{said}"),
    }
}

pub(super) fn rules() -> Checked {
    compiled(include_str!("made.caveat"))
}

pub(super) fn artifacts() -> Vec<Artifact> {
    engine::artifacts(&rules())
}

#[test]
fn rules_of_everything_stay_what_they_are() {
    let artifacts = artifacts();
    let texts: Vec<String> = artifacts.iter().map(|one| format!("# {}\n{}", one.path, one.text)).collect();
    insta::assert_snapshot!(texts.join("\n"));
    for artifact in artifacts {
        assert_eq!((artifact.role, artifact.fidelity), (ArtifactRole::Main, Fidelity::MayErrBothWays));
    }
}

#[test]
fn ids_follow_from_what_a_rule_looks_for() {
    let text = include_str!("made.caveat");
    let before = artifacts();
    assert_eq!(before, artifacts(), "the same rules, the same bytes");
    let (head, tail) = text.split_once("/// Help").unwrap();
    let body = format!("/// Help{tail}");
    let another = body.replace("MS99-001", "MS99-002").replace("5.1.2600.137", "5.1.2600.138");
    let after = engine::artifacts(&compiled(&format!("{head}{body}\n{another}")));
    let all = |artifacts: &[Artifact]| artifacts.iter().flat_map(engine::ids).collect::<Vec<_>>();
    assert_eq!(all(&after).len(), before.len() * 2, "what two bulletins look for alike is one rule");
    assert!(after.len() < before.len() * 2);
    let own: Vec<String> = after.iter().map(engine::id).collect();
    for artifact in &before {
        assert!(
            own.contains(&engine::id(artifact)),
            "{} has another id when another bulletin came",
            artifact.path
        );
    }
    let ids: std::collections::BTreeSet<String> = all(&after).into_iter().collect();
    assert_eq!(ids.len(), before.len() * 2);
    let reworded = body.replace("yes: no # maybe", "another title");
    let reworded = engine::artifacts(&compiled(&format!("{head}{reworded}")));
    let ids = |artifacts: &[Artifact]| artifacts.iter().map(engine::id).collect::<Vec<_>>();
    assert_eq!(ids(&reworded), ids(&before), "a title has no part in ids");
}

#[test]
fn a_changed_floor_changes_one_file_in_place() {
    let text = include_str!("made.caveat");
    let corrected = text.replace("4.87.1.5 within", "4.87.1.6 within");
    assert_ne!(text, corrected);
    let (before, after) = (artifacts(), engine::artifacts(&compiled(&corrected)));
    let names = |artifacts: &[Artifact]| {
        artifacts.iter().map(|one| (one.path.clone(), engine::id(one))).collect::<Vec<_>>()
    };
    assert_eq!(names(&before), names(&after), "the same files, under the same ids");
    let changed = before.iter().zip(&after).filter(|(before, after)| before.text != after.text);
    let changed: Vec<&str> = changed.map(|(before, _)| before.path.as_str()).collect();
    assert!(matches!(changed[..], [only] if only.contains("image_load_win_ms99_001_hcp_dll")), "{changed:?}");
}

#[test]
fn what_no_event_shows_is_told() {
    use caveat_backend::{Backend, EmitCx, Ledger, Options, Policy};
    let options = Options::new(&Sigma.info().options, []).unwrap();
    let run = |policy, text: &str| {
        let mut ledger = Ledger::default();
        let mut cx = EmitCx::new(&options, policy, &mut ledger);
        Sigma.emit(&compiled(text), &mut cx).unwrap();
        cx.finish()
    };
    let text = include_str!("made.caveat");
    let caveat_backend::Emitted { outputs, notes, .. } = run(Policy::Approximate, text);
    assert!(!outputs.is_empty());
    let told: Vec<String> = notes
        .iter()
        .map(|one| format!("{}: {}: {:#?}", one.fidelity, one.message, one.losses.reasons()))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    for policy in [Policy::Skip, Policy::Error] {
        let caveat_backend::Emitted { outputs, notes, .. } = run(policy, text);
        assert!(outputs.is_empty());
        assert!(notes.iter().all(|note| note.fidelity == Fidelity::LeftOut) && !notes.is_empty());
    }
    let nothing = "platform p { title \"P\"; version 5.0 }\nbulletin B1 {\n vulnerability CVE-2004-0001 {}\n \
                   package \"P\" {\n for p\n file '%SystemRoot%\\a.sys' fixed in 2\n }\n}\n";
    let caveat_backend::Emitted { outputs, notes, .. } = run(Policy::Approximate, nothing);
    assert!(outputs.is_empty());
    assert!(!notes.is_empty() && notes.iter().all(|note| note.fidelity == Fidelity::LeftOut));
}
