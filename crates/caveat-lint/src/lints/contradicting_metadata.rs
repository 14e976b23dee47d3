//! Facts about a bulletin that cannot both be right.

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::value::{Date, Rating};
use caveat_syntax::ast::{self, BulletinStatement, Meta, VulnerabilityStatement, Word};

use crate::bulletins;
use crate::context::report;
use crate::view::View;

pub(crate) fn check(view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let published = metas(view).find_map(|meta| match meta {
        Meta::Published(word) => Some((word.text.parse().ok()?, word.span)),
        _ => None,
    });
    if let Some(why) = bulletins::never_was(view.bulletin.id.as_str()) {
        let message = format!("there never was a bulletin `{}`: {why}", view.bulletin.id);
        let problem = report(Code::CONTRADICTING_METADATA, message, Some(view.ast.id.span), "");
        found.push(problem.help("correct the id"));
    }
    if let Some((date, span)) = published {
        found.extend(on_another_day(view, date, span));
        revised_before(view, date, span, found);
        cves_of_later_years(view, date, span, found);
    }
    cves_of_no_year(view, found);
    rated_higher(view, found);
    let vulnerabilities = view.ast.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Vulnerability(vulnerability) => Some(vulnerability),
        _ => None,
    });
    vulnerabilities.for_each(|vulnerability| foreign_aliases(vulnerability, found));
}

fn metas<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Meta> {
    view.ast.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Meta(meta) => Some(meta),
        _ => None,
    })
}

fn problem(message: String, span: Span, other: Span, text: &str, help: &str) -> Diagnostic {
    report(Code::CONTRADICTING_METADATA, message, Some(span), "").because(other, text).help(help)
}

/// A bulletin of another year, or of a day on which none came out.
fn on_another_day(view: &View<'_>, published: Date, place: Span) -> Option<Diagnostic> {
    let message = bulletins::not_on(view.bulletin.id.as_str(), published)?;
    Some(report(Code::CONTRADICTING_METADATA, message, Some(place), "").help(
        "correct the date, or the id; bulletins came out on the second Tuesday of a month, in Japan on the day after",
    ))
}

fn revised_before(view: &View<'_>, published: Date, place: Span, found: &mut Vec<Diagnostic>) {
    for meta in metas(view) {
        if let Meta::Revised { date, .. } = meta
            && date.text.parse::<Date>().is_ok_and(|date| date < published)
        {
            let message = format!("the bulletin is revised before it is published, on {published}");
            found.push(problem(message, date.span, place, "published here", "correct one of the dates"));
        }
    }
}

fn cves_of_later_years(view: &View<'_>, published: Date, place: Span, found: &mut Vec<Diagnostic>) {
    for (vulnerability, ast) in view.vulnerabilities() {
        let year: Option<u16> = vulnerability.id.as_str().get(4..8).and_then(|year| year.parse().ok());
        if year.is_some_and(|year| year > published.year()) {
            let message = format!("`{}` is of a later year than the bulletin", vulnerability.id);
            let help = "correct the number, or the date";
            found.push(problem(message, ast.id.span, place, "published here", help));
        }
    }
}

/// The first year of CVEs, and the first in which they may have more than four digits.
const FIRST_YEAR: u16 = 1999;
const LONGER_SINCE: u16 = 2014;

/// CVEs that never were: of years before there were any, or with digits that those of their year have not.
fn cves_of_no_year(view: &View<'_>, found: &mut Vec<Diagnostic>) {
    for (vulnerability, ast) in view.vulnerabilities() {
        let id = vulnerability.id.as_str();
        let Some((year, number)) = id.get(4..).and_then(|rest| rest.split_once('-')) else { continue };
        let Ok(numbered) = year.parse::<u16>() else { continue };
        let why = if numbered < FIRST_YEAR {
            format!("the first CVEs are of {FIRST_YEAR}")
        } else if number.len() > 4 && numbered < LONGER_SINCE {
            format!("those of {year} have four digits after the year")
        } else if number.len() > 4 && number.starts_with('0') {
            "a number of more than four digits begins with no 0".to_owned()
        } else {
            continue;
        };
        let message = format!("there never was a `{id}`: {why}");
        let problem = report(Code::CONTRADICTING_METADATA, message, Some(ast.id.span), "");
        found.push(problem.help("correct the number"));
    }
}

/// A rating above the severity of the bulletin, which is the highest of all.
fn rated_higher(view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let Some((rating, level)) = severity(view) else { return };
    let highest = view.ratings().filter_map(|(_, severity)| rated(&severity.level));
    if let Some((higher, word)) = highest.max_by_key(|(rating, _)| *rating)
        && higher > rating
    {
        let message = format!(
            "the severity of the bulletin is {}, but one of its ratings is {}",
            level.text, word.text
        );
        let help = "write the highest rating; the severity of a bulletin is that of its worst vulnerability";
        found.push(problem(message, level.span, word.span, "rated here", help));
    }
}

fn severity<'a>(view: &View<'a>) -> Option<(Rating, &'a Word)> {
    let severities = view.ast.statements.iter().filter_map(|statement| match &statement.kind {
        BulletinStatement::Severity(severity) => rated(&severity.level),
        _ => None,
    });
    severities.max_by_key(|(rating, _)| *rating)
}

fn rated(level: &Word) -> Option<(Rating, &Word)> {
    Some((level.text.parse().ok()?, level))
}

/// A name from before the vulnerability was a CVE: its digits stayed the same.
fn foreign_aliases(vulnerability: &ast::Vulnerability, found: &mut Vec<Diagnostic>) {
    let aliases = vulnerability.statements.iter().filter_map(|statement| match &statement.kind {
        VulnerabilityStatement::Meta(Meta::Alias(words)) => Some(words),
        _ => None,
    });
    let id = &vulnerability.id;
    let number = |text: &str| text.get(4..).map(str::to_ascii_uppercase);
    for alias in aliases.flatten() {
        let candidate = alias.text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CAN-"));
        if candidate && number(&alias.text) != number(&id.text) {
            let message = format!("`{}` is not the old name of `{}`", alias.text, id.text);
            let help = "CAN names became CVE names with the same digits: correct one of them";
            found.push(problem(message, alias.span, id.span, "the vulnerability", help));
        }
    }
}
