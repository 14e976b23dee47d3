//! `caveat matrix`

use std::fmt::Write as _;

use caveat_ir::describe;
use caveat_ir::rule::{Bulletin, RuleSet, Verdict};
use caveat_logic::{Row, matrix};
use serde_json::{Value, json};

use crate::cli::{ListFormat, Matrix};
use crate::session;
use crate::ui::{Outcome, Ui, one_line};

pub(super) fn run(ui: &Ui, arguments: &Matrix) -> Result<Outcome, Outcome> {
    let session = session::open_clean(ui, &arguments.paths.paths)?;
    let rules = session.rules.rules();
    let wanted = |bulletin: &&Bulletin| {
        let id = arguments.bulletin.as_deref();
        id.is_none_or(|id| bulletin.id.as_str().eq_ignore_ascii_case(id))
    };
    let tables: Vec<(&Bulletin, Vec<Row>)> =
        rules.bulletins.iter().filter(wanted).map(|bulletin| (bulletin, matrix(rules, bulletin))).collect();
    if let (true, Some(id)) = (tables.is_empty(), &arguments.bulletin) {
        ui.failure(&format!("no rule is called `{id}`"));
        return Err(Outcome::Usage);
    }
    match arguments.format {
        ListFormat::Human => ui.data(&human(rules, &tables)),
        ListFormat::Json => {
            let tables: Vec<Value> =
                tables.iter().map(|(bulletin, rows)| table(rules, bulletin, rows)).collect();
            let log = json!({ "schema": "caveat/matrix/v1", "bulletins": tables });
            ui.data(&format!("{log:#}\n"));
        }
    }
    Ok(Outcome::Clean)
}

fn table(rules: &RuleSet, bulletin: &Bulletin, rows: &[Row]) -> Value {
    let rows = rows.iter().map(|row| {
        json!({
            "platform": describe::platform(rules, row.platform),
            "vulnerability": row.vulnerability,
            "unpatched": row.unpatched,
            "patched": row.patched,
        })
    });
    json!({ "bulletin": bulletin.id, "rows": rows.collect::<Vec<_>>() })
}

fn human(rules: &RuleSet, tables: &[(&Bulletin, Vec<Row>)]) -> String {
    let mut out = String::new();
    for (index, (bulletin, rows)) in tables.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { "\n" });
        let _ = writeln!(out, "{}", bulletin.id);
        for vulnerability in &bulletin.vulnerabilities {
            let own: Vec<[String; 3]> = rows
                .iter()
                .filter(|row| row.vulnerability == vulnerability.id)
                .map(|row| {
                    let platform = one_line(&describe::platform(rules, row.platform));
                    [platform, listed(&row.unpatched), listed(&row.patched)]
                })
                .collect();
            let head = [vulnerability.id.to_string(), "unpatched".to_owned(), "otherwise".to_owned()];
            rows_of(&mut out, &head, &own);
        }
    }
    out
}

fn listed(verdicts: &[Verdict]) -> String {
    let words: Vec<&str> = verdicts.iter().map(|verdict| verdict.as_str()).collect();
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

/// A table in columns.
fn rows_of(out: &mut String, head: &[String; 3], rows: &[[String; 3]]) {
    let all = || std::iter::once(head).chain(rows);
    let width =
        |pick: fn(&[String; 3]) -> &String| all().map(|row| pick(row).chars().count()).max().unwrap_or(0);
    let (first, second) = (width(|row| &row[0]), width(|row| &row[1]));
    for [platform, unpatched, otherwise] in all() {
        let _ = writeln!(out, "  {platform:<first$}  {unpatched:<second$}  {otherwise}");
    }
}
