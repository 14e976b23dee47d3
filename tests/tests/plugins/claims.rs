//! What a plug-in that leaves projection to the host is told of a claim, and how it says that it cannot say one.

use std::fs;

use caveat_tests::command::{Ran, caveat, caveat_in};
use caveat_tests::rules::read;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{kit, talk};

/// A vulnerability with two packages, and one of the first package only.
const RULES: &str = r#"platform nt { title "NT"; version 5.0 }
platform xp { title "XP"; version 5.1 }
bulletin AAA-1 {
    title "Cannot be said"
    severity low
    published 2004-01-01
    vulnerability CVE-2004-0009 { severity low }
    package "P" { for nt; vulnerable when undecidable "nobody can tell" }
}
bulletin ONE-1 {
    title "One"
    severity low
    published 2004-01-01
    vulnerability CVE-2004-0001 {
        severity critical on nt
        severity moderate on xp
        exposed when service "Acme" enabled
    }
    vulnerability CVE-2004-0002 { severity important on nt }
    package "P" {
        for nt
        requires registry 'HKLM\SOFTWARE\Acme' exists
        file '%SystemRoot%\a.dll' fixed in 5.0.2195.6870
    }
    package "Q" { for xp; vulnerable when not hotfix KB2 and not registry 'HKLM\SOFTWARE\B' exists }
}
"#;

/// What differs from a plug-in that supports everything but what nobody can tell.
fn hello(more: &[(&str, Value)]) -> Value {
    let ir =
        caveat_ir::Feature::ALL.iter().map(|one| (one.as_str().to_owned(), json!({ "support": "exact" })));
    let mut support: serde_json::Map<String, Value> = ir.collect();
    support.insert("unknowable".to_owned(), json!({ "support": "no", "why": "w" }));
    support.extend(more.iter().map(|(name, how)| ((*name).to_owned(), how.clone())));
    json!({ "support": support })
}

fn build(hello: &Value, say: &Value, policy: &str) -> (TempDir, Ran) {
    let folder = talk(hello, say);
    fs::write(folder.path().join("a.caveat"), RULES).unwrap();
    let arguments =
        ["build", "-t", "says", "--allow-plugins", "--policy", policy, "--message-format", "short"];
    let ran = caveat_in(folder.path(), &arguments);
    (folder, ran)
}

/// What `emit` holds for a plug-in that introduces itself so.
fn asked(more: &[(&str, Value)]) -> Value {
    let (folder, ran) = build(&hello(more), &json!([{ "type": "keep" }, artifact(), done()]), "approximate");
    let _ = ran.expect(0);
    let asked = serde_json::from_str(&read(&folder.path().join("asked.json"))).unwrap();
    let schema = caveat(&["schema", "protocol"]).expect(0).json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<String> = validator.iter_errors(&asked).map(|error| error.to_string()).collect();
    assert!(problems.is_empty(), "{problems:?}");
    asked
}

fn artifact() -> Value {
    json!({ "type": "artifact", "each": true, "path": "says/{id}.txt", "text": "x", "bulletins": ["{id}"] })
}

fn done() -> Value {
    json!({ "type": "done" })
}

fn cannot(claim: usize, why: &str) -> Value {
    json!({ "type": "cannot", "claim": claim, "why": why })
}

/// The parts of a conjunction.
fn conjuncts(formula: &Value) -> Vec<Value> {
    formula["all"].as_array().cloned().unwrap_or_else(|| vec![formula.clone()])
}

#[test]
fn parts_together_are_the_formula() {
    let emit = asked(&[]);
    let claims = emit["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 5, "{claims:#?}");
    for claim in claims {
        let parts = ["platforms", "requires", "outdated", "exposed"].into_iter();
        let parts = parts.filter_map(|part| claim["parts"].get(part));
        let together: Vec<Value> = parts.flat_map(conjuncts).collect();
        assert_eq!(together, conjuncts(&claim["formula"]), "{claim:#}");
        assert_eq!(claim["parts"].get("exposed").is_some(), claim["kind"] == "vulnerable", "{claim:#}");
    }
    let first = &claims[0];
    let file = json!({ "test": { "file-exists": "%SystemRoot%\\a.dll" } });
    assert_eq!(first["parts"]["present"], file);
    assert_eq!(first["parts"]["platforms"], json!({ "test": { "os-version": "5.0" } }));
    assert_eq!(claims[1]["parts"]["requires"], json!({ "all": [] }), "{:#}", claims[1]);
    assert_eq!(claims[2]["parts"]["exposed"], json!({ "all": [] }), "{:#}", claims[2]);
}

#[test]
fn claims_have_a_severity_and_point_into_the_rules() {
    let emit = asked(&[]);
    let mut found = Vec::new();
    for claim in emit["claims"].as_array().unwrap() {
        let at =
            |key: &str| claim["at"].get(key).map(|at| emit["rules"].pointer(at.as_str().unwrap()).unwrap());
        assert_eq!(at("bulletin").unwrap()["id"], claim["bulletin"]);
        assert_eq!(at("package").unwrap()["name"], claim["package"]);
        assert_eq!(at("vulnerability").map_or(&Value::Null, |one| &one["id"]), &claim["vulnerability"]);
        let text = |key: &str| claim[key].as_str().unwrap_or("-").to_owned();
        found.push([text("kind"), text("vulnerability"), text("package"), text("severity")].join(" "));
    }
    assert_eq!(
        found,
        [
            "vulnerable CVE-2004-0001 P critical",
            "vulnerable CVE-2004-0001 Q moderate",
            "vulnerable CVE-2004-0002 P important",
            "missing - P critical",
            "missing - Q moderate",
        ]
    );
}

/// A test that errs towards more hosts is kept where it stands and gone below a `not`; one that errs both ways is
/// gone everywhere; one that is made in part is kept.
#[test]
fn what_became_of_tests_is_told() {
    let losses = |name: &str, how: Value| {
        let emit = asked(&[(name, how)]);
        let claims = emit["claims"].as_array().unwrap();
        let lost = |claim: &Value| {
            let losses = claim["losses"].as_array().unwrap().iter();
            let told = losses.map(|one| {
                assert!(one["test"].is_object() && one["words"].is_string(), "{one}");
                format!(
                    "{} {} {}",
                    one["feature"].as_str().unwrap(),
                    one["why"].as_str().unwrap(),
                    one["kept"]
                )
            });
            (claim["lost"].as_array().unwrap().len(), told.collect::<Vec<_>>())
        };
        [lost(&claims[0]), lost(&claims[1])]
    };
    let approximate =
        |direction: &str| json!({ "support": "approximate", "direction": direction, "why": "w" });
    let none = || (0, Vec::new());
    let one = |lost: usize, text: &str| (lost, vec![text.to_owned()]);
    let over = approximate("may-over-report");
    assert_eq!(
        losses("registry-exists", over),
        [one(1, "registry-exists w true"), one(1, "registry-exists w false")]
    );
    assert_eq!(
        losses("registry-exists", approximate("may-err-both-ways")),
        [one(1, "registry-exists w false"), one(1, "registry-exists w false")]
    );
    let narrow = json!({ "support": "narrow", "why": "w" });
    assert_eq!(losses("hotfix", narrow), [none(), one(0, "hotfix w true")]);
    assert_eq!(
        losses("service-start", json!({ "support": "no", "why": "w" })),
        [one(1, "service-start w false"), one(1, "service-start w false")]
    );
}

fn fidelity(folder: &TempDir) -> Value {
    let manifest: Value = serde_json::from_str(&read(&folder.path().join("out/manifest.json"))).unwrap();
    manifest["artifacts"][0]["fidelity"].clone()
}

fn told(ran: &Ran) -> Vec<String> {
    let lines = ran.stderr.lines().filter(|line| line.contains("ONE-1: "));
    lines.map(|line| line.split_once("ONE-1: ").unwrap().1.to_owned()).collect()
}

/// Before or after the artifact, the bulletin is not said whole.
#[test]
fn a_claim_that_cannot_be_said_is_left_out() {
    for say in [
        json!([cannot(0, "no lists"), artifact(), done()]),
        json!([artifact(), cannot(0, "no lists"), done()]),
    ] {
        let (folder, ran) = build(&hello(&[]), &say, "approximate");
        let ran = ran.expect(0);
        assert_eq!(
            told(&ran),
            ["the package \"P\" is left out for CVE-2004-0001: no lists"],
            "{}",
            ran.stderr
        );
        assert_eq!(fidelity(&folder), "may-miss");
        let (folder, ran) = build(&hello(&[]), &say, "skip");
        let ran = ran.expect(0);
        assert!(told(&ran).contains(&"left out".to_owned()), "{}", ran.stderr);
        assert!(!folder.path().join("out/says").exists());
        let (folder, ran) = build(&hello(&[]), &say, "error");
        assert!(
            ran.expect(1).stderr.contains("error[CAV0602]: says: ONE-1: the package \"P\" is left out for")
        );
        assert!(!folder.path().join("out").exists());
    }
    let exact = json!([
        cannot(0, "w"),
        json!({ "type": "artifact", "path": "says/a.txt", "text": "x", "bulletins": ["ONE-1"], "fidelity": "exact" }),
        done()
    ]);
    let ran = build(&hello(&[]), &exact, "approximate").1.expect(3);
    assert!(ran.stderr.contains("which what it supports does not allow"), "{}", ran.stderr);
}

#[test]
fn a_package_and_a_bulletin_that_cannot_be_said() {
    let (folder, ran) = build(
        &hello(&[]),
        &json!([cannot(0, "a"), cannot(2, "a"), cannot(3, "a"), artifact(), done()]),
        "approximate",
    );
    assert_eq!(told(&ran.expect(0)), ["the package \"P\" is left out: a"]);
    assert_eq!(fidelity(&folder), "may-miss");
    // Whether a package is missing says nothing of who is vulnerable, and is left out all the same.
    let missing = json!([cannot(3, "a"), artifact(), done()]);
    let (folder, ran) = build(&hello(&[]), &missing, "approximate");
    assert_eq!(told(&ran.expect(0)), ["the package \"P\" is left out for whether it is missing: a"]);
    assert_eq!(fidelity(&folder), "exact");
    let (folder, ran) = build(&hello(&[]), &missing, "skip");
    let _ = ran.expect(0);
    assert!(!folder.path().join("out/says").exists());
    let all: Vec<Value> = (0..5).map(|claim| cannot(claim, "a")).chain([done()]).collect();
    let (folder, ran) = build(&hello(&[]), &json!(all), "approximate");
    assert_eq!(
        told(&ran.expect(0)),
        ["the package \"P\" is left out: a", "the package \"Q\" is left out: a"]
    );
    assert!(!folder.path().join("out/says").exists());
}

#[test]
fn claims_that_are_none() {
    for (hello, say, words) in [
        (hello(&[]), cannot(5, "w"), "it speaks of the claim 5, which it was not given"),
        (json!({ "projects": true }), cannot(0, "w"), "it speaks of the claim 0, which it was not given"),
        (hello(&[]), cannot(0, " "), "it does not say why it cannot say the claim 0"),
        (hello(&[]), json!({ "type": "cannot", "claim": -1, "why": "w" }), "a line is not a message"),
    ] {
        let ran = build(&hello, &json!([say, artifact(), done()]), "approximate").1.expect(3);
        assert!(ran.stderr.contains("error[CAV0611]") && ran.stderr.contains(words), "{}", ran.stderr);
    }
}

/// One that says what it cannot is at no fault, whatever the policy.
#[test]
fn the_kit_takes_it() {
    let say = json!([{ "type": "cannot", "every": 2, "why": "no lists" }, artifact(), done()]);
    let ran = kit(&hello(&[]), &say).expect(0);
    assert!(ran.stdout.ends_with(" 0 broken\n"), "{}", ran.stdout);
    let ran = kit(&hello(&[]), &json!([cannot(1000, "w"), artifact(), done()])).expect(1);
    assert!(ran.stderr.contains("it speaks of the claim 1000"), "{}", ran.stderr);
}
