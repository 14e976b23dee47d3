//! `caveat diff`

use std::fmt::Write as _;
use std::path::PathBuf;

use caveat_eval::{Evaluator, Host};
use caveat_ir::host::HostFile;
use caveat_ir::value::BulletinId;
use caveat_logic::{Change, ChangeKind, Difference, diff};
use serde_json::{Value, json};

use crate::cli::{Diff, ListFormat};
use crate::session::{self, CleanSession};
use crate::ui::{Outcome, Ui, one_line};

pub(super) fn run(ui: &Ui, arguments: &Diff) -> Result<Outcome, Outcome> {
    let open = |path: &PathBuf| session::open_clean(ui, std::slice::from_ref(path));
    let (old, new) = (open(&arguments.old)?, open(&arguments.new)?);
    let changes = diff(old.rules.rules(), new.rules.rules());
    let versions = Versions { old: &old, new: &new };
    let entries: Vec<Value> = changes.iter().map(|change| versions.entry(change)).collect();
    match arguments.format {
        ListFormat::Json => {
            let log = json!({ "schema": "caveat/diff/v1", "changes": entries });
            ui.data(&format!("{log:#}\n"));
        }
        ListFormat::Human if entries.is_empty() => ui.say("no bulletin means something else"),
        ListFormat::Human => ui.data(&human(&entries)),
    }
    Ok(Outcome::findings(arguments.fail_on_change && !changes.is_empty()))
}

/// The rules before and after.
struct Versions<'a> {
    old: &'a CleanSession,
    new: &'a CleanSession,
}

impl Versions<'_> {
    fn entry(&self, change: &Change) -> Value {
        let id = &change.bulletin;
        match &change.kind {
            ChangeKind::Added => json!({ "bulletin": id, "change": "added" }),
            ChangeKind::Removed => json!({ "bulletin": id, "change": "removed" }),
            ChangeKind::Changed { vulnerabilities, packages } => {
                let part = |name: &str, difference: &Difference| self.part(id, name, difference);
                let cves = vulnerabilities.iter().map(|(cve, one)| part(cve.as_str(), one));
                let packages = packages.iter().map(|(name, one)| part(name, one));
                json!({
                    "bulletin": id,
                    "change": "changed",
                    "vulnerabilities": cves.collect::<Vec<_>>(),
                    "packages": packages.collect::<Vec<_>>(),
                })
            }
        }
    }

    fn part(&self, bulletin: &BulletinId, name: &str, difference: &Difference) -> Value {
        match difference {
            Difference::Added => json!({ "name": name, "change": "added" }),
            Difference::Removed => json!({ "name": name, "change": "removed" }),
            Difference::Hosts(hosts) => {
                let hosts = hosts.iter().map(|host| {
                    json!({
                        "before": verdicts(self.old, bulletin, name, host),
                        "after": verdicts(self.new, bulletin, name, host),
                        "host": host,
                    })
                });
                json!({ "name": name, "change": "changed", "hosts": hosts.collect::<Vec<_>>() })
            }
        }
    }
}

/// What the evaluator says of the host: of the vulnerability of this name, else of the bulletin.
fn verdicts(session: &CleanSession, bulletin: &BulletinId, name: &str, host: &HostFile) -> Value {
    let (host, _) = Host::new(host, session.rules.rules());
    let Some(outcome) = Evaluator::new(&session.rules).outcome(bulletin, &host) else { return Value::Null };
    match outcome.vulnerabilities.iter().find(|one| one.id.as_str() == name) {
        Some(one) => json!({ "verdict": one.verdict, "severity": one.severity }),
        None => json!({ "verdict": outcome.verdict }),
    }
}

fn human(entries: &[Value]) -> String {
    let text = |value: &Value, name: &str| one_line(value.get(name).and_then(Value::as_str).unwrap_or(""));
    let mut out = String::new();
    for entry in entries {
        let _ = writeln!(out, "{} {}", text(entry, "bulletin"), text(entry, "change"));
        for list in ["vulnerabilities", "packages"] {
            for part in entry.get(list).and_then(Value::as_array).into_iter().flatten() {
                let _ = writeln!(out, "  {} {}", text(part, "name"), text(part, "change"));
                for host in part.get("hosts").and_then(Value::as_array).into_iter().flatten() {
                    let _ = writeln!(out, "    {} -> {}", verdict(host, "before"), verdict(host, "after"));
                    let facts = serde_json::from_value(host.get("host").cloned().unwrap_or_default());
                    let facts: HostFile = facts.unwrap_or_default();
                    let _ = writeln!(out, "      on {}", one_line(&facts.in_words()));
                }
            }
        }
    }
    out
}

fn verdict(host: &Value, when: &str) -> String {
    let of = |name: &str| host.get(when).and_then(|one| one.get(name)).and_then(Value::as_str);
    let verdict = of("verdict").unwrap_or("nothing");
    of("severity").map_or_else(|| verdict.to_owned(), |severity| format!("{verdict} ({severity})"))
}
