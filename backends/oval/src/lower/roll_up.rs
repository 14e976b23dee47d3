//! Definitions that sum up others: one for every CVE of a bulletin, and one for the bulletin.

use std::collections::BTreeSet;

use caveat_backend::EmitBug;
use caveat_backend::claims::Seen;
use caveat_ir::ClaimKind;
use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, SelectorId, Vulnerability};

use super::definitions::{case_name, losses, meaning};
use super::{Draft, metadata};
use crate::model::{Class, Criteria, Definition, Operator, Part, Reach, Subject};

/// A case that has a definition or has none, with what was lost of it.
type Known<'s, 'a> = (&'s Case<'a>, &'s Seen<'a>);

impl Draft<'_> {
    /// Sums up the cases of a bulletin.
    pub(super) fn roll_up(&mut self, bulletin: &Bulletin, seen: &[Seen<'_>]) -> Result<(), EmitBug> {
        let all: Vec<Known<'_, '_>> = seen.iter().filter_map(known).collect();
        let mut summed = Vec::new();
        for vulnerability in &bulletin.vulnerabilities {
            let of = all.iter().filter(|(case, _)| case.vulnerability.id == vulnerability.id);
            let cases: Vec<_> = of.copied().collect();
            let said = cases.iter().filter(|(_, seen)| seen.formula.is_some());
            let parts: Vec<Part> = said
                .map(|(case, _)| {
                    extend(case_name(case), format!("the update \"{}\" is what mends it", case.package.name))
                })
                .collect();
            if parts.is_empty() {
                continue;
            }
            let name = format!("vulnerability/{}/{}", bulletin.id, vulnerability.id);
            let definition = self.summary(bulletin, Some(vulnerability), &cases, parts);
            self.insert(&name.as_str().into(), definition)?;
            let comment = format!("the host is vulnerable to {}", vulnerability.id);
            summed.push(extend(name, comment));
        }
        if summed.is_empty() {
            return Ok(());
        }
        let definition = self.summary(bulletin, None, &all, summed);
        self.insert(&format!("vulnerability/{}", bulletin.id).into(), definition)
    }

    fn summary(
        &self,
        bulletin: &Bulletin,
        vulnerability: Option<&Vulnerability>,
        cases: &[Known<'_, '_>],
        parts: Vec<Part>,
    ) -> Definition {
        let rules = self.checked.rules();
        let mut platforms: Vec<SelectorId> = Vec::new();
        for id in cases.iter().flat_map(|(case, _)| &case.platforms) {
            if !platforms.contains(id) {
                platforms.push(*id);
            }
        }
        let (about, flaw) = match vulnerability {
            Some(one) => (one.id.to_string(), metadata::flaw(bulletin, one)),
            None => (bulletin.id.to_string(), bulletin.title()),
        };
        let criteria = Criteria {
            operator: Operator::Or,
            comment: format!("the host is vulnerable to {about} as one of these says"),
            applicability: false,
            parts,
        };
        let cves: BTreeSet<String> =
            cases.iter().map(|(case, _)| case.vulnerability.id.to_string()).collect();
        let severity = cases.iter().filter_map(|(case, _)| rules.severity(case)).max();
        let kb: BTreeSet<String> =
            cases.iter().flat_map(|(case, _)| metadata::articles(bulletin, case.package)).collect();
        let kb: Vec<String> = kb.into_iter().collect();
        let cve = vulnerability.map(|one| one.id.to_string());
        let origin = vulnerability.map_or(bulletin.origin, |one| one.origin);
        Definition {
            class: Class::Vulnerability,
            title: metadata::cut(&format!("{about}: {flaw}"), metadata::TITLE),
            platforms: metadata::platform_titles(rules, &platforms),
            references: metadata::references(cve.as_deref(), bulletin, &kb),
            description: vulnerability.map_or_else(
                || format!("The host is vulnerable to something that {} mends: {flaw}.", bulletin.id),
                |one| {
                    let texts = one.exposures.iter().filter_map(|exposure| exposure.text.as_deref());
                    metadata::vulnerability_description(bulletin, one, &texts.collect::<Vec<_>>())
                },
            ),
            advisory: Some(metadata::advisory(bulletin, severity, cves.into_iter().collect())),
            notes: notes(cases),
            digest: meaning(Class::Vulnerability, &criteria),
            criteria,
            subject: Subject {
                bulletin: Some(bulletin.id.to_string()),
                cve,
                package: None,
                kb,
                place: self.place(origin),
            },
        }
    }
}

fn known<'s, 'a>(seen: &'s Seen<'a>) -> Option<Known<'s, 'a>> {
    match &seen.claim.kind {
        ClaimKind::Vulnerable(case) => Some((case, seen)),
        _ => None,
    }
}

fn extend(name: String, comment: String) -> Part {
    Part::Extend(Reach { to: name.into(), negated: false, comment, applicability: false })
}

/// What the cases lose, each once, and which of them have no definition.
fn notes(cases: &[Known<'_, '_>]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for (case, seen) in cases {
        let left_out = seen.formula.is_none().then(|| {
            format!(
                "May miss: nothing is said of {} on hosts that need the update \"{}\".",
                case.vulnerability.id, case.package.name
            )
        });
        for note in left_out.into_iter().chain(losses(seen)) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}
