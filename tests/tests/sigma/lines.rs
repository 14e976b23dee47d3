//! Patched files of one Windows below the floors of another.

use caveat_backend_sigma::{Events, Watch, unseen};
use caveat_eval::{Evaluator, Host};
use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::rule::{Bulletin, Verdict};
use caveat_ir::value::CveId;
use caveat_tests::library::bundled;
use caveat_tests::lines::tried;
use caveat_tests::sigma::Runs;
use caveat_tests::sigma::agreement::fired;
use caveat_tests::sigma::converters::Elastic;
use caveat_tests::sigma::engine::artifacts;

use crate::converters::converters;
use crate::engines;
use crate::expressions::lucene;
use crate::made::compiled;

const LINES: &str = include_str!("lines.caveat");

/// What was reported of how many hosts by their files: patched ones, those that are declared to be
/// taken for others, vulnerable ones.
fn reported(rules: &Checked, engine: &dyn Runs) -> [usize; 3] {
    let mut counted = [0; 3];
    for bulletin in &rules.rules().bulletins {
        let (tried, unseen) = (tried(rules, bulletin), unseen(rules.rules(), bulletin, Events::Any));
        let hosts: Vec<_> = tried.iter().map(|one| one.host.clone()).collect();
        let of_files = fired(engine, rules, bulletin, &hosts, |one| {
            matches!(one.watch, Watch::Started(_) | Watch::Loaded(_))
        });
        for (one, fired) in tried.iter().zip(of_files) {
            let is_reported = fired.values().any(|fires| *fires);
            let is_declared = one.is_declared || is_unseen(rules, bulletin, &one.host, &unseen);
            let kind = if is_declared { 1 } else { usize::from(!one.is_patched) * 2 };
            counted[kind] += 1;
            let may = kind == 1 || is_reported == (kind == 2);
            assert!(may, "{}, {}: reported {is_reported}", bulletin.id, one.name);
        }
    }
    counted
}

/// Whether a host is vulnerable by packages only of which no event tells.
fn is_unseen(rules: &Checked, bulletin: &Bulletin, host: &HostFile, unseen: &[(CveId, String)]) -> bool {
    let host = Host::new(host, rules.rules()).0;
    let outcome = Evaluator::new(rules).outcome(&bulletin.id, &host).unwrap();
    let vulnerable = outcome.vulnerabilities.iter().filter(|one| one.verdict == Verdict::Vulnerable);
    let by: Vec<_> =
        vulnerable.map(|one| (one.id.clone(), one.package.clone().unwrap_or_default())).collect();
    !by.is_empty() && by.iter().all(|one| unseen.contains(one))
}

#[test]
fn patched_files_are_reported_on_shared_lines_only() {
    let mut engines = engines();
    if let Some(lucene) = converters().filter(|_| lucene().is_some()) {
        engines.push(Box::new(Elastic(lucene)));
    }
    for engine in engines {
        assert_eq!(reported(&compiled(LINES), &*engine), [5, 1, 5], "{}", engine.name());
        let [patched, declared, vulnerable] = reported(&bundled(), &*engine);
        println!("{}: {patched} patched, {declared} declared, {vulnerable} vulnerable", engine.name());
        assert!(patched > 100 && vulnerable > 300);
    }
}

#[test]
fn rules_say_what_they_report_of_patched_hosts() {
    let artifacts = artifacts(&compiled(LINES));
    let said = "at least 5.1.2600.140 and less than 5.1.2600.1500: patched hosts of \"Windows XP without service pack\" have them, and outdated hosts of \"Windows XP SP1\"";
    let of = |id: &str| artifacts.iter().find(|one| one.bulletins[0].as_str() == id).unwrap();
    assert!(of("MS99-102").text.contains(said), "{}", of("MS99-102").text);
    assert!(!of("MS99-101").text.contains("patched hosts of \""), "{}", of("MS99-101").text);
}
