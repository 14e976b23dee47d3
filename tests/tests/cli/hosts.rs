//! Commands that look at hosts: `eval`, `explain` and `test`.

use caveat_tests::command::{Run, caveat, caveat_in};
use caveat_tests::rules::{read, root};
use serde_json::Value;

use crate::{BROKEN, folder, wins};

const VULNERABLE: &str = "examples/hosts/wins-01.yaml";
const FIXED: &str = "examples/hosts/wins-02.yaml";

#[test]
fn eval_gives_verdicts_to_people() {
    let ran = caveat(&["eval", "rules", "--host", VULNERABLE, FIXED]).expect(0);
    assert!(ran.stdout.contains("wins-01\n  MS04-006             vulnerable"), "{}", ran.stdout);
    assert!(ran.stdout.contains("CVE-2003-0825"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("2 hosts: 3 vulnerable, 3 fixed, 8 not-applicable\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains('\u{1B}'));
    let colored = caveat(&["--color", "always", "eval", "rules", "--host", VULNERABLE]).expect(0);
    assert!(colored.stdout.contains('\u{1B}'));
}

#[test]
fn eval_says_why_when_asked() {
    let quiet = caveat(&["eval", "rules", "--host", VULNERABLE, FIXED]).expect(0);
    assert!(!quiet.stdout.contains("because: "), "{}", quiet.stdout);
    let ran = caveat(&["-v", "eval", "rules", "--host", VULNERABLE, FIXED]).expect(0).stdout;
    let old = "%SystemRoot%\\System32\\wins.exe is less than 5.0.2195.6870 [is 5.0.2195.6601]";
    let expected = format!(
        "\x20   CVE-2003-0825      vulnerable      low\n\
         \x20   because: service WINS is installed [is there]\n\
         \x20   because: the version of {old}\n\
         \x20   because: service WINS is enabled [is automatic]\n"
    );
    assert!(ran.contains(&expected), "{ran}");
    let fixed = ran.split("\nwins-02\n").nth(1).unwrap();
    assert!(!fixed.contains("because: "), "what asks for nothing is not explained: {fixed}");
}

#[test]
fn eval_gives_verdicts_to_programs() {
    let json = caveat(&["eval", "rules", "--host", VULNERABLE, "--format", "json"]).expect(0).json();
    assert_eq!(json["schema"], "caveat/eval/v1");
    let results = json["results"].as_array().unwrap();
    let first = results.iter().find(|one| one["bulletin"] == "MS04-006").unwrap();
    assert_eq!(first["host"], "wins-01");
    assert_eq!(first["verdict"], "vulnerable");
    assert_eq!(first["package"], "Windows 2000 Server");
    let one: Value = serde_json::json!({ "id": "CVE-2003-0825", "verdict": "vulnerable", "severity": "low" });
    let found = &first["vulnerabilities"][0];
    for (name, value) in one.as_object().unwrap() {
        assert_eq!(&found[name], value, "{found}");
    }
    let sarif = caveat(&["eval", "rules", "--host", VULNERABLE, "--format", "sarif"]).expect(0).json();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 3);
    let _ = caveat(&["eval", "rules", "--host", VULNERABLE, "--format", "xml"]).expect(2);
}

#[test]
fn eval_fails_on_the_verdicts_it_is_told_to() {
    let eval = |host: &str, verdicts: &str| caveat(&["eval", "rules", "--host", host, "--fail-on", verdicts]);
    let _ = eval(VULNERABLE, "vulnerable").expect(1);
    let _ = eval(FIXED, "vulnerable").expect(0);
    let _ = eval(FIXED, "vulnerable,fixed").expect(1);
    let _ = eval("examples/hosts/partial-01.yaml", "unknown,error").expect(1);
    let _ = eval(VULNERABLE, "not-applicable").expect(1);
    let _ = eval(VULNERABLE, "bad").expect(2);
}

#[test]
fn eval_reads_hosts_and_rules_from_standard_input() {
    let host = read(&root().join(VULNERABLE));
    let ran = Run::new(root(), ["eval", "rules", "--host", "-"]).stdin(host).go().expect(0);
    assert!(ran.stdout.contains("vulnerable"), "{}", ran.stdout);
    let ran = Run::new(root(), ["eval", "-", "--host", VULNERABLE]).stdin(wins()).go().expect(0);
    assert!(ran.stdout.ends_with("1 host: 1 vulnerable\n"), "{}", ran.stdout);
}

#[test]
fn eval_needs_rules_and_hosts_that_can_be_read() {
    let _ = caveat(&["eval", "rules"]).expect(2);
    let ran = caveat(&["eval", "rules", "--host", VULNERABLE, "nowhere.yaml"]).expect(1);
    assert!(ran.stderr.contains("CAV0701"), "{}", ran.stderr);
    assert!(ran.stdout.contains("wins-01"), "the other host is evaluated: {}", ran.stdout);
    let broken = Run::new(root(), ["eval", "-", "--host", VULNERABLE]).stdin(BROKEN).go().expect(1);
    assert_eq!(broken.stdout, "");
}

const REVISIONS: &str = "tests/cases/verdict/revisions";

#[test]
fn facts_tell_what_follows_from_what() {
    let (rules, hosts) = (format!("{REVISIONS}.caveat"), format!("{REVISIONS}.yaml"));
    let ran = caveat(&["facts", &rules, "--host", &hosts]).expect(0).stdout;
    let of = |name: &str| {
        let text = ran.split("\n\n").find(|host| host.trim_start().starts_with(&format!("{name}\n")));
        text.unwrap_or_else(|| panic!("{name}: {ran}")).to_owned()
    };
    let revision = |name: &str| {
        let text = of(name);
        let line = text.lines().find_map(|line| line.strip_prefix("  revision      "));
        line.unwrap_or_else(|| panic!("{text}")).to_owned()
    };
    let known = "as KB5053606 is listed (table of updates of 2026-07)";
    assert_eq!(revision("all-articles-an-earlier-one-last"), format!("5608, {known}, and no later update"));
    assert_eq!(
        revision("and-a-new-one-of-something-else"),
        format!("at least 5608, {known}; KB5200001, which no table has, may be of a later update")
    );
    assert_eq!(
        revision("an-earlier-article"),
        format!("at least 5608, {known}; the list of updates is not known to be complete")
    );
    assert_eq!(revision("no-article-at-all"), "not known");
    assert_eq!(revision("a-bound-at-the-floor"), "at least 5737");
    assert_eq!(revision("a-revision-and-its-article"), "5608");
    assert!(of("no-article-at-all").contains("\n  is            Microsoft Windows 10 22H2\n"), "{ran}");
}

#[test]
fn a_repository_adds_tables_of_updates() {
    let folder = folder(&[]);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("caveat.toml", "rules = \"rules\"\nupdates = [\"site.updates\"]\n");
    std::fs::create_dir(folder.path().join("rules")).unwrap();
    let rule = read(&root().join(format!("{REVISIONS}.caveat")));
    write("rules/a.caveat", &rule);
    write(
        "host.yaml",
        "schema: caveat/host/v1\nname: later\n\
         os: { version: '10.0', build: 19045, product_type: workstation, architecture: x64 }\n\
         hotfixes: [KB5200001]\n",
    );
    write("site.updates", "as of 2026-12\nbuilds 19041..19045\n7900 KB5200001\n");
    let facts = || caveat_in(folder.path(), &["facts", "--host", "host.yaml"]);
    let ran = facts().expect(0).stdout;
    assert!(
        ran.contains("  revision      7900, as KB5200001 is listed (table of updates of 2026-12)"),
        "{ran}"
    );
    let eval = caveat_in(folder.path(), &["eval", "--host", "host.yaml"]).expect(0).stdout;
    assert!(eval.contains("fixed") && eval.contains("TST-111"), "{eval}");
    write("site.updates", "builds 19045\n7900\n");
    let refused = facts().expect(1).stderr;
    assert!(refused.contains("site.updates:2") && refused.contains("5737 KB5055518"), "{refused}");
}

#[test]
fn explain_prints_the_page_of_a_code() {
    let page = read(&root().join("docs/codes/CAV0203.md"));
    assert_eq!(caveat(&["explain", "CAV0203"]).expect(0).stdout, page);
    assert_eq!(caveat(&["explain", "cav0203"]).expect(0).stdout, page);
    let _ = caveat(&["explain", "CAV9999"]).expect(2);
    let _ = caveat(&["explain"]).expect(2);
}

#[test]
fn explain_tells_how_a_verdict_came_about() {
    let explain = |subject: &str| caveat(&["explain", subject, "rules", "--host", VULNERABLE]);
    let ran = explain("MS04-006").expect(0);
    assert!(ran.stdout.starts_with("MS04-006 on wins-01: vulnerable\n"), "{}", ran.stdout);
    for fact in ["Windows 2000 Server", "wins.exe", "5.0.2195.6870", "WINS"] {
        assert!(ran.stdout.contains(fact), "{fact}: {}", ran.stdout);
    }
    for name in ["ms04-006", "CVE-2003-0825", "CAN-2003-0825"] {
        assert_eq!(explain(name).expect(0).stdout, ran.stdout, "{name}");
    }
    assert!(explain("MS04-999").expect(2).stderr.contains("MS04-006"));
    let _ = caveat(&["explain", "MS04-006", "rules"]).expect(2);
    let several = caveat(&["explain", "MS04-006", "rules", "--host", VULNERABLE, FIXED]).expect(0).stdout;
    assert!(several.contains("on wins-01: vulnerable") && several.contains("on wins-02: fixed"), "{several}");
}

#[test]
fn test_runs_the_tests_inside_rules() {
    let text = wins();
    let wrong = text.replacen("expect vulnerable", "expect mitigated", 1);
    assert_ne!(text, wrong);
    let project =
        folder(&[("good.caveat", &text), ("wrong.caveat", &wrong), ("none.caveat", "use std.windows\n")]);
    let good = caveat_in(project.path(), &["test", "good.caveat"]).expect(0);
    assert!(good.stderr.ends_with(" passed, 0 failed\n"), "{}", good.stderr);
    let wrong = caveat_in(project.path(), &["test", "wrong.caveat"]).expect(1);
    assert!(wrong.stderr.contains("CAV0503") && wrong.stderr.contains(", 1 failed\n"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("expect mitigated"), "{}", wrong.stderr);
    assert!(caveat_in(project.path(), &["test", "none.caveat"]).expect(1).stderr.contains("CAV0706"));
    let one = caveat_in(project.path(), &["test", "good.caveat", "--filter", "ms04-006"]).expect(0);
    assert_eq!(one.stderr, good.stderr);
    let _ = caveat_in(project.path(), &["test", "good.caveat", "--filter", "no such test"]).expect(1);
    let loud = caveat_in(project.path(), &["-v", "test", "good.caveat"]).expect(0);
    assert!(loud.stderr.contains(" ... ok\n"), "{}", loud.stderr);
    let _ = Run::new(project.path(), ["test", "-"]).stdin(BROKEN).go().expect(1);
}
