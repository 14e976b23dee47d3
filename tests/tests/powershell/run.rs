//! How a script is run: which files it takes, what its exit code says, and what it prints when it
//! cannot do its work.

use caveat_powershell_interpreter::script::{Arguments, Ran, Script};
use caveat_tests::rules::{read, root};
use serde_json::Value;

use crate::{bundle, bundled};

fn run(script: &Script, facts: &str, arguments: Arguments<'_>) -> Ran {
    script.run(r"C:\facts\a host.json", facts, arguments)
}

fn example(name: &str) -> String {
    let text = read(&root().join("examples/hosts").join(name));
    let host: Value = serde_yaml::from_str(&text).unwrap();
    host.to_string()
}

#[test]
fn exit_codes_say_what_was_asked_for() {
    let (script, plain) = (bundle(&bundled()), Arguments::default());
    let (vulnerable, fixed) = (example("wins-01.yaml"), example("wins-02.yaml"));
    assert_eq!(run(&script, &vulnerable, plain).code, 1);
    assert_eq!(run(&script, &fixed, plain).code, 0);
    assert_eq!(run(&script, &vulnerable, Arguments { exit_mode: "none", ..plain }).code, 0);
    assert_eq!(run(&script, &vulnerable, Arguments { bulletins: &["ms04-008"], ..plain }).code, 0);
    assert_eq!(run(&script, &vulnerable, Arguments { fail_on: &["unknown, error"], ..plain }).code, 0);
    let detection = Arguments { exit_mode: "detection", ..plain };
    let (found, sound) = (run(&script, &vulnerable, detection), run(&script, &fixed, detection));
    assert_eq!((found.code, found.output.len()), (0, 0));
    assert_eq!((sound.code, sound.output.len()), (0, 1));
}

#[test]
fn only_the_bulletins_that_are_named() {
    let script = bundle(&bundled());
    for bulletins in
        [["MS04-008,MS04-006"].as_slice(), &["ms04-006", "ms04-008"], &["MS04-008", "ms04-008", "MS04-006"]]
    {
        let ran = run(&script, &example("wins-01.yaml"), Arguments { bulletins, ..Arguments::default() });
        let json: Value = serde_json::from_str(&ran.output.join("\n")).unwrap();
        assert_eq!(json["results"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn several_hosts_in_a_file() {
    let script = bundle(&bundled());
    for facts in ["[{}, {}]", "{}\n{}\n", "\u{feff}[ {} , {\"name\": null} ]"] {
        let results = script.results(r"C:\x\many.json", facts);
        let mut names: Vec<&str> = results.iter().map(|one| one["host"].as_str().unwrap()).collect();
        names.dedup();
        assert_eq!(names, ["many#1", "many#2"]);
    }
    assert_eq!(script.results("one.json", "{}")[0]["host"], "one");
}

#[test]
fn what_is_no_host_file_ends_with_2() {
    let script = bundle(&bundled());
    for facts in [
        "",
        "[]",
        "{",
        "{]",
        "nul",
        "[1]",
        "\"x\"",
        "{\"a\": 1}",
        "{\"os\": {\"version\": [1]}}",
        "{\"os\": null}",
        "{\"files\": {}}",
        "{\"files\": [{}]}",
        "{\"files\": [{\"path\": 1}]}",
        "{\"partial\": [\"all\"]}",
        "{\"schema\": \"caveat/host/v2\"}",
        "{\"name\": 1}",
        "{\"name\": \"a\", \"name\": \"b\"}",
        "{\"name\": \"\\x\"}",
        "{\"registry\": [{\"key\": \"HKLM\\\\A\", \"values\": {\"a\": {\"type\": \"reg_sz\"}}}]}",
        "{\"environment\": {\"A\": 1}}",
        "{\"hotfixes\": [null]}",
        "{\"os\": {\"suites\": [1]}}",
        "01",
        "{\"name\": .5}",
    ] {
        let ran = run(&script, facts, Arguments::default());
        assert_eq!((ran.code, ran.output.len()), (2, 0), "{facts}: {:?}", ran.output);
        assert!(ran.errors.last().unwrap().starts_with("caveat: "), "{facts}: {:?}", ran.errors);
    }
    let deep = format!("{}{}", "[".repeat(2000), "]".repeat(2000));
    assert_eq!(run(&script, &deep, Arguments::default()).code, 2);
    let unknown = Arguments { bulletins: &["MS99-001"], ..Arguments::default() };
    assert_eq!(run(&script, "{}", unknown).code, 2);
    let wrong = Arguments { fail_on: &["bad"], ..Arguments::default() };
    assert_eq!(run(&script, "{}", wrong).code, 2);
}
