//! The commands that reckon with the meaning of rules: `check --witness` and `--fix`, `diff`, `matrix`, and
//! the formats that other programs read.

use std::fs;

use caveat_tests::command::{Run, caveat, caveat_in};
use caveat_tests::rules::{files_below, read, root};
use serde_json::Value;

use super::{folder, wins};

const SARIF: &str = include_str!("../../oracles/sarif-2.1.0.schema.json");

/// A seeded defect.
pub(crate) fn defect(name: &str) -> String {
    read(&root().join("tests/cases/check/defects").join(name).with_extension("caveat"))
}

#[test]
fn a_witness_is_a_host_on_which_the_finding_shows() {
    let files = folder(&[("rule.caveat", &defect("packages-that-overlap"))]);
    let ran = caveat_in(files.path(), &["check", "rule.caveat", "--witness", "hosts/found"]).expect(0);
    assert!(ran.stderr.contains("wrote 1 host file to hosts/found"), "{}", ran.stderr);
    let eval = ["eval", "-q", "rule.caveat", "--host", "hosts/found/CAV0811-1.json", "--format", "json"];
    let verdicts = caveat_in(files.path(), &eval).expect(0).json();
    assert_eq!(verdicts["results"][0]["verdict"], "vulnerable");
    let inconsistent = verdicts["results"][0]["inconsistencies"].as_array();
    assert!(inconsistent.is_none_or(Vec::is_empty), "{verdicts}");
    let explain = ["explain", "MS04-006", "rule.caveat", "--host", "hosts/found/CAV0811-1.json", "-q"];
    let explained = caveat_in(files.path(), &explain).expect(0).stdout;
    assert!(explained.contains("false: vulnerable to") && explained.contains("true: vulnerable to"));
}

#[test]
fn every_witness_is_a_sound_host_file() {
    let cases = files_below(&root().join("tests/cases/check/defects"), "caveat");
    let mut shown = 0;
    for case in cases {
        let files = folder(&[("rule.caveat", &read(&case))]);
        let checked = caveat_in(files.path(), &["check", "rule.caveat", "--witness", "w"]);
        // Rules with errors are not evaluated.
        if checked.code == Some(1) {
            continue;
        }
        for host in files_below(&files.path().join("w"), "json") {
            let host = host.to_string_lossy().into_owned();
            let ran = caveat_in(files.path(), &["eval", "-q", "rule.caveat", "--host", &host]).expect(0);
            assert_eq!(ran.stderr, "", "{}", case.display());
            shown += 1;
        }
    }
    assert!(shown >= 5, "{shown} witnesses");
}

#[test]
fn safe_fixes_are_made_and_nothing_else() {
    let bad = defect("letter-that-looks-like-another");
    let (_header, bad) = bad.split_once('\n').unwrap();
    let other = "condition a = not (not hotfix KB1)\n";
    let files = folder(&[("rule.caveat", bad), ("other.caveat", other)]);
    let ran = caveat_in(files.path(), &["check", "rule.caveat", "other.caveat", "--fix"]).expect(0);
    assert!(ran.stderr.contains("CAV0831") && !ran.stderr.contains("CAV0853"), "{}", ran.stderr);
    assert!(ran.stderr.contains("mended 1 file"), "{}", ran.stderr);
    assert_eq!(read(&files.path().join("rule.caveat")), bad.replace('І', "I"));
    assert_eq!(read(&files.path().join("other.caveat")), other);
}

/// What `--fix` makes of a file, which has to be formatted and without findings of the kind.
fn mended(text: &str, code: &str) -> String {
    let files = folder(&[("rule.caveat", text)]);
    let ran = caveat_in(files.path(), &["check", "rule.caveat", "--fix"]).expect(0);
    assert!(ran.stderr.contains("mended 1 file") && !ran.stderr.contains(code), "{}", ran.stderr);
    let _ = caveat_in(files.path(), &["fmt", "--check", "rule.caveat"]).expect(0);
    read(&files.path().join("rule.caveat"))
}

#[test]
fn lines_and_comments_that_do_nothing_are_taken_out() {
    let rest = "// A note.\ncondition a = hotfix KB1\n";
    assert_eq!(mended(&format!("use std.windows\n\n{rest}"), "CAV0402"), rest);
    let two = "use std.products\nuse std.windows\n\ncondition a = platform windows-xp\n";
    assert_eq!(mended(two, "CAV0402"), two.replace("use std.products\n", ""));
    let allow = "caveat:allow(CAV0806) both are asked for";
    let above = format!("condition b = hotfix KB1\n\n// {allow}\n\ncondition a = hotfix KB1\n");
    assert_eq!(mended(&above, "CAV0861"), "condition b = hotfix KB1\n\ncondition a = hotfix KB1\n");
    let beside = format!("condition a = hotfix KB1 // {allow}\n");
    assert_eq!(mended(&beside, "CAV0861"), "condition a = hotfix KB1\n");
}

#[test]
fn comments_in_files_with_errors_are_left_alone() {
    let text = "// caveat:allow(CAV0806) both are asked for\ncondition a = hotfix\n";
    let files = folder(&[("rule.caveat", text)]);
    let ran = caveat_in(files.path(), &["check", "rule.caveat", "--fix"]).expect(1);
    assert!(!ran.stderr.contains("CAV0861"), "{}", ran.stderr);
    assert_eq!(read(&files.path().join("rule.caveat")), text);
}

#[test]
fn conditions_are_mended_in_place() {
    let double = "condition a = not not hotfix KB1 and hotfix KB2\n";
    assert_eq!(mended(double, "CAV0831"), "condition a = hotfix KB1 and hotfix KB2\n");
    let key = r"HKLM\SYSTEM\ControlSet001\Services\LanmanServer\Parameters";
    let asked = format!("exposed  when registry '{key}' value RequireSecuritySignature = dword 0");
    let asks = wins().replace(r#"exposed  when service "WINS" enabled"#, &asked);
    assert_ne!(asks, wins());
    assert_eq!(mended(&asks, "CAV0842"), asks.replace("ControlSet001", "CurrentControlSet"));
    let invisible = wins().replace(r"\System32\", "\\Sys\u{AD}tem32\\");
    assert_eq!(mended(&invisible, "CAV0853"), wins());
    let blank = wins().replace("\"WINS\"", "\"WINS \"");
    assert_eq!(mended(&blank, "CAV0853"), wins());
}

#[test]
fn reordering_and_renaming_are_no_change() {
    let old = wins();
    let new = old
        .replace("condition wins ", "condition wins-server ")
        .replace("requires    wins\n", "requires    wins-server and service \"WINS\" installed\n")
        .replace("requires  wins\n", "requires  wins-server\n")
        .replace("package \"Windows 2000 Server\"", "package \"2000\"");
    assert_ne!(old, new);
    let files = folder(&[("old/a.caveat", &old), ("new/b.caveat", &new)]);
    let ran = caveat_in(files.path(), &["diff", "-q", "old", "new", "--format", "json"]).expect(0);
    assert_eq!(ran.json()["changes"], Value::Array(Vec::new()));
    let _ = caveat_in(files.path(), &["diff", "-q", "old", "new", "--fail-on-change"]).expect(0);
}

#[test]
fn a_change_comes_with_a_host_and_its_verdicts() {
    let new = wins().replace("fixed in 5.0.2195.6870", "fixed in 5.0.2195.6900");
    let files = folder(&[("old.caveat", &wins()), ("new.caveat", &new)]);
    let arguments = ["diff", "-q", "old.caveat", "new.caveat", "--fail-on-change"];
    let human = caveat_in(files.path(), &arguments).expect(1).stdout;
    assert!(
        human.starts_with("MS04-006 changed\n  CVE-2003-0825 changed\n    fixed (low) -> vulnerable (low)\n"),
        "{human}"
    );
    let json = caveat_in(files.path(), &[&arguments[..4], &["--format", "json"]].concat()).expect(0).json();
    let host = &json["changes"][0]["vulnerabilities"][0]["hosts"][0];
    assert_eq!(
        (&host["before"]["verdict"], &host["after"]["verdict"]),
        (&"fixed".into(), &"vulnerable".into())
    );
    assert_eq!(host["host"]["schema"], "caveat/host/v1");
    let gone = caveat_in(files.path(), &["diff", "-q", "old.caveat", "clean.caveat"]);
    assert!(gone.expect(1).stderr.contains("CAV0701"));
}

#[test]
fn bulletins_come_and_go() {
    let files = folder(&[("old/a.caveat", &wins()), ("new/a.caveat", "condition a = hotfix KB1\n")]);
    let gone = caveat_in(files.path(), &["diff", "old", "new"]).expect(0).stdout;
    assert_eq!(gone, "MS04-006 removed\n");
    let fresh = caveat_in(files.path(), &["diff", "new", "old"]).expect(0).stdout;
    assert_eq!(fresh, "MS04-006 added\n");
}

#[test]
fn a_matrix_says_what_each_platform_can_be() {
    let files = folder(&[("a.caveat", &wins())]);
    let json = caveat_in(files.path(), &["matrix", "a.caveat", "--format", "json"]).expect(0).json();
    let rows = json["bulletins"][0]["rows"].as_array().unwrap();
    let row = |platform: &str| rows.iter().find(|row| row["platform"] == platform).unwrap();
    let server = row("Microsoft Windows 2000 Server, service pack 2 to 4");
    assert_eq!(server["unpatched"], serde_json::json!(["vulnerable", "mitigated"]));
    assert_eq!(server["patched"], serde_json::json!(["fixed", "not-applicable"]));
    let professional = row("Microsoft Windows 2000 Professional, service pack 2 to 4");
    assert_eq!(professional["unpatched"], serde_json::json!([]));
    let human = caveat_in(files.path(), &["matrix", "a.caveat", "--bulletin", "ms04-006"]).expect(0).stdout;
    assert!(human.starts_with("MS04-006\n  CVE-2003-0825 "), "{human}");
    let _ = caveat_in(files.path(), &["matrix", "a.caveat", "--bulletin", "MS99-001"]).expect(2);
}

#[test]
fn tests_can_be_read_as_junit() {
    let text = wins().replace("test \"2000 SP4, unpatched\"", "test \"a < b & \\\"c\\\"\"");
    let wrong = text.replacen("expect vulnerable to CVE-2003-0825", "expect fixed for CVE-2003-0825", 1);
    let files = folder(&[("a.caveat", &wrong)]);
    let xml = caveat_in(files.path(), &["test", "a.caveat", "--format", "junit"]).expect(1).stdout;
    let document = roxmltree::Document::parse(&xml).unwrap();
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase")).count();
    assert_eq!(document.root_element().attribute("tests"), Some(cases.to_string().as_str()));
    assert_eq!(document.root_element().attribute("failures"), Some("1"));
    let names: Vec<&str> = document.descendants().filter_map(|node| node.attribute("name")).collect();
    assert!(names.contains(&"a < b & \"c\""), "{names:?}");
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    assert_eq!(failure.attribute("message"), Some("expected fixed for CVE-2003-0825, found vulnerable"));
}

#[test]
fn who_is_exposed_is_told_in_the_words_of_the_rule() {
    let text = "only where the WINS service may start";
    let rule = wins().replace(
        "exposed  when service \"WINS\" enabled",
        &format!("exposed \"{text}\" when service \"WINS\" enabled on windows-2000"),
    );
    assert!(rule.contains(text));
    let files = folder(&[("rule.caveat", &rule)]);
    let host = |name: &str| root().join("examples/hosts").join(name).display().to_string();
    let ran = |host: &str, more: &[&str]| {
        let eval = [&["eval", "-q", "rule.caveat", "--host", host], more].concat();
        caveat_in(files.path(), &eval).expect(0)
    };
    let vulnerable = host("wins-01.yaml");
    assert!(ran(&vulnerable, &[]).stdout.contains(&format!("      exposed: {text}\n")));
    let found = ran(&vulnerable, &["--format", "json"]).json();
    assert_eq!(found["results"][0]["vulnerabilities"][0]["exposure"], serde_json::json!([text]));
    let explain = ["explain", "MS04-006", "rule.caveat", "-q", "--host", &vulnerable];
    assert!(caveat_in(files.path(), &explain).expect(0).stdout.contains(&format!("true: exposed ({text})")));
    let oval = caveat_in(files.path(), &["build", "rule.caveat", "-t", "oval", "-o", "out"]).expect(0);
    drop(oval);
    let document = read(&files.path().join("out/oval/ms04-006.xml"));
    let told: Vec<&str> =
        document.lines().filter(|line| line.contains(&format!("Exposed: {text}."))).collect();
    // The definition of the package for Windows 2000, and that of the CVE.
    assert_eq!(told.len(), 2, "{told:#?}");
    // Of another Windows, on which that is not asked, nothing is said.
    let other = "{ name: other, os: { platform: windows-server-2003, service_pack: 0 }, services: [{ name: WINS }], \
                 files: [{ path: 'C:\\WINDOWS\\System32\\wins.exe', version: 5.2.3790.1 }], \
                 environment: { SystemRoot: 'C:\\WINDOWS' } }";
    fs::write(files.path().join("other.yaml"), other).unwrap();
    let found = ran("other.yaml", &["--format", "json"]).json();
    assert_eq!(found["results"][0]["verdict"], "vulnerable", "{found:#}");
    assert_eq!(found["results"][0]["vulnerabilities"][0]["exposure"], Value::Null);
}

#[test]
fn sarif_is_what_its_schema_says() {
    // The schema's expression for languages has a bracket too many, which strict readers refuse.
    let mended = SARIF.replace("{2}]?$", "{2}?$");
    assert_ne!(SARIF, mended);
    let schema: Value = serde_json::from_str(&mended).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let valid = |log: &Value| {
        let errors: Vec<String> = schema.iter_errors(log).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}\n{log:#}");
    };
    let sarif = ["check", "-", "--message-format", "sarif"];
    for case in files_below(&root().join("tests/cases/check"), "caveat") {
        let bytes = fs::read(&case).unwrap();
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let ran = Run::new(root(), sarif).stdin(text).go();
        valid(&ran.json());
    }
    let hosts =
        ["eval", "rules/ms04/ms04-006.caveat", "--host", "examples/hosts/wins-01.yaml", "--format", "sarif"];
    valid(&caveat(&hosts).expect(0).json());
}
