//! Platforms that the bulletin lists as affected, but that no package is for.

use std::collections::BTreeSet;

use caveat_diag::{Code, Diagnostic};
use caveat_ir::expr::Test;
use caveat_ir::host::HostFile;
use caveat_ir::rule::{OsFacts, SelectorId};
use caveat_ir::value::{Architecture, NumberSet, ProductType, Rating};
use caveat_ir::{Expr, Origin};
use caveat_logic::{Formula, World};

use crate::context::{Context, report, with_witness, witness};
use crate::view::{View, any_platform};

/// The highest service pack that any Windows had.
const LAST_PACK: u32 = 6;

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let cover = Cover::new(context, view);
    let mut seen = BTreeSet::new();
    for rated in view.ratings().filter(|rated| rated.rating != Rating::None) {
        let fresh = rated.on.placed().filter(|(id, _)| seen.insert(**id));
        found.extend(fresh.filter_map(|(id, origin)| uncovered(context, &cover, *id, origin)));
    }
}

fn uncovered(context: &Context<'_>, cover: &Cover, id: SelectorId, origin: Origin) -> Option<Diagnostic> {
    let nowhere = !cover.packages.iter().any(|other| !context.rules.disjoint(id, *other));
    let host = if nowhere {
        cover.host(context, id, None)?
    } else {
        cover.gaps(context, id).into_iter().find_map(|gap| cover.host(context, id, Some(&gap)))?
    };
    let what = if nowhere { "no package is for it" } else { "no package is for some of these hosts" };
    let message =
        format!("the bulletin rates {}, but {what}", caveat_ir::describe::platform(context.rules, id));
    let problem = report(Code::UNCOVERED_PLATFORM, message, context.span(origin), "");
    let help = "add it to the `for` of a package, call it `unaffected`, or rate what the packages are for";
    Some(with_witness(problem, &host).help(help))
}

/// The hosts of a platform that share what packages are told apart by.
struct Group {
    architecture: Architecture,
    kind: ProductType,
    pack: u32,
}

impl Group {
    fn is_in(&self, facts: &OsFacts) -> bool {
        facts.architectures.as_ref().is_none_or(|all| all.contains(&self.architecture))
            && facts.types.as_ref().is_none_or(|all| all.contains(&self.kind))
            && facts.service_packs.as_ref().is_none_or(|all| all.contains(self.pack))
    }

    fn tests(&self) -> [Expr; 3] {
        [
            Test::Architecture([self.architecture].into()),
            Test::ProductType([self.kind].into()),
            Test::ServicePack(NumberSet::range(self.pack, self.pack)),
        ]
        .map(|test| Expr::test(test, Origin::default()))
    }
}

/// What the bulletin speaks for.
struct Cover {
    packages: Vec<SelectorId>,
    unaffected: Vec<SelectorId>,
    /// Architectures that some package is for by name.
    architectures: BTreeSet<Architecture>,
}

impl Cover {
    fn new(context: &Context<'_>, view: &View<'_>) -> Self {
        let packages: Vec<SelectorId> =
            view.bulletin.packages.iter().flat_map(|package| package.platforms.iter().copied()).collect();
        let unaffected = view.bulletin.unaffected.iter().filter(|one| one.when.is_none());
        let unaffected = unaffected.flat_map(|one| one.platforms.iter().copied()).collect();
        let facts = packages.iter().filter_map(|id| context.rules.selector(*id));
        let architectures =
            facts.filter_map(|one| context.rules.facts(one).architectures).flatten().collect();
        Self { packages, unaffected, architectures }
    }

    /// Groups that are to be expected among the hosts of a platform: of an architecture and a type that
    /// packages are for, on a service pack that one names or that lies between those spoken for. Where
    /// support begins and ends is nobody's mistake. Those that nothing speaks for are returned.
    fn gaps(&self, context: &Context<'_>, id: SelectorId) -> Vec<Group> {
        let Some(selector) = context.rules.selector(id) else { return Vec::new() };
        let own = context.rules.facts(selector);
        let near = |ids: &[SelectorId]| -> Vec<OsFacts> {
            let near = ids.iter().filter(|other| !context.rules.disjoint(id, **other));
            near.filter_map(|other| Some(context.rules.facts(context.rules.selector(*other)?))).collect()
        };
        let (packages, unaffected) = (near(&self.packages), near(&self.unaffected));
        let sets = |all: &[OsFacts]| -> Vec<NumberSet> {
            all.iter().filter_map(|facts| facts.service_packs.clone()).collect()
        };
        let named = sets(&packages);
        let spoken: Vec<NumberSet> = named.iter().cloned().chain(sets(&unaffected)).collect();
        let first = spoken.iter().filter_map(NumberSet::first).min().unwrap_or(u32::MAX);
        let last = spoken.iter().flat_map(NumberSet::ranges).map(|(_, high)| *high).max().unwrap_or(0);
        let expected = |group: &Group| {
            let architecture = selector.architectures.is_some()
                || self.architectures.contains(&group.architecture)
                || packages.iter().any(|facts| facts.architectures.is_none());
            let kind = packages
                .iter()
                .any(|facts| facts.types.as_ref().is_none_or(|types| types.contains(&group.kind)));
            let pack = selector.service_packs.is_some()
                || named.iter().any(|set| set.contains(group.pack))
                || (first..=last).contains(&group.pack);
            architecture && kind && pack
        };
        let packs = context.rules.service_packs(selector);
        let released = |group: &Group| packs.as_ref().is_none_or(|packs| packs.contains(group.pack));
        let spoken_for = |group: &Group| packages.iter().chain(&unaffected).any(|facts| group.is_in(facts));
        groups()
            .filter(|group| group.is_in(&own) && released(group) && expected(group) && !spoken_for(group))
            .collect()
    }

    /// A host of the platform, and of the group, that nothing speaks for.
    fn host(&self, context: &Context<'_>, id: SelectorId, group: Option<&Group>) -> Option<HostFile> {
        let tests: Vec<Expr> = group.into_iter().flat_map(Group::tests).collect();
        let (listed, packages) = (Expr::Platform(id), any_platform(&self.packages));
        let unaffected = any_platform(&self.unaffected);
        let world = World::new(context.rules, tests.iter().chain([&listed, &packages, &unaffected]));
        let mut asked: Vec<Formula> = tests.iter().chain([&listed]).map(|expr| world.formula(expr)).collect();
        let spoken = [&packages, &unaffected].map(|expr| world.formula(expr).negate());
        asked.extend(spoken);
        let asked: Vec<&Formula> = asked.iter().collect();
        witness(&world, "without-a-package", &asked)
    }
}

fn groups() -> impl Iterator<Item = Group> {
    Architecture::ALL.iter().flat_map(|architecture| {
        ProductType::ALL.iter().flat_map(move |kind| {
            (0..=LAST_PACK).map(move |pack| Group { architecture: *architecture, kind: *kind, pack })
        })
    })
}
