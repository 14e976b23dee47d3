//! Patched files of one Windows below the floors of another.

use caveat_ir::Checked;
use caveat_tests::library::bundled;
use caveat_tests::lines::tried;
use caveat_tests::yara::agreement::found;
use caveat_tests::yara::emitted::bundle;
use caveat_tests::yara::engine::Engine;

use crate::alone;

const LINES: &str = include_str!("../sigma/lines.caveat");

/// What was reported of how many hosts: patched ones, those that are declared to be
/// taken for others, vulnerable ones.
fn reported(rules: &Checked, engine: Engine) -> [usize; 3] {
    let text = bundle(rules, "resource");
    let mut counted = [0; 3];
    for bulletin in &rules.rules().bulletins {
        let tried = tried(rules, bulletin);
        let hosts: Vec<_> = tried.iter().map(|one| one.host.clone()).collect();
        for (one, claims) in tried.iter().zip(found(&text, rules, &hosts, engine)) {
            let is_reported = claims.iter().any(|(id, _)| *id == bulletin.id.as_str());
            let kind = if one.is_declared { 1 } else { usize::from(!one.is_patched) * 2 };
            counted[kind] += 1;
            let may = kind == 1 || is_reported == (kind == 2);
            assert!(may, "{engine:?}: {}, {}: reported {is_reported}", bulletin.id, one.name);
        }
    }
    counted
}

#[test]
fn patched_files_are_reported_on_shared_lines_only() {
    for engine in Engine::available() {
        assert_eq!(reported(&alone(LINES), engine), [5, 1, 5], "{engine:?}");
        let [patched, declared, vulnerable] = reported(&bundled(), engine);
        println!("{engine:?}: {patched} patched, {declared} declared, {vulnerable} vulnerable");
        assert!(patched > 100 && vulnerable > 300);
    }
}

#[test]
fn rules_say_what_they_report_of_patched_hosts() {
    let text = bundle(&alone(LINES), "resource").split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "also_patched = \"at least 5.1.2600.140 and less than 5.1.2600.1500: patched hosts of \\\"Windows XP without service pack\\\" have them, and outdated hosts of \\\"Windows XP SP1\\\"\"";
    assert_eq!(text.matches(said).count(), 2, "{text}");
    assert_eq!(text.matches("also_patched").count(), 2);
    assert!(text.contains("versions that only patched hosts of another package have are taken out"));
}
