//! Puts the rules of files together, as if they had been lowered as one.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use caveat_diag::{Diagnostic, FileId, SourceMap};
use caveat_ir::rule::{Platform, PlatformId, Selector, SelectorId};
use caveat_ir::value::{Architecture, Language, NumberSet};
use caveat_ir::{Checked, Places, RuleSet, check, nodes};
use caveat_sema::Table;

use crate::units::Known;

type SelectorKey = (PlatformId, Option<NumberSet>, Option<BTreeSet<Architecture>>, Option<Language>);

/// The sound rules of files, which come in the order of their modules, but for bulletins and summaries that
/// `keep` does not want.
///
/// # Errors
/// What is wrong between them.
pub(crate) fn merge(
    files: &[&Known],
    sources: Arc<SourceMap>,
    keep: impl Fn(&str) -> bool,
) -> Result<Checked, Vec<Diagnostic>> {
    let mut merger = Merger::default();
    for file in files {
        merger.platforms(file);
    }
    for file in files {
        merger.rules(file, &keep);
    }
    let Merger { mut rules, platforms, .. } = merger;
    rules.platforms = platforms.into();
    rules.bulletins.sort_by(|a, b| a.id.cmp(&b.id));
    rules.summaries.sort_by(|a, b| a.id.cmp(&b.id));
    check(rules, Places::new(sources)).map_err(|rejected| rejected.problems)
}

#[derive(Default)]
struct Merger<'f> {
    rules: RuleSet,
    platforms: Vec<Platform>,
    /// The platforms of each file.
    of_files: BTreeMap<FileId, Vec<PlatformId>>,
    selectors: BTreeMap<SelectorKey, SelectorId>,
    /// What the platforms of each table become.
    of_tables: Vec<(&'f Arc<Table>, Rc<Renumbered>)>,
}

/// What platforms become.
type Renumbered = BTreeMap<PlatformId, PlatformId>;

impl<'f> Merger<'f> {
    fn platforms(&mut self, file: &Known) {
        let rules = file.unit.checked.rules();
        let mut ids = Vec::new();
        for platform in file.unit.platforms.iter().filter_map(|id| rules.platform(*id)) {
            ids.push(PlatformId(to_u32(self.platforms.len())));
            self.platforms.push(platform.clone());
        }
        self.of_files.insert(file.module.file(), ids);
    }

    fn rules(&mut self, file: &'f Known, keep: &impl Fn(&str) -> bool) {
        let selectors = self.selectors(file);
        let rules = file.unit.checked.rules();
        let mut renumber = |id: &mut SelectorId| *id = selectors.get(id).copied().unwrap_or(NOWHERE);
        for id in self.of_files.get(&file.module.file()).into_iter().flatten() {
            let conditions = self.platforms.get_mut(id.0 as usize).into_iter();
            conditions
                .flat_map(|one| &mut one.facts.when)
                .for_each(|when| nodes::selectors_of(when, &mut renumber));
        }
        for bulletin in rules.bulletins.iter().filter(|one| keep(one.id.as_str())) {
            let mut bulletin = bulletin.clone();
            nodes::selectors(&mut bulletin, &mut renumber);
            self.rules.bulletins.push(bulletin);
        }
        let summaries = rules.summaries.iter().filter(|one| keep(one.id.as_str()));
        self.rules.summaries.extend(summaries.cloned());
    }

    /// What the selectors of a file become, those it needs first coming first.
    fn selectors(&mut self, file: &'f Known) -> BTreeMap<SelectorId, SelectorId> {
        let platforms = self.platforms_of_table(&file.table);
        let rules = file.unit.checked.rules();
        let mut ids = BTreeMap::new();
        for id in &file.unit.selectors {
            let Some(selector) = rules.selector(*id) else { continue };
            let Some(platform) = platforms.get(&selector.platform) else { continue };
            let base = selector.base.and_then(|base| ids.get(&base).copied());
            ids.insert(*id, self.selector(selector, *platform, base));
        }
        ids
    }

    fn selector(
        &mut self,
        selector: &Selector,
        platform: PlatformId,
        base: Option<SelectorId>,
    ) -> SelectorId {
        let Selector { service_packs, architectures, language, .. } = selector.clone();
        let next = SelectorId(to_u32(self.rules.selectors.len()));
        let key = (platform, service_packs.clone(), architectures.clone(), language);
        let id = *self.selectors.entry(key).or_insert(next);
        if id == next {
            self.rules.selectors.push(Selector { platform, base, service_packs, architectures, language });
        }
        id
    }

    /// What the platforms that a file sees become.
    fn platforms_of_table(&mut self, table: &'f Arc<Table>) -> Rc<Renumbered> {
        if let Some((_, known)) = self.of_tables.iter().find(|(other, _)| Arc::ptr_eq(other, table)) {
            return Rc::clone(known);
        }
        let modules = table.files().filter_map(|id| Some((id, self.of_files.get(&id)?)));
        let pairs = modules.flat_map(|(id, all)| table.platforms(id).iter().zip(all));
        let renumbered: Rc<Renumbered> = Rc::new(pairs.map(|(own, all)| (*own, *all)).collect());
        self.of_tables.push((table, Rc::clone(&renumbered)));
        renumbered
    }
}

/// No platform is there; `check` finds it.
const NOWHERE: SelectorId = SelectorId(u32::MAX);

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
