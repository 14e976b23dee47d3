//! Facts about a bulletin that cannot both be right.

use caveat_diag::{Code, Diagnostic};
use caveat_ir::rule::Vulnerability;
use caveat_ir::value::Date;
use caveat_ir::{Origin, Placed};

use crate::bulletins;
use crate::context::{Context, because, report};
use crate::view::View;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut lint = Lint { context, view, found };
    if let Some(why) = bulletins::never_was(view.bulletin.id.as_str()) {
        let message = format!("there never was a bulletin `{}`: {why}", view.bulletin.id);
        lint.alone(message, view.bulletin.origin, "correct the id");
    }
    if let Some(published) = view.bulletin.published {
        lint.on_another_day(published);
        lint.revised_before(published);
        lint.cves_of_later_years(published);
    }
    lint.cves_of_no_year();
    lint.rated_higher();
    view.bulletin.vulnerabilities.iter().for_each(|vulnerability| lint.foreign_aliases(vulnerability));
}

struct Lint<'l, 'a> {
    context: &'l Context<'a>,
    view: &'l View<'a>,
    found: &'l mut Vec<Diagnostic>,
}

/// The first year of CVEs, and the first in which they may have more than four digits.
const FIRST_YEAR: u16 = 1999;
const LONGER_SINCE: u16 = 2014;

impl Lint<'_, '_> {
    /// Reports a fact that is wrong by itself.
    fn alone(&mut self, message: String, origin: Origin, help: &str) {
        let problem = report(Code::CONTRADICTING_METADATA, message, self.context.span(origin), "");
        self.found.push(problem.help(help));
    }

    /// Reports a fact that another one contradicts.
    fn beside(&mut self, message: String, origin: Origin, (other, text): (Origin, &str), help: &str) {
        let problem = report(Code::CONTRADICTING_METADATA, message, self.context.span(origin), "");
        self.found.push(because(problem, self.context.span(other), text).help(help));
    }

    /// A bulletin of another year, or of a day on which none came out.
    fn on_another_day(&mut self, published: Placed<Date>) {
        if let Some(message) = bulletins::not_on(self.view.bulletin.id.as_str(), published.value) {
            let help = "correct the date, or the id; bulletins came out on the second Tuesday of a month, in Japan on the day after";
            self.alone(message, published.origin, help);
        }
    }

    fn revised_before(&mut self, published: Placed<Date>) {
        let revisions = self.view.bulletin.revisions.iter();
        for revision in revisions.filter(|revision| revision.date < published.value) {
            let message = format!("the bulletin is revised before it is published, on {published}");
            let reason = (published.origin, "published here");
            self.beside(message, revision.origin, reason, "correct one of the dates");
        }
    }

    fn cves_of_later_years(&mut self, published: Placed<Date>) {
        for vulnerability in &self.view.bulletin.vulnerabilities {
            let year: Option<u16> = vulnerability.id.as_str().get(4..8).and_then(|year| year.parse().ok());
            if year.is_some_and(|year| year > published.year()) {
                let message = format!("`{}` is of a later year than the bulletin", vulnerability.id);
                let reason = (published.origin, "published here");
                self.beside(message, vulnerability.origin, reason, "correct the number, or the date");
            }
        }
    }

    /// CVEs that never were: of years before there were any, or with digits that those of their year have not.
    fn cves_of_no_year(&mut self) {
        for vulnerability in &self.view.bulletin.vulnerabilities {
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
            self.alone(message, vulnerability.origin, "correct the number");
        }
    }

    /// A rating above the severity of the bulletin, which is the highest of all.
    fn rated_higher(&mut self) {
        let Some(severity) = self.view.bulletin.severity else { return };
        let highest = self.view.ratings().max_by_key(|rated| rated.rating);
        if let Some(rated) = highest.filter(|rated| rated.rating > severity.value) {
            let message = format!(
                "the severity of the bulletin is {severity}, but one of its ratings is {}",
                rated.rating
            );
            let help =
                "write the highest rating; the severity of a bulletin is that of its worst vulnerability";
            self.beside(message, severity.origin, (rated.origin, "rated here"), help);
        }
    }

    /// A name from before the vulnerability was a CVE: its digits stayed the same.
    fn foreign_aliases(&mut self, vulnerability: &Vulnerability) {
        let number = |text: &str| text.get(4..).map(str::to_ascii_uppercase);
        for (alias, origin) in vulnerability.aliases.placed() {
            let candidate = alias.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CAN-"));
            if candidate && number(alias) != number(vulnerability.id.as_str()) {
                let message = format!("`{alias}` is not the old name of `{}`", vulnerability.id);
                let help = "CAN names became CVE names with the same digits: correct one of them";
                self.beside(message, origin, (vulnerability.origin, "the vulnerability"), help);
            }
        }
    }
}
