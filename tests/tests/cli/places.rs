//! What is wrong with `caveat.toml` or a host file has a place in it, for people and for programs.

use std::path::Path;

use caveat_tests::command::{Ran, Run, caveat_in};
use caveat_tests::rules::root;
use serde_json::Value;

use crate::{CLEAN, folder, wins};

/// The first line of what a command says in short.
fn first(folder: &Path, arguments: &[&str]) -> String {
    let ran = caveat_in(folder, &[arguments, &["--message-format", "short"]].concat()).expect(1);
    ran.stderr.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_misspelt_key_of_the_configuration_is_shown_where_it_stands() {
    let toml =
        "rules = \"rules\"\n\n[option.oval]\nnamespace = \"org.example\"\n\n[backend.x]\ncomand = [\"x\"]\n";
    let files = folder(&[("caveat.toml", toml), ("rules/a.caveat", CLEAN)]);
    let ran = caveat_in(files.path(), &["check"]).expect(1).stderr;
    for part in ["--> caveat.toml:7:1", "7 | comand = [\"x\"]\n  | ^^^^^^\n", "did you mean `command`?"] {
        assert!(ran.contains(part), "{part}: {ran}");
    }
    for command in [&["check"][..], &["test"], &["build", "-t", "oval"], &["eval", "--host", "x.yaml"]] {
        assert_eq!(first(files.path(), command), "caveat.toml:7:1: error[CAV0704]: unknown key `comand`");
    }
    let ran = caveat_in(files.path(), &["check", "--message-format", "sarif"]).expect(1).json();
    let region = &ran["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&Value::from(7), &Value::from(1)));
}

#[test]
fn values_of_the_configuration_that_cannot_be_are_shown_where_they_stand() {
    for (toml, said) in [
        ("rules = 5\n", "1:9: error[CAV0704]: a text must stand here, not the number `5`"),
        (
            "rules = \"rules\"\nlock = \"../x\"\n",
            "2:8: error[CAV0704]: the path `../x` leaves the folder of this file",
        ),
        (
            "rules = \"rules\"\ntargets = [\"oval\", \"sgima\"]\n",
            "2:20: error[CAV0704]: there is no target `sgima`",
        ),
        (
            "rules = \"rules\"\n[option.oval]\nlayuot = \"bulletin\"\n",
            "3:10: error[CAV0704]: oval: there is no option `layuot`; known: ",
        ),
        (
            "rules = \"rules\"\n[option.oval]\nlayout = \"x\"\n",
            "3:10: error[CAV0704]: oval: `x` is not a value of `layout`",
        ),
        (
            "rules = \"rules\"\n[option.ovall]\nlayout = \"x\"\n",
            "2:9: error[CAV0704]: there is no target `ovall`",
        ),
        (
            "rules = \"rules\"\ntargets = [\"x\"]\n[backend.x]\ncommand = [\"x\"]\ntimeout = 0\n",
            "5:11: error[CAV0704]: the `timeout` of `[backend.x]` is 0",
        ),
        ("rules = \"rules\"\nrules = \"rules\"\n", "2:1: error[CAV0704]: duplicate key"),
        ("rules = \"rules\n", "1:15: error[CAV0704]: "),
    ] {
        let toml = if toml.contains("targets") { toml.to_owned() } else { format!("{toml}# \n") };
        let files = folder(&[("caveat.toml", &toml), ("rules/a.caveat", &wins())]);
        let target = if toml.contains("targets") { &[][..] } else { &["-t", "oval"] };
        let found = first(files.path(), &[&["build"], target].concat());
        assert!(found.starts_with(&format!("caveat.toml:{said}")), "{said}: {found}");
    }
}

fn eval(name: &str, text: &str, format: &str) -> Ran {
    let files = folder(&[("a.caveat", &wins()), (name, text)]);
    caveat_in(files.path(), &["eval", "a.caveat", "--host", name, "--message-format", format])
}

/// What is said of a host file, in short: place and message.
fn said(name: &str, text: &str) -> Vec<String> {
    let ran = eval(name, text, "short");
    ran.stderr.lines().filter(|line| line.contains("[CAV05")).map(str::to_owned).collect()
}

/// A host file, and the place and beginning of what is said of it.
const HOSTS: &[(&str, &str, &str)] = &[
    ("a.yaml", "name: a\nhostnme: b\n", "2:1: error[CAV0501]: not a host in YAML: unknown key `hostnme`"),
    ("a.yaml", "os:\n  verison: '5.0'\n", "2:3: error[CAV0501]: not a host in YAML: unknown key `verison`"),
    (
        "a.yaml",
        "files:\n  - path: C:\\a.dll\n  - version: '1'\n",
        "3:5: error[CAV0501]: not a host in YAML: the key `path` is missing here",
    ),
    ("a.yaml", "partial: [fils]\n", "1:11: error[CAV0501]: not a host in YAML: unknown word `fils`"),
    (
        "a.yaml",
        "name: ä\nos: { version: [5] }\n",
        "2:7: error[CAV0501]: not a host in YAML: a text or a number must stand here",
    ),
    (
        "a.yaml",
        "name: a\nname: b\n",
        "2:1: error[CAV0501]: not a host in YAML: the key `name` stands here twice",
    ),
    (
        "a.yaml",
        "name: a\n---\nfiles: no\n",
        "3:8: error[CAV0501]: not a host in YAML: a list must stand here, not the text `no`",
    ),
    (
        "a.yaml",
        "name: a\n  b: c\n",
        "2:4: error[CAV0501]: not a host in YAML: mapping values are not allowed in this context",
    ),
    (
        "a.json",
        "{\n  \"os\": { \"build\": {} }\n}\n",
        "2:11: error[CAV0501]: not a host in JSON: a text or a number must stand here",
    ),
    ("a.json", "[{},\n {\"nam\": \"x\"}]", "2:3: error[CAV0501]: not a host in JSON: unknown key `nam`"),
    (
        "a.json",
        "{\"files\": [{\"path\": 5}]}",
        "1:21: error[CAV0501]: not a host in JSON: a text must stand here, not the number `5`",
    ),
    ("a.json", "{\"name\": \"x\"", "1:12: error[CAV0501]: not a host in JSON: EOF while parsing an object"),
    (
        "a.ndjson",
        "{}\n\n{\"os\": 1}\n",
        "3:8: error[CAV0501]: not a host in JSON: facts such as `version` must stand here",
    ),
    ("a.yaml", "schema: caveat/host/v9\n", "1:9: error[CAV0501]: `caveat/host/v9` is not a schema"),
    ("a.yaml", "os:\n  version: 5.0\n", "2:12: warning[CAV0502]: `5` was read as a number, not as text"),
    (
        "a.yaml",
        "name: x\n---\nname: y\nfiles:\n- path: C:\\a.dll\n  version: 1.x\n",
        "6:12: warning[CAV0502]: ",
    ),
    (
        "a.yaml",
        "registry:\n- key: HKLM\\Software\\a.b\n  values:\n    c.d: { type: reg_sz, data: [x] }\n",
        "4:5: warning[CAV0502]: a reg_sz holds one value",
    ),
    (
        "a.yaml",
        "\u{feff}services:\n- name: x\n- { name: y, state: up }\n",
        "3:21: warning[CAV0502]: `up` is not a service's state",
    ),
    (
        "a.json",
        "{\"services\": [\n{\"name\": \"WINS\", \"start\": \"automatic\"}],\n\"registry\": [{\"key\": \"HKLM\\\\System\\\\CurrentControlSet\\\\Services\\\\WINS\",\n\"values\": {\n\"Start\": {\"type\": \"reg_dword\", \"data\": 4}}}]}",
        "5:1: error[CAV0501]: the service `wins` has start type",
    ),
];

#[test]
fn problems_of_host_files_are_shown_where_they_are() {
    for (name, text, expected) in HOSTS {
        let found = said(name, text);
        assert_eq!(found.len(), 1, "{text}\n{found:#?}");
        assert!(found[0].starts_with(&format!("{name}:{expected}")), "{expected}\n{found:#?}");
    }
}

#[test]
fn host_problems_come_in_order_and_with_excerpts() {
    let host = "os: { version: 5.0 }\nservices:\n- { name: x, start: never }\n- { name: y, state: up }\n";
    let lines: Vec<String> = said("a.yaml", host).iter().map(|line| line[..10].to_owned()).collect();
    assert_eq!(lines, ["a.yaml:1:1", "a.yaml:3:2", "a.yaml:4:2"]);
    let human = eval("a.yaml", host, "human").expect(0).stderr;
    assert!(human.contains("3 | - { name: x, start: never }\n  |                     ^^^^^\n"), "{human}");
    let json = eval("a.yaml", "os: { platfrom: windows-2000 }\n", "json").expect(1).stderr;
    let problem: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(problem["labels"][0]["file"], "a.yaml");
    assert_eq!(
        (&problem["labels"][0]["line"], &problem["labels"][0]["column"]),
        (&Value::from(1), &Value::from(7))
    );
    assert_eq!(problem["help"][0], "did you mean `platform`?");
}

#[test]
fn a_command_writes_one_log() {
    let files = folder(&[
        ("a.caveat", &wins().replace("use std.windows", "use std.windows\nuse std.windows")),
        ("h.yaml", "os: { version: 5.0 }\n"),
    ]);
    let arguments = ["eval", "a.caveat", "--host", "h.yaml", "--message-format", "sarif"];
    let ran = caveat_in(files.path(), &arguments).expect(0);
    let log: Value = serde_json::from_str(&ran.stderr).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let ids: Vec<&str> = results.iter().map(|one| one["ruleId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["CAV0402", "CAV0502"]);
}

#[test]
fn sarif_carries_related_places_fixes_and_pages() {
    let text = "use std.windows\n\nbulletin A-1 {\n}\n\nbulletin A-1 {\n}\n";
    let log = Run::new(root(), ["check", "-", "--message-format", "sarif"]).stdin(text).go().expect(1).json();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let of = |code: &str| results.iter().find(|one| one["ruleId"] == code).unwrap();
    let twice = of("CAV0209");
    assert_eq!(twice["locations"][0]["message"]["text"], "defined again here");
    let related = &twice["relatedLocations"][0];
    assert_eq!(related["message"]["text"], "first defined here");
    assert_eq!(related["physicalLocation"]["region"]["startLine"], 3);
    let fix = &of("CAV0402")["fixes"][0];
    assert_eq!(fix["properties"]["safe"], true);
    let replacement = &fix["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "");
    assert_eq!(replacement["deletedRegion"]["startLine"], 1);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let id = rule["id"].as_str().unwrap();
        let page = caveat_tests::rules::read(&root().join(format!("docs/codes/{id}.md")));
        assert_eq!(rule["help"]["markdown"], Value::from(page));
    }
}
