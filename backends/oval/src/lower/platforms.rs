//! The platforms of a rule set: what each is called in documents, and which have a definition.
//!
//! A platform whose facts OVAL cannot see in full gets none: it may stand under a negation, where
//! an approximation would err the other way. Its formula takes its place, so that projection sees
//! every test at its own place. The same goes for a platform without facts, which needs no test.

use std::collections::BTreeMap;

use caveat_backend::projection::{Direction, Projected, project};
use caveat_backend::{Backend, EmitBug, Losses};
use caveat_ir::rule::{Platform, RuleSet, Selector, SelectorId};
use caveat_ir::value::NumberSet;
use caveat_ir::{Expr, Leaf};

use crate::model::Name;

/// All platforms of a rule set.
#[derive(Debug)]
pub(crate) struct Platforms<'a> {
    rules: &'a RuleSet,
    resolved: Vec<Progress>,
}

/// A platform, resolved.
#[derive(Debug)]
pub(crate) struct Resolved {
    /// What its definition is called.
    pub(crate) name: Name,
    /// When a host is of it.
    pub(crate) formula: Expr,
    /// Whether a definition of its own can say so.
    pub(crate) definable: bool,
}

#[derive(Debug)]
enum Progress {
    Untouched,
    Busy,
    Done(Resolved),
}

impl<'a> Platforms<'a> {
    /// Resolves all platforms.
    pub(crate) fn new(rules: &'a RuleSet, backend: &dyn Backend) -> Result<Self, EmitBug> {
        let resolved = rules.selectors.iter().map(|_| Progress::Untouched).collect();
        let mut platforms = Self { rules, resolved };
        for (index, _) in (0..).zip(&rules.selectors) {
            platforms.resolve(SelectorId(index), backend)?;
        }
        platforms.check_names()?;
        Ok(platforms)
    }

    /// Two platforms of the same name must mean the same, as one definition serves both.
    fn check_names(&self) -> Result<(), EmitBug> {
        let mut formulas = BTreeMap::new();
        for progress in &self.resolved {
            if let Progress::Done(Resolved { name, formula, .. }) = progress
                && formulas.insert(name, formula).is_some_and(|other| other != formula)
            {
                return Err(EmitBug(format!("two platforms are called `{name}`")));
            }
        }
        Ok(())
    }

    pub(crate) fn get(&self, id: SelectorId) -> Result<&Resolved, EmitBug> {
        match self.resolved.get(id.0 as usize) {
            Some(Progress::Done(resolved)) => Ok(resolved),
            _ => Err(missing(id)),
        }
    }

    /// The formula with the facts of every platform that has no definition in its place.
    pub(crate) fn expand(&self, expr: &Expr) -> Result<Expr, EmitBug> {
        let all = |parts: &[Expr]| parts.iter().map(|part| self.expand(part)).collect::<Result<Vec<_>, _>>();
        Ok(match expr {
            Expr::All(parts) => Expr::all(all(parts)?),
            Expr::Any(parts) => Expr::any(all(parts)?),
            Expr::Not(part) => Expr::negate(self.expand(part)?),
            Expr::Platform(id) => match self.get(*id)? {
                resolved if resolved.definable => expr.clone(),
                resolved => resolved.formula.clone(),
            },
            Expr::Test(_) => expr.clone(),
        })
    }

    fn resolve(&mut self, id: SelectorId, backend: &dyn Backend) -> Result<(), EmitBug> {
        let slot = self.resolved.get_mut(id.0 as usize).ok_or_else(|| missing(id))?;
        match slot {
            Progress::Done(_) => return Ok(()),
            Progress::Busy => return Err(EmitBug("a platform is defined in terms of itself".to_owned())),
            Progress::Untouched => *slot = Progress::Busy,
        }
        let formula = self.rules.inventory(id).ok_or_else(|| missing(id))?.formula;
        let mut needed = Vec::new();
        formula.platforms(&mut |other| needed.push(other));
        for other in needed {
            self.resolve(other, backend)?;
        }
        let formula = self.expand(&formula)?;
        let visible = |_: &Leaf, _| true;
        let constant = matches!(project(&formula, Direction::Over, &visible), Projected::Constant(_));
        let definable = !constant && Losses::of(backend, &formula).is_empty();
        let resolved = Resolved { name: self.name(id)?, formula, definable };
        *self.resolved.get_mut(id.0 as usize).ok_or_else(|| missing(id))? = Progress::Done(resolved);
        Ok(())
    }

    fn name(&self, id: SelectorId) -> Result<Name, EmitBug> {
        let selector = self.rules.selector(id).ok_or_else(|| missing(id))?;
        let platform = self.rules.platform(selector.platform).ok_or_else(|| missing(id))?;
        Ok(definition_name(platform, selector).into())
    }
}

/// `inventory/PLATFORM/EDITION/NARROWING`: it says what the definition is about, and stays.
fn definition_name(platform: &Platform, selector: &Selector) -> String {
    let mut narrowing: Vec<String> = Vec::new();
    narrowing.extend(selector.architectures.iter().flatten().map(|one| one.as_str().to_owned()));
    narrowing.extend(selector.service_packs.as_ref().map(|packs| format!("sp {}", service_packs(packs))));
    narrowing.extend(selector.language.as_ref().map(|language| format!("language {language}")));
    let edition = platform.edition.as_deref().unwrap_or_default();
    format!("inventory/{}/{edition}/{}", platform.name, narrowing.join(" "))
}

fn service_packs(packs: &NumberSet) -> String {
    let range = |&(low, high): &(u32, u32)| match high {
        u32::MAX => format!("{low}.."),
        _ if low == high => low.to_string(),
        _ => format!("{low}..{high}"),
    };
    packs.ranges().iter().map(range).collect::<Vec<_>>().join(",")
}

fn missing(id: SelectorId) -> EmitBug {
    EmitBug(format!("there is no platform with the selector {}", id.0))
}
