//! The facts of a sheet against the rules of its bulletin, and the rules against the sheet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use caveat_ir::describe;
use caveat_ir::expr::{Expr, Test};
use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, Package, RuleSet, Selector, SelectorId, Vulnerability, Workaround};
use caveat_ir::value::{BulletinId, Date, Rating};

use super::platforms::Platforms;
use super::sheet::{Component, Flaw, Noted, Replaced, Sheet};
use super::{files, packages};

/// What comparing a sheet with the rules came to.
#[derive(Debug, Default)]
pub struct Findings {
    /// How many facts were compared.
    pub facts: usize,
    /// Facts that the rules do not have, and reasons that are not needed.
    pub problems: Vec<String>,
}

impl Findings {
    /// Takes note of whether a fact holds in the rules; `but` says why it need not.
    pub fn fact(&mut self, fact: impl Display, but: Option<&str>, holds: bool) {
        self.facts += 1;
        match but {
            None if !holds => self.problems.push(format!("missing: {fact}")),
            Some(reason) if holds => {
                self.problems.push(format!("there, so that `but {reason}` is not needed: {fact}"));
            }
            _ => {}
        }
    }

    /// Takes note of something in the rules that is no fact of the sheet.
    pub fn surplus(&mut self, what: impl Display, known: bool) {
        if !known {
            self.problems.push(format!("no fact: {what}"));
        }
    }
}

/// The rules that a sheet is compared with.
pub struct Subject<'a> {
    /// All rules.
    pub rules: &'a RuleSet,
    /// The bulletin.
    pub bulletin: &'a Bulletin,
    /// Its platforms.
    pub platforms: Platforms<'a>,
}

/// Compares a sheet with the rules.
#[must_use]
pub fn check(sheet: &Sheet, rules: &RuleSet) -> Findings {
    let of_sheet = |bulletin: &&Bulletin| bulletin.id == sheet.bulletin;
    let bulletin = rules.bulletins.iter().find(of_sheet);
    let bulletin = bulletin.unwrap_or_else(|| panic!("there are no rules for {}", sheet.bulletin));
    let subject = Subject { rules, bulletin, platforms: Platforms::new(rules) };
    let mut findings = Findings::default();
    subject.heading(sheet, &mut findings);
    subject.affected(sheet, &mut findings);
    subject.unaffected(sheet, &mut findings);
    for component in &sheet.components {
        subject.component(component, &mut findings);
    }
    subject.vulnerabilities(sheet, &mut findings);
    subject.supersedes(&sheet.supersedes, &mut findings);
    packages::check(&subject, sheet, &mut findings);
    files::check(&subject, sheet, &mut findings);
    findings
}

/// A title without the article's number at its end.
#[must_use]
pub fn bare_title(title: &str) -> &str {
    let number = |text: &str| text.ends_with(')') && text.trim_end_matches(')').parse::<u32>().is_ok();
    title.rsplit_once(" (").filter(|(_, end)| number(end)).map_or(title, |(title, _)| title)
}

/// Whether some test of the formula asks for a fact of this name.
fn asks_for(expr: &Expr, name: &str) -> bool {
    let mut asks = false;
    let name = name.to_ascii_lowercase();
    expr.leaves(&mut |leaf| asks |= describe::subject(&leaf.test).to_ascii_lowercase().contains(&name));
    asks
}

impl Subject<'_> {
    fn heading(&self, sheet: &Sheet, findings: &mut Findings) {
        let bulletin = self.bulletin;
        let kb: Vec<u32> = bulletin.kb.iter().map(|kb| kb.0).collect();
        findings.fact(format!("KB {:?}", sheet.kb), None, kb == sheet.kb);
        let japanese = bulletin.titles.iter().find(|title| title.language.to_string() == "ja");
        let title = japanese.map_or("", |title| bare_title(&title.text));
        findings.fact(format!("the title {}", sheet.title), None, title == sheet.title);
        let published = bulletin.published.map(|date| date.value) == Some(sheet.published);
        findings.fact(format!("published {}", sheet.published), None, published);
        let revised: Vec<Date> = bulletin.revisions.iter().map(|revision| revision.date).collect();
        findings.fact(format!("revised {:?}", sheet.revised), None, revised == sheet.revised);
        findings.fact(
            format!("severity {}", sheet.severity),
            None,
            bulletin.severity.map(|rating| rating.value) == Some(sheet.severity),
        );
    }

    fn affected(&self, sheet: &Sheet, findings: &mut Findings) {
        let packages = &self.bulletin.packages;
        let with_package: Vec<SelectorId> =
            packages.iter().flat_map(|package| package.platforms.clone()).collect();
        for Noted { fact, but } in &sheet.affected {
            for one in self.platforms.read(fact) {
                let covered = self.platforms.covered_in_parts(&one, &with_package);
                findings.fact(format!("{fact} is affected"), but.as_deref(), covered);
            }
        }
        let named = sheet.affected.iter().map(|noted| noted.fact.as_str());
        let named = named.chain(sheet.components.iter().map(|component| component.on.as_str()));
        let named: Vec<Selector> = named.flat_map(|text| self.platforms.read(text)).collect();
        for package in packages {
            for id in &package.platforms {
                let one = self.platforms.of(*id);
                let known = named.iter().any(|fact| self.platforms.within(&one, fact));
                let platform = describe::platform(self.rules, *id);
                findings.surplus(format!("package `{}` for {platform}", package.name), known);
            }
        }
    }

    fn unaffected(&self, sheet: &Sheet, findings: &mut Findings) {
        let named = self.bulletin.unaffected.iter();
        let (whole, parts): (Vec<_>, Vec<_>) = named.partition(|unaffected| unaffected.when.is_none());
        let mut facts = Vec::new();
        for Noted { fact, but } in &sheet.unaffected {
            for one in self.platforms.read(fact) {
                let named =
                    whole.iter().any(|unaffected| self.platforms.covered(&one, &unaffected.platforms));
                let packages = &self.bulletin.packages;
                let spared = !packages.iter().any(|package| self.platforms.touched(&one, &package.platforms));
                findings.fact(format!("{fact} is unaffected"), but.as_deref(), named && spared);
                facts.push(one);
            }
        }
        for component in &sheet.unaffected_components {
            for one in self.platforms.read(&component.on) {
                let told = |when: Option<&Expr>| when.is_some_and(|when| asks_for(when, &component.told_by));
                let named = parts.iter().filter(|unaffected| told(unaffected.when.as_deref()));
                let named =
                    named.clone().any(|unaffected| self.platforms.covered(&one, &unaffected.platforms));
                findings.fact(format!("{} is unaffected", component.name), None, named);
                facts.push(one);
            }
        }
        for id in self.bulletin.unaffected.iter().flat_map(|unaffected| &unaffected.platforms) {
            let one = self.platforms.of(*id);
            let known = facts.iter().any(|fact| self.platforms.within(&one, fact));
            findings.surplus(format!("unaffected {}", describe::platform(self.rules, *id)), known);
        }
    }

    fn component(&self, component: &Component, findings: &mut Findings) {
        let asks =
            |package: &&Package| package.requires.iter().any(|expr| asks_for(expr, &component.told_by));
        let asking = self.bulletin.packages.iter().filter(asks);
        let asking: Vec<SelectorId> = asking.flat_map(|package| package.platforms.clone()).collect();
        for one in self.platforms.read(&component.on) {
            let told = self.platforms.covered_in_parts(&one, &asking);
            findings.fact(format!("{} on {}", component.name, component.on), None, told);
        }
    }

    fn vulnerabilities(&self, sheet: &Sheet, findings: &mut Findings) {
        let cases: Vec<Case<'_>> = self.rules.cases(self.bulletin).collect();
        for (id, flaw) in &sheet.vulnerabilities {
            let found = self.bulletin.vulnerabilities.iter().find(|one| one.id == *id);
            findings.fact(id, None, found.is_some());
            let Some(found) = found else { continue };
            findings.fact(&flaw.alias, None, found.aliases.contains(&flaw.alias));
            let cases: Vec<&Case<'_>> = cases.iter().filter(|case| case.vulnerability.id == *id).collect();
            self.severities(flaw, found, &cases, findings);
            self.workarounds(flaw, found, findings);
        }
        for one in &self.bulletin.vulnerabilities {
            findings.surplus(&one.id, sheet.vulnerabilities.contains_key(&one.id));
        }
    }

    fn severities(&self, flaw: &Flaw, found: &Vulnerability, cases: &[&Case<'_>], findings: &mut Findings) {
        for Noted { fact, but } in &flaw.severity {
            let (on, word) = fact.split_once(" = ").unwrap_or_else(|| panic!("`{fact}` gives no severity"));
            let rating: Option<Rating> = word.parse().ok();
            for one in self.platforms.read(on) {
                let fits = |on: &[_]| on.is_empty() || self.platforms.covered(&one, on);
                let said = found.ratings.iter().find(|rated| fits(&rated.on)).map(|rated| rated.rating);
                let exists = cases.iter().any(|case| self.platforms.touched(&one, &case.platforms));
                let holds = match rating {
                    Some(Rating::None) => said.is_none_or(|rating| rating == Rating::None) && !exists,
                    rating => rating.is_some() && said == rating && exists,
                };
                findings.fact(format!("{} on {fact}", found.id), but.as_deref(), holds);
            }
        }
    }

    fn workarounds(&self, flaw: &Flaw, found: &Vulnerability, findings: &mut Findings) {
        let all: Vec<&Workaround> = found.workarounds.iter().chain(&self.bulletin.workarounds).collect();
        let ports = all.iter().flat_map(|workaround| &workaround.blocks);
        let ports: BTreeSet<String> =
            ports.map(|port| format!("{} {}", port.protocol, port.number)).collect();
        let blocks: BTreeSet<String> = flaw.blocks.iter().cloned().collect();
        findings.fact(format!("{} is kept off by blocking {blocks:?}", found.id), None, ports == blocks);
        for key in &flaw.checkable {
            let visible = all.iter().filter_map(|workaround| workaround.when.as_ref());
            let told = visible.clone().any(|when| looks_at(when, key));
            findings.fact(format!("a workaround for {} shows in {key}", found.id), None, told);
        }
    }

    fn supersedes(&self, facts: &[Replaced], findings: &mut Findings) {
        let mut known: BTreeSet<&BulletinId> = BTreeSet::new();
        let mut said: BTreeMap<String, BTreeSet<&BulletinId>> = BTreeMap::new();
        for Replaced { on, replaced, .. } in facts {
            known.extend(replaced);
            said.entry(on.clone()).or_default().extend(replaced);
        }
        for (on, replaced) in said {
            for one in self.platforms.read(&on) {
                let fits = |on: &[_]| on.is_empty() || self.platforms.covered(&one, on);
                let fitting = self.bulletin.supersedes.iter().filter(|supersedes| fits(&supersedes.on));
                let found: BTreeSet<&BulletinId> =
                    fitting.flat_map(|supersedes| &supersedes.bulletins).collect();
                findings.fact(format!("{replaced:?} are replaced on {on}"), None, found == replaced);
            }
        }
        for id in self.bulletin.supersedes.iter().flat_map(|supersedes| &supersedes.bulletins) {
            findings.surplus(format!("{id} is replaced"), known.contains(id));
        }
    }
}

/// Whether some test of the formula looks at this registry key.
fn looks_at(expr: &Expr, key: &str) -> bool {
    let mut looks = false;
    expr.leaves(&mut |leaf| {
        if let Test::RegistryKey(path) | Test::RegistryValue(path, ..) = &leaf.test {
            looks |= path.folded() == key.to_ascii_lowercase();
        }
    });
    looks
}
