//! `caveat facts`: what is known of hosts, what follows from what, and what is not known and why.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use caveat_eval::{Derivation, Evaluator, Fact, HostFacts};
use caveat_ir::Truth;
use caveat_ir::host::{FactKind, HostFile, OsEntry};
use caveat_ir::recorded::{Place, System};
use caveat_ir::rule::{OsFacts, RuleSet};
use caveat_ir::updates::{Open, Revision};
use caveat_ir::value::name;

use super::hosts::{self, Loaded};
use crate::cli::Facts;
use crate::session;
use crate::ui::{Outcome, Ui, one_line};

pub(super) fn run(ui: &Ui, arguments: &Facts) -> Result<Outcome, Outcome> {
    let session = session::open_clean(ui, &arguments.paths.paths)?;
    let rules = session.rules.rules();
    let hosts = hosts::load(ui, &arguments.host, rules);
    let evaluator = Evaluator::new(&session.rules);
    for (index, loaded) in hosts.hosts.iter().enumerate() {
        ui.data(if index == 0 { "" } else { "\n" });
        ui.data(&facts(&evaluator, rules, loaded));
    }
    Ok(Outcome::findings(hosts.broken))
}

fn facts(evaluator: &Evaluator<'_>, rules: &RuleSet, loaded: &Loaded) -> String {
    let mut out = format!("{}\n", one_line(loaded.host.name()));
    platforms(&mut out, evaluator, rules, loaded);
    let file = &loaded.file;
    let system = System::of(&loaded.host);
    let OsEntry { family, version, build, service_pack, product_type, .. } = &file.os;
    let OsEntry { installation_type, suites, architecture, language, .. } = &file.os;
    let mut fact = |name: &str, text: String, stated: bool, places: &[Place]| {
        line(&mut out, name, &format!("{text}{}", source(file, stated, places)));
    };
    let versions = [Place::Version, Place::Major, Place::Minor];
    fact("family", shown(&system.family), family.is_some(), &[]);
    fact("version", shown(&system.version), version.is_some(), &versions);
    fact("build", shown(&system.build), build.is_some(), &[Place::Build]);
    let (text, stated) = revision(loaded, &system);
    fact("revision", text, stated, &[Place::Revision]);
    fact("service pack", shown(&system.service_pack), service_pack.is_some(), &[Place::ServicePack]);
    fact("type", shown(&system.product_type), product_type.is_some(), &[Place::ProductType]);
    let installation = shown(&system.installation_type);
    fact("installation", installation, installation_type.is_some(), &[Place::InstallationType]);
    fact("suites", shown(&system.suites), suites.is_some(), &[Place::Suites]);
    fact("architecture", shown(&system.architecture), architecture.is_some(), &[Place::Architecture]);
    fact("language", shown(&system.language), language.is_some(), &[Place::Language]);
    line(&mut out, "updates", &updates(file));
    let partial: Vec<String> = file.partial.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect();
    if !partial.is_empty() {
        line(&mut out, "incomplete", &partial.join(", "));
    }
    out
}

fn line(out: &mut String, name: &str, text: &str) {
    let _ = writeln!(out, "  {name:<14}{}", one_line(text));
}

/// The platforms that the host is of, and those that it may be of, with the facts that leave it open.
fn platforms(out: &mut String, evaluator: &Evaluator<'_>, rules: &RuleSet, loaded: &Loaded) {
    let session = evaluator.on(&loaded.host);
    let mut told = BTreeSet::new();
    for platform in rules.platforms.iter().filter(|platform| platform.facts != OsFacts::default()) {
        let formula = platform.facts.formula(platform.origin);
        let truth = session.truth(&formula);
        let title = &platform.title;
        match truth {
            Truth::True if told.insert(title) => line(out, "is", title),
            Truth::Unknown | Truth::Error if told.insert(title) => {
                let mut open = BTreeSet::new();
                missing(&session.derive(&formula), &mut open);
                let open: Vec<&str> = open.iter().map(String::as_str).collect();
                line(out, "may be", &format!("{title}, as it is open whether {}", open.join(", whether ")));
            }
            _ => {}
        }
    }
}

/// The tests that leave a statement open.
fn missing(derivation: &Derivation, open: &mut BTreeSet<String>) {
    if !derivation.truth.is_open() {
        return;
    }
    if derivation.children.is_empty() {
        open.insert(derivation.text.clone());
    }
    derivation.children.iter().for_each(|child| missing(child, open));
}

fn shown<T: Display>(fact: &Fact<T>) -> String {
    match fact {
        Fact::Present(value) => {
            let text = value.to_string();
            if text.is_empty() { "none".to_owned() } else { text }
        }
        Fact::Absent => "not there".to_owned(),
        Fact::Unknown => "not known".to_owned(),
        Fact::Error(message) => format!("malformed: {message}"),
    }
}

/// Where a fact comes from, if not from the statements of the host file.
fn source(file: &HostFile, stated: bool, places: &[Place]) -> String {
    let lists = |place: &&Place| {
        let key = format!(r"HKLM\{}", place.key());
        let same = |entry: &&caveat_ir::host::RegistryEntry| name::same(&entry.key, &key);
        let mut entries = file.registry.iter().filter(same);
        entries.any(|entry| entry.values.keys().any(|value| name::same(value, place.name())))
    };
    match places.iter().find(lists) {
        Some(place) if !stated => format!(r" (from HKLM\{}!{})", place.key(), place.name()),
        None if !stated && file.os.platform.is_some() && !places.is_empty() => {
            " (left to the platform)".to_owned()
        }
        _ => String::new(),
    }
}

/// The revision, with what the list of updates says of it; and whether that or the host file tells it.
fn revision(loaded: &Loaded, system: &System<'_>) -> (String, bool) {
    let listed = loaded.host.listed_revision();
    let known = loaded.file.os.revision.is_some();
    match (&system.revision, loaded.host.revision_at_least(), listed) {
        (Fact::Present(revision), _, Some(found)) if !known => {
            (format!("{revision}, {}", because(found)), true)
        }
        (Fact::Unknown, Fact::Present(least), Some(found)) if least == found.least => {
            (format!("at least {least}, {}", because(found)), true)
        }
        (Fact::Unknown, Fact::Present(least), _) => (format!("at least {least}"), true),
        (revision, ..) => (shown(revision), known),
    }
}

fn because(found: &Revision) -> String {
    let Revision { article, as_of, open, exact, .. } = found;
    let known = format!("as {article} is listed (table of updates of {as_of})");
    match open {
        Some(Open::Article(kb)) => format!("{known}; {kb}, which no table has, may be of a later update"),
        Some(Open::Released) => format!("{known}; the update was released with several revisions"),
        None if *exact => format!("{known}, and no later update"),
        None => format!("{known}; the list of updates is not known to be complete"),
    }
}

fn updates(file: &HostFile) -> String {
    let count = file.hotfixes.len();
    let complete = !file.partial.contains(&FactKind::Hotfixes);
    format!("{count} listed, {}", if complete { "complete" } else { "incomplete" })
}
