//! What a definition tells people: platforms, references, descriptions, notes. Nothing here has
//! any part in a result or an id.

use caveat_ir::describe;
use caveat_ir::rule::{Bulletin, LocalText, Package, RuleSet, SelectorId, Vulnerability};
use caveat_ir::value::{Family, Rating};

use crate::model::{Advisory, Reference, cve_page};

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
    let cve = cve.map(|cve| Reference { source: "CVE", id: cve.to_owned(), url: Some(cve_page(cve)) });
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

/// The longest title of a definition, in characters.
const LONGEST_TITLE: usize = 120;

/// The text, cut at a word where it is too long for a title.
pub(super) fn title(text: &str) -> String {
    const CUT: &str = "...";
    if text.chars().count() <= LONGEST_TITLE {
        return text.to_owned();
    }
    let room: String = text.chars().take(LONGEST_TITLE - CUT.len() + 1).collect();
    let words = room.rsplit_once(' ').map_or_else(
        || room.chars().take(LONGEST_TITLE - CUT.len()).collect(),
        |(words, _)| words.trim_end_matches([' ', ',', ';', ':']).to_owned(),
    );
    words + CUT
}

/// The vulnerability's own title, else the bulletin's.
pub(super) fn flaw<'a>(bulletin: &'a Bulletin, vulnerability: &'a Vulnerability) -> &'a str {
    first(&vulnerability.titles).unwrap_or_else(|| bulletin.title())
}

/// The flaw's title, and its documentation or else the bulletin's title.
pub(super) fn vulnerability_description(bulletin: &Bulletin, vulnerability: &Vulnerability) -> String {
    match (first(&vulnerability.titles), &vulnerability.doc) {
        (Some(title), Some(doc)) => format!("{title}. {doc}"),
        (Some(title), None) => format!("{title}. {}.", bulletin.title()),
        (None, Some(doc)) => doc.clone(),
        (None, None) => format!("{}.", bulletin.title()),
    }
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

/// What vendors tell machines: how severe it is, and when that was said.
pub(super) fn advisory(bulletin: &Bulletin, severity: Option<Rating>, cves: Vec<String>) -> Advisory {
    let updated = bulletin.revisions.iter().map(|revision| revision.date).max();
    Advisory {
        severity: severity.map(severity_word),
        issued: bulletin.published.map(|date| date.value.to_string()),
        updated: updated.map(|date| date.to_string()),
        cves,
    }
}

/// The word as vendors write it.
fn severity_word(rating: Rating) -> String {
    let word = rating.to_string();
    let (first, rest) = word.split_at_checked(1).unwrap_or(("", &word));
    first.to_ascii_uppercase() + rest
}

/// Severity, restart, and the workarounds that cannot be seen in effect.
pub(super) fn notes(
    bulletin: &Bulletin,
    vulnerability: Option<&Vulnerability>,
    package: &Package,
    severity: Option<Rating>,
) -> Vec<String> {
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

fn first(titles: &[LocalText]) -> Option<&str> {
    titles.first().map(|title| title.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_TITLE, title};

    #[test]
    fn long_titles_are_cut_at_a_word() {
        let fits = "x".repeat(LONGEST_TITLE);
        assert_eq!(title(&fits), fits);
        let word = "1234567; ".repeat(14);
        assert_eq!(title(&word), format!("{}1234567...", "1234567; ".repeat(12)));
        let one_word = "\u{e9}".repeat(LONGEST_TITLE + 1);
        assert_eq!(title(&one_word), format!("{}...", "\u{e9}".repeat(LONGEST_TITLE - 3)));
        for length in 0..LONGEST_TITLE {
            let text = format!("{} {}", "a".repeat(length), "b ".repeat(LONGEST_TITLE));
            assert!(title(&text).chars().count() <= LONGEST_TITLE, "{length}");
        }
    }
}
