//! Small rules, and the YARA rules made of them. That engines read them alike is tested in the
//! suite of the workspace (`tests/tests/yara.rs`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::PathBuf;

use caveat_backend::{Backend, EmitCx, Fidelity, Ledger, Note, Options, Policy};
use caveat_backend_yara::Yara;
use caveat_driver::compile;
use caveat_driver::inputs::Input;
use caveat_ir::{Checked, Feature};
use caveat_sema::Rules;

const PLATFORMS: &str = r#"
platform old   { title "Old";  version 5.0; architecture x86 }
platform wide  { title "Wide"; version 5.2; architecture x86, ia64, x64 }
platform newer { title "New";  version 6.3; architecture x64, arm64 }
"#;

fn checked(text: &str) -> Checked {
    let input = Input {
        shown: "rule.caveat".to_owned(),
        path: None,
        module: "rule".to_owned(),
        root: PathBuf::from("/nowhere"),
        text: format!("{PLATFORMS}{text}"),
    };
    let compilation = compile(vec![input], Vec::new());
    match compilation.rules {
        Rules::Checked(checked) => checked,
        Rules::Broken(_) => panic!("{:#?}", compilation.diagnostics),
    }
}

fn emit(text: &str, options: &[(&str, &str)]) -> (String, Vec<Note>) {
    let rules = checked(text);
    let options = [&[("layout", "bundle")], options].concat();
    let options = Options::new(&Yara.info().options, options).unwrap();
    let mut ledger = Ledger::default();
    let mut cx = EmitCx::new(&options, Policy::Approximate, &mut ledger);
    Yara.emit(&rules, &mut cx).unwrap();
    let caveat_backend::Emitted { outputs, notes, .. } = cx.finish();
    (outputs.iter().map(|artifact| artifact.text.clone()).collect(), notes)
}

/// A bulletin of this id with one vulnerability and these packages.
fn bulletin(id: &str, packages: &str) -> String {
    format!(
        "bulletin {id} {{
    title \"T\"; kb 1; published 2004-01-01; severity low
    vulnerability CVE-2004-0001 {{ title \"V\"; severity low }}
    {packages}
}}
"
    )
}

/// The rule of one package.
fn rule(package: &str) -> String {
    emit(&bulletin("B-1", &format!("package \"p\" {{ {package} }}")), &[]).0
}

/// The lines of all rules that begin so, without what follows the rule's name.
fn lines(text: &str, begins: &str) -> Vec<String> {
    let found = text.lines().map(str::trim).filter(|line| line.starts_with(begins));
    found.map(str::to_owned).collect()
}

#[test]
fn a_floor() {
    insta::assert_snapshot!(rule(r"for old; file '%SystemRoot%\System32\a.dll' fixed in 2.0.0.5"));
}

#[test]
fn floors_by_what_is_not_seen_apply_together() {
    let text = rule(r"for old; file 'C:\a.dll' fixed in 1.0.3 language ja, 1.0.2 otherwise");
    assert_eq!(lines(&text, "affected_version"), ["affected_version = \"less than 1.0.3.0\""]);
    assert_eq!(lines(&text, "fixed_version"), ["fixed_version = \"1.0.2.0, 1.0.3.0\""]);
}

#[test]
fn what_else_is_asked_of_a_file_narrows_its_versions() {
    let text = rule(
        r"for old; requires file 'C:\a.dll' version in 4.86..4.87, 4.88..4.89; file 'c:\A.DLL' fixed in 4.88.0.7",
    );
    assert_eq!(
        lines(&text, "affected_version"),
        [
            "affected_version = \"at least 4.86.0.0 and less than 4.87.0.0, or at least 4.88.0.0 and less than 4.88.0.7\""
        ]
    );
    insta::assert_snapshot!(text.split("0xFEEF04BD").nth(1).unwrap());
}

#[test]
fn one_file_of_a_conjunction_suffices_and_floors_go_first() {
    let text = rule(r"for old; requires file 'C:\b.dll' version = 1.0; file 'C:\a.dll' fixed in 2.0");
    assert_eq!(lines(&text, "file ="), ["file = \"a.dll\""]);
    let narrow = rule(
        r"for old; file 'C:\a.dll' fixed in 2.0
        vulnerable when file 'C:\a.dll' version < 2.0 and file 'C:\c.dll' version = 7.0 and file 'C:\b.dll' version < 9.0",
    );
    assert_eq!(lines(&narrow, "file ="), ["file = \"c.dll\""]);
}

#[test]
fn every_file_of_a_disjunction_is_needed() {
    let text = rule(
        r"for old; file 'C:\a.dll' fixed in 2.0
        vulnerable when file 'C:\a.dll' version < 2.0 or file 'C:\b.dll' version < 3.0",
    );
    assert_eq!(lines(&text, "file ="), ["file = \"a.dll\"", "file = \"b.dll\""]);
    let (none, notes) = emit(
        &bulletin(
            "B-1",
            r#"package "p" { for old; vulnerable when file 'C:\a.dll' version < 2.0 or hotfix KB7 }"#,
        ),
        &[],
    );
    let messages: Vec<&str> = notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!((none.as_str(), messages.len()), ("", 2));
    assert!(
        messages.concat().ends_with("a vulnerable host need not have a file whose version tells it"),
        "{messages:?}"
    );
}

#[test]
fn what_only_requirements_show_is_no_sign_of_an_outdated_host() {
    let package = r"for old; requires file 'C:\b.dll' version < 4.0; vulnerable when not hotfix KB7";
    let (text, notes) = emit(&bulletin("B-1", &format!("package \"p\" {{ {package} }}")), &[]);
    assert_eq!(text, "");
    assert!(notes.iter().all(|note| note.fidelity == Fidelity::LeftOut) && !notes.is_empty(), "{notes:?}");
}

#[test]
fn machines_follow_from_platform_and_folder() {
    let machine = |package: &str| {
        lines(&rule(package), "pe.machine").concat() + &lines(&rule(package), "(pe.machine").concat()
    };
    assert_eq!(
        machine(r"for old; file '%SystemRoot%\System32\a.dll' fixed in 1.0"),
        "pe.machine == pe.MACHINE_I386 and"
    );
    assert_eq!(
        machine(r"for wide ia64; file '%windir%\System32\a.dll' fixed in 1.0"),
        "pe.machine == pe.MACHINE_IA64 and"
    );
    assert_eq!(
        machine(r"for wide ia64; file '%SystemRoot%\SysWOW64\a.dll' fixed in 1.0"),
        "pe.machine == pe.MACHINE_I386 and"
    );
    assert_eq!(
        machine(r"for old, wide x64; file '%SystemRoot%\System32\a.dll' fixed in 1.0"),
        "(pe.machine == pe.MACHINE_I386 or pe.machine == pe.MACHINE_AMD64) and"
    );
    assert_eq!(machine(r"for newer; file '%SystemRoot%\System32\a.dll' fixed in 1.0"), "");
    assert_eq!(machine(r"for old; file '%ProgramFiles%\a.dll' fixed in 1.0"), "");
    let text = rule(
        r"for wide; file '%SystemRoot%\System32\a.dll' fixed in 1.0 architecture ia64, 2.0 architecture x86",
    );
    assert_eq!(
        lines(&text, "pe.machine"),
        ["pe.machine == pe.MACHINE_IA64 and", "pe.machine == pe.MACHINE_I386 and"]
    );
}

#[test]
fn packages_and_vulnerabilities_with_the_same_test_share_a_rule() {
    let text = "bulletin B-1 {
    title \"T\"; kb 1, 2; published 2004-01-01; severity low
    vulnerability CVE-2004-0002 { title \"V\"; severity low }
    vulnerability CVE-2004-0001 { title \"V\"; severity critical on old; severity low on wide }
    package \"b\" { for old; kb 3; file 'C:\\A.dll' fixed in 2.0 }
    package \"a\" { for wide; file 'D:\\a.dll' fixed in 2.0 }
}
";
    let (text, _) = emit(text, &[]);
    insta::assert_snapshot!(text.split("condition:").next().unwrap());
    assert_eq!(lines(&text, "rule "), ["rule B_1_a_dll : B_1 critical"]);
}

#[test]
fn names_are_unique_and_tags_no_keywords() {
    let same = r#"package "p" { for old; file 'C:\a.dll' fixed in 1.0 } package "q" { for wide; file 'C:\a.dll' fixed in 2.0; file 'C:\all' fixed in 1.0 }"#;
    let text =
        bulletin("B-1", same) + &bulletin("B_1", same) + &bulletin("all", same) + &bulletin("low", same);
    let (text, _) = emit(&text, &[]);
    insta::assert_snapshot!(lines(&text, "rule ").join("\n"));
}

#[test]
fn ways_to_tell_a_file() {
    let package = r#"package "p" { for old; file 'C:\a"#.to_owned()
        + "é.dll' fixed in 1.0; file 'C:\\setup' fixed in 1.0 }";
    let identities = ["resource", "filename", "either"].map(|identity| {
        let (text, notes) = emit(&bulletin("B-1", &package), &[("identity", identity)]);
        let named: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("iequals") || line.contains("filename"))
            .map(str::trim)
            .collect();
        let notes: Vec<&str> = notes.iter().map(|note| note.message.as_str()).collect();
        format!("{identity}\n{}\n{}\n", named.join("\n"), notes.join("\n"))
    });
    insta::assert_snapshot!(identities.concat());
}

#[test]
fn reasons_are_few() {
    let mut reasons: Vec<caveat_backend::Text> = Vec::new();
    for feature in Feature::ALL {
        match Yara.support(*feature) {
            caveat_backend::Support::Exact => panic!("{feature} is not exact in a file"),
            caveat_backend::Support::Approximate { why, .. }
            | caveat_backend::Support::Narrow { why }
            | caveat_backend::Support::No { why } => {
                reasons.push(why);
            }
        }
    }
    reasons.sort_unstable();
    reasons.dedup();
    assert_eq!(reasons.len(), 6, "{reasons:#?}");
}
