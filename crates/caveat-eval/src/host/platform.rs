//! The platform that a host file names: what it implies, and whether the other facts agree.

use caveat_diag::suggest::{did_you_mean, nearest};
use caveat_ir::RuleSet;
use caveat_ir::host::OsEntry;
use caveat_ir::rule::{OsFacts, Platform};

use super::problem::{ProblemKind, Problems, Trouble};

/// The facts of the platform the file names, service packs as far as there were such; none when it names none,
/// or one that is not there.
pub(super) fn facts(os: &OsEntry, rules: &RuleSet, problems: &mut Problems) -> Option<OsFacts> {
    let Some(name) = &os.platform else {
        if let Some(edition) = &os.edition {
            let trouble = Trouble::new(format!("the edition `{edition}` has no platform"));
            problems.report(ProblemKind::Fact, "os.edition", trouble.help("name the platform as `platform`"));
        }
        return None;
    };
    let editions: Vec<&Platform> = rules.platforms.iter().filter(|platform| platform.name == *name).collect();
    if editions.is_empty() {
        let known = rules.platforms.iter().map(|platform| platform.name.as_str());
        problems.report(ProblemKind::Fact, "os.platform", unknown("platform", name, known));
        return None;
    }
    let found = editions.iter().find(|platform| platform.edition == os.edition);
    if found.is_none() {
        let known = editions.iter().filter_map(|platform| platform.edition.as_deref());
        let edition = os.edition.as_deref().unwrap_or_default();
        problems.report(ProblemKind::Fact, "os.edition", unknown("edition", edition, known));
    }
    let found = found.or_else(|| editions.iter().find(|platform| platform.edition.is_none()));
    found.map(|platform| {
        let facts = platform.facts.clone();
        let service_packs = facts.service_packs.or_else(|| platform.known.service_packs.clone());
        OsFacts { service_packs, ..facts }
    })
}

fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Trouble {
    let trouble = Trouble::new(format!("there is no {what} `{name}`"));
    let mut names: Vec<&str> = known.collect();
    names.sort_unstable();
    names.dedup();
    match nearest(name, names.iter().copied()) {
        Some(near) => trouble.help(did_you_mean(near)),
        None if names.is_empty() => trouble.help(format!("the rules name no {what}")),
        None => trouble.help(format!("known: {}", names.join(", "))),
    }
}
