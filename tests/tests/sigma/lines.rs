//! Patched files of one Windows below the floors of another.

use caveat_backend_sigma::Watch;
use caveat_ir::Checked;
use caveat_tests::library::bundled;
use caveat_tests::lines::tried;
use caveat_tests::sigma::agreement::fired;
use caveat_tests::sigma::engine::{Engine, artifacts};

use crate::engine;
use crate::made::compiled;

const LINES: &str = include_str!("lines.caveat");

/// What was reported of how many hosts by their files: patched ones, those that are declared to be
/// taken for others, vulnerable ones.
fn reported(rules: &Checked, engine: &Engine) -> [usize; 3] {
    let mut counted = [0; 3];
    for bulletin in &rules.rules().bulletins {
        let tried = tried(rules, bulletin);
        let hosts: Vec<_> = tried.iter().map(|one| one.host.clone()).collect();
        let of_files = fired(engine, rules, bulletin, &hosts, |one| {
            matches!(one.watch, Watch::Started(_) | Watch::Loaded(_))
        });
        for (one, fired) in tried.iter().zip(of_files) {
            let is_reported = fired.values().any(|fires| *fires);
            let kind = if one.is_declared { 1 } else { usize::from(!one.is_patched) * 2 };
            counted[kind] += 1;
            let may = kind == 1 || is_reported == (kind == 2);
            assert!(may, "{}, {}: reported {is_reported}", bulletin.id, one.name);
        }
    }
    counted
}

#[test]
fn patched_files_are_reported_on_shared_lines_only() {
    let Some(engine) = engine() else { return };
    assert_eq!(reported(&compiled(LINES), &engine), [5, 1, 5]);
    let [patched, declared, vulnerable] = reported(&bundled(), &engine);
    println!("{patched} patched, {declared} declared, {vulnerable} vulnerable");
    assert!(patched > 100 && vulnerable > 300);
}

#[test]
fn rules_say_what_they_report_of_patched_hosts() {
    let artifacts = artifacts(&compiled(LINES));
    let said = "at least 5.1.2600.140 and less than 5.1.2600.1500: patched hosts of \"Windows XP without service pack\" have them, and outdated hosts of \"Windows XP SP1\"";
    let of = |id: &str| artifacts.iter().find(|one| one.bulletins[0].as_str() == id).unwrap();
    assert!(of("MS99-102").text.contains(said), "{}", of("MS99-102").text);
    assert!(!of("MS99-101").text.contains("patched hosts of \""), "{}", of("MS99-101").text);
}
