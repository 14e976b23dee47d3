//! What Windows ties together: facts that cannot be chosen each for itself.
//!
//! Only what is certain stands here. A tie that is missing makes the checker silent, one that is
//! wrong makes it lie.

use std::collections::BTreeSet;

use caveat_ir::recorded::{BUILDS, SERVICES, has_installation_type, updates_are_keys};
use caveat_ir::updates::Updates;
use caveat_ir::value::{Family, Kb, NumberSet, Variable};

use crate::cell::Cell;
use crate::fact::{Fact, Place, below};
use crate::facts::Facts;
use crate::formula::Node;

/// Which hosts have a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// Every Windows, and no other.
    EveryWindows,
    /// Some Windows, and no other.
    SomeWindows,
    /// Hosts of any family.
    Any,
}

const fn owner(fact: &Fact) -> Owner {
    match fact {
        Fact::Version | Fact::Build | Fact::ServicePack | Fact::Type => Owner::EveryWindows,
        Fact::Revision | Fact::Installation | Fact::Suite(_) => Owner::SomeWindows,
        Fact::Family
        | Fact::Architecture
        | Fact::Language
        | Fact::File(_)
        | Fact::Size(_)
        | Fact::Digest(..)
        | Fact::Key(_)
        | Fact::Value(..)
        | Fact::SomeKey(_)
        | Fact::Service(_)
        | Fact::Hotfix(_)
        | Fact::Undecidable(_) => Owner::Any,
    }
}

/// Whether only Windows has the fact.
pub(crate) fn is_of_windows(fact: &Fact) -> bool {
    owner(fact) != Owner::Any
}

/// Whether the fact is of a place in the registry where updates are listed before Windows Vista.
pub(crate) fn is_about_updates(fact: &Fact) -> bool {
    place(fact).is_some_and(|place| place.update().is_some() || place.holds_updates())
}

/// What only Windows has may be absent, and revisions that updates make are told from those before.
pub(crate) fn make_room(facts: &mut Facts, updates: &Updates) {
    let made = articles(facts).flat_map(|(_, kb)| updates.made_by(kb)).map(|(_, least)| least);
    for least in made.collect::<BTreeSet<u32>>() {
        if !facts.cells(&Fact::Revision).contains(&Cell::Number(least)) {
            facts.add(&Fact::Revision, Cell::Number(least));
        }
    }
    let of_windows: Vec<Fact> =
        facts.all().filter(|fact| owner(fact) == Owner::EveryWindows).cloned().collect();
    for fact in &of_windows {
        facts.add(fact, Cell::Absent);
    }
}

/// What holds on every host.
pub(crate) fn between(facts: &Facts, known: &Updates) -> Vec<Node> {
    let mut ties = Vec::new();
    made_revisions(facts, known, &mut ties);
    families(facts, &mut ties);
    builds(facts, &mut ties);
    revisions(facts, &mut ties);
    installations(facts, &mut ties);
    registry(facts, &mut ties);
    updates(facts, &mut ties);
    variables(facts, &mut ties);
    ties.retain(|tie| !tie.is_open());
    ties
}

fn there(facts: &Facts, fact: &Fact) -> Node {
    facts.is(fact, |cell| *cell != Cell::Absent)
}

fn implies(given: &Node, wanted: Node) -> Node {
    Node::Any([given.negate(), wanted].into())
}

fn families(facts: &Facts, ties: &mut Vec<Node>) {
    if !facts.has(&Fact::Family) {
        return;
    }
    let windows = facts.is(&Fact::Family, |cell| *cell == Cell::Family(Family::Windows));
    for fact in facts.all().filter(|fact| owner(fact) == Owner::EveryWindows) {
        let there = there(facts, fact);
        ties.push(implies(&there, windows.clone()));
        ties.push(implies(&windows, there));
    }
    let optional = facts.all().filter(|fact| owner(fact) == Owner::SomeWindows);
    ties.extend(optional.map(|fact| implies(&there(facts, fact), windows.clone())));
}

fn builds(facts: &Facts, ties: &mut Vec<Node>) {
    if !facts.has(&Fact::Version) || !facts.has(&Fact::Build) {
        return;
    }
    for (version, build) in BUILDS {
        let version = facts.is(&Fact::Version, |cell| *cell == Cell::Version(version));
        // The cell that holds the build is the last that does not begin above it.
        let cells = facts.cells(&Fact::Build);
        let begins = |cell: &Cell| match cell {
            Cell::Number(first) if *first <= build => Some(*first),
            _ => None,
        };
        let cell = cells.iter().filter_map(begins).max();
        ties.push(implies(
            &version,
            facts.is(&Fact::Build, |other| Some(other) == cell.map(Cell::Number).as_ref()),
        ));
    }
}

/// Every Windows from 10.0 on has a revision.
fn revisions(facts: &Facts, ties: &mut Vec<Node>) {
    if facts.has(&Fact::Version) && facts.has(&Fact::Revision) {
        let new = |cell: &Cell| matches!(cell, Cell::Version(version) if version.major >= 10);
        ties.push(implies(&facts.is(&Fact::Version, new), there(facts, &Fact::Revision)));
    }
}

/// The articles that the formulas ask for.
fn articles(facts: &Facts) -> impl Iterator<Item = (&Fact, Kb)> {
    facts.all().filter_map(|fact| match fact {
        Fact::Hotfix(kb) => Some((fact, *kb)),
        _ => None,
    })
}

/// A build on which an article is listed has the revision that its update makes, or a later one.
fn made_revisions(facts: &Facts, known: &Updates, ties: &mut Vec<Node>) {
    let begins = |cell: &Cell| match cell {
        Cell::Number(first) => Some(*first),
        _ => None,
    };
    let starts: BTreeSet<u32> = facts.cells(&Fact::Build).iter().filter_map(begins).collect();
    for (fact, kb) in articles(facts) {
        for (builds, least) in known.made_by(kb) {
            let within = |cell: &Cell| {
                begins(cell).is_some_and(|first| {
                    let next = starts.range(first + 1..).next();
                    let last = next.map_or(u32::MAX, |next| next - 1);
                    NumberSet::range(first, last).is_subset(&builds)
                })
            };
            let listed = Node::All([there(facts, fact), facts.is(&Fact::Build, within)].into());
            let high = |cell: &Cell| begins(cell).is_some_and(|first| first >= least);
            ties.push(implies(&listed, facts.is(&Fact::Revision, high)));
        }
    }
}

/// Every Windows from 6.0 on tells its installation type.
fn installations(facts: &Facts, ties: &mut Vec<Node>) {
    if facts.has(&Fact::Version) && facts.has(&Fact::Installation) {
        let tells = |cell: &Cell| matches!(cell, Cell::Version(version) if has_installation_type(*version));
        ties.push(implies(&facts.is(&Fact::Version, tells), there(facts, &Fact::Installation)));
    }
}

/// A value has its key, a key those above it, and a service is there when anything below its key is.
fn registry(facts: &Facts, ties: &mut Vec<Node>) {
    let keys: Vec<(&Fact, &Place)> = facts
        .all()
        .filter_map(|fact| match fact {
            Fact::Key(place) => Some((fact, place)),
            _ => None,
        })
        .collect();
    for (fact, place) in facts.all().filter_map(|fact| Some((fact, place(fact)?))) {
        let own = there(facts, fact);
        let above = keys.iter().filter(|(other, key)| *other != fact && contains(key, place));
        ties.extend(above.map(|(key, _)| implies(&own, there(facts, key))));
        let service = service_of(place).map(Fact::Service);
        if let Some(service) = service.filter(|service| facts.has(service)) {
            ties.push(implies(&own, there(facts, &service)));
        }
        if let Some(wide) = fact.wide().filter(|wide| facts.has(wide)) {
            let small = |cell: &Cell| matches!(cell, Cell::Architecture(one) if !one.is_64_bit());
            ties.push(implies(&facts.is(&Fact::Architecture, small), same(facts, fact, &wide)));
        }
    }
}

/// Two facts of the same cells lie in the same one.
fn same(facts: &Facts, one: &Fact, other: &Fact) -> Node {
    let both = |cell: &Cell| Node::All([one, other].map(|fact| facts.is(fact, |found| found == cell)).into());
    Node::Any(facts.cells(one).iter().map(both).collect())
}

/// What is below a variable of the machine is there only where the registry holds the variable.
fn variables(facts: &Facts, ties: &mut Vec<Node>) {
    for fact in facts.all() {
        let Fact::File(path) = fact else { continue };
        let name = path.strip_prefix('%').and_then(|rest| rest.split('%').next());
        let Some(name) = name.filter(|name| Variable::named(name) == Variable::Machine) else { continue };
        let value = Fact::Value(Place::of_machine(Variable::MACHINE), name.to_owned());
        if facts.has(&value) {
            ties.push(implies(&there(facts, fact), there(facts, &value)));
        }
    }
}

/// Before Windows Vista an update is listed when its key is there, and has one when it is listed.
fn updates(facts: &Facts, ties: &mut Vec<Node>) {
    let in_registry =
        facts.is(&Fact::Version, |cell| matches!(cell, Cell::Version(version) if updates_are_keys(*version)));
    let mut tie = |given: Node, wanted: Node| {
        ties.push(implies(&Node::All([in_registry.clone(), given].into()), wanted));
    };
    for (fact, place) in facts.all().filter_map(|fact| Some((fact, place(fact)?))) {
        let article = place.update().and_then(Kb::of_update).map(Fact::Hotfix);
        if let Some(article) = article.filter(|article| facts.has(article)) {
            tie(there(facts, fact), there(facts, &article));
        }
        if let Fact::Value(key, name) = fact
            && name == "installed"
            && let Some(update) = key.own_update()
        {
            // The installer marks the key, unless the registry says otherwise.
            let same = |other: &&Fact| {
                self::place(other).is_some_and(|place| place.update() == Some(update)) && *other != fact
            };
            let others = facts.all().filter(same);
            others.for_each(|other| tie(there(facts, other), there(facts, fact)));
        }
        if matches!(fact, Fact::Key(_)) && place.holds_updates() {
            let articles = facts.all().filter(|fact| matches!(fact, Fact::Hotfix(_)));
            articles.for_each(|article| tie(there(facts, article), there(facts, fact)));
        }
    }
}

/// The place in the registry that the fact is of.
pub(crate) fn place(fact: &Fact) -> Option<&Place> {
    match fact {
        Fact::Key(place) | Fact::Value(place, _) => Some(place),
        _ => None,
    }
}

fn contains(outer: &Place, inner: &Place) -> bool {
    let below = inner.key.strip_prefix(&outer.key);
    outer.narrow == inner.narrow && below.is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

fn service_of(place: &Place) -> Option<String> {
    below(&place.key, SERVICES)?.split('\\').next().map(str::to_owned)
}
