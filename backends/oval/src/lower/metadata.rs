//! What a definition tells people: platforms, references, descriptions, notes. Nothing here has
//! any part in a result or an id.

use caveat_ir::describe;
use caveat_ir::rule::{Bulletin, LocalText, Package, RuleSet, SelectorId, Vulnerability};
use caveat_ir::value::{Family, Rating};

use crate::model::{Advisory, Reference};

/// How many characters a title has at most: lists of definitions show no more.
pub(super) const TITLE: usize = 120;

/// A title: what a definition is about, and on which platforms. Where that is too long, platforms are counted; where that
/// is too, the package stands for them, where it is not named anyway, as its name tells the definitions of a bulletin apart.
pub(super) fn title(rules: &RuleSet, about: &str, platforms: &[SelectorId], package: Option<&str>) -> String {
    let words: Vec<String> = platforms.iter().map(|id| describe::platform(rules, *id)).collect();
    let counted = match words.as_slice() {
        [first, _] => format!("{first} and 1 other"),
        [first, others @ ..] => format!("{first} and {} others", others.len()),
        [] => String::new(),
    };
    let titles = [words.join("; "), counted].map(|on| format!("{about} on {on}"));
    let fits = |title: &String| title.chars().count() <= TITLE;
    let shortened = || package.map_or_else(|| cut(about, TITLE), |name| title_by_package(about, name));
    titles.into_iter().find(fits).unwrap_or_else(shortened)
}

/// A title that tells the package, and not its platforms.
pub(super) fn title_by_package(about: &str, package: &str) -> String {
    let package = format!(" ({})", cut(package, TITLE / 2));
    cut(about, TITLE - package.chars().count()) + &package
}

/// Whether another package is for the same platforms, as those for versions of a product are.
pub(super) fn shares_platforms(bulletin: &Bulletin, package: &Package) -> bool {
    let same = |other: &&Package| other.platforms.iter().eq(package.platforms.iter());
    bulletin.packages.iter().filter(same).count() > 1
}

/// The words of a text that fit, and an ellipsis where that is not all.
pub(super) fn cut(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let end = text.char_indices().nth(length - 1).map_or(text.len(), |(end, _)| end);
    let (kept, _) = text.split_at(end);
    let kept = kept.rsplit_once(' ').map_or(kept, |(words, _)| words);
    format!("{}…", kept.trim_end_matches([',', ';', ':', ' ', '-']))
}

/// What a vulnerability is called: its own title, else the bulletin's.
pub(super) fn flaw<'r>(bulletin: &'r Bulletin, vulnerability: &'r Vulnerability) -> &'r str {
    first(&vulnerability.titles).unwrap_or_else(|| bulletin.title())
}

/// The page of a CVE id.
pub(crate) fn cve_link(cve: &str) -> String {
    format!("https://www.cve.org/CVERecord?id={cve}")
}

/// What programs read of a definition.
pub(super) fn advisory(bulletin: &Bulletin, severity: Option<Rating>, cves: Vec<String>) -> Advisory {
    let revisions = bulletin.revisions.iter().map(|revision| revision.date);
    Advisory { severity, issued: bulletin.published.map(|date| date.value), updated: revisions.max(), cves }
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
    let cve = cve.map(|cve| Reference { source: "CVE", id: cve.to_owned(), url: Some(cve_link(cve)) });
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

/// The flaw, what is known of it, the bulletin that it is of, and who is exposed.
pub(super) fn vulnerability_description(
    bulletin: &Bulletin,
    vulnerability: &Vulnerability,
    exposures: &[&str],
) -> String {
    let own = first(&vulnerability.titles).map(sentence);
    let documentation = vulnerability.doc.as_deref().map(sentence);
    let of = format!("{}: {}", bulletin.id, sentence(bulletin.title()));
    let general = bulletin.doc.as_deref().filter(|_| documentation.is_none()).map(sentence);
    let exposures = exposures.iter().map(|text| sentence(&format!("Exposed: {text}")));
    own.into_iter()
        .chain(documentation)
        .chain([of])
        .chain(general)
        .chain(exposures)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text with a stop at its end.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '。']) { text.to_owned() } else { format!("{text}.") }
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
    severity: Option<Rating>,
    bulletin: &Bulletin,
    vulnerability: Option<&Vulnerability>,
    package: &Package,
) -> Vec<String> {
    let severity = severity.map(|severity| format!("Severity: {severity}."));
    let restart = package.restart.map(|restart| format!("Restart: {restart}."));
    let own = vulnerability.into_iter().flat_map(|vulnerability| &vulnerability.workarounds);
    let unseen = own.chain(&bulletin.workarounds).filter(|workaround| workaround.when.is_none());
    let unseen = unseen.map(|workaround| format!("Workaround, not checked: {}.", workaround.title));
    severity.into_iter().chain(restart).chain(unseen).collect()
}

fn first(titles: &[LocalText]) -> Option<&str> {
    titles.first().map(|title| title.text.as_str())
}
