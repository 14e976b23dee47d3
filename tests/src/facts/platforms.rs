//! Platforms as facts name them (`windows-2000 server sp 2..4`), and how they relate to those of rules.

use caveat_ir::rule::{Platform, PlatformId, RuleSet, Selector, SelectorId};
use caveat_ir::value::{Architecture, NumberSet};

/// The platforms of some rules.
pub struct Platforms<'a> {
    rules: &'a RuleSet,
}

impl<'a> Platforms<'a> {
    /// Those of these rules.
    #[must_use]
    pub fn new(rules: &'a RuleSet) -> Self {
        Self { rules }
    }

    /// Reads platforms between commas.
    #[must_use]
    pub fn read(&self, text: &str) -> Vec<Selector> {
        text.split(", ").map(|one| self.read_one(one)).collect()
    }

    fn read_one(&self, text: &str) -> Selector {
        let mut words = text.split_whitespace().peekable();
        let name = words.next().unwrap_or_default();
        let edition = words.next_if(|word| self.find(name, Some(word)).is_some());
        let platform = self.find(name, edition).unwrap_or_else(|| panic!("`{name}` is no platform"));
        let architecture = words.next_if(|word| *word != "sp").map(architecture);
        let service_packs = match (words.next(), words.next()) {
            (None, None) => None,
            (Some("sp"), Some(range)) => Some(range_of(range)),
            _ => panic!("`{text}` is no platform"),
        };
        let architectures = architecture.map(|one| [one].into());
        Selector { platform, base: None, service_packs, architectures, language: None }
    }

    fn find(&self, name: &str, edition: Option<&str>) -> Option<PlatformId> {
        let is = |platform: &Platform| platform.name == name && platform.edition.as_deref() == edition;
        let at = self.rules.platforms.iter().position(is)?;
        u32::try_from(at).ok().map(PlatformId)
    }

    /// A selector of the rules.
    #[must_use]
    pub fn of(&self, id: SelectorId) -> Selector {
        self.rules.selector(id).expect("the rules have their selectors").clone()
    }

    /// Whether every host of `a` is one of `b`.
    #[must_use]
    pub fn within(&self, a: &Selector, b: &Selector) -> bool {
        self.pair(a, b).implies(SelectorId(0), SelectorId(1))
    }

    /// Whether some host may be of both.
    #[must_use]
    pub fn meet(&self, a: &Selector, b: &Selector) -> bool {
        !self.pair(a, b).disjoint(SelectorId(0), SelectorId(1))
    }

    /// Whether every host of `one` is of one of the rules' selectors.
    #[must_use]
    pub fn covered(&self, one: &Selector, ids: &[SelectorId]) -> bool {
        ids.iter().any(|id| self.within(one, &self.of(*id)))
    }

    /// Whether every host of `one` is of one of the rules' selectors, those of each service pack and architecture of its own.
    #[must_use]
    pub fn covered_in_parts(&self, one: &Selector, ids: &[SelectorId]) -> bool {
        self.parts(one).iter().all(|part| self.covered(part, ids))
    }

    /// The platform, narrowed to each of its service packs and architectures.
    fn parts(&self, one: &Selector) -> Vec<Selector> {
        let facts = self.rules.facts(one);
        let with = |part: &Selector, service_packs| Selector { service_packs, ..part.clone() };
        let architectures = facts.architectures.unwrap_or_default().into_iter();
        let parts = architectures
            .map(|architecture| Selector { architectures: Some([architecture].into()), ..one.clone() });
        match one.service_packs.as_ref().and_then(|set| set.ranges().first().copied()) {
            Some((low, high)) => {
                let each = |part| (low..=high).map(move |n| with(&part, Some(NumberSet::range(n, n))));
                parts.flat_map(each).collect()
            }
            None => parts.collect(),
        }
    }

    /// Whether some host of `one` may be of one of the rules' selectors.
    #[must_use]
    pub fn touched(&self, one: &Selector, ids: &[SelectorId]) -> bool {
        ids.iter().any(|id| self.meet(one, &self.of(*id)))
    }

    /// Whether hosts of the platform have Itanium processors.
    #[must_use]
    pub fn on_itanium(&self, one: &Selector) -> bool {
        self.rules.facts(one).architectures == Some([Architecture::Ia64].into())
    }

    /// The service packs of the platform.
    #[must_use]
    pub fn service_packs(&self, one: &Selector) -> NumberSet {
        self.rules.facts(one).service_packs.unwrap_or_else(|| NumberSet::range(0, u32::MAX))
    }

    /// Rules of these two selectors alone.
    fn pair(&self, a: &Selector, b: &Selector) -> RuleSet {
        let selectors = vec![a.clone(), b.clone()];
        RuleSet { platforms: self.rules.platforms.clone(), selectors, ..RuleSet::default() }
    }
}

fn architecture(word: &str) -> Architecture {
    word.parse().unwrap_or_else(|_| panic!("`{word}` is no architecture"))
}

/// `2`, `2..4` or `..4`
fn range_of(text: &str) -> NumberSet {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"));
    match text.split_once("..") {
        Some(("", high)) => NumberSet::range(0, number(high)),
        Some((low, high)) => NumberSet::range(number(low), number(high)),
        None => NumberSet::range(number(text), number(text)),
    }
}
