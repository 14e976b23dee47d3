//! Markers that name another update, another Windows, or a place where no installer leaves any.

use std::collections::{BTreeMap, BTreeSet};

use caveat_diag::{Code, Diagnostic, Span};
use caveat_ir::Leaf;
use caveat_ir::expr::Test;
use caveat_ir::rule::OsFacts;
use caveat_ir::value::{Hive, Kb, RegistryPath};

use crate::context::{Context, because, report};
use crate::knowledge::last_pack;
use crate::registry::{self, UpdatesOf};
use crate::view::{PackageView, View};

pub(crate) fn check(context: &Context<'_>, view: &View<'_>, found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<(BTreeSet<Kb>, BTreeSet<Kb>), usize> = BTreeMap::new();
    for (at, package) in view.packages.iter().enumerate() {
        let own = view.articles(package);
        let hosts = hosts(context, package);
        let marks = marks(context, package);
        for (leaf, span) in &marks {
            // An article that many packages name is reported with the first.
            let update = of_another_update(&own, leaf, *span)
                .filter(|_| *first.entry((own.clone(), articles(leaf))).or_insert(at) == at);
            let windows = of_another_windows(&hosts, leaf, *span);
            found.extend(update.into_iter().chain(windows).chain(elsewhere(leaf, *span)));
        }
        found.extend(of_earlier_packs(&hosts, &marks));
        found.extend(after_inclusion(context, package, &marks));
    }
}

/// A test of a marker, and where the marker stands.
type Mark<'a> = (&'a Leaf, Option<Span>);

/// The tests of a package's markers.
fn marks<'a>(context: &Context<'_>, package: &PackageView<'a>) -> Vec<Mark<'a>> {
    let mut marks = Vec::new();
    for (marker, origin) in package.package.markers.placed() {
        marker.leaves(&mut |leaf| marks.push((leaf, context.span(origin))));
    }
    marks
}

/// The hosts of each platform that a package is for; none if one of them is not known.
fn hosts(context: &Context<'_>, package: &PackageView<'_>) -> Vec<OsFacts> {
    let facts = |id| Some(context.rules.facts(context.rules.selector(id)?));
    let all: Option<Vec<OsFacts>> = package.package.platforms.iter().map(|id| facts(*id)).collect();
    all.unwrap_or_default()
}

fn of_another_update(own: &BTreeSet<Kb>, leaf: &Leaf, span: Option<Span>) -> Option<Diagnostic> {
    let named = articles(leaf);
    (!own.is_empty() && !named.is_empty() && named.is_disjoint(own)).then(|| {
        let list = |set: &BTreeSet<Kb>| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("the marker is that of {}, but the update is {}", list(&named), list(own));
        report(Code::FOREIGN_MARKER, message, span, "")
            .help("correct the number, or add the article as `kb` of the package")
    })
}

/// A key of the updates for some hosts, where the package is for others only.
fn of_another_windows(hosts: &[OsFacts], leaf: &Leaf, span: Option<Span>) -> Option<Diagnostic> {
    let updates = registry::updates_of(key(leaf)?)?;
    let after_last = |facts: &OsFacts| {
        let last = facts.version.and_then(last_pack);
        last.zip(updates.next_pack).is_some_and(|(last, next)| next > last + 1)
    };
    let (what, which) = if hosts.is_empty() {
        return None;
    } else if hosts.iter().all(|facts| updates.excludes(facts)) {
        (updates.windows.to_owned(), "the package is for another Windows")
    } else if hosts.iter().all(after_last) {
        (format!("{} after service pack {}", updates.windows, updates.next_pack? - 1), "there was none")
    } else {
        return None;
    };
    let message = format!("the marker is that of an update for {what}, but {which}");
    Some(report(Code::FOREIGN_MARKER, message, span, "").help(NEXT_PACK))
}

const NEXT_PACK: &str =
    "write the key that this update leaves; it names the Windows and the service pack to come";

/// Keys of updates for service packs before those of the hosts. One for the first of them may stand beside
/// others, so the last key of each Windows has to be for all.
fn of_earlier_packs(hosts: &[OsFacts], marks: &[Mark<'_>]) -> Vec<Diagnostic> {
    let named = marks.iter().filter_map(|(leaf, span)| {
        let updates = registry::updates_of(key(leaf)?)?;
        Some((updates.next_pack?, updates, *span))
    });
    let named: Vec<(u32, UpdatesOf, Option<Span>)> = named.collect();
    let early = named.iter().filter(|(next, updates, _)| {
        let is_last = !named.iter().any(|(other, of, _)| of.windows == updates.windows && other > next);
        let packs = hosts.iter().filter(|facts| !updates.excludes(facts)).map(packs);
        let packs: Vec<Option<(u32, u32)>> = packs.collect();
        if is_last {
            packs.iter().flatten().any(|(_, last)| last >= next)
        } else {
            !packs.is_empty() && packs.iter().all(|packs| packs.is_some_and(|(first, _)| first >= *next))
        }
    });
    let problems = early.map(|(next, updates, span)| {
        let message = format!(
            "the marker is that of an update for {} before service pack {next}, but the package is for later service packs",
            updates.windows
        );
        report(Code::FOREIGN_MARKER, message, *span, "").help(NEXT_PACK)
    });
    problems.collect()
}

/// The first and the last service pack of hosts. An open end only says that nobody counted.
fn packs(facts: &OsFacts) -> Option<(u32, u32)> {
    let packs = facts.service_packs.as_ref()?;
    let (first, last) = (packs.first()?, packs.ranges().last()?.1);
    Some((first, if last == u32::MAX { first } else { last }))
}

/// Keys of updates for a service pack after the one that the package says its fix is part of. Those before
/// it are of updates that came out after that service pack did.
fn after_inclusion(
    context: &Context<'_>,
    package: &PackageView<'_>,
    marks: &[Mark<'_>],
) -> Option<Diagnostic> {
    let (included, origin) = package.included_packs().max_by_key(|(pack, _)| *pack)?;
    let named = marks
        .iter()
        .filter_map(|(leaf, span)| registry::updates_of(key(leaf)?)?.next_pack.map(|next| (next, *span)));
    let (next, span) = named.min_by_key(|(next, _)| *next).filter(|(next, _)| *next > included)?;
    let message = format!(
        "the marker is that of an update for service pack {next}, but service pack {included} has it already"
    );
    let problem = report(Code::FOREIGN_MARKER, message, span, "");
    let problem = because(problem, context.span(origin), "by this");
    Some(problem.help(
        "an update is in the service pack that its key names, or in a later one: correct one of the two",
    ))
}

/// A key that names an article, but not below the software of the machine.
fn elsewhere(leaf: &Leaf, span: Option<Span>) -> Option<Diagnostic> {
    let key = key(leaf)?;
    let top = key.key.split('\\').next().unwrap_or_default();
    let right = key.hive == Hive::LocalMachine && top.eq_ignore_ascii_case("SOFTWARE");
    (!right && !articles(leaf).is_empty()).then(|| {
        let message = format!(r"installers leave no marker in `{}\{top}`", key.hive.short_name());
        report(Code::FOREIGN_MARKER, message, span, "").help(r"they write to `HKLM\SOFTWARE\…`")
    })
}

fn key(leaf: &Leaf) -> Option<&RegistryPath> {
    match &leaf.test {
        Test::RegistryKey(key) | Test::RegistryValue(key, ..) => Some(key),
        _ => None,
    }
}

/// The articles that a marker's key names.
pub(super) fn articles(leaf: &Leaf) -> BTreeSet<Kb> {
    let names = key(leaf).into_iter().flat_map(|key| key.key.split('\\'));
    names.filter_map(article).collect()
}

/// The article that a component names: `KB830352`, `Q312461`, `M928366`, `KB933566-IE7`, `dx819696`, or the
/// number of a translated update, which its language follows: `M9477391041`. A number of a digit less is
/// one as well, as it is no other name either.
fn article(part: &str) -> Option<Kb> {
    const LANGUAGE: usize = 4;
    let letters = part.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (prefix, rest) = part.split_at_checked(letters)?;
    let count = rest.bytes().take_while(u8::is_ascii_digit).count();
    let known = ["KB", "Q", "M", "S", "DX", "UPD"].iter().any(|known| prefix.eq_ignore_ascii_case(known));
    let digits = match count {
        5..=7 => count,
        9..=11 if prefix.eq_ignore_ascii_case("M") => count - LANGUAGE,
        _ => return None,
    };
    rest.get(..digits).filter(|_| known)?.parse().ok()
}
