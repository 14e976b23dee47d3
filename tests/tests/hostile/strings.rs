//! Strings with everything that some format or shell gives a meaning, in every place where a rule
//! may hold a string. What is carried must arrive whole; what cannot be must be refused.

use caveat_tests::command::Run;
use caveat_tests::rules::root;
use roxmltree::Document;
use serde_json::Value;

use crate::{check, refused};

/// Strings that a rule may hold, as they are written in `"…"` and what they stand for.
const CARRIED: [(&str, &str); 12] = [
    (r#"\" onload=\"x"#, "\" onload=\"x"),
    ("]]> --> <!-- <x>&amp;", "]]> --> <!-- <x>&amp;"),
    ("`id` $(id) ${x} %x% !x! | ; > <", "`id` $(id) ${x} %x% !x! | ; > <"),
    ("' OR '1'='1", "' OR '1'='1"),
    (r"\u{202E}gnirts\u{200F}", "\u{202E}gnirts\u{200F}"),
    (r"\n\r\t  ", "\n\r\t  "),
    ("{{7*7}} #{x} <%= x %>", "{{7*7}} #{x} <%= x %>"),
    (r"../../etc/passwd\\..\\..", "../../etc/passwd\\..\\.."),
    ("日本語 \u{1F600} e\u{301}", "日本語 \u{1F600} e\u{301}"),
    (r"\u{FFFD}\u{10FFFF}\u{E000}", "\u{FFFD}\u{10FFFF}\u{E000}"),
    ("// no comment /* nor this", "// no comment /* nor this"),
    ("=HYPERLINK(1)", "=HYPERLINK(1)"),
];

/// A rule with the same string in every place that takes any string.
fn rule(text: &str) -> String {
    format!(
        r#"/// "{text}"
platform p {{
    title    "{text}"
    title ja "{text}"
    cpe      "{text}"
    version  5.0
    suite    "s {text}"

    edition e {{ title "{text}"; type server }}
}}

bulletin B-1 {{
    title     "{text}"
    title ja  "{text}"
    published 2004-01-01
    revised   2004-01-02 "{text}"
    severity  low
    reference "{text}"
    note      "{text}"
    source    "{text}"
    unaffected p when os suite "{text}"

    vulnerability CVE-2004-0001 {{
        title    "{text}"
        severity low
        note     "{text}"
        exposed  when registry 'HKLM\A' value "{text}" = "{text}"
        exposed  when registry 'HKLM\A' value "b" = "{text}" ignoring case
        exposed  when not os suite "{text}"
        workaround "{text}" {{ when registry 'HKLM\A' value "{text}" != "{text}"; note "{text}" }}
    }}

    package "{text}" {{
        for         p e
        file        'C:\a.dll' fixed in 2.0
        marker      registry 'HKLM\A' value "{text}"
        included in "{text}"
        install     "{text}"
        uninstall   "{text}"
        reference   "{text}"
        note        "{text}"
        source      "{text}"
    }}

    workaround "{text}" {{ note "{text}" }}

    test "{text}" {{
        host {{
            os          p e
            service     "{text}"
            file        'C:\a.dll' 1.0
            registry    'HKLM\A' value "{text}" = "{text}"
            registry    'HKLM\A' value "b" = "{text}"
            environment X = "{text}"
        }}
        expect vulnerable
    }}
}}
"#
    )
}

#[test]
fn what_a_rule_may_hold_arrives_whole_in_every_output() {
    for (written, meant) in CARRIED {
        // Documentation is no string: what is an escape there stays as it is.
        let text = rule(written);
        let _ = check(text.as_str()).expect(0);
        let dump = Run::new(root(), ["dump", "--after", "check", "-"]).stdin(text.as_str()).go().expect(0);
        let json: Value = serde_json::from_str(&dump.stdout).unwrap();
        assert_eq!(json["bulletins"][0]["notes"][0], meant);
        let oval =
            Run::new(root(), ["build", "-", "-t", "oval", "-o", "-"]).stdin(text.as_str()).go().expect(0);
        let document = Document::parse(&oval.stdout).unwrap_or_else(|error| panic!("{written}: {error}"));
        let has = |text: &str| {
            let wanted: Vec<&str> = text.split_whitespace().collect();
            let is = |found: &str| found.split_whitespace().eq(wanted.iter().copied());
            document.descendants().any(|node| {
                node.text().is_some_and(is) || node.attributes().any(|attribute| is(attribute.value()))
            })
        };
        assert!(has(meant), "{written} does not arrive");
        let formatted = Run::new(root(), ["fmt", "-"]).stdin(text.as_str()).go().expect(0);
        let again =
            Run::new(root(), ["dump", "--after", "check", "-"]).stdin(formatted.stdout).go().expect(0);
        assert_eq!(again.stdout, dump.stdout, "the layout changes `{written}`");
    }
}

#[test]
fn what_a_rule_may_hold_means_itself_on_a_host() {
    for (written, _) in CARRIED {
        // The `service` fact has a name that no service has; everything else fits the rule.
        let text = rule(written).replace(&format!("            service     \"{written}\"\n"), "");
        let ran = Run::new(root(), ["test", "-"]).stdin(text).go();
        // The workaround and the exposure contradict each other but for `!=` of equal strings.
        assert_eq!(ran.code, Some(0), "{written}: {}", ran.stderr);
    }
}

#[test]
fn characters_that_no_target_can_carry_are_refused_everywhere() {
    for raw in [
        "\0",
        "\u{1}",
        "\u{8}",
        "\u{1B}[31m",
        "\u{7F}",
        "\u{85}",
        "\u{202E}",
        "\u{2066}",
        "\u{200F}",
        "\u{FFFF}",
        "\u{FEFF}",
    ] {
        let said = refused("CAV0005", rule(raw));
        assert!(!said.contains(raw), "the message holds the character itself: {said:?}");
        let human = Run::new(root(), ["check", "-"]).stdin(rule(raw)).go().expect(1);
        assert!(!human.stderr.contains(raw), "the excerpt holds {raw:?} itself");
    }
    for escaped in [r"\u{0}", r"\u{1}", r"\u{1B}", r"\u{7F}", r"\u{9F}", r"\u{FFFE}", r"\u{FFFF}"] {
        refused("CAV0005", rule(escaped));
    }
    for escape in [r"\x41", r"\0", r"\u{110000}", r"\u{D800}", r"\u", r"\u{}", r"\N", r"\u{1234567}"] {
        refused("CAV0004", rule(escape));
    }
}

#[test]
fn names_cannot_reach_outside() {
    for id in ["../evil", "..", "a/b", "C:evil", "con\0", "a b", "-x", "x-", "'x'"] {
        let ran = check(format!("bulletin {id} {{ }}\n"));
        assert_eq!(ran.code, Some(1), "{id}: {}", ran.stderr);
    }
    let long = "x".repeat(100_000);
    for text in [
        format!("bulletin {long} {{ }}\n"),
        format!("condition a = {long}\n"),
        format!("use {long}\n"),
        format!("condition a = file 'C:\\{long}'\n"),
        format!("condition a = file 'C:{}'\n", "\\a".repeat(100_000)),
        format!("condition a = file 'C:\\a' version < {}1\n", "1.".repeat(100_000)),
        format!("condition a = os sp {}\n", "9".repeat(100_000)),
        format!("condition a = service \"{long}\" installed\n"),
    ] {
        let ran = check(text.as_str());
        assert!(matches!(ran.code, Some(0 | 1)), "{:?}", text.chars().take(40).collect::<String>());
        assert!(!ran.stderr.contains("panicked"));
    }
}

#[test]
fn messages_quote_no_character_that_a_terminal_obeys() {
    for text in [
        r#"condition a = file "x\u{202E}y""#,
        r#"condition a = registry "x\u{200F}\u{2066}y""#,
        r#"condition a = service "a\\\u{61C}\ny" installed"#,
        r#"bulletin B-1 { package "a\u{202E}\u{FEFF}" { } }"#,
    ] {
        for format in ["human", "short"] {
            let arguments = ["check", "-", "--message-format", format];
            let ran = Run::new(root(), arguments).stdin(format!("{text}\n")).go().expect(1);
            let marks = ['\u{202E}', '\u{200F}', '\u{2066}', '\u{61C}', '\u{FEFF}'];
            assert!(!ran.stderr.contains(marks), "{format}: {:?}", ran.stderr);
        }
    }
}
