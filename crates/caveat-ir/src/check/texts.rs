//! No text of a rule may hold a character that some target cannot carry. Source text cannot;
//! IR that arrives as JSON could.

use caveat_diag::Code;

use super::Checker;
use crate::expr::{Expr, Reason, Subject, Test, ValueCheck};
use crate::rule::{Bulletin, Included, Package, Platform, Summary, Vulnerability, Workaround};
use crate::text::forbidden_char;

pub(super) fn platforms(checker: &mut Checker<'_>) {
    for platform in &checker.rules.platforms {
        let bad = platform_texts(platform).into_iter().find_map(forbidden_char);
        report(checker, bad, platform.origin);
    }
}

pub(super) fn check(checker: &mut Checker<'_>) {
    let rules = checker.rules;
    for bulletin in &rules.bulletins {
        let bad = bulletin_texts(bulletin).into_iter().find_map(forbidden_char);
        report(checker, bad, bulletin.origin);
    }
    for summary in &rules.summaries {
        let bad = summary_texts(summary).find_map(forbidden_char);
        report(checker, bad, summary.origin);
    }
}

fn report(checker: &mut Checker<'_>, bad: Option<char>, origin: crate::Origin) {
    if let Some(bad) = bad {
        let message = format!("a text has the character U+{:04X}, which no target can carry", u32::from(bad));
        checker.report(Code::FORBIDDEN_CHARACTER, origin, message, "leave it out");
    }
}

fn platform_texts(platform: &Platform) -> Vec<&str> {
    let mut texts = vec![platform.name.as_str(), &platform.title];
    texts.extend(platform.edition.as_deref());
    texts.extend(platform.cpe.as_deref());
    texts.extend(platform.facts.suites.iter().chain(&platform.facts.without_suites).map(String::as_str));
    for condition in &platform.facts.when {
        expr_texts(condition, &mut texts);
    }
    texts
}

fn summary_texts(summary: &Summary) -> impl Iterator<Item = &str> {
    let titles = summary.titles.iter().map(|title| title.text.as_str());
    let revisions = summary.revisions.iter().filter_map(|revision| revision.text.as_deref());
    let others = strings(&[&summary.references, &summary.notes, &summary.sources]);
    summary.doc.as_deref().into_iter().chain(titles).chain(revisions).chain(others)
}

fn bulletin_texts(bulletin: &Bulletin) -> Vec<&str> {
    let mut texts: Vec<&str> = bulletin.doc.iter().map(String::as_str).collect();
    texts.extend(bulletin.titles.iter().map(|title| title.text.as_str()));
    texts.extend(strings(&[&bulletin.references, &bulletin.notes, &bulletin.sources]));
    texts.extend(bulletin.revisions.iter().filter_map(|revision| revision.text.as_deref()));
    for unaffected in bulletin.unaffected.iter().filter_map(|unaffected| unaffected.when.as_ref()) {
        expr_texts(unaffected, &mut texts);
    }
    for vulnerability in &bulletin.vulnerabilities {
        vulnerability_texts(vulnerability, &mut texts);
    }
    for package in &bulletin.packages {
        package_texts(package, &mut texts);
    }
    for workaround in &bulletin.workarounds {
        workaround_texts(workaround, &mut texts);
    }
    texts.extend(bulletin.tests.iter().map(|test| test.name.as_str()));
    texts
}

fn vulnerability_texts<'a>(vulnerability: &'a Vulnerability, texts: &mut Vec<&'a str>) {
    texts.extend(vulnerability.doc.as_deref());
    texts.extend(vulnerability.titles.iter().map(|title| title.text.as_str()));
    texts.extend(strings(&[
        &vulnerability.aliases,
        &vulnerability.references,
        &vulnerability.notes,
        &vulnerability.sources,
    ]));
    for exposure in &vulnerability.exposures {
        expr_texts(&exposure.when, texts);
        texts.extend(exposure.text.as_deref());
    }
    for workaround in &vulnerability.workarounds {
        workaround_texts(workaround, texts);
    }
}

fn package_texts<'a>(package: &'a Package, texts: &mut Vec<&'a str>) {
    texts.push(&package.name);
    texts.extend(package.doc.as_deref());
    texts.extend(strings(&[
        &package.install,
        &package.uninstall,
        &package.references,
        &package.notes,
        &package.sources,
    ]));
    texts.extend(package.included_in.iter().filter_map(|included| match included {
        Included::Text(text) => Some(text.as_str()),
        Included::ServicePack(_) => None,
    }));
    for expr in package.requires.iter().chain(package.vulnerable_when.as_deref()).chain(&package.markers) {
        expr_texts(expr, texts);
    }
}

fn workaround_texts<'a>(workaround: &'a Workaround, texts: &mut Vec<&'a str>) {
    texts.push(&workaround.title);
    texts.extend(strings(&[&workaround.notes]));
    if let Some(when) = &workaround.when {
        expr_texts(when, texts);
    }
}

fn strings<'a>(lists: &[&'a [String]]) -> Vec<&'a str> {
    lists.iter().flat_map(|list| list.iter().map(String::as_str)).collect()
}

fn expr_texts<'a>(expr: &'a Expr, texts: &mut Vec<&'a str>) {
    expr.leaves(&mut |leaf| match &leaf.test {
        Test::Suite(text)
        | Test::FileDigest(_, _, text)
        | Test::Service(text, _)
        | Test::Unknowable(Reason::Stated(text) | Reason::Variable(text)) => texts.push(text),
        Test::RegistryKey(key) => texts.push(&key.key),
        Test::RegistryValue(key, name, check) => {
            texts.extend([key.key.as_str(), name.as_str()]);
            texts.extend(checked_text(check));
        }
        Test::AnyKey(pattern, parts) => {
            texts.push(&pattern.key);
            for part in parts {
                texts.extend(checked_text(&part.check));
                if let Subject::Value(name) = &part.subject {
                    texts.push(name);
                }
            }
        }
        _ => {}
    });
}

fn checked_text(check: &ValueCheck) -> Option<&str> {
    match check {
        ValueCheck::Text(text)
        | ValueCheck::TextIgnoringCase(text)
        | ValueCheck::Matches(text)
        | ValueCheck::Binary(text) => Some(text),
        ValueCheck::Exists
        | ValueCheck::Version(_)
        | ValueCheck::Number(..)
        | ValueCheck::Bits(_)
        | ValueCheck::Type(_) => None,
    }
}
