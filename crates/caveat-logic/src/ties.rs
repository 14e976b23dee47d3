//! What Windows ties together: facts that cannot be chosen each for itself.
//!
//! Only what is certain stands here. A tie that is missing makes the checker silent, one that is
//! wrong makes it lie.

use caveat_ir::recorded::{BUILDS, SERVICES, has_installation_type, updates_are_keys};
use caveat_ir::value::{Family, Kb, Variable};

use crate::cells::Cell;
use crate::fact::{Fact, Place, below};
use crate::formula::Node;
use crate::world::World;

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

/// What only Windows has may be absent.
pub(crate) fn make_room(world: &mut World) {
    let of_windows = world.numbers.iter().filter(|(fact, _)| owner(fact) == Owner::EveryWindows);
    for number in of_windows.map(|(_, number)| *number) {
        if let Some(variable) = world.facts.get_mut(number as usize) {
            variable.cells.push(Cell::Absent);
        }
    }
}

/// What holds on every host.
pub(crate) fn between(world: &World) -> Vec<Node> {
    let mut ties = Vec::new();
    families(world, &mut ties);
    builds(world, &mut ties);
    revisions(world, &mut ties);
    installations(world, &mut ties);
    registry(world, &mut ties);
    updates(world, &mut ties);
    variables(world, &mut ties);
    ties.retain(|tie| !tie.is_open());
    ties
}

fn there(world: &World, fact: &Fact) -> Node {
    world.is(fact, |cell| *cell != Cell::Absent)
}

fn implies(given: &Node, wanted: Node) -> Node {
    Node::Any([given.negate(), wanted].into())
}

fn families(world: &World, ties: &mut Vec<Node>) {
    if !world.numbers.contains_key(&Fact::Family) {
        return;
    }
    let windows = world.is(&Fact::Family, |cell| *cell == Cell::Family(Family::Windows));
    for fact in world.numbers.keys().filter(|fact| owner(fact) == Owner::EveryWindows) {
        let there = there(world, fact);
        ties.push(implies(&there, windows.clone()));
        ties.push(implies(&windows, there));
    }
    let optional = world.numbers.keys().filter(|fact| owner(fact) == Owner::SomeWindows);
    ties.extend(optional.map(|fact| implies(&there(world, fact), windows.clone())));
}

fn builds(world: &World, ties: &mut Vec<Node>) {
    if !world.numbers.contains_key(&Fact::Version) || !world.numbers.contains_key(&Fact::Build) {
        return;
    }
    for (version, build) in BUILDS {
        let version = world.is(&Fact::Version, |cell| *cell == Cell::Version(version));
        // The cell that holds the build is the last that does not begin above it.
        let cells = world.numbers.get(&Fact::Build).and_then(|number| world.variable(*number));
        let begins = |cell: &Cell| match cell {
            Cell::Number(first) if *first <= build => Some(*first),
            _ => None,
        };
        let cell = cells.and_then(|build| build.cells.iter().filter_map(begins).max());
        ties.push(implies(
            &version,
            world.is(&Fact::Build, |other| Some(other) == cell.map(Cell::Number).as_ref()),
        ));
    }
}

/// Every Windows from 10.0 on has a revision.
fn revisions(world: &World, ties: &mut Vec<Node>) {
    if world.numbers.contains_key(&Fact::Version) && world.numbers.contains_key(&Fact::Revision) {
        let new = |cell: &Cell| matches!(cell, Cell::Version(version) if version.major >= 10);
        ties.push(implies(&world.is(&Fact::Version, new), there(world, &Fact::Revision)));
    }
}

/// Every Windows from 6.0 on tells its installation type.
fn installations(world: &World, ties: &mut Vec<Node>) {
    if world.numbers.contains_key(&Fact::Version) && world.numbers.contains_key(&Fact::Installation) {
        let tells = |cell: &Cell| matches!(cell, Cell::Version(version) if has_installation_type(*version));
        ties.push(implies(&world.is(&Fact::Version, tells), there(world, &Fact::Installation)));
    }
}

/// A value has its key, a key those above it, and a service is there when anything below its key is.
fn registry(world: &World, ties: &mut Vec<Node>) {
    let keys: Vec<(&Fact, &Place)> = world
        .numbers
        .keys()
        .filter_map(|fact| match fact {
            Fact::Key(place) => Some((fact, place)),
            _ => None,
        })
        .collect();
    for (fact, place) in world.numbers.keys().filter_map(|fact| Some((fact, place(fact)?))) {
        let own = there(world, fact);
        let above = keys.iter().filter(|(other, key)| *other != fact && contains(key, place));
        ties.extend(above.map(|(key, _)| implies(&own, there(world, key))));
        let service = service_of(place).map(Fact::Service);
        if let Some(service) = service.filter(|service| world.numbers.contains_key(service)) {
            ties.push(implies(&own, there(world, &service)));
        }
        if let Some(wide) = fact.wide().filter(|wide| world.numbers.contains_key(wide)) {
            let small = |cell: &Cell| matches!(cell, Cell::Architecture(one) if !one.is_64_bit());
            ties.push(implies(&world.is(&Fact::Architecture, small), same(world, fact, &wide)));
        }
    }
}

/// Two facts of the same cells lie in the same one.
fn same(world: &World, one: &Fact, other: &Fact) -> Node {
    let cells = world.numbers.get(one).and_then(|number| world.variable(*number));
    let both = |cell: &Cell| Node::All([one, other].map(|fact| world.is(fact, |found| found == cell)).into());
    Node::Any(cells.into_iter().flat_map(|variable| &variable.cells).map(both).collect())
}

/// What is below a variable of the machine is there only where the registry holds the variable.
fn variables(world: &World, ties: &mut Vec<Node>) {
    for fact in world.numbers.keys() {
        let Fact::File(path) = fact else { continue };
        let name = path.strip_prefix('%').and_then(|rest| rest.split('%').next());
        let Some(name) = name.filter(|name| Variable::named(name) == Variable::Machine) else { continue };
        let value = Fact::Value(Place::of_machine(Variable::MACHINE), name.to_owned());
        if world.numbers.contains_key(&value) {
            ties.push(implies(&there(world, fact), there(world, &value)));
        }
    }
}

/// Before Windows Vista an update is listed when its key is there, and has one when it is listed.
fn updates(world: &World, ties: &mut Vec<Node>) {
    let in_registry =
        world.is(&Fact::Version, |cell| matches!(cell, Cell::Version(version) if updates_are_keys(*version)));
    let mut tie = |given: Node, wanted: Node| {
        ties.push(implies(&Node::All([in_registry.clone(), given].into()), wanted));
    };
    for (fact, place) in world.numbers.keys().filter_map(|fact| Some((fact, place(fact)?))) {
        let article = place.update().and_then(Kb::of_update).map(Fact::Hotfix);
        if let Some(article) = article.filter(|article| world.numbers.contains_key(article)) {
            tie(there(world, fact), there(world, &article));
        }
        if let Fact::Value(key, name) = fact
            && name == "installed"
            && let Some(update) = key.own_update()
        {
            // The installer marks the key, unless the registry says otherwise.
            let same = |other: &&Fact| {
                self::place(other).is_some_and(|place| place.update() == Some(update)) && *other != fact
            };
            let others = world.numbers.keys().filter(same);
            others.for_each(|other| tie(there(world, other), there(world, fact)));
        }
        if matches!(fact, Fact::Key(_)) && place.holds_updates() {
            let articles = world.numbers.keys().filter(|fact| matches!(fact, Fact::Hotfix(_)));
            articles.for_each(|article| tie(there(world, article), there(world, fact)));
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
