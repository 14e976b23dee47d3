//! Verdicts, what they leave open, and what contradicts them.

use caveat_eval::{Evaluator, Outcome, run_tests};
use caveat_ir::expr::{Expr, ServiceCheck, Test};
use caveat_ir::rule::{Bulletin, Expectation, Expected, Package, RuleTest, Verdict};
use caveat_ir::value::{Branch, BranchPolicy, NumberSet, Rating};
use caveat_ir::{Origin, Places, check};

use crate::rules::{
    ANY_2000, DLL, NEWER, SERVER_SP, WINS, bulletin, checked, file, floor, leaf, package, parse, platforms,
    rated, read, service, vulnerability, wins,
};

const OLD: &str = "5.0.2195.6601";
const NEW: &str = "5.0.2195.6870";

/// A Windows 2000 server with both files in these versions, and the service WINS.
fn server(wins: &str, dll: &str, start: &str) -> String {
    format!(
        r"
name: wins-01
os: {{ platform: windows-2000, edition: server, service_pack: 4 }}
environment: {{ SystemRoot: 'C:\WINNT' }}
files: [{{ path: 'C:\WINNT\System32\wins.exe', version: {wins} }}, {{ path: 'C:\WINNT\System32\winsrpc.dll', version: {dll} }}]
services: [{{ name: WINS, start: {start} }}]
"
    )
}

fn outcome(bulletin: Bulletin, host: &str) -> Outcome {
    let id = bulletin.id.clone();
    let checked = checked(vec![bulletin]);
    Evaluator::new(&checked).outcome(&id, &read(host).0).unwrap()
}

fn verdict(host: &str) -> Verdict {
    outcome(wins(), host).verdict
}

#[test]
fn the_first_verdict_that_holds_is_given() {
    assert_eq!(verdict(&server(OLD, OLD, "automatic")), Verdict::Vulnerable);
    assert_eq!(verdict(&server(OLD, NEW, "automatic")), Verdict::Vulnerable);
    assert_eq!(verdict(&server(OLD, OLD, "disabled")), Verdict::Mitigated);
    assert_eq!(verdict(&server(NEW, NEW, "automatic")), Verdict::Fixed);
    assert_eq!(verdict("os: { platform: windows-server-2003 }"), Verdict::NotApplicable);
    assert_eq!(verdict(&server(OLD, OLD, "automatic").replace("pack: 4", "pack: 1")), Verdict::NotApplicable);
}

#[test]
fn open_facts_leave_the_verdict_open_where_they_decide() {
    let no_start = server(OLD, OLD, "automatic").replace(", start: automatic", "");
    let unknown = outcome(wins(), &no_start);
    assert_eq!((unknown.verdict, unknown.missing), (Verdict::Unknown, vec!["service WINS".to_owned()]));
    let malformed = outcome(wins(), &server("x", NEW, "automatic"));
    assert_eq!(malformed.verdict, Verdict::Error);
    assert_eq!(malformed.malformed, [format!("file {WINS}")]);
    assert_eq!(malformed.missing, [] as [&str; 0]);
    let irrelevant = outcome(wins(), &server(NEW, NEW, "automatic").replace(", start: automatic", ""));
    assert_eq!((irrelevant.verdict, irrelevant.missing), (Verdict::Fixed, vec![]));
    let bare = outcome(wins(), "name: bare");
    assert_eq!(bare.verdict, Verdict::NotApplicable, "no service pack is known to be outside 2 to 4");
    let partial = outcome(wins(), "partial: [os, files, services, environment]");
    assert_eq!(partial.verdict, Verdict::Unknown);
    assert_eq!(partial.missing[0], "the Windows NT version");
}

#[test]
fn a_dominating_fact_closes_what_others_leave_open() {
    assert_eq!(verdict(&server("x", OLD, "automatic")), Verdict::Vulnerable);
}

#[test]
fn a_bulletin_takes_the_first_verdict_of_its_vulnerabilities() {
    let mut rule = wins();
    let mut second = vulnerability("CVE-2003-0999");
    second.ratings = vec![rated(Rating::Low, vec![NEWER]), rated(Rating::Critical, vec![ANY_2000])];
    rule.vulnerabilities.insert(0, second);
    let outcome = outcome(rule, &server(OLD, OLD, "disabled"));
    let found: Vec<_> = outcome.vulnerabilities.iter().map(|one| (one.verdict, one.severity)).collect();
    assert_eq!(outcome.verdict, Verdict::Vulnerable);
    assert_eq!(
        found,
        [(Verdict::Vulnerable, Some(Rating::Critical)), (Verdict::Mitigated, Some(Rating::Important))]
    );
    assert_eq!(outcome.package.as_deref(), Some("Windows 2000 Server"));
}

#[test]
fn requirements_narrow_a_package() {
    let mut rule = wins();
    rule.packages[0].requires = vec![service("WINS", ServiceCheck::Installed)].into();
    let gone = server(OLD, OLD, "automatic").replace("name: WINS", "name: Other");
    assert_eq!(outcome(rule.clone(), &gone).verdict, Verdict::NotApplicable);
    assert_eq!(outcome(rule, &server(OLD, OLD, "automatic")).verdict, Verdict::Vulnerable);
}

#[test]
fn branches_unknown_leave_the_window_open() {
    let branch = |version: &str, branch| {
        let mut floor = floor(version);
        floor.branch = Some(branch);
        floor
    };
    let floors = vec![branch("5.0.100", Branch::Gdr), branch("5.0.200", Branch::Qfe)];
    let mut package = package("p", vec![SERVER_SP], vec![file(WINS, floors)]);
    package.branch_policy = Some(BranchPolicy::Unknown.into());
    let rule = bulletin(vec![vulnerability("CVE-2003-0001")], vec![package]);
    let at = |version: &str| outcome(rule.clone(), &server(version, OLD, "automatic"));
    assert_eq!(at("5.0.99").verdict, Verdict::Vulnerable);
    assert_eq!(at("5.0.200").verdict, Verdict::Fixed);
    let between = at("5.0.150");
    assert_eq!(between.verdict, Verdict::Unknown);
    assert!(between.missing[0].contains("depends on its branch"), "{:?}", between.missing);
}

fn inconsistencies(host: &str) -> Vec<String> {
    outcome(wins(), host).inconsistencies
}

#[test]
fn contradicting_facts_are_reported() {
    assert_eq!(inconsistencies(&server(NEW, NEW, "automatic")), Vec::<String>::new());
    assert_eq!(
        inconsistencies(&(server(OLD, OLD, "automatic") + "hotfixes: [KB830352]")),
        [
            r"marker registry key HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Hotfix\KB830352 says that the update is installed, but %SystemRoot%\System32\wins.exe is 5.0.2195.6601, below 5.0.2195.6870"
        ]
    );
    assert_eq!(
        inconsistencies(&server(OLD, NEW, "automatic")),
        [
            r#"package "Windows 2000 Server" is partly installed: %SystemRoot%\System32\winsrpc.dll is 5.0.2195.6870, but %SystemRoot%\System32\wins.exe is 5.0.2195.6601, below 5.0.2195.6870"#
        ]
    );
}

/// The server, with other files.
fn empty() -> String {
    server(OLD, OLD, "automatic").replace(".exe", ".ex_").replace(".dll", ".dl_")
}

#[test]
fn a_package_none_of_whose_files_is_there_is_not_applicable() {
    let verdict = |rule: Bulletin, host: &str| outcome(rule, host).verdict;
    assert_eq!(verdict(wins(), &empty()), Verdict::NotApplicable);
    assert_eq!(verdict(wins(), &empty().replace("winsrpc.dl_", "winsrpc.dll")), Verdict::Vulnerable);
    let unknown = outcome(wins(), &(empty() + "partial: [files]"));
    assert_eq!(unknown.verdict, Verdict::Unknown, "it is not known that nothing is there");
    assert_eq!(unknown.missing, [format!("file {WINS}"), format!("file {DLL}")]);
    let mut required = wins();
    required.packages[0].requires =
        vec![Expr::negate(leaf(Test::FileExists(WINS.to_ascii_uppercase().parse().unwrap())))].into();
    assert_eq!(verdict(required, &empty()), Verdict::Fixed, "the rule says itself what has to be there");
    let mut own = wins();
    own.packages[0].vulnerable_when = Some(service("Other", ServiceCheck::Installed).into());
    assert_eq!(verdict(own, &empty()), Verdict::Fixed, "no floor decides");
    let mut rule = wins();
    rule.packages[0].files.push(file(r"C:\listed.txt", Vec::new()));
    let listed = r"files: [{ path: 'C:\listed.txt' }, { path: 'C:\other";
    assert_eq!(
        verdict(rule, &empty().replace(r"files: [{ path: 'C:\WINNT", listed)),
        Verdict::NotApplicable,
        "a file without a version is listed, never tested"
    );
}

#[test]
fn a_file_that_every_host_has_is_missed() {
    let missed = |always: &str, host: &str| {
        let mut rules = platforms();
        rules.platforms[1].known.always = vec![always.parse().unwrap()];
        rules.bulletins = vec![wins()];
        let checked = check(rules, Places::default()).unwrap();
        let host = read(host).0;
        Evaluator::new(&checked).outcomes(&host).remove(0).inconsistencies
    };
    let nothing = "package \"Windows 2000 Server\" applies, but none of its files is there";
    assert_eq!(missed(WINS, &empty()), [nothing]);
    assert_eq!(missed(&WINS.to_ascii_lowercase(), &empty()), [nothing]);
    assert_eq!(missed(r"C:\other.dll", &empty()), [] as [&str; 0]);
    assert_eq!(missed(WINS, &(empty() + "partial: [files]")), [] as [&str; 0]);
    assert_eq!(missed(WINS, &empty().replace("pack: 4", "pack: 1")), [] as [&str; 0], "another platform");
    assert_eq!(missed(WINS, &server(NEW, NEW, "automatic")), [] as [&str; 0]);
}

#[test]
fn languages_narrow_a_package() {
    let mut rule = wins();
    rule.packages[0].languages = vec!["ja".parse().unwrap(), "de".parse().unwrap()].into();
    let in_language = |language: &str| {
        let host = server(OLD, OLD, "automatic").replace("service_pack: 4", language);
        outcome(rule.clone(), &host)
    };
    let speaking = |tag: &str| in_language(&format!("service_pack: 4, language: {tag}"));
    assert_eq!(speaking("ja-JP").verdict, Verdict::Vulnerable);
    assert_eq!(speaking("de-DE").verdict, Verdict::Vulnerable);
    assert_eq!(speaking("en-US").verdict, Verdict::NotApplicable);
    let unknown = in_language("service_pack: 4");
    assert_eq!(
        (unknown.verdict, unknown.missing),
        (Verdict::Unknown, vec!["the installed language".to_owned()])
    );
    let marked = server(OLD, OLD, "automatic").replace("service_pack: 4", "service_pack: 4, language: en-US");
    let marked = outcome(rule.clone(), &(marked + "hotfixes: [KB830352]"));
    assert_eq!(marked.inconsistencies, [] as [&str; 0], "the package is not for this host");
}

#[test]
fn floors_of_other_hosts_contradict_nothing() {
    let mut rule = wins();
    let mut other = floor("5.0.2195.9999");
    other.service_packs = Some(NumberSet::range(2, 3));
    rule.packages[0].files[0].floors = vec![other, floor("5.0.2195.6000")];
    let outcome = outcome(rule, &server(OLD, NEW, "automatic"));
    assert_eq!((outcome.verdict, outcome.inconsistencies), (Verdict::Fixed, vec![]));
}

#[test]
fn a_package_without_versions_is_judged_by_its_marker() {
    let marker = leaf(Test::Hotfix("KB1".parse().unwrap()));
    let key = Expr::clone(&wins().packages[0].markers[0]);
    let judged = |package: Package, hotfix: &str| {
        let rule = bulletin(vec![vulnerability("CVE-2003-0001")], vec![package]);
        outcome(rule, &format!("{}hotfixes: [{hotfix}]", server(OLD, OLD, "automatic"))).verdict
    };
    let mut by_marker = package("p", vec![SERVER_SP], vec![file(DLL, vec![])]);
    by_marker.markers = vec![key].into();
    assert_eq!(judged(by_marker.clone(), "KB830352"), Verdict::Fixed);
    assert_eq!(judged(by_marker, "KB2"), Verdict::Vulnerable);
    let mut by_condition = package("p", vec![SERVER_SP], vec![]);
    by_condition.vulnerable_when = Some(Expr::negate(marker).into());
    assert_eq!(judged(by_condition, "KB1"), Verdict::Fixed);
}

#[test]
fn outcomes_serialise_to_the_documented_shape() {
    let json = serde_json::to_value(outcome(wins(), &server(OLD, OLD, "automatic"))).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "host": "wins-01",
            "bulletin": "MS04-006",
            "verdict": "vulnerable",
            "package": "Windows 2000 Server",
            "vulnerabilities": [{ "id": "CVE-2003-0825", "verdict": "vulnerable", "severity": "important" }],
        })
    );
}

#[test]
fn evidence_is_what_decides() {
    let reasons = |host: &str| {
        let (checked, id) = (checked(vec![wins()]), wins().id);
        Evaluator::new(&checked).reasons(&id, &read(host).0).unwrap()
    };
    let evidence = |wins_exe, dll, start| reasons(&server(wins_exe, dll, start)).evidence;
    let wins_exe = r"the version of %SystemRoot%\System32\wins.exe is";
    let dll = r"the version of %SystemRoot%\System32\winsrpc.dll is";
    assert_eq!(
        evidence(OLD, OLD, "automatic"),
        [
            format!("{wins_exe} less than 5.0.2195.6870 [is 5.0.2195.6601]"),
            format!("{dll} less than 5.0.2195.6870 [is 5.0.2195.6601]"),
            "service WINS is enabled [is automatic]".to_owned(),
        ],
        "vulnerable: every old file, and why the host is exposed"
    );
    assert_eq!(
        evidence(NEW, OLD, "disabled"),
        [
            format!("{dll} less than 5.0.2195.6870 [is 5.0.2195.6601]"),
            "service WINS is disabled or not installed [is disabled]".to_owned(),
        ],
        "mitigated: the old file, and why the host is not exposed"
    );
    assert_eq!(
        evidence(NEW, NEW, "automatic"),
        [
            format!("{wins_exe} not less than 5.0.2195.6870 [is 5.0.2195.6870]"),
            format!("{dll} not less than 5.0.2195.6870 [is 5.0.2195.6870]"),
        ],
        "fixed: all files"
    );
    let elsewhere = server(OLD, OLD, "automatic").replace("service_pack: 4", "service_pack: 1");
    assert_eq!(reasons(&elsewhere).evidence, [""; 0], "not applicable: no package decides");
    let open = server(OLD, NEW, "automatic").replace("services:", "partial: [services]\nunlisted:");
    let open = open.split("unlisted:").next().unwrap();
    let open = reasons(open);
    assert_eq!(open.evidence, [format!("{wins_exe} less than 5.0.2195.6870 [is 5.0.2195.6601]")]);
    assert_eq!(open.missing, ["service WINS"], "unknown: what is known, and what is not");
}

#[test]
fn all_bulletins_share_a_host() {
    let mut other = wins();
    other.id = "MS04-007".parse().unwrap();
    let checked = checked(vec![wins(), other]);
    let evaluator = Evaluator::new(&checked);
    let host = read(&server(OLD, OLD, "automatic")).0;
    let outcomes = evaluator.outcomes(&host);
    assert_eq!(
        outcomes.iter().map(|one| one.bulletin.as_str()).collect::<Vec<_>>(),
        ["MS04-006", "MS04-007"]
    );
    assert!(outcomes.iter().all(|one| one.verdict == Verdict::Vulnerable));
}

fn test(name: &str, host: &str, expected: Expected) -> RuleTest {
    let vulnerability = Some("CVE-2003-0825".parse().unwrap());
    let expectations = vec![Expectation { vulnerability, expected, origin: Origin::default() }];
    RuleTest { name: name.to_owned(), host: parse(host), expectations, origin: Origin::default() }
}

#[test]
fn tests_inside_rules_are_run() {
    let mut rule = wins();
    let outdated = server(OLD, OLD, "automatic");
    rule.tests = vec![
        test("holds", &outdated, Expected::Verdict(Verdict::Vulnerable)),
        test("fails", &server(NEW, NEW, "manual"), Expected::Verdict(Verdict::Vulnerable)),
        test("inconsistent", &(outdated.clone() + "hotfixes: [KB830352]"), Expected::Inconsistent),
        test("consistent", &outdated, Expected::Inconsistent),
        test(
            "malformed",
            &outdated.replace("service_pack: 4", "service_pack: x"),
            Expected::Verdict(Verdict::Error),
        ),
        test("open", &outdated.replace(", start: automatic", ""), Expected::Verdict(Verdict::Fixed)),
    ];
    let checked = checked(vec![rule]);
    let results = run_tests(&Evaluator::new(&checked));
    let shown: Vec<String> = results
        .iter()
        .map(|result| {
            let failures = result.failures.iter();
            let failures = failures
                .map(|one| format!("expected {}, found {} {:?}", one.expected, one.found, one.because));
            format!("{}: {}", result.name, failures.collect::<Vec<_>>().join("; "))
        })
        .collect();
    assert_eq!(
        shown,
        [
            "holds: ",
            "fails: expected vulnerable for CVE-2003-0825, found fixed []",
            "inconsistent: ",
            "consistent: expected inconsistent facts for CVE-2003-0825, found none that contradict each other []",
            "malformed: expected a host without contradictions, found `os.service_pack`: `x` is not a service pack (write its number; 0 is none) []",
            "open: expected fixed for CVE-2003-0825, found unknown [\"service WINS\"]",
        ]
    );
    let diagnostic = results[5].diagnostics(checked.places()).next().unwrap();
    assert_eq!(
        (diagnostic.code.id, diagnostic.message.as_str()),
        ("CAV0503", "the test `open` of `MS04-006` does not hold")
    );
    assert_eq!(results.iter().filter(|result| result.passed()).count(), 2);
}
