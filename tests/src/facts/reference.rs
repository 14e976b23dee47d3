//! The sheets against a fuller collection of facts, which is not part of the repository.
//!
//! The collection is two JSON files: `bulletin_facts.json`, read from the Japanese bulletins, and
//! `english_build_file_facts.json`, the tables of the English files. Everything in them that rules can say has to stand in
//! the sheets. What they have in prose (mitigations, anomalies) is not compared.

use std::collections::BTreeSet;
use std::path::Path;

use caveat_ir::value::{BulletinId, FileVersion};
use serde_json::Value;

use super::check::{Findings, bare_title};
use super::row::{English, Row};
use super::sheet::{Flaw, Noted, Sheet, Table};
use crate::rules::read;

/// The columns of severity tables, and the platforms they stand for.
const COLUMNS: [(&str, &str); 11] = [
    ("windows-nt-4.0", "windows-nt-4.0"),
    ("windows-nt-4.0 terminal server", "windows-nt-4.0-tse"),
    ("windows-2000", "windows-2000"),
    ("windows-2000-server", "windows-2000 server"),
    ("windows-server-2003", "windows-server-2003"),
    ("Windows 98, 98 SE, ME", "windows-98, windows-me"),
    ("Windows NT 4.0", "windows-nt-4.0, windows-nt-4.0-tse"),
    ("Windows 2000", "windows-2000"),
    ("Windows XP", "windows-xp, windows-xp-64bit"),
    ("Windows Server 2003", "windows-server-2003, windows-xp-64bit-2003"),
    ("windows-xp", "windows-xp"),
];

/// Compares all sheets with the collection in a folder.
#[must_use]
pub fn check(folder: &Path, sheets: &[Sheet]) -> Findings {
    let json = |name: &str| -> Value { serde_json::from_str(&read(&folder.join(name))).expect("JSON") };
    let (facts, english) = (json("bulletin_facts.json"), json("english_build_file_facts.json"));
    let mut findings = Findings::default();
    for (id, facts) in entries(&facts["bulletins"]) {
        if facts["kind"] == "monthly summary" {
            for entry in list(&facts["bulletins"]) {
                summary(entry, sheets, &mut findings);
            }
            continue;
        }
        let sheet = sheets.iter().find(|sheet| sheet.bulletin.as_str() == id);
        findings.fact(id, None, sheet.is_some());
        if let Some(sheet) = sheet {
            bulletin(facts, sheet, &mut findings);
            for group in list(&english["bulletins"][id]["groups"]) {
                english_table(group, sheet, &mut findings);
            }
        }
    }
    findings
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().expect("an object").iter().map(|(key, value)| (key.as_str(), value))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<&str> {
    list(value).iter().map(text).collect()
}

fn has(noted: &[Noted], fact: &str) -> bool {
    noted.iter().any(|noted| noted.fact == fact)
}

/// Whether one of the platforms is of this family.
fn is_of(on: &str, family: &str) -> bool {
    on.split(", ").any(|one| one.split(' ').next() == Some(family))
}

fn bulletin(facts: &Value, sheet: &Sheet, findings: &mut Findings) {
    heading(facts, sheet, findings);
    for (name, noted) in [("affected", &sheet.affected), ("unaffected", &sheet.unaffected)] {
        for product in list(&facts[name]).iter().flat_map(|entry| list(&entry["products"])) {
            let component = product["family"] == "netmeeting" && !sheet.components.is_empty();
            let known = component || has(noted, &platform(product));
            findings.fact(format!("{}: {name} {product}", sheet.bulletin), None, known);
        }
    }
    for flaw in list(&facts["severity_matrix"]).iter().filter(|row| row["cve"].is_string()) {
        severities(flaw, sheet, findings);
    }
    workarounds(facts, sheet, findings);
    supersedes(facts, sheet, findings);
    for (family, word) in facts["restart"].as_object().into_iter().flatten() {
        let word = text(word).split(' ').next().unwrap_or_default();
        let mut own = sheet.restart.iter().filter(|one| is_of(&one.on, family)).peekable();
        let known = own.peek().is_some() && own.all(|one| one.is.as_str() == word);
        findings.fact(format!("{}: restart {word} on {family}", sheet.bulletin), None, known);
    }
    for (family, pack) in facts["fixed_in"].as_object().into_iter().flatten() {
        let known = sheet
            .included
            .iter()
            .any(|one| is_of(&one.on, family) && text(pack).starts_with(&format!("SP{} ", one.sp)));
        findings.fact(format!("{}: {family} included in {pack}", sheet.bulletin), None, known);
    }
    for (family, packs) in facts["prerequisites"].as_object().into_iter().flatten() {
        prerequisite(family, &texts(packs), sheet, findings);
    }
    for one in list(&facts["sections"]) {
        section(one, sheet, findings);
    }
    let rows: usize = sheet.tables.iter().map(|table| table.rows.len()).sum();
    findings.fact(format!("{}: {rows} rows", sheet.bulletin), None, facts["counts"]["file_rows"] == rows);
}

fn heading(facts: &Value, sheet: &Sheet, findings: &mut Findings) {
    let kb: Vec<String> = sheet.kb.iter().map(u32::to_string).collect();
    let revised: Vec<String> = sheet.revised.iter().map(ToString::to_string).collect();
    let dates = list(&facts["revision_history"]).iter().map(|one| text(&one["date"]));
    let cves: BTreeSet<&str> = sheet.vulnerabilities.keys().map(caveat_ir::value::CveId::as_str).collect();
    let aliases: BTreeSet<&str> = sheet.vulnerabilities.values().map(|flaw| flaw.alias.as_str()).collect();
    let same = [
        ("kb", texts(&facts["kb"]) == kb),
        ("title_ja", bare_title(text(&facts["title_ja"])) == sheet.title),
        ("published", text(&facts["published"]) == sheet.published.to_string()),
        ("revision_history", dates.collect::<Vec<_>>() == revised),
        ("max_severity", text(&facts["max_severity"]["en"]) == sheet.severity.as_str()),
        ("cve", texts(&facts["cve"]).into_iter().collect::<BTreeSet<_>>() == cves),
        ("cve_as_written", texts(&facts["cve_as_written"]).into_iter().collect::<BTreeSet<_>>() == aliases),
    ];
    for (name, same) in same {
        findings.fact(format!("{}: {name} {}", sheet.bulletin, facts[name]), None, same);
    }
}

/// A product of the collection as the sheets name it.
fn platform(product: &Value) -> String {
    let family = match text(&product["family"]) {
        "windows-xp-64bit-2002" => "windows-xp-64bit",
        "windows-98-se" => return "windows-98 second-edition".to_owned(),
        one @ ("windows-98" | "windows-me") => return one.to_owned(),
        other => other,
    };
    let name = match text(&product["edition"]) {
        "server-terminal-server" => format!("{family}-tse"),
        "" if family == "windows-server-2003" => format!("{family} {}", text(&product["arch"])),
        "" => family.to_owned(),
        edition => format!("{family} {edition}"),
    };
    format!("{name} {}", range(&texts(&product["service_packs"])))
}

/// `RTM`, `SP1`, `SP6a` as a range of service packs.
fn range(packs: &[&str]) -> String {
    let number = |pack: &&str| -> u32 {
        pack.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
    };
    let packs: Vec<u32> = packs.iter().map(number).collect();
    match (packs.first(), packs.last()) {
        (Some(low), Some(high)) if low == high => format!("sp {low}"),
        (Some(0), Some(high)) => format!("sp ..{high}"),
        (low, high) => format!("sp {}..{}", low.unwrap_or(&0), high.unwrap_or(&0)),
    }
}

/// The service packs that the update is for, and what has to be installed before.
fn prerequisite(family: &str, packs: &[&str], sheet: &Sheet, findings: &mut Findings) {
    let (needed, packs): (Vec<&str>, Vec<&str>) = packs.iter().partition(|pack| pack.contains("KB"));
    let range = range(&packs);
    let platforms = sheet.tables.iter().flat_map(|table| table.platforms.split(", "));
    let mut names =
        platforms.filter_map(|one| one.strip_suffix(&range)).map(|name| name.trim().replace(' ', "-"));
    let known = names.any(|name| name == family || name == format!("{family}-x86"));
    findings.fact(format!("{}: {family} {range}", sheet.bulletin), None, known);
    for update in needed {
        let mut own = sheet.needs.iter();
        let known = own.any(|needed| update.ends_with(&format!("KB{}", needed.kb)));
        findings.fact(format!("{}: {family} needs {update}", sheet.bulletin), None, known);
    }
}

fn severities(row: &Value, sheet: &Sheet, findings: &mut Findings) {
    let flaw = sheet.vulnerabilities.iter().find(|(id, _)| id.as_str() == text(&row["cve"]));
    for (column, word) in entries(&row["severity"]) {
        let on = COLUMNS.iter().find(|(name, _)| *name == column).map_or(column, |(_, on)| on);
        let word = text(&word["en"]);
        let said = |flaw: &Flaw| {
            flaw.severity.iter().any(|noted| {
                let Some((platforms, rating)) = noted.fact.split_once(" = ") else { return false };
                rating == word && on.split(", ").all(|one| platforms.split(", ").any(|other| other == one))
            })
        };
        let known = flaw.is_some_and(|(_, flaw)| said(flaw));
        findings.fact(format!("{}: {} {column} {word}", sheet.bulletin, row["cve"]), None, known);
    }
}

fn workarounds(facts: &Value, sheet: &Sheet, findings: &mut Findings) {
    let of = |cve: &Value| -> Vec<&Flaw> {
        let fits = |id: &str| cve.is_null() || text(cve) == id;
        sheet.vulnerabilities.iter().filter(|(id, _)| fits(id.as_str())).map(|(_, flaw)| flaw).collect()
    };
    for workaround in list(&facts["workarounds"]) {
        let ports =
            [&workaround["tcp"], &workaround["udp"]].into_iter().flat_map(list).chain([&workaround["port"]]);
        for port in ports.filter_map(Value::as_u64) {
            let blocks = |flaw: &&Flaw| flaw.blocks.iter().any(|one| one.ends_with(&format!(" {port}")));
            let known = of(&workaround["cve"]).iter().all(blocks);
            findings.fact(format!("{}: port {port} is blocked", sheet.bulletin), None, known);
        }
        if let Some(key) = workaround["key"].as_str() {
            let shows = |flaw: &&Flaw| flaw.checkable.iter().any(|own| own.eq_ignore_ascii_case(&short(key)));
            let known = of(&workaround["cve"]).iter().all(shows);
            findings.fact(format!("{}: a workaround shows in {key}", sheet.bulletin), None, known);
        }
    }
}

/// A registry key with the short name of its hive.
fn short(key: &str) -> String {
    key.replace("HKEY_LOCAL_MACHINE", "HKLM").replace("HKEY_CLASSES_ROOT", "HKCR")
}

/// The names of platforms, without their service packs.
fn names(on: &str) -> Vec<&str> {
    on.split(", ").map(|one| one.split_once(" sp ").map_or(one, |(name, _)| name)).collect()
}

fn supersedes(facts: &Value, sheet: &Sheet, findings: &mut Findings) {
    for (id, cells) in facts["replaces_by_os"].as_object().into_iter().flatten() {
        for (column, word) in entries(cells) {
            let on = COLUMNS.iter().find(|(name, _)| *name == column).map_or(column, |(_, on)| on);
            let known =
                sheet.supersedes.iter().filter(|replaced| names(&replaced.on) == names(on)).any(|replaced| {
                    let ids = match text(word) {
                        "replaced" => &replaced.replaced,
                        "not-replaced" => &replaced.not_replaced,
                        _ => &replaced.not_applicable,
                    };
                    ids.iter().any(|own: &BulletinId| own.as_str() == id)
                });
            findings.fact(format!("{}: {id} {column} {word}", sheet.bulletin), None, known);
        }
    }
    if facts["replaces_by_os"].is_null() {
        findings.fact(format!("{}: replaces nothing", sheet.bulletin), None, sheet.supersedes.is_empty());
    }
}

fn section(section: &Value, sheet: &Sheet, findings: &mut Findings) {
    for marker in list(&section["registry_verify"]) {
        let is =
            |own: &super::sheet::Marker| marker["line"] == own.line && own.key == short(text(&marker["key"]));
        findings.fact(format!("{}: marker {marker}", sheet.bulletin), None, sheet.markers.iter().any(is));
    }
    for command in list(&section["commands"]) {
        let known =
            sheet.commands.iter().any(|own| command["line"] == own.line && command["cmd"] == *own.run);
        findings.fact(format!("{}: command {command}", sheet.bulletin), None, known);
    }
    for command in list(&section["uninstall"]) {
        let run = format!("{}\\{}", text(&command["folder"]), text(&command["tool"]));
        let known = sheet.uninstall.iter().any(|own| command["line"] == own.line && run == own.run);
        findings.fact(format!("{}: uninstall {command}", sheet.bulletin), None, known);
    }
    for table in list(&section["file_tables"]) {
        let own = sheet.tables.iter().find(|own| table["line"] == own.line);
        for row in list(&table["rows"]) {
            let known = own.is_some_and(|own| own.rows.iter().any(|own| is_row(row, own)));
            findings.fact(format!("{}: row {row}", sheet.bulletin), None, known);
        }
    }
}

fn is_row(row: &Value, own: &Row) -> bool {
    row["line"] == own.line.unwrap_or_default()
        && row["file"] == *own.file
        && row["version"].as_str().map(str::to_owned) == own.version.map(|version| version.to_string())
        && row["arch"].as_str() == own.platform.as_deref()
        && row["folder"].as_str() == own.folder.as_deref()
}

/// A table of English files: its files with a version are those of the sheet's table, no more and no fewer.
fn english_table(group: &Value, sheet: &Sheet, findings: &mut Findings) {
    let own = |table: &&Table| table.english.is_some_and(|line| group["line"] == line);
    let Some(table) = sheet.tables.iter().find(own) else {
        return findings.fact(format!("{}: English table {}", sheet.bulletin, group["line"]), None, false);
    };
    let version = |row: &Value| text(&row["version"]).parse::<FileVersion>().ok();
    let rows = list(&group["rows"])
        .iter()
        .filter_map(|row| Some((text(&row["file"]).to_ascii_lowercase(), version(row)?)));
    let theirs: BTreeSet<(String, FileVersion)> = rows.collect();
    let version = |row: &Row| if row.english == English::None { None } else { row.version_in(false) };
    let rows = table.rows.iter().filter_map(|row| Some((row.file.to_ascii_lowercase(), version(row)?)));
    let ours: BTreeSet<(String, FileVersion)> = rows.collect();
    for (file, version) in theirs.symmetric_difference(&ours) {
        findings.fact(
            format!("{}: English table {}, {file} {version}", sheet.bulletin, group["line"]),
            None,
            false,
        );
    }
    findings.facts += theirs.len();
}

/// What the summary of a month says of one of its bulletins.
fn summary(entry: &Value, sheets: &[Sheet], findings: &mut Findings) {
    let id = text(&entry["id"]);
    // Virtual PC for Mac is no Windows: nothing of it can be tested on a host.
    let Some(sheet) = sheets.iter().find(|sheet| sheet.bulletin.as_str() == id) else {
        return findings.fact(format!("{id} of the summary"), None, id == "MS04-005");
    };
    let kb: Vec<String> = sheet.kb.iter().map(u32::to_string).collect();
    findings.fact(format!("{id}: {} of the summary", entry["kb"]), None, kb == [text(&entry["kb"])]);
    let severity = sheet.severity.as_str() == text(&entry["severity_en"]);
    findings.fact(format!("{id}: {} of the summary", entry["severity_en"]), None, severity);
    for product in
        texts(&entry["affected_products"]).iter().flat_map(|products| products.split(", Microsoft "))
    {
        let (name, pack) = product.split_once(" Service Pack ").unwrap_or((product, "0"));
        let name = name.trim_start_matches("Microsoft ").replace(['®', '™'], "");
        let known = named(&name).is_some_and(|name| {
            let mut own = sheet.affected.iter().map(|noted| noted.fact.as_str());
            own.any(|fact| covers(fact, name, pack.trim_end_matches('a').parse().unwrap_or(0)))
        });
        findings.fact(format!("{id}: {product} of the summary"), None, known);
    }
}

/// The platform that a summary calls so.
fn named(name: &str) -> Option<&'static str> {
    let names = [
        ("Windows NT Workstation 4.0", "windows-nt-4.0 workstation"),
        ("Windows NT Server 4.0", "windows-nt-4.0 server"),
        ("Windows NT Server 4.0 Terminal Server Edition", "windows-nt-4.0-tse"),
        ("Windows 2000", "windows-2000"),
        ("Windows 2000 Server", "windows-2000 server"),
        ("Windows XP", "windows-xp"),
        ("Windows XP 64-Bit Edition", "windows-xp-64bit"),
        ("Windows XP 64-Bit Edition Version 2003", "windows-xp-64bit-2003"),
        ("Windows Server 2003", "windows-server-2003 x86"),
        ("Windows Server 2003 64-Bit Edition", "windows-server-2003 ia64"),
    ];
    names.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours)
}

/// Whether a platform of a sheet is this one with this service pack.
fn covers(fact: &str, name: &str, pack: u32) -> bool {
    let Some((own, range)) = fact.split_once(" sp ") else { return false };
    let number = |text: &str| text.parse().unwrap_or(0);
    let (low, high) = range
        .split_once("..")
        .map_or((number(range), number(range)), |(low, high)| (number(low), number(high)));
    own == name && (low..=high).contains(&pack)
}
