//! What a rule tells people: title, description, references, dates, level, and what it does not see.

use std::collections::BTreeSet;

use caveat_ir::describe;
use caveat_ir::rule::{Bulletin, RuleSet, Vulnerability};
use caveat_ir::value::{Date, Rating, RegistryPath, StartType, VersionSet};

use crate::signal::{Made, Signal};
use crate::watch::{Run, Sighting, Watch, file_name, hash_file};

/// The length of a title in Sigma's repository.
const MAX_TITLE: usize = 120;
/// How much of it names bulletins.
const MAX_NAMES: usize = 60;
/// Words that titles have in small letters.
const SMALL: [&str; 20] = [
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "new", "of", "on", "or", "over", "the",
    "through", "to", "via", "with", "without",
];

/// The title, which no other rule has: with a part of the id, if need be.
pub(crate) fn title(made: &Made<'_>, id: &str, taken: &mut BTreeSet<String>) -> String {
    let names = cut(&format!(" - {}", bulletins(made)), MAX_NAMES);
    let what = what(&made.signal.watch);
    let whole = |mark: &str| {
        let room = MAX_TITLE - names.chars().count() - mark.len();
        let title = cased(&format!("{}{names}", cut(&what, room)));
        title.trim_end_matches(['.', ' ']).to_owned() + mark
    };
    let part = id.split('-').next().unwrap_or(id).to_ascii_uppercase();
    let title = Some(whole("")).filter(|title| !taken.contains(title));
    let title = title.unwrap_or_else(|| whole(&format!(" ({part})")));
    taken.insert(title.clone());
    title
}

fn what(watch: &Watch) -> String {
    match watch {
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
        Watch::ValueSet { name, .. } => format!("Registry Value {} Set", shown(name)),
        Watch::ValueDeleted { name, .. } => format!("Registry Value {} Deleted", shown(name)),
    }
}

/// The text with every word in title case that Sigma's repository wants so.
fn cased(text: &str) -> String {
    let word = |word: &str| {
        let is_small = word.chars().any(char::is_lowercase) && !word.chars().any(char::is_uppercase);
        let is_kept = SMALL.contains(&word)
            || word.contains(['.', '/', '_'])
            || word.starts_with(|c: char| c.is_ascii_digit());
        match word.find(char::is_alphabetic).and_then(|at| Some((at, word[at..].chars().next()?))) {
            Some((at, letter)) if is_small && !is_kept => {
                let (before, after) = (&word[..at], &word[at + letter.len_utf8()..]);
                format!("{before}{}{after}", letter.to_uppercase())
            }
            _ => word.to_owned(),
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect::<String>().trim_end().to_owned()
}

/// The ids of the bulletins.
fn bulletins(made: &Made<'_>) -> String {
    made.bulletins.iter().map(|bulletin| bulletin.id.as_str()).collect::<Vec<_>>().join(", ")
}

const fn shown(name: &str) -> &str {
    if name.is_empty() { "(Default)" } else { name }
}

fn value(key: &RegistryPath, name: &str) -> String {
    format!("{key}!{}", shown(name))
}

fn start_words(starts: &[StartType]) -> String {
    let words: Vec<&str> = starts.iter().map(|start| start.as_str()).collect();
    words.join(", ")
}

/// What is seen, what it means, and how far it can be relied on.
pub(crate) fn description(made: &Made<'_>) -> String {
    let signal = &made.signal;
    let cves: Vec<&str> = signal.cves.iter().map(caveat_ir::value::CveId::as_str).collect();
    let means = meaning(&signal.watch);
    let packages = signal.packages.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let mut lines =
        vec![format!("Detects that {means}, which bears on {} of {}.", cves.join(", "), bulletins(made))];
    for bulletin in &made.bulletins {
        lines.push(format!("{}: {}", bulletin.id, bulletin.title()));
        // Links belong into the references.
        lines.extend(bulletin.doc.clone().filter(|doc| !doc.contains("://")));
    }
    lines.extend(signal.rating.map(|rating| format!("Rated {rating}, whatever the level of the rule.")));
    lines.push(format!("Packages: {packages}."));
    lines.extend(signal.shared.iter().map(|one| format!("It also fires on versions {}.", one.words())));
    lines.extend(signal.losses.lines(0).into_iter().map(|line| sentence(&line)));
    lines.extend(trap(&signal.watch).map(str::to_owned));
    lines.push(
        "It tells of an event, not of a host: it fires on patched hosts as well where the event does not tell them \
         apart, and says nothing of hosts that log no such event."
            .to_owned(),
    );
    lines.join("\n")
}

/// With a capital letter, and a stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
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

/// What is missed because of what the fields of an event hold.
const fn trap(watch: &Watch) -> Option<&'static str> {
    match watch {
        Watch::Started(_) | Watch::Loaded(_) => Some(
            "Missed are files whose version resource states five numbers or begins with a letter in its text; one that states fewer numbers than four counts with zeros.",
        ),
        Watch::Hashed(..) => {
            Some("Missed are files where Sysmon is not set up to record digests of a listed kind.")
        }
        Watch::Audited(_) => Some("Event 4697 is logged only where the audit policy asks for it."),
        Watch::Ran(_) => Some(
            "Event 7036 names services as users see them; the short name is in its binary data, which some shippers leave out.",
        ),
        Watch::StartSet { .. }
        | Watch::ValueSet { .. }
        | Watch::KeyCreated(_)
        | Watch::KeyDeleted(_)
        | Watch::ValueDeleted { .. } => None,
    }
}

/// What else raises the event.
pub(crate) const fn falsepositives(watch: &Watch) -> &'static str {
    match watch {
        Watch::Started(_) | Watch::Loaded(_) | Watch::Hashed(..) => {
            "Hosts that the bulletin does not concern, as their Windows and settings are not seen"
        }
        Watch::Audited(_) | Watch::Ran(_) => "Administrators who install or use the service on patched hosts",
        Watch::StartSet { .. } | Watch::ValueSet { .. } | Watch::KeyCreated(_) => {
            "Set-up programs and administrators that write the same again"
        }
        Watch::KeyDeleted(_) | Watch::ValueDeleted { .. } => {
            "Set-up programs that delete it and write it anew"
        }
    }
}

/// The addresses of the bulletins and of the vulnerabilities, each once.
pub(crate) fn references(made: &Made<'_>) -> Vec<String> {
    let concerned = |one: &&Vulnerability| made.signal.cves.contains(&one.id);
    let mut references: Vec<String> = Vec::new();
    for bulletin in &made.bulletins {
        let own = bulletin.vulnerabilities.iter().filter(concerned).flat_map(|one| &one.references);
        for reference in bulletin.references.iter().chain(own) {
            if !references.contains(reference) {
                references.push(reference.clone());
            }
        }
    }
    references
}

/// A date as Sigma takes it: from the year 1000 on.
fn day(date: Date) -> Option<String> {
    (1000..=3999).contains(&date.year()).then(|| date.to_string())
}

fn day_of(bulletin: &Bulletin) -> Option<Date> {
    bulletin.published.map(|date| date.value)
}

fn first_day(made: &Made<'_>) -> Option<Date> {
    made.bulletins.iter().filter_map(|bulletin| day_of(bulletin)).min()
}

/// When the first of the bulletins was published.
pub(crate) fn published(made: &Made<'_>) -> Option<String> {
    first_day(made).and_then(day)
}

/// When the last of them was revised, or published, if later.
pub(crate) fn modified(made: &Made<'_>) -> Option<String> {
    let days = |bulletin: &&Bulletin| {
        let revised = bulletin.revisions.iter().map(|revision| revision.date);
        revised.chain(day_of(bulletin)).max()
    };
    let last = made.bulletins.iter().filter_map(days).max();
    last.filter(|last| first_day(made).is_some_and(|first| *last > first)).and_then(day)
}

/// The CVEs, and the kind of detection.
pub(crate) fn tags(signal: &Signal) -> Vec<String> {
    let numbers = signal.cves.iter().filter_map(|cve| cve.as_str().strip_prefix("CVE-"));
    numbers.map(|number| format!("cve.{number}")).chain(["detection.threat-hunting".to_owned()]).collect()
}

/// The level of a rule: medium at most, as it is for hunters to judge what it finds.
pub(crate) const fn level(watch: &Watch, rating: Option<Rating>) -> &'static str {
    // That a service runs is no more than everyday life.
    if matches!(watch, Watch::Ran(_)) {
        return "informational";
    }
    match rating {
        Some(Rating::Critical | Rating::Important | Rating::Moderate) | None => "medium",
        Some(Rating::Low) => "low",
        Some(Rating::None) => "informational",
    }
}
