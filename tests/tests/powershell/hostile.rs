//! Texts of rules that mean something to PowerShell: they must arrive as they are, and do nothing.

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_powershell_interpreter::script::Script;
use caveat_powershell_interpreter::tables::{self, Literal};
use caveat_tests::rules::compile_alone;
use proptest::prelude::*;
use serde_json::json;

use crate::{agree, scripts};

/// A text as it is written in `"…"`.
fn written(text: &str) -> String {
    let escape = |c: char| match c {
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        '\t' => r"\t".to_owned(),
        ' ' | 'a'..='z' | 'A'..='Z' | '0'..='9' => c.to_string(),
        other => format!(r"\u{{{:X}}}", u32::from(other)),
    };
    text.chars().map(escape).collect()
}

/// The name of a service, which cannot hold everything.
fn service(text: &str) -> String {
    format!("x {} x", text.replace(['\\', '/', '\n', '\r', '\t'], "_"))
}

/// A rule with the text in every place that a script carries.
fn rule(text: &str) -> String {
    let (text, service) = (written(text), written(&service(text)));
    format!(
        r#"
platform p {{ title "t {text}"; version 5.0; suite "s {text}" }}
bulletin B-1 {{
    title     "t {text}"
    published 2004-01-01
    severity  low
    reference "{text}"
    source    "{text}"
    vulnerability CVE-2004-0001 {{
        severity low
        exposed  when registry 'HKLM\A' value "v {text}" = "d {text}"
        exposed  when registry 'HKLM\A' value "w" = "D {text}" ignoring case
        exposed  when service "{service}" installed
    }}
    package "n {text}" {{
        for    p
        file   'C:\a.dll' fixed in 2.0
        marker registry 'HKLM\A' value "v {text}"
        source "{text}"
    }}
}}
"#
    )
}

/// A host on which the rule finds everything as it says.
fn host(text: &str) -> HostFile {
    serde_json::from_value(json!({
        "name": text,
        "os": { "version": "5.0", "suites": [format!("s {text}")], "architecture": "x86" },
        "files": [{ "path": r"C:\a.dll", "version": "1.0" }],
        "services": [{ "name": service(text) }],
        "registry": [{ "key": r"HKLM\A", "values": {
            format!("v {text}"): { "type": "reg_sz", "data": format!("d {text}") },
            "w": { "type": "reg_sz", "data": format!("d {text}") },
        } }],
    }))
    .unwrap()
}

fn checked(text: &str) -> Checked {
    caveat_tests::oval::compare::checked(compile_alone(&rule(text)))
}

/// Every script of the rule is sound, and its tables hold the text.
fn carried(text: &str) {
    let rules = checked(text);
    for (path, script) in scripts(&rules) {
        assert_eq!(caveat_powershell_interpreter::tree::complaints(&script), Vec::<String>::new(), "{path}");
        let tables = tables::read(&script);
        let named = |name: &str| tables.at("Tests").items().iter().any(|test| has(test, "Name", name));
        assert!(named(&format!("s {text}")) && named(&format!("v {text}")) && named(&service(text)));
        let data = |data: &str| tables.at("Tests").items().iter().any(|test| has(test, "Text", data));
        assert!(data(&format!("d {text}")) && data(&format!("D {text}")));
        if let Some(bulletins) = tables.get("Bulletins") {
            let bulletin = &bulletins.items()[0];
            assert_eq!(bulletin.at("Title").text(), format!("t {text}"));
            assert_eq!(bulletin.at("Packages").items()[0].at("Name").text(), format!("n {text}"));
        }
    }
    let script = scripts(&rules).into_iter().find(|(path, _)| path.ends_with("/b-1.ps1")).unwrap().1;
    let script = Script::new(&script);
    let facts = serde_json::to_string(&host(text)).unwrap();
    agree(&script, &rules, &[host(text)]);
    let found = &script.results("host.json", &facts)[0];
    assert_eq!(found["verdict"], "vulnerable", "{text:?}");
    assert_eq!(found["package"], format!("n {text}"));
    assert!(found["inconsistencies"][0].as_str().unwrap().contains(text));
}

fn has(test: &Literal, field: &str, text: &str) -> bool {
    test.get(field).is_some_and(|found| found.text() == text)
}

#[test]
fn texts_that_powershell_gives_a_meaning() {
    for text in [
        "' ; exit 7 ; '",
        "\u{2018}\u{2019}\u{201A}\u{201B} ; exit 7 ; \u{2019}",
        "\u{201C}$(exit 7)\u{201D}",
        "$(exit 7) ${env:x} @(1) @{a=1}",
        "`n `0 `' %x%",
        "#> exit 7 <#",
        "x\n.NOTES\n.SYNOPSIS evil",
        "'@\n@'",
        "\u{202E}gnirts\u{200F} \u{2028}\u{2029}",
        r"C:\x\'' ^0041 ^^ ^",
        "日本語 \u{1F600} \u{AD}soft\u{200D}",
        "--% | & ; ?. ?? && ||",
        "Keys Count Length get_Keys",
        "",
    ] {
        carried(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_arrives_whole(text in r#"['"`$(){}@#<>;&|%^\\\r\n\t \u{2018}-\u{201F}\u{202A}-\u{202E}\u{2066}-\u{2069}a-cA-C0-9é日\u{1F600}]{0,24}"#) {
        carried(&text);
    }
}
