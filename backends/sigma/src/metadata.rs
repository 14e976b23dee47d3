//! What a rule tells people: title, description, references, dates, level, and what it does not see.

use std::collections::BTreeSet;

use caveat_ir::describe;
use caveat_ir::rule::{Bulletin, RuleSet, Vulnerability};
use caveat_ir::value::{Date, Rating, RegistryPath, StartType, VersionSet};

use crate::signal::Signal;
use crate::watch::{Run, Sighting, Watch, file_name, hash_file};

/// Sigma's limit.
const MAX_TITLE: usize = 256;

/// The title, cut to Sigma's length; the cut does not tell titles apart, see `unique`.
pub(crate) fn title(bulletin: &Bulletin, watch: &Watch) -> String {
    let what = match watch {
        Watch::Started(sightings) => format!("Outdated {} Started", file_name(sightings)),
        Watch::Loaded(sightings) => format!("Outdated {} Loaded", file_name(sightings)),
        Watch::StartSet { service, starts } => {
            format!("Service {service} Set to Start ({})", start_words(starts))
        }
        Watch::Hashed(Run::Started, hashes) => format!("Listed {} Started", hash_file(hashes)),
        Watch::Hashed(_, hashes) => format!("Listed {} Loaded", hash_file(hashes)),
        Watch::Audited(service) => format!("Service {service} Installed"),
        Watch::Ran(service) => format!("Service {service} Running"),
        Watch::KeyCreated(key) => format!("Registry Key {key} Created"),
        Watch::KeyDeleted(key) => format!("Registry Key {key} Deleted"),
        Watch::ValueSet { key, name, .. } => format!("Registry Value {} Set", value(key, name)),
        Watch::ValueDeleted { key, name } => format!("Registry Value {} Deleted", value(key, name)),
    };
    cut(&format!("{} - {what}", bulletin.id), MAX_TITLE)
}

/// A title that other rules of the bulletin have not: with part of the id, if need be.
pub(crate) fn unique(title: String, id: &str, taken: &mut BTreeSet<String>) -> String {
    let title = if taken.contains(&title) {
        let mark = format!(" [{id}]");
        cut(&title, MAX_TITLE - mark.len()) + &mark
    } else {
        title
    };
    taken.insert(title.clone());
    title
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect::<String>().trim_end().to_owned()
}

fn value(key: &RegistryPath, name: &str) -> String {
    format!("{key}!{}", if name.is_empty() { "(Default)" } else { name })
}

fn start_words(starts: &[StartType]) -> String {
    let words: Vec<&str> = starts.iter().map(|start| start.as_str()).collect();
    words.join(", ")
}

/// What is seen, what it means, and how far it can be relied on.
pub(crate) fn description(bulletin: &Bulletin, signal: &Signal) -> String {
    let cves: Vec<&str> = signal.cves.iter().map(caveat_ir::value::CveId::as_str).collect();
    let cves = cves.join(", ");
    let means = meaning(&signal.watch);
    let packages = signal.packages.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!("Detects that {means}, which bears on {cves} of {}.", bulletin.id),
        bulletin.title().to_owned(),
    ];
    lines.extend(bulletin.doc.clone());
    lines.push(format!("Packages: {packages}."));
    lines.extend(signal.shared.iter().map(|one| format!("It also fires on versions {}.", one.words())));
    lines.push(
        "Telemetry shows only what happens while it watches, and not on which platform: this rule is an \
         event-time under-approximation of the bulletin, and it may over-report as well."
            .to_owned(),
    );
    lines.join("\n")
}

/// The versions that are looked for anywhere.
fn all_versions(sightings: &[Sighting]) -> VersionSet {
    let all = sightings.iter().map(|sighting| sighting.versions.clone());
    all.reduce(|one, other| one.union(&other)).unwrap_or_else(VersionSet::all)
}

fn meaning(watch: &Watch) -> String {
    match watch {
        Watch::Started(sightings) => {
            format!("{} starts in a version {}", file_name(sightings), all_versions(sightings))
        }
        Watch::Loaded(sightings) => {
            format!("{} is loaded in a version {}", file_name(sightings), all_versions(sightings))
        }
        Watch::StartSet { service, starts } => {
            format!("the start type of the service {service} is set to {}", start_words(starts))
        }
        Watch::Hashed(run, hashes) => {
            let comes = if *run == Run::Started { "starts" } else { "is loaded" };
            format!("{} {comes} with a listed digest", hash_file(hashes))
        }
        Watch::Audited(service) => format!("the service {service} is installed"),
        Watch::Ran(service) => format!("the service {service} starts to run"),
        Watch::KeyCreated(key) => format!("the registry key {key} is created"),
        Watch::KeyDeleted(key) => format!("the registry key {key} is deleted"),
        Watch::ValueDeleted { key, name } => format!("the registry value {} is deleted", value(key, name)),
        Watch::ValueSet { key, name, data: None } => {
            format!("the registry value {} is set", value(key, name))
        }
        Watch::ValueSet { data: Some(data), .. } => {
            format!("a registry value is set: {}", describe::formula(&RuleSet::default(), data))
        }
    }
}

/// What the rule cannot know: where it may be wrong.
pub(crate) fn falsepositives(signal: &Signal) -> Vec<String> {
    let unseen = signal.losses.reasons().into_iter().map(|reason| format!("Not seen: {reason}"));
    unseen.chain([trap(&signal.watch).to_owned()]).collect()
}

/// What to know about the fields of an event.
const fn trap(watch: &Watch) -> &'static str {
    match watch {
        Watch::Started(_) | Watch::Loaded(_) => {
            "A fixed file of another Windows, whose versions are lower; a file whose version resource states another version in its text than in its numbers"
        }
        Watch::Hashed(..) => {
            "Files whose digest of the listed kind is not recorded, as the configuration of Sysmon has it, are missed"
        }
        Watch::Audited(_) => {
            "Event 4697 gives the short name as ServiceName; it is logged only where the audit policy asks for it"
        }
        Watch::Ran(_) => {
            "Event 7036 gives the display name as param1 and the state as param2, in the language of Windows; only its binary data holds the short name"
        }
        Watch::StartSet { .. } | Watch::ValueSet { .. } | Watch::KeyCreated(_) => {
            "Set-up programs that write the same again"
        }
        Watch::KeyDeleted(_) | Watch::ValueDeleted { .. } => {
            "Set-up programs that delete it and write it anew"
        }
    }
}

/// The addresses of the bulletin and of the vulnerabilities, each once.
pub(crate) fn references(bulletin: &Bulletin, signal: &Signal) -> Vec<String> {
    let concerned = |one: &&Vulnerability| signal.cves.contains(&one.id);
    let own = bulletin.vulnerabilities.iter().filter(concerned).flat_map(|one| &one.references);
    let mut references: Vec<String> = Vec::new();
    for reference in bulletin.references.iter().chain(own) {
        if !references.contains(reference) {
            references.push(reference.clone());
        }
    }
    references
}

/// A date as Sigma takes it: from the year 1000 on.
fn day(date: Date) -> Option<String> {
    (1000..=3999).contains(&date.year()).then(|| date.to_string())
}

/// When the bulletin was published.
pub(crate) fn published(bulletin: &Bulletin) -> Option<String> {
    bulletin.published.and_then(day)
}

/// When it was last revised, if later.
pub(crate) fn modified(bulletin: &Bulletin) -> Option<String> {
    let last = bulletin.revisions.iter().map(|revision| revision.date).max();
    last.filter(|last| bulletin.published.is_some_and(|published| *last > published)).and_then(day)
}

/// The CVEs, and the kind of detection.
pub(crate) fn tags(signal: &Signal) -> Vec<String> {
    let numbers = signal.cves.iter().filter_map(|cve| cve.as_str().strip_prefix("CVE-"));
    numbers.map(|number| format!("cve.{number}")).chain(["detection.threat-hunting".to_owned()]).collect()
}

/// The level of a rule: what Sigma has for a rating.
pub(crate) const fn level(watch: &Watch, rating: Option<Rating>) -> &'static str {
    // That a service runs is no more than everyday life.
    if matches!(watch, Watch::Ran(_)) {
        return "informational";
    }
    match rating {
        Some(Rating::Critical) => "critical",
        Some(Rating::Important) => "high",
        Some(Rating::Moderate) | None => "medium",
        Some(Rating::Low) => "low",
        Some(Rating::None) => "informational",
    }
}
