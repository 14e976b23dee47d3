//! The three classes of definitions: vulnerability, patch and inventory.

use caveat_backend::claims::Seen;
use caveat_backend::{EmitBug, Fidelity, Loss, digest};
use caveat_diag::Location;
use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, Package, SelectorId};
use caveat_ir::{ClaimKind, Expr, Origin, Test, canonical, describe};

use super::formula::Formula;
use super::platforms::Resolved;
use super::{Draft, metadata};
use crate::model::{Class, Criteria, Definition, Name, Part, Reach, Reference, Subject};

impl Draft<'_> {
    /// Adds the definition of a claim about a bulletin.
    pub(super) fn define(&mut self, seen: &Seen<'_>, formula: &Expr) -> Result<(), EmitBug> {
        let criteria = self.criteria(&Formula::new(formula), true)?;
        let (name, mut definition) = match &seen.claim.kind {
            ClaimKind::Vulnerable(case) => self.vulnerability(case, criteria),
            ClaimKind::Missing { bulletin, package, .. } => self.patch(bulletin, package, criteria),
            ClaimKind::Inventory(_) => {
                return Err(EmitBug("a bulletin claims that a host is of a platform".to_owned()));
            }
        };
        definition.notes.extend(losses(seen));
        self.insert(&name.into(), definition)
    }

    fn vulnerability(&self, case: &Case<'_>, criteria: Criteria) -> (String, Definition) {
        let Case { bulletin, vulnerability, package, platforms, exposure, .. } = case;
        let rules = self.checked.rules();
        let kb = metadata::articles(bulletin, package);
        let cve = vulnerability.id.as_str();
        let severity = rules.severity(case);
        let about = format!("{cve}: {}", metadata::flaw(bulletin, vulnerability));
        let definition = Definition {
            class: Class::Vulnerability,
            title: if metadata::shares_platforms(bulletin, package) {
                metadata::title_by_package(&about, &package.name)
            } else {
                metadata::title(rules, &about, platforms, Some(&package.name))
            },
            platforms: metadata::platform_titles(rules, platforms),
            references: metadata::references(Some(cve), bulletin, &kb),
            description: metadata::vulnerability_description(bulletin, vulnerability, exposure),
            advisory: Some(metadata::advisory(bulletin, severity, vec![cve.to_owned()])),
            notes: metadata::notes(severity, bulletin, Some(vulnerability), package),
            digest: meaning(Class::Vulnerability, &criteria),
            criteria,
            subject: Subject {
                bulletin: Some(bulletin.id.to_string()),
                cve: Some(cve.to_owned()),
                package: Some(package.name.clone()),
                kb,
                place: self.place(vulnerability.origin),
            },
        };
        (case_name(case), definition)
    }

    fn patch(&self, bulletin: &Bulletin, package: &Package, criteria: Criteria) -> (String, Definition) {
        let rules = self.checked.rules();
        let kb = metadata::articles(bulletin, package);
        let severity = rules.severity_of_package(bulletin, package);
        let about = format!("{}: the update \"{}\" is missing", bulletin.id, package.name);
        let cves = bulletin.vulnerabilities.iter().filter(|one| rules.mends(bulletin, package, one));
        let cves = cves.map(|one| one.id.to_string()).collect();
        let definition = Definition {
            class: Class::Patch,
            title: metadata::title(rules, &about, &package.platforms, None),
            platforms: metadata::platform_titles(rules, &package.platforms),
            references: metadata::references(None, bulletin, &kb),
            description: metadata::patch_description(bulletin, package),
            advisory: Some(metadata::advisory(bulletin, severity, cves)),
            notes: metadata::notes(severity, bulletin, None, package),
            digest: meaning(Class::Patch, &criteria),
            criteria,
            subject: Subject {
                bulletin: Some(bulletin.id.to_string()),
                cve: None,
                package: Some(package.name.clone()),
                kb,
                place: self.place(package.origin),
            },
        };
        (format!("patch/{}/{}", bulletin.id, package.name), definition)
    }

    /// Adds the definition of a platform.
    pub(super) fn inventory(&mut self, id: SelectorId, resolved: &Resolved) -> Result<(), EmitBug> {
        let criteria = self.criteria(&Formula::new(&resolved.formula), false)?;
        let rules = self.checked.rules();
        let platform = rules.selector(id).and_then(|selector| rules.platform(selector.platform));
        let cpe = platform.and_then(|platform| platform.cpe.clone());
        let words = describe::platform(rules, id);
        let definition = Definition {
            class: Class::Inventory,
            title: format!("{words} is installed"),
            platforms: metadata::platform_titles(rules, &[id]),
            references: cpe.map(|id| Reference { source: "CPE", id, url: None }).into_iter().collect(),
            description: format!("The operating system of the host is {words}."),
            advisory: None,
            notes: Vec::new(),
            digest: meaning(Class::Inventory, &criteria),
            criteria,
            subject: Subject {
                place: platform.and_then(|platform| self.place(platform.origin)),
                ..Subject::default()
            },
        };
        self.insert(&resolved.name, definition)
    }

    pub(super) fn insert(&mut self, name: &Name, definition: Definition) -> Result<(), EmitBug> {
        match self.document.definitions.insert(Name::clone(name), definition) {
            None => Ok(()),
            Some(_) => Err(EmitBug(format!("two definitions are called `{name}`"))),
        }
    }

    pub(super) fn place(&self, origin: Origin) -> Option<Location> {
        self.checked.places().location(origin)
    }
}

/// What the definition of a case is called.
pub(super) fn case_name(case: &Case<'_>) -> String {
    format!("vulnerability/{}/{}/{}", case.bulletin.id, case.vulnerability.id, case.package.name)
}

/// What is lost of a claim, in words.
pub(super) fn losses<'s>(seen: &'s Seen<'_>) -> impl Iterator<Item = String> + 's {
    seen.losses.iter().map(|lost| note(seen.fidelity, lost))
}

/// What a definition does not say of a test, in the direction in which it errs.
fn note(fidelity: Fidelity, (test, loss): (&Test, &Loss)) -> String {
    let errs = fidelity.as_str().trim_start_matches("may ");
    let words = describe::test(test, false);
    let says = if loss.kept { "says only in part" } else { "cannot tell" };
    format!("May {errs}: OVAL {says} whether {words}: {}.", loss.why)
}

/// The digest of what a definition means: its class and criteria, without any wording.
pub(super) fn meaning(class: Class, criteria: &Criteria) -> String {
    let mut fields = vec![class.as_str()];
    flatten(criteria, &mut fields);
    digest(&canonical::fields(&fields))
}

fn flatten<'c>(criteria: &'c Criteria, fields: &mut Vec<&'c str>) {
    fields.extend(["(", criteria.operator.as_str()]);
    for part in &criteria.parts {
        match part {
            Part::Criteria(inner) => flatten(inner, fields),
            Part::Criterion(reach) => fields.extend(["criterion", sign(reach), &reach.to]),
            Part::Extend(reach) => fields.extend(["extend", sign(reach), &reach.to]),
        }
    }
    fields.push(")");
}

fn sign(reach: &Reach) -> &'static str {
    if reach.negated { "not" } else { "" }
}
