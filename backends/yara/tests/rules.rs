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

/// The lines of all rules that begin so, without the blanks that put their values below each other.
fn lines(text: &str, begins: &str) -> Vec<String> {
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(squeezed).filter(|line| line.starts_with(begins)).collect()
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
}

/// What some alternatives show is better than nothing, and said to be a part.
#[test]
fn a_part_of_a_disjunction_is_told_as_such() {
    let package = r#"package "p" { for old; vulnerable when file 'C:\a.dll' version < 2.0 or hotfix KB7 }"#;
    let (text, notes) = emit(&bulletin("B-1", package), &[]);
    assert_eq!(lines(&text, "file ="), ["file = \"a.dll\""]);
    let said = "; may miss: the rules of the bulletin see in part only \\\"p\\\"\"";
    assert!(lines(&text, "fidelity")[0].ends_with(said), "{text}");
    let told: Vec<_> = notes.iter().map(|note| (note.fidelity, note.message.as_str())).collect();
    let part =
        "seen in part: CVE-2004-0001 by the package \"p\": some vulnerable hosts have no file that tells it";
    assert!(told.contains(&(Fidelity::MayErrBothWays, part)), "{told:?}");
    let (none, notes) =
        emit(&bulletin("B-1", r#"package "p" { for old; vulnerable when hotfix KB8 or hotfix KB7 }"#), &[]);
    assert_eq!(none, "");
    assert!(notes.iter().all(|note| note.fidelity == Fidelity::LeftOut) && !notes.is_empty(), "{notes:?}");
}

#[test]
fn digests_tell_what_is_in_a_file() {
    let md5 = "0cc175b9c0f1b6a831c399e269772661";
    let sha256 = "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d";
    let package = format!(
        r#"for old; vulnerable when any of {{
            file 'C:\a.dll' md5 "{}"
            file 'C:\A.dll' sha256 "{sha256}"
            file 'C:\b.dll' version < 2.0
            registry 'HKLM\SOFTWARE\A' exists
        }}"#,
        md5.to_ascii_uppercase()
    );
    insta::assert_snapshot!(rule(&package));
    let both = rule(&format!(
        r#"for old; vulnerable when file 'C:\a.dll' md5 "{md5}" and file 'C:\a.dll' version < 2.0"#
    ));
    assert!(lines(&both, "affected_version").is_empty() && lines(&both, "hash.md5").len() == 1, "{both}");
    let but = "for old; vulnerable when not file 'C:\\a.dll' md5 \"0cc175b9c0f1b6a831c399e269772661\"";
    let (none, notes) = emit(&bulletin("B-1", &format!("package \"p\" {{ {but} }}")), &[]);
    assert_eq!(none, "", "no file tells that it is not there");
    assert!(notes.iter().all(|note| note.fidelity == Fidelity::LeftOut) && !notes.is_empty(), "{notes:?}");
}

/// Kernels are built under other names than they are installed under.
#[test]
fn files_are_told_by_the_names_that_they_are_built_with() {
    let names = |file: &str| {
        let text = rule(&format!("for old; file '%SystemRoot%\\System32\\{file}' fixed in 2.0"));
        lines(&text, "(entry.key iequals \"OriginalFilename\"").concat()
    };
    for name in ["ntoskrnl.exe", "ntkrnlmp.exe", "ntkrnlpa.exe", "ntkrpamp.exe"] {
        assert!(names("NTOSKRNL.EXE").to_ascii_lowercase().contains(&format!("\"{name}\"")), "{name}");
    }
    assert!(names("hal.dll").contains("\"halmacpi.dll\""));
    assert!(!names("ntkrnlmp.exe").contains("ntoskrnl"));
    assert_eq!(names("a.dll").matches("iequals").count(), 2);
}

#[test]
fn people_read_what_a_rule_is_about() {
    let text = "bulletin B-1 {
    title \"A \\\"quoted\\\" title\"; kb 1; published 2004-01-01; severity moderate
    reference \"https://example.org/b-1\"
    reference \"https://example.org/more\"
    vulnerability CVE-2004-0001 { title \"V\"; severity moderate }
    package \"p\" { for old; file 'C:\\a.dll' fixed in 2.0 }
}
";
    let (text, _) = emit(text, &[("author", "Blue \"Team\"")]);
    assert_eq!(
        lines(&text, "description"),
        [r#"description = "Finds outdated copies of a.dll, for CVE-2004-0001 (B-1: A \"quoted\" title)""#]
    );
    assert_eq!(lines(&text, "author"), [r#"author = "Blue \"Team\"""#]);
    assert_eq!(
        lines(&text, "reference"),
        ["reference = \"https://example.org/b-1\"", "reference = \"https://example.org/more\""]
    );
    assert_eq!(lines(&text, "date"), ["date = \"2004-01-01\""]);
    assert_eq!(lines(&text, "score"), ["score = 40"]);
    let package = r#"package "p" { for old; file 'C:\a.dll' fixed in 2.0 }"#;
    assert!(lines(&emit(&bulletin("B-1", package), &[("author", "")]).0, "author").is_empty());
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
    assert_eq!(lines(&text, "rule "), ["rule B_1_a_dll: B_1 critical {"]);
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
