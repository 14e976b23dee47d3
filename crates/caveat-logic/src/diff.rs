//! What changed in the meaning of rules: formulas are compared, not texts, so that reordered or renamed
//! conditions are no change.

use std::collections::BTreeMap;

use caveat_ir::host::HostFile;
use caveat_ir::meaning::Case;
use caveat_ir::rule::{Bulletin, Package, RuleSet, Vulnerability};
use caveat_ir::value::{BulletinId, CveId, Rating};
use caveat_ir::{ClaimKind, Expr};

use crate::{Answer, Formula, World};

/// A bulletin whose meaning changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// The bulletin.
    pub bulletin: BulletinId,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of a bulletin.
#[derive(Debug, Clone)]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed {
        /// Its vulnerabilities that say something else.
        vulnerabilities: Vec<(CveId, Difference)>,
        /// Its packages that say something else.
        packages: Vec<(String, Difference)>,
    },
}

/// How a part of a bulletin differs.
#[derive(Debug, Clone)]
pub enum Difference {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else of these hosts, one for each way in which it does.
    Hosts(Vec<HostFile>),
}

/// What changed from one version of the rules to another.
#[must_use]
pub fn diff(old: &RuleSet, new: &RuleSet) -> Vec<Change> {
    let index = |rules: &'_ RuleSet| -> BTreeMap<BulletinId, usize> {
        let ids = rules.bulletins.iter().enumerate();
        ids.map(|(at, bulletin)| (bulletin.id.clone(), at)).collect()
    };
    let (before, after) = (index(old), index(new));
    let mut ids: Vec<&BulletinId> = before.keys().chain(after.keys()).collect();
    ids.sort();
    ids.dedup();
    let bulletin =
        |rules: &'_ RuleSet, at: Option<&usize>| at.and_then(|at| rules.bulletins.get(*at)).cloned();
    let changes = ids.into_iter().filter_map(|id| {
        let kind = match (bulletin(old, before.get(id)), bulletin(new, after.get(id))) {
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Removed,
            (Some(a), Some(b)) => {
                changed(&Side { rules: old, bulletin: &a }, &Side { rules: new, bulletin: &b })?
            }
        };
        Some(Change { bulletin: id.clone(), kind })
    });
    changes.collect()
}

/// A bulletin in one version of the rules.
struct Side<'a> {
    rules: &'a RuleSet,
    bulletin: &'a Bulletin,
}

impl Side<'_> {
    /// The formulas of a vulnerability: where each of its verdicts and ratings holds.
    fn statements(&self, vulnerability: &Vulnerability) -> Vec<Expr> {
        let cases: Vec<Case<'_>> = self
            .rules
            .cases(self.bulletin)
            .filter(|case| case.vulnerability.id == vulnerability.id)
            .collect();
        let mut statements = vec![
            any_case(&cases, Case::vulnerable),
            any_case(&cases, Case::unpatched),
            any_case(&cases, Case::applicable),
        ];
        statements.extend(Rating::ALL.iter().map(|rating| rated(vulnerability, *rating)));
        statements.iter().map(|expr| self.rules.spelled_out(expr)).collect()
    }

    /// The formulas of packages: where each should be installed.
    fn packages(&self) -> Vec<(&Package, Expr)> {
        let claims = self.rules.claims(self.bulletin);
        let missing = claims.filter_map(|claim| match claim.kind {
            ClaimKind::Missing { package, .. } => Some((package, self.rules.spelled_out(&claim.formula))),
            _ => None,
        });
        missing.collect()
    }
}

/// This part of one of the cases.
pub(crate) fn any_case<'c>(cases: &[Case<'c>], part: impl Fn(&Case<'c>) -> Expr) -> Expr {
    Expr::any(cases.iter().map(part))
}

/// Where the first rating that fits is this one.
fn rated(vulnerability: &Vulnerability, rating: Rating) -> Expr {
    let on = |at: usize| vulnerability.ratings.get(at).map(|rated| on(&rated.on));
    let first = |at: usize| {
        let before = (0..at).filter_map(on).map(Expr::negate);
        Expr::all(on(at).into_iter().chain(before))
    };
    let mine = vulnerability.ratings.iter().enumerate().filter(|(_, rated)| rated.rating == rating);
    Expr::any(mine.map(|(at, _)| first(at)))
}

fn on(platforms: &[caveat_ir::rule::SelectorId]) -> Expr {
    if platforms.is_empty() {
        Expr::All(Vec::new())
    } else {
        Expr::any(platforms.iter().copied().map(Expr::Platform))
    }
}

fn changed(old: &Side<'_>, new: &Side<'_>) -> Option<ChangeKind> {
    let vulnerabilities = vulnerabilities(old, new);
    let packages = packages(old, new);
    let same = vulnerabilities.is_empty() && packages.is_empty();
    (!same).then_some(ChangeKind::Changed { vulnerabilities, packages })
}

fn vulnerabilities(old: &Side<'_>, new: &Side<'_>) -> Vec<(CveId, Difference)> {
    let find = |side: &Bulletin, id: &CveId| side.vulnerabilities.iter().any(|one| one.id == *id);
    let gone = old.bulletin.vulnerabilities.iter().filter(|one| !find(new.bulletin, &one.id));
    let mut found: Vec<(CveId, Difference)> = gone.map(|one| (one.id.clone(), Difference::Removed)).collect();
    for vulnerability in &new.bulletin.vulnerabilities {
        let before = old.bulletin.vulnerabilities.iter().find(|one| one.id == vulnerability.id);
        let difference = match before {
            None => Some(Difference::Added),
            Some(before) => {
                let hosts = hosts(&old.statements(before), &new.statements(vulnerability));
                (!hosts.is_empty()).then_some(Difference::Hosts(hosts))
            }
        };
        found.extend(difference.map(|difference| (vulnerability.id.clone(), difference)));
    }
    found
}

/// Packages by name; one that says what another one said before was renamed.
fn packages(old: &Side<'_>, new: &Side<'_>) -> Vec<(String, Difference)> {
    let (before, after) = (old.packages(), new.packages());
    let same =
        |a: &Expr, b: &Expr| a == b || hosts(std::slice::from_ref(a), std::slice::from_ref(b)).is_empty();
    let said = |formula: &Expr, by: &[(&Package, Expr)]| by.iter().any(|(_, other)| same(formula, other));
    let gone = before.iter().filter(|(package, formula)| {
        !after.iter().any(|(other, _)| other.name == package.name) && !said(formula, &after)
    });
    let mut found: Vec<(String, Difference)> =
        gone.map(|(package, _)| (package.name.clone(), Difference::Removed)).collect();
    for (package, formula) in &after {
        let difference = match before.iter().find(|(other, _)| other.name == package.name) {
            None => (!said(formula, &before)).then_some(Difference::Added),
            Some((_, other)) => {
                let hosts = hosts(std::slice::from_ref(other), std::slice::from_ref(formula));
                (!hosts.is_empty()).then_some(Difference::Hosts(hosts))
            }
        };
        found.extend(difference.map(|difference| (package.name.clone(), difference)));
    }
    found
}

/// A host for each way in which one of the formulas differs from its counterpart, most telling first;
/// what an earlier host shows is not shown again.
fn hosts(old: &[Expr], new: &[Expr]) -> Vec<HostFile> {
    if old == new {
        return Vec::new();
    }
    let no_rules = RuleSet::default();
    let world = World::new(&no_rules, old.iter().chain(new));
    let mut found: Vec<HostFile> = Vec::new();
    for (a, b) in old.iter().zip(new).filter(|(a, b)| a != b) {
        let (a, b) = (world.formula(a), world.formula(b));
        for (holds, fails) in [(&a, &b), (&b, &a)] {
            let asked: [&Formula; 2] = [holds, &fails.fails()];
            if let Answer::Satisfiable(model) = world.solve(&asked) {
                let host = world.witness(&format!("witness-{}", found.len() + 1), &model);
                found.push(host);
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}
