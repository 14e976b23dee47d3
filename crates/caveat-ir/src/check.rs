//! The gate between rules that were read and rules that may be evaluated or compiled.
//!
//! What is checked here holds for every [`Checked`], whether it came from source or as
//! JSON: references resolve, nothing that has to be there is missing, and every text can be
//! carried by every target. Names and values as written are the business of `caveat-sema`.

mod bulletin;
mod instances;
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caveat_diag::{Code, Diagnostic, Location, SourceMap, Span};

use crate::expr::{Expr, Test};
use crate::placed::{Origin, Place};
use crate::rule::{PlatformId, RuleSet, SelectorId, Summary};
use crate::shared::Shared;
use crate::updates::Updates;
use crate::value::Malformed;

/// The deepest formula that is accepted; deeper ones would overflow the stack of recursive passes.
const MAX_DEPTH: usize = 256;

/// What the origins of a rule set stand for.
#[derive(Debug, Clone, Default)]
pub struct Places {
    told: Vec<Location>,
    sources: Arc<SourceMap>,
}

impl Places {
    /// Places in `sources`.
    #[must_use]
    pub fn new(sources: Arc<SourceMap>) -> Self {
        Self { told: Vec::new(), sources }
    }

    /// Remembers where a node was written whose source is not at hand.
    pub fn add_told(&mut self, location: Location) -> Origin {
        let index = u32::try_from(self.told.len());
        self.told.push(location);
        Origin(index.map_or(Place::Nowhere, Place::Told))
    }

    /// The source text of a node, if its source is at hand.
    #[must_use]
    pub fn span(&self, origin: Origin) -> Option<Span> {
        match origin.0 {
            Place::Span(span) => Some(span),
            Place::Told(_) | Place::Nowhere => None,
        }
    }

    /// The text at a place; nothing when its source is not at hand.
    #[must_use]
    pub fn snippet(&self, span: Span) -> &str {
        self.sources.snippet(span)
    }

    /// File, line and column of a node, if it came from source.
    #[must_use]
    pub fn location(&self, origin: Origin) -> Option<Location> {
        match origin.0 {
            Place::Span(span) => self.sources.location(span),
            Place::Told(index) => self.told.get(index as usize).cloned(),
            Place::Nowhere => None,
        }
    }
}

/// Rules that passed [`check()`]; by default there are none.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    rules: RuleSet,
    places: Places,
}

impl Checked {
    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Where they were written.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Gives them more tables of updates, by which hosts are read.
    #[must_use]
    pub fn with_updates(mut self, updates: Updates) -> Self {
        self.rules.updates = updates;
        self
    }

    /// The rules, no longer known to be sound.
    #[must_use]
    pub fn into_rules(self) -> RuleSet {
        self.rules
    }
}

/// Rules that did not pass.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// The rules, as they were.
    pub rules: RuleSet,
    /// All problems found, each with its place if the rules came from source.
    pub problems: Vec<Diagnostic>,
}

/// Checks rules; the only way to a [`Checked`].
///
/// # Errors
/// The rules together with all problems found.
pub fn check(rules: RuleSet, places: Places) -> Result<Checked, Box<Rejected>> {
    check_all(rules, places, false)
}

/// Checks rules on platforms that were checked before, those of `base`, which are not looked at again.
///
/// # Errors
/// The rules together with all problems found.
pub fn check_on(base: &Checked, rules: RuleSet, places: Places) -> Result<Checked, Box<Rejected>> {
    let selectors = rules.selectors.get(..base.rules.selectors.len());
    let same = Shared::is_same(&base.rules.platforms, &rules.platforms)
        && selectors == Some(base.rules.selectors.as_slice());
    check_all(rules, places, same)
}

fn check_all(rules: RuleSet, places: Places, platforms_known: bool) -> Result<Checked, Box<Rejected>> {
    let mut checker = Checker { rules: &rules, places: &places, problems: Vec::new() };
    if !platforms_known {
        checker.platforms();
        texts::platforms(&mut checker);
    }
    checker.selector_table();
    if checker.problems.is_empty() {
        if !platforms_known {
            checker.platform_circles();
        }
        if checker.problems.is_empty() {
            checker.bulletins();
        }
    }
    texts::check(&mut checker);
    let problems = checker.problems;
    if problems.is_empty() {
        Ok(Checked { rules, places })
    } else {
        Err(Box::new(Rejected { rules, problems }))
    }
}

struct Checker<'a> {
    rules: &'a RuleSet,
    places: &'a Places,
    problems: Vec<Diagnostic>,
}

impl Checker<'_> {
    fn report(&mut self, code: &'static Code, origin: Origin, message: impl Into<String>, help: &str) {
        let mut problem = Diagnostic::new(code, message);
        if let Some(span) = self.places.span(origin) {
            problem = problem.at(span, "");
        }
        if !help.is_empty() {
            problem = problem.help(help);
        }
        self.problems.push(problem);
    }

    fn platforms(&mut self) {
        for platform in &self.rules.platforms {
            for condition in &platform.facts.when {
                self.expr(condition, platform.origin);
            }
            if platform.facts.is_impossible() {
                let message = format!("no host can be of the platform `{}`", platform.title);
                self.report(
                    Code::IMPOSSIBLE_PLATFORM,
                    platform.origin,
                    message,
                    "its facts exclude each other",
                );
            }
        }
    }

    fn selector_table(&mut self) {
        for selector in &self.rules.selectors {
            self.selector_links(selector.platform, selector.base);
        }
    }

    /// A platform's own conditions must not lead back to it.
    fn platform_circles(&mut self) {
        for (index, platform) in self.rules.platforms.iter().enumerate() {
            let mut seen = BTreeSet::new();
            let mut open = self.platforms_named(&platform.facts.when);
            while let Some(next) = open.pop() {
                let named =
                    self.rules.platform(next).map(|platform| self.platforms_named(&platform.facts.when));
                if seen.insert(next) {
                    open.extend(named.into_iter().flatten());
                }
            }
            if seen.iter().any(|id| id.0 as usize == index) {
                let message = format!("the platform `{}` refers to itself", platform.title);
                let help = "a platform stands for its facts, so they cannot contain it";
                self.report(Code::CYCLIC_CONDITION, platform.origin, message, help);
            }
        }
    }

    fn platforms_named(&self, conditions: &[Expr]) -> Vec<PlatformId> {
        let mut named = Vec::new();
        for condition in conditions {
            condition
                .platforms(&mut |id| named.extend(self.rules.selector(id).map(|selector| selector.platform)));
        }
        named
    }

    fn selector_links(&mut self, platform: PlatformId, base: Option<SelectorId>) {
        let base_is_plain =
            base.is_none_or(|id| self.rules.selector(id).is_some_and(|base| base.base.is_none()));
        if self.rules.platform(platform).is_none() || !base_is_plain {
            self.invalid("a selector refers to a platform that is not there");
        }
    }

    fn invalid(&mut self, message: &str) {
        self.report(Code::INVALID_IR, Origin::default(), message, "");
    }

    fn bulletins(&mut self) {
        let bulletins = self.rules.bulletins.iter().map(|bulletin| (&bulletin.id, bulletin.origin));
        let summaries = self.rules.summaries.iter().map(|summary| (&summary.id, summary.origin));
        let mut seen = BTreeMap::new();
        for (id, origin) in bulletins.chain(summaries) {
            if let Some(first) = seen.insert(id.as_str().to_ascii_lowercase(), origin) {
                self.duplicate_bulletin(id.as_str(), origin, first);
            }
        }
        for bulletin in &self.rules.bulletins {
            bulletin::check(self, bulletin);
        }
        for summary in &self.rules.summaries {
            self.summary(summary);
        }
    }

    fn summary(&mut self, summary: &Summary) {
        let mut seen = BTreeSet::new();
        if let Some(again) = summary.includes.iter().find(|id| !seen.insert(*id)) {
            let message = format!("the summary `{}` includes `{again}` twice", summary.id);
            self.report(Code::REPEATED_STATEMENT, summary.origin, message, "name each bulletin once");
        }
        if summary.includes.is_empty() {
            let message = format!("the summary `{}` includes no bulletin", summary.id);
            self.report(Code::MISSING_PART, summary.origin, message, "add `includes BULLETIN, …`");
        }
    }

    fn duplicate_bulletin(&mut self, id: &str, origin: Origin, first: Origin) {
        let mut problem =
            Diagnostic::new(Code::DUPLICATE_BULLETIN, format!("the bulletin `{id}` is defined twice"));
        if let (Some(here), Some(there)) = (self.places.span(origin), self.places.span(first)) {
            problem = problem.at(here, "defined again here").because(there, "first defined here");
        }
        self.problems.push(
            problem.help("give each bulletin one definition; ids that differ in case only count as the same"),
        );
    }

    fn selectors(&mut self, ids: &[SelectorId]) {
        if ids.iter().any(|id| self.rules.selector(*id).is_none()) {
            self.invalid("a rule refers to a platform that is not there");
        }
    }

    fn expr(&mut self, expr: &Expr, origin: Origin) {
        if depth(expr) > MAX_DEPTH {
            self.report(
                Code::TOO_LARGE,
                origin,
                "a condition nests too deep",
                "split it into named conditions",
            );
            return;
        }
        let mut ids = Vec::new();
        expr.platforms(&mut |id| ids.push(id));
        self.selectors(&ids);
        let (mut stars, mut several) = (Vec::new(), Vec::new());
        expr.leaves(&mut |leaf| match &leaf.test {
            Test::RegistryKey(key) | Test::RegistryValue(key, ..) => {
                stars.extend(key.wildcard().map(|part| (part.to_owned(), leaf.origin)));
            }
            Test::AnyKey(pattern, parts) => several.push((pattern, parts, leaf.origin)),
            _ => {}
        });
        for (pattern, parts, origin) in several {
            if let Err(Malformed { message, help }) = instances::check(pattern, parts) {
                self.report(Code::MALFORMED_KEYS, origin, message, &help.unwrap_or_default());
            }
        }
        for (part, origin) in stars {
            let message = format!("`{part}` in a registry key stands for no other text");
            self.report(Code::MALFORMED_REGISTRY_PATH, origin, message, "name each key that there can be");
        }
        if has_empty(expr) {
            self.report(Code::MISSING_PART, origin, "a condition has no parts", "write at least one part");
        }
    }
}

/// The depth of a formula, found without recursion, as it may be hostile.
fn depth(expr: &Expr) -> usize {
    let mut deepest = 0;
    let mut stack = vec![(expr, 1)];
    while let Some((expr, level)) = stack.pop() {
        deepest = deepest.max(level);
        match expr {
            Expr::All(parts) | Expr::Any(parts) => stack.extend(parts.iter().map(|part| (part, level + 1))),
            Expr::Not(part) => stack.push((part, level + 1)),
            Expr::Platform(_) | Expr::Test(_) => {}
        }
    }
    deepest
}

fn has_empty(expr: &Expr) -> bool {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.is_empty() || parts.iter().any(has_empty),
        Expr::Not(part) => has_empty(part),
        Expr::Platform(_) | Expr::Test(_) => false,
    }
}
