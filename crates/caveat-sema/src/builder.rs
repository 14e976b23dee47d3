//! The rule set in the making.

use std::collections::{BTreeMap, BTreeSet};

use caveat_ir::RuleSet;
use caveat_ir::rule::{Platform, PlatformId, Selector, SelectorId};
use caveat_ir::value::{Architecture, Language, NumberSet};

/// What makes a selector one of its own.
pub(crate) type SelectorKey =
    (PlatformId, Option<NumberSet>, Option<BTreeSet<Architecture>>, Option<Language>);

/// The rule set in the making.
#[derive(Default)]
pub(crate) struct Builder {
    pub(crate) rules: RuleSet,
    selectors: BTreeMap<SelectorKey, SelectorId>,
    /// The selectors in the order in which the current module needed them first.
    needed: Vec<SelectorId>,
    seen: BTreeSet<SelectorId>,
}

impl Builder {
    /// Goes on with the platforms and selectors of rules that are there.
    pub(crate) fn on(base: &RuleSet) -> Self {
        let key = |one: &Selector| {
            (one.platform, one.service_packs.clone(), one.architectures.clone(), one.language)
        };
        let rules = RuleSet {
            platforms: base.platforms.clone(),
            selectors: base.selectors.clone(),
            ..RuleSet::default()
        };
        let selectors = (0..).map(SelectorId).zip(&base.selectors).map(|(id, one)| (key(one), id)).collect();
        Self { rules, selectors, ..Self::default() }
    }

    pub(crate) fn add_platform(&mut self, platform: Platform) -> PlatformId {
        let id = PlatformId(u32::try_from(self.rules.platforms.len()).unwrap_or(u32::MAX));
        self.rules.platforms.push(platform);
        id
    }

    /// The selector for a platform and its narrowing, made on first use together with its base.
    pub(crate) fn selector(&mut self, key: SelectorKey) -> SelectorId {
        let narrowed = key.1.is_some() || key.2.is_some() || key.3.is_some();
        let base = narrowed.then(|| self.selector((key.0, None, None, None)));
        let id = self.selectors.get(&key).copied().unwrap_or_else(|| self.add_selector(key, base));
        if self.seen.insert(id) {
            self.needed.push(id);
        }
        id
    }

    fn add_selector(&mut self, key: SelectorKey, base: Option<SelectorId>) -> SelectorId {
        let (platform, service_packs, architectures, language) = key.clone();
        let id = SelectorId(u32::try_from(self.rules.selectors.len()).unwrap_or(u32::MAX));
        self.rules.selectors.push(Selector { platform, base, service_packs, architectures, language });
        self.selectors.insert(key, id);
        id
    }

    /// The selectors that were needed since this was last asked, in the order of the first use.
    pub(crate) fn take_needed(&mut self) -> Vec<SelectorId> {
        self.seen.clear();
        std::mem::take(&mut self.needed)
    }
}
