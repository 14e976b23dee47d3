//! Input that nobody writes on purpose, except to do harm: every run ends with the right exit code
//! and a diagnostic, and leaves the output folder as it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of a test ends the test"
)]

#[path = "hostile/files.rs"]
mod files;
#[cfg(unix)]
#[path = "hostile/strangers.rs"]
mod strangers;
#[path = "hostile/strings.rs"]
mod strings;

use std::fs;
use std::path::Path;
use std::thread;

use caveat_tests::command::{Ran, Run, caveat};
use caveat_tests::rules::{read, root};
use tempfile::TempDir;

const HOST: &str = "examples/hosts/wins-01.yaml";

fn wins() -> String {
    read(&root().join("rules/ms04/ms04-006.caveat"))
}

/// Checks a text from standard input.
fn check(text: impl Into<Vec<u8>>) -> Ran {
    Run::new(root(), ["check", "-", "--message-format", "short"]).stdin(text).go()
}

/// Checks a text that must be refused under this code; gives what was said.
fn refused(code: &str, text: impl Into<Vec<u8>>) -> String {
    let ran = check(text).expect(1);
    assert!(ran.stderr.contains(code), "{}", excerpt(&ran.stderr));
    ran.stderr
}

/// The texts of all numbers of a range in a row.
fn lines(range: std::ops::Range<u32>, line: impl Fn(u32) -> String) -> String {
    range.map(line).collect::<Vec<_>>().concat()
}

fn excerpt(text: &str) -> String {
    text.chars().take(2000).collect()
}

/// Builds a text with every command that compiles; the output folder, which holds something
/// already, must stay as it was.
fn writes_nothing(text: &[u8]) {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("precious"), "before").unwrap();
    let arguments = ["build", "-", "-t", "oval", "-o", "out"];
    let ran = Run::new(folder.path(), arguments).stdin(text).go().expect(1);
    assert!(ran.stderr.contains("error["), "{}", excerpt(&ran.stderr));
    let names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["precious"]);
    assert_eq!(read(&out.join("precious")), "before");
    let beside = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 1, "a staging folder was left behind");
}

#[test]
fn a_rule_that_was_cut_off_is_refused_wherever_the_cut_is() {
    let text = wins();
    let step = text.len() / 200 + 1;
    let cuts: Vec<usize> = (1..text.len() - 2).step_by(step).collect();
    assert!(cuts.len() > 190);
    let bytes = text.as_bytes();
    // Up to where the bulletin begins, a part of the file is a whole file.
    let head = text.find("bulletin MS04-006").unwrap();
    let run = |cut: &usize| {
        let ran = check(&bytes[..*cut]);
        assert!(!ran.stderr.contains("panicked"), "cut at {cut}: {}", excerpt(&ran.stderr));
        let allowed: &[i32] = if *cut <= head { &[0, 1] } else { &[1] };
        assert!(ran.code.is_some_and(|code| allowed.contains(&code)), "cut at {cut}: {ran:?}");
        assert!(!ran.stderr.is_empty(), "cut at {cut}");
    };
    thread::scope(|scope| {
        for half in cuts.chunks(cuts.len() / 2 + 1) {
            scope.spawn(move || half.iter().for_each(run));
        }
    });
    for cut in [head + 20, text.len() / 3, text.len() / 2, text.len() - 3] {
        writes_nothing(&bytes[..cut]);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    for bytes in
        [&b"\xFF\xFEc\0o\0n\0"[..], b"condition a = os suite \"\x83\x65\"", b"\xC0\x80", b"\xED\xA0\x80"]
    {
        refused("CAV0702", bytes);
        writes_nothing(bytes);
    }
    let noise: Vec<u8> =
        (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8 & 0x7F).collect();
    let said = refused("CAV0005", noise);
    assert!(said.lines().count() <= 102, "too many diagnostics: {}", said.lines().count());
}

#[test]
fn deep_nesting_is_refused_whatever_nests() {
    const DEEP: usize = 100_000;
    let condition = |open: &str, close: &str| {
        format!("condition a = {}hotfix KB1{}\n", open.repeat(DEEP), close.repeat(DEEP))
    };
    for (open, close) in [("(", ")"), ("not ", ""), ("any of { ", " }"), ("none of {", "}"), ("not (", ")")] {
        refused("CAV0104", condition(open, close));
        // Without an end.
        let ran = check(condition(open, ""));
        assert_eq!(ran.code, Some(1), "{}", excerpt(&ran.stderr));
    }
    refused("CAV0104", format!("condition a = {}", "at least 1 of { not (".repeat(DEEP / 10)));
    for noise in
        ["{", "(", "}", ")", "({", "/*", "bulletin B {", "platform p { edition e {", "test \"\" { host {"]
    {
        let ran = check(noise.repeat(DEEP));
        assert_eq!(ran.code, Some(1), "{noise}: {}", excerpt(&ran.stderr));
    }
    writes_nothing(condition("(", ")").as_bytes());
    // `fmt` and `dump` go through the same parser.
    for command in [&["fmt", "-"][..], &["dump", "--after", "parse", "-"]] {
        let _ = Run::new(root(), command).stdin(condition("not ", "")).go().expect(1);
    }
}

#[test]
fn long_chains_are_no_deep_nesting() {
    let chain = |joint: &str| {
        let parts: Vec<String> = (1..10_000).map(|n| format!("hotfix KB{n}")).collect();
        format!("condition a = {}\n", parts.join(joint))
    };
    for joint in [" and ", " or ", "\n    and ", " or\n"] {
        let _ = check(chain(joint)).expect(0);
    }
    let mixed = chain(" and ").replace("9 and", "9 or not");
    let _ = check(mixed).expect(0);
    refused("CAV0314", chain(" and ").replace('\n', " or hotfix KB1 or hotfix KB2\n"));
    let modules: String = lines(0..10_000, |n| format!("condition c{n} = hotfix KB1{n}\n"));
    let _ = check(modules).expect(0);
}

#[test]
fn conditions_that_grow_exponentially_are_refused() {
    let doubling = |depth: usize| {
        let lines = (1..=depth).map(|n| format!("condition c{n} = c{0} and not c{0}\n", n - 1));
        "condition c0 = hotfix KB1\n".to_owned() + &lines.collect::<String>()
    };
    refused("CAV0314", doubling(60));
    let wide = "condition c0 = hotfix KB1\n".to_owned()
        + &lines(1..7, |n| format!("condition c{n} = {}\n", vec![format!("c{}", n - 1); 10].join(" or ")));
    refused("CAV0314", wide);
    let chain: String = lines(1..5_000, |n| format!("condition c{n} = c{}\n", n - 1));
    refused("CAV0314", "condition c0 = hotfix KB1\n".to_owned() + &chain);
    let circle: String = lines(0..5_000, |n| format!("condition c{n} = c{}\n", (n + 1) % 5_000));
    let _ = check(circle).expect(1);
    let parameters = "condition f(x) = service x installed\ncondition g(x) = f(x) and f(x)\n";
    let many = format!("{parameters}condition a = {}\n", vec!["g(\"A\")"; 6_000].join(" or "));
    refused("CAV0314", many);
}

#[test]
fn alternatives_without_end_are_refused() {
    let parts: Vec<String> = (1..10_000).map(|n| format!("hotfix KB{n}")).collect();
    refused("CAV0314", format!("condition a = at least 5000 of {{ {} }}\n", parts.join("; ")));
    for regex in
        ["(((a{1000}){1000}){1000}){1000}", "a{99999999}", &"(".repeat(100_000), &"a?".repeat(50_000)]
    {
        let ran = check(format!("condition a = registry 'HKLM\\A' value B matches \"{regex}\"\n"));
        assert!(matches!(ran.code, Some(0 | 1)), "{}", excerpt(&ran.stderr));
    }
}

#[test]
fn bulletins_of_one_name_are_refused_in_two_files_as_in_one() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("a.caveat"), wins()).unwrap();
    fs::write(folder.path().join("b.caveat"), wins()).unwrap();
    let ran = Run::new(folder.path(), ["build", ".", "-t", "oval"]).go().expect(1);
    assert!(ran.stderr.contains("CAV0209"), "{}", excerpt(&ran.stderr));
    assert!(ran.stderr.contains("a.caveat") && ran.stderr.contains("b.caveat"), "both places are shown");
    assert!(!folder.path().join("out").exists());
    refused("CAV0209", wins() + &wins().replace("use std.windows", "").replace("MS04-006 {", "ms04-006 {"));
}

#[test]
fn a_name_that_is_misspelt_gets_a_suggestion() {
    let said =
        Run::new(root(), ["check", "-"]).stdin("use std.windows\ncondition a = platform windows-200\n").go();
    let said = said.expect(1).stderr;
    assert!(said.contains("CAV0203") && said.contains("did you mean `windows-2000`?"), "{said}");
}

#[test]
fn modules_that_use_each_other_are_refused() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    for n in 0..50 {
        write(
            &format!("m{n}.caveat"),
            &format!("use m{}\ncondition c{n} = c{}\n", (n + 1) % 50, (n + 1) % 50),
        );
    }
    write("self.caveat", "use self\ncondition a = hotfix KB1\n");
    for path in [".", "m7.caveat", "self.caveat"] {
        let ran = Run::new(folder.path(), ["check", path]).go().expect(1);
        assert!(ran.stderr.contains("CAV0202"), "{path}: {}", excerpt(&ran.stderr));
    }
    for name in ["....", "a..b", "../../etc/passwd", "/etc/passwd", "con", "a/b", "'a'"] {
        let ran = check(format!("use {name}\n"));
        assert_eq!(ran.code, Some(1), "{name}: {}", ran.stderr);
    }
}

#[test]
fn hosts_that_are_garbage_are_refused() {
    let bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &lines(u32::from(b'b')..u32::from(b'z'), |letter| {
            let name = |code: u32| char::from_u32(code).unwrap();
            let (this, before) = (name(letter), name(letter - 1));
            format!("{this}: &{this} [{}]\n", vec![format!("*{before}"); 9].join(", "))
        });
    let deep = format!("{{\"os\": {}", "[".repeat(100_000));
    let flow = format!("os: {}", "{a: ".repeat(100_000));
    let garbage = [
        "",
        "\0",
        "null",
        "[]",
        "42",
        "\"text\"",
        "{",
        "- - - -",
        "schema: caveat/host/v2\n",
        &bomb,
        &deep,
        &flow,
        "schema: caveat/host/v1\nname: x\nunknown: 1\n",
        "schema: caveat/host/v1\nname: x\nfiles: 7\n",
        "schema: caveat/host/v1\nname: x\npartial: [everything]\n",
        "%YAML 9.9\n---\n!!binary x\n",
        "schema: caveat/host/v1\nname: x\nname: y\n",
        "{\"schema\":\"caveat/host/v1\"}}",
        "schema: caveat/host/v1\nname: x\nos: { platform: windows-2000, version: \"5.1\" }\n",
    ];
    for text in garbage {
        for command in ["eval", "explain"] {
            let subject: &[&str] = if command == "eval" { &[] } else { &["MS04-006"] };
            let arguments = [&[command], subject, &["rules", "--host", "-"]].concat();
            let ran = Run::new(root(), arguments).stdin(text).go();
            let text = excerpt(text);
            assert_eq!(ran.code, Some(1), "{command} of {text:?}: {}{}", ran.stdout, excerpt(&ran.stderr));
            assert!(ran.stderr.contains("error[CAV05"), "{command} of {text:?}: {}", excerpt(&ran.stderr));
        }
    }
    let binary =
        Run::new(root(), ["eval", "rules", "--host", "-"]).stdin(&b"\xFF\xFE\0\0"[..]).go().expect(1);
    assert!(binary.stderr.contains("CAV0702"), "{}", binary.stderr);
    let folder = caveat(&["eval", "rules", "--host", "examples"]).expect(1);
    assert!(folder.stderr.contains("CAV0701"), "{}", folder.stderr);
}

#[test]
fn facts_that_are_garbage_are_reported_and_count_as_errors() {
    let text = "schema: caveat/host/v1\nname: x\nos: { platform: windows-2000, edition: server, service_pack: 4 }\n\
        files: [{ path: 'C:\\WINDOWS\\System32\\wins.exe', version: 9.9.9.99999 }]\n\
        services: [{ name: WINS, start: perhaps }]\nhotfixes: [nonsense]\n";
    let ran =
        Run::new(root(), ["eval", "rules", "--host", "-", "--format", "json"]).stdin(text).go().expect(0);
    assert!(ran.stderr.contains("CAV0502"), "{}", ran.stderr);
    let json = ran.json();
    let wins = json["results"].as_array().unwrap().iter().find(|one| one["bulletin"] == "MS04-006");
    assert_eq!(wins.unwrap()["verdict"], "error");
}

#[test]
fn a_platform_that_nobody_knows_is_reported() {
    let text = "schema: caveat/host/v1\nname: x\nos: { platform: windows-31 }\n";
    let ran = Run::new(root(), ["eval", "rules", "--host", "-"]).stdin(text).go().expect(0);
    assert!(ran.stderr.contains("CAV0502") && ran.stderr.contains("`windows-31`"), "{}", ran.stderr);
}

#[test]
fn rules_that_are_hostile_are_refused_by_every_command() {
    for (command, rest) in
        [("eval", &["--host", HOST][..]), ("test", &[]), ("fmt", &[]), ("build", &["-t", "oval"])]
    {
        let arguments = [&[command, "-"], rest].concat();
        let folder = TempDir::new().unwrap();
        let arguments =
            arguments.iter().map(|argument| if *argument == HOST { host() } else { (*argument).to_owned() });
        let ran = Run::new(folder.path(), arguments).stdin("bulletin { { \u{202E}").go().expect(1);
        assert!(ran.stderr.contains("CAV0005"), "{command}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{command}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{command} left something behind");
    }
}

fn host() -> String {
    Path::new(root()).join(HOST).to_string_lossy().into_owned()
}
