//! What a definition tells people: platforms, references, descriptions, notes. Nothing here has
//! any part in a result or an id.

use caveat_ir::describe;
use caveat_ir::rule::{Bulletin, LocalText, Package, RuleSet, SelectorId, Vulnerability};
use caveat_ir::value::Family;

use crate::model::Reference;

/// The platforms as a title names them.
pub(super) fn platform_words(rules: &RuleSet, platforms: &[SelectorId]) -> String {
    let words: Vec<String> = platforms.iter().map(|id| describe::platform(rules, *id)).collect();
    words.join("; ")
}

/// The platforms' own titles, each once, without service packs and the like.
pub(super) fn platform_titles(rules: &RuleSet, platforms: &[SelectorId]) -> Vec<(Family, Vec<String>)> {
    let mut families: Vec<(Family, Vec<String>)> = Vec::new();
    for id in platforms {
        let platform = rules.selector(*id).and_then(|selector| rules.platform(selector.platform));
        let Some(platform) = platform else { continue };
        let family = platform.facts.family.unwrap_or(Family::Windows);
        match families.iter_mut().find(|(other, _)| *other == family) {
            Some((_, titles)) if titles.contains(&platform.title) => {}
            Some((_, titles)) => titles.push(platform.title.clone()),
            None => families.push((family, vec![platform.title.clone()])),
        }
    }
    families
}

/// The articles of a package: its own, else the bulletin's.
pub(super) fn articles(bulletin: &Bulletin, package: &Package) -> Vec<String> {
    let articles = if package.kb.is_empty() { &bulletin.kb } else { &package.kb };
    articles.iter().map(ToString::to_string).collect()
}

/// The CVE, the bulletin and its articles.
pub(super) fn references(cve: Option<&str>, bulletin: &Bulletin, kb: &[String]) -> Vec<Reference> {
    let cve = cve.map(|cve| Reference {
        source: "CVE",
        id: cve.to_owned(),
        url: Some(format!("https://cve.mitre.org/cgi-bin/cvename.cgi?name={cve}")),
    });
    let bulletin = Reference {
        source: "VENDOR",
        id: bulletin.id.to_string(),
        url: bulletin.references.iter().find(|reference| is_url(reference)).cloned(),
    };
    let articles = kb.iter().map(|kb| Reference {
        source: "VENDOR",
        id: kb.clone(),
        url: Some(format!("https://support.microsoft.com/kb/{}", kb.trim_start_matches("KB"))),
    });
    cve.into_iter().chain([bulletin]).chain(articles).collect()
}

/// Whether a reference is a web address that the schema's `anyURI` takes without doubt.
fn is_url(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?@!$&'()*+,;=%".contains(c);
    let escapes = rest.split('%').skip(1);
    let hexadecimal = |escape: &str| escape.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    !rest.is_empty() && rest.chars().all(plain) && escapes.into_iter().all(hexadecimal)
}

/// The documentation, else the titles.
pub(super) fn vulnerability_description(bulletin: &Bulletin, vulnerability: &Vulnerability) -> String {
    let documentation = vulnerability.doc.clone();
    documentation.unwrap_or_else(|| match first(&vulnerability.titles) {
        Some(title) => format!("{title}. {}.", bulletin.title()),
        None => format!("{}.", bulletin.title()),
    })
}

/// What is missing.
pub(super) fn patch_description(bulletin: &Bulletin, package: &Package) -> String {
    format!(
        "The host needs the update \"{}\" of the bulletin {} ({}) and does not have it.",
        package.name,
        bulletin.id,
        bulletin.title()
    )
}

/// Severity, restart, and the workarounds that cannot be seen in effect.
pub(super) fn notes(
    rules: &RuleSet,
    bulletin: &Bulletin,
    vulnerability: Option<&Vulnerability>,
    package: &Package,
) -> Vec<String> {
    let severity = vulnerability.and_then(|vulnerability| ratings(rules, vulnerability));
    let severity = severity.or_else(|| bulletin.severity.map(|rating| rating.to_string()));
    let restart = package.restart.map(|restart| format!("Restart: {restart}."));
    let own = vulnerability.into_iter().flat_map(|vulnerability| &vulnerability.workarounds);
    let unseen = own.chain(&bulletin.workarounds).filter(|workaround| workaround.when.is_none());
    let unseen = unseen.map(|workaround| format!("Workaround, not checked: {}.", workaround.title));
    severity
        .map(|severity| format!("Severity: {severity}."))
        .into_iter()
        .chain(restart)
        .chain(unseen)
        .collect()
}

fn ratings(rules: &RuleSet, vulnerability: &Vulnerability) -> Option<String> {
    let ratings = vulnerability.ratings.iter().map(|rated| match rated.on.as_slice() {
        [] => rated.rating.to_string(),
        on => format!("{} on {}", rated.rating, platform_words(rules, on)),
    });
    let ratings: Vec<String> = ratings.collect();
    (!ratings.is_empty()).then(|| ratings.join("; "))
}

fn first(titles: &[LocalText]) -> Option<&str> {
    titles.first().map(|title| title.text.as_str())
}
