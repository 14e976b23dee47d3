//! The scripts in PowerShell itself, where there is one.

use caveat_ir::Checked;
use caveat_ir::host::HostFile;
use caveat_ir::value::Language;
use caveat_tests::hosts::systematic;
use caveat_tests::hosts::vocabulary::Vocabulary;
use caveat_tests::library::hosts_of;
use caveat_tests::oval::compare::{checked, compiled};
use caveat_tests::pwsh::Engine;
use caveat_tests::rules::root;
use serde_json::json;
use tempfile::TempDir;

use crate::{bundled, expected, scripts};

/// How many hosts are tried; they are spread over the systematic ones.
const HOSTS: usize = 60;

/// The engine, or nothing and a line that says so.
pub(crate) fn engine() -> Option<Engine> {
    Engine::find().inspect_err(|line| println!("{line}")).ok()
}

/// The script's results on hosts equal the evaluator's, in this culture.
pub(crate) fn agrees(engine: &Engine, rules: &Checked, hosts: &[HostFile], culture: &str) {
    let folder = TempDir::new().unwrap();
    let script = folder.path().join("caveat.ps1");
    let text = scripts(rules).into_iter().find(|(path, _)| path == "powershell/caveat.ps1").unwrap().1;
    std::fs::write(&script, text).unwrap();
    let (ours, theirs) = (expected(rules, hosts), engine.results_in(culture, &script, hosts));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn pwsh_gives_the_evaluators_verdicts() {
    let Some(engine) = engine() else { return };
    let rules = bundled();
    let all = rules.rules().bulletins.iter();
    let hosts: Vec<HostFile> =
        all.flat_map(|bulletin| systematic::hosts(&Vocabulary::new(rules.rules(), bulletin))).collect();
    let step = hosts.len().div_ceil(HOSTS);
    let hosts: Vec<HostFile> = hosts.into_iter().step_by(step).collect();
    agrees(&engine, &rules, &hosts, "en-US");
}

/// Turkish has a dotless `I`, and other cultures letters of their own; none has a part in names.
#[test]
fn names_compare_alike_in_every_culture() {
    let Some(engine) = engine() else { return };
    let file = root().join("tests/cases/oval/names.caveat");
    let rules = checked(compiled(std::slice::from_ref(&file), file.parent().unwrap()));
    let hosts = hosts_of(&file.with_extension("hosts.yaml"));
    for culture in ["", "tr-TR", "az-Latn-AZ", "el-GR", "lt-LT"] {
        agrees(&engine, &rules, &hosts, culture);
    }
}

/// Rules of one file with one bulletin for each condition.
fn rules_of(conditions: &[&str]) -> Checked {
    use std::fmt::Write;
    let mut text =
        "/// Any Windows.\nplatform any-windows { title \"Windows\"; family windows }\n".to_owned();
    for (number, condition) in (1..).zip(conditions) {
        write!(
            text,
            "bulletin CASE-{number} {{\n title \"Case\"; published 2024-01-09; severity low; reference \"https://example.org/\"\n \
             vulnerability CVE-2024-{number:04} {{ severity low }}\n \
             package \"case\" {{ for any-windows; vulnerable when {condition} }}\n}}\n"
        )
        .unwrap();
    }
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("cases.caveat");
    std::fs::write(&file, text).unwrap();
    checked(compiled(std::slice::from_ref(&file), folder.path()))
}

/// A host for each display language: by its tag, or by the identifier that Windows records.
#[test]
fn every_display_language_of_windows_is_read() {
    let Some(engine) = engine() else { return };
    let rules = rules_of(&[
        "os language sr",
        "os language ca-ES",
        "os language af-ZA",
        "os language sq",
        "os language quc",
    ]);
    let known = (0..=u16::MAX).filter_map(|number| Some((number, Language::from_identifier(number)?)));
    let hosts: Vec<HostFile> = known
        .map(|(number, language)| {
            let os = json!({ "version": "10.0", "build": 19045, "architecture": "x64" });
            let value = json!({ "InstallLanguage": { "type": "reg_sz", "data": format!("{number:04x}") } });
            let key = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\Language";
            let mut host = json!({ "name": language, "os": os });
            if number % 2 == 0 {
                host["os"]["language"] = language.as_str().into();
            } else {
                host["registry"] = json!([{ "key": key, "values": value }]);
            }
            serde_json::from_value(host).unwrap()
        })
        .collect();
    assert!(hosts.len() > 105, "{} languages", hosts.len());
    agrees(&engine, &rules, &hosts, "en-US");
}

/// A function of that name would be called in place of the cmdlet.
#[test]
fn no_function_hides_a_cmdlet() {
    let Some(engine) = engine() else { return };
    let folder = written();
    let line = format!(
        "Select-String -Path '{}/*.ps1' -Pattern '^function ([A-Za-z0-9-]+)' | ForEach-Object {{ $_.Matches[0].Groups[1].Value }} | \
         Sort-Object -Unique | Where-Object {{ Get-Command -CommandType Cmdlet -Name $_ -ErrorAction SilentlyContinue }}",
        folder.path().display()
    );
    assert_eq!(engine.line(&line), "");
}

fn host(name: &str, facts: &str) -> HostFile {
    let os = r#""os": { "version": "10.0", "build": 19045, "architecture": "x64" }"#;
    serde_json::from_str(&format!(r#"{{ "schema": "caveat/host/v1", "name": "{name}", {os}, {facts} }}"#))
        .unwrap()
}

#[test]
fn sizes_are_numbers_up_to_64_bits() {
    let Some(engine) = engine() else { return };
    let rules = rules_of(&[
        r"file 'C:\big.bin' size >= 1000000000000000000",
        r"file 'C:\big.bin' size = 18446744073709551615",
    ]);
    let sizes = [
        "999999999999999999",
        "1000000000000000000",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-1000000000000000000",
    ];
    let hosts =
        sizes.map(|size| host(size, &format!(r#""files": [ {{ "path": "C:\\big.bin", "size": {size} }} ]"#)));
    agrees(&engine, &rules, &hosts, "en-US");
}

/// Where words begin and end is something that .NET has no letters for.
#[test]
fn words_begin_and_end_where_they_do_for_the_evaluator() {
    let Some(engine) = engine() else { return };
    let patterns = [r"\<net", r"net\>", r"\<4", r"8\>", r"^\<", r"\<net\>"];
    let conditions =
        patterns.map(|pattern| format!(r"registry 'HKLM\SOFTWARE\Words' value text matches '{pattern}'"));
    let rules = rules_of(&conditions.each_ref().map(String::as_str));
    let texts = [
        "net",
        "dot net 4.8",
        "dotnet",
        "netto",
        "a-net-b",
        "\u{e9}net",
        "net\u{e9}",
        "",
        "<net>",
        "48",
        " 4 8 ",
    ];
    let hosts = texts.map(|text| {
        let value = serde_json::json!({ "type": "reg_sz", "data": text });
        host(
            "words",
            &format!(
                r#""registry": [ {{ "key": "HKLM\\SOFTWARE\\Words", "values": {{ "text": {value} }} }} ]"#
            ),
        )
    });
    agrees(&engine, &rules, &hosts, "en-US");
}

/// The scripts of the bundled rules, in a folder.
fn written() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in scripts(&bundled()) {
        let file = folder.path().join(path.rsplit('/').next().unwrap());
        std::fs::write(file, text).unwrap();
    }
    folder
}

#[test]
fn every_script_has_help() {
    let Some(engine) = engine() else { return };
    let folder = written();
    let mut scripts = 0;
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let shown = engine.line(&format!("Get-Help '{}' -Full | Out-String -Width 200", path.display()));
        let parameter = if path.ends_with("collect-facts.ps1") { "-MarkPartial" } else { "-FactsPath" };
        for wanted in ["SYNOPSIS", "DESCRIPTION", "EXAMPLE 1", "Made by Caveat", parameter] {
            assert!(shown.contains(wanted), "{}: no {wanted}: {shown}", path.display());
        }
        scripts += 1;
    }
    assert!(scripts > 3, "{scripts} scripts");
}

/// The scripts of the bundled rules, the one that judges by all of them, and a host file beside it.
fn asked(host: &str) -> (TempDir, std::path::PathBuf, String) {
    let folder = written();
    let (script, facts) = (folder.path().join("caveat.ps1"), folder.path().join("host.json"));
    std::fs::write(&facts, host).unwrap();
    (folder, script, facts.display().to_string())
}

/// What the script says on its error stream when it cannot do its work, which ends with 2.
fn refusal(engine: &Engine, script: &std::path::Path, arguments: &[&str]) -> String {
    let ran = engine.run(script, arguments);
    let said = String::from_utf8_lossy(&ran.stderr).trim().to_owned();
    assert_eq!(ran.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(ran.stdout.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stdout));
    said
}

#[test]
fn a_script_that_cannot_do_its_work_says_why() {
    let Some(engine) = engine() else { return };
    let (folder, script, facts) = asked(r#"{ "os": { "platform": "windows-2000" } }"#);
    assert_eq!(
        refusal(&engine, &script, &["-FactsPath", "nowhere.json"]),
        "caveat: `nowhere.json` is no file that can be read"
    );
    assert_eq!(
        refusal(&engine, &script, &["-FactsPath", &facts, "-Bulletin", "MS04-004,MS99-999"]),
        "caveat: `MS99-999` is no bulletin of this script, which has MS04-004, MS04-005, MS04-006, MS04-007, MS04-008, \
         MS04-011, MS04-015"
    );
    if !cfg!(windows) {
        for script in ["caveat.ps1", "collect-facts.ps1"] {
            let said = refusal(&engine, &folder.path().join(script), &[]);
            assert_eq!(said, "caveat: this host is no Windows, and has none of the facts");
        }
    }
}

#[test]
fn a_constrained_language_is_told_and_is_no_finding() {
    let Some(engine) = engine() else { return };
    let folder = written();
    for script in ["caveat.ps1", "collect-facts.ps1"] {
        let path = folder.path().join(script);
        let line = format!(
            "$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'; & '{}' 3>&1; \"ended with $LASTEXITCODE\"",
            path.display()
        );
        let said = engine.line(&line);
        let lines: Vec<&str> = said.trim().lines().collect();
        assert_eq!(lines.len(), 2, "{script}: {said}");
        assert!(lines[0].contains("needs the full language mode"), "{script}: {said}");
        assert_eq!(lines[1], "ended with 2", "{script}");
    }
}

#[test]
fn facts_that_cannot_be_read_are_no_failure() {
    let Some(engine) = engine() else { return };
    let host =
        r#"{ "os": { "platform": "windows-2000" }, "files": [ { "path": "C:\\a.dll", "version": "x" } ] }"#;
    let (_folder, script, facts) = asked(host);
    let ran = engine.run(&script, &["-FactsPath", &facts, "-ExitMode", "None"]);
    assert_eq!(String::from_utf8_lossy(&ran.stderr), "", "the error stream");
    assert_eq!(ran.status.code(), Some(0));
    let told = engine.run(&script, &["-FactsPath", &facts, "-ExitMode", "None", "-Verbose"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("a.dll"), "-Verbose does not tell");
}

/// A host that MS04-006 finds vulnerable.
const WINS: &str = r#"{ "os": { "platform": "windows-2000", "edition": "server", "service_pack": 4 },
    "environment": { "SystemRoot": "C:\\WINNT" },
    "services": [ { "name": "WINS", "start": "automatic" } ],
    "files": [ { "path": "C:\\WINNT\\System32\\wins.exe", "version": "5.0.2195.6601" } ] }"#;

#[test]
fn outcomes_show_what_matters_first() {
    let Some(engine) = engine() else { return };
    let (_folder, script, facts) = asked(WINS);
    let ran = engine.run(&script, &["-FactsPath", &facts, "-Bulletin", "MS04-006"]);
    let shown = String::from_utf8_lossy(&ran.stdout);
    let shown: Vec<&str> = shown.lines().filter(|line| !line.is_empty()).map(str::trim_end).collect();
    let wanted = [
        "Host     : host",
        "Bulletin : MS04-006",
        "Verdict  : vulnerable",
        "Severity : low",
        "Package  : Windows 2000 Server",
        "caveat: 1 vulnerable (MS04-006)",
    ];
    assert_eq!(shown, wanted);
    assert_eq!(ran.status.code(), Some(1));
    let line =
        format!("(& '{}' -FactsPath '{facts}' -Bulletin MS04-006).PSObject.TypeNames[0]", script.display());
    assert_eq!(engine.line(&line).lines().last().unwrap(), "Caveat.Outcome");
}

/// The last line is what Intune and Configuration Manager show; no pipeline has it.
#[test]
fn a_last_line_sums_up() {
    let Some(engine) = engine() else { return };
    let (_folder, script, facts) = asked(WINS);
    let ran = engine.run(&script, &["-FactsPath", &facts]);
    let shown = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(
        shown.trim_end().lines().last().unwrap(),
        "caveat: 1 vulnerable (MS04-006), 1 unknown (MS04-011), 5 fixed or not applicable"
    );
    let counted =
        engine.line(&format!("@(& '{}' -FactsPath '{facts}' -ExitMode None).Count", script.display()));
    assert_eq!(counted.lines().last().unwrap(), "7");
    let json = engine.run(&script, &["-FactsPath", &facts, "-AsJson"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["results"].as_array().unwrap().len(), 7);
}

/// Tables and pages are made of the objects as they are.
#[test]
fn objects_hold_texts_only() {
    let Some(engine) = engine() else { return };
    let (_folder, script, facts) = asked(WINS);
    for option in ["", "-PerVulnerability"] {
        let made = |to: &str| {
            engine.line(&format!(
                "& '{}' -FactsPath '{facts}' -ExitMode None {option} | {to}",
                script.display()
            ))
        };
        let (csv, html) = (made("ConvertTo-Csv -NoTypeInformation"), made("ConvertTo-Html"));
        for text in [&csv, &html] {
            assert!(text.contains("MS04-006") && !text.contains("System."), "{text}");
        }
        let json = made("ConvertTo-Json");
        // The line that sums up is printed before what waits for the last object.
        let json = &json[json.find('[').unwrap()..=json.rfind(']').unwrap()];
        let rows: Vec<serde_json::Value> = serde_json::from_str(json).unwrap();
        let row = rows.iter().find(|row| row["Bulletin"] == "MS04-006").unwrap();
        assert_eq!((&row["Verdict"], &row["Severity"]), (&"vulnerable".into(), &"low".into()));
        assert_eq!(row["Kb"], "KB830352");
        assert!(row["Url"].as_str().unwrap().starts_with("https://"), "{row}");
        assert!(row["Evidence"].as_str().unwrap().contains("wins.exe"), "{row}");
        let id = if option.is_empty() { "Vulnerabilities" } else { "Vulnerability" };
        assert_eq!(row[id], "CVE-2003-0825");
        let (safe, others) = (["fixed", "not-applicable"], rows.iter());
        for row in others.filter(|row| safe.contains(&row["Verdict"].as_str().unwrap())) {
            assert!(row["Severity"].is_null(), "{row}");
        }
        let vulnerabilities: usize =
            bundled().rules().bulletins.iter().map(|one| one.vulnerabilities.len()).sum();
        assert_eq!(rows.len(), if option.is_empty() { 7 } else { vulnerabilities });
    }
}
