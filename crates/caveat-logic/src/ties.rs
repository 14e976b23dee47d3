//! What Windows ties together: facts that cannot be chosen each for itself.
//!
//! Only what is certain stands here. A tie that is missing makes the checker silent, one that is
//! wrong makes it lie.

use caveat_ir::value::{Family, Kb, OsVersion, Variable};

use crate::cells::{Cell, VISTA};
use crate::fact::{Fact, Place};
use crate::formula::Node;
use crate::world::World;

/// Facts that only Windows has.
const OF_WINDOWS: [Fact; 4] = [Fact::Version, Fact::Build, Fact::ServicePack, Fact::Type];

/// Versions of Windows that were released with one build.
const BUILDS: [((u16, u16), u32); 4] = [((4, 0), 1381), ((5, 0), 2195), ((5, 1), 2600), ((5, 2), 3790)];

/// Whether only Windows has the fact.
pub(crate) fn is_of_windows(fact: &Fact) -> bool {
    OF_WINDOWS.contains(fact) || matches!(fact, Fact::Suite(_) | Fact::Revision)
}

/// Whether the fact is of a place in the registry where updates are listed before Windows Vista.
pub(crate) fn is_about_updates(fact: &Fact) -> bool {
    place(fact).is_some_and(|place| place.update().is_some() || place.holds_updates())
}

/// What only Windows has may be absent.
pub(crate) fn make_room(world: &mut World) {
    for fact in OF_WINDOWS {
        let number = world.numbers.get(&fact).copied();
        if let Some(variable) = number.and_then(|number| world.facts.get_mut(number as usize)) {
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
    for fact in OF_WINDOWS.iter().filter(|fact| world.numbers.contains_key(fact)) {
        let there = there(world, fact);
        ties.push(implies(&there, windows.clone()));
        ties.push(implies(&windows, there));
    }
    let optional = world.numbers.keys().filter(|fact| matches!(fact, Fact::Suite(_) | Fact::Revision));
    ties.extend(optional.map(|fact| implies(&there(world, fact), windows.clone())));
}

fn builds(world: &World, ties: &mut Vec<Node>) {
    if !world.numbers.contains_key(&Fact::Version) || !world.numbers.contains_key(&Fact::Build) {
        return;
    }
    for ((major, minor), build) in BUILDS {
        let version = world.is(&Fact::Version, |cell| *cell == Cell::Version(OsVersion { major, minor }));
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
        let wide = Fact::Key(Place { key: place.key.clone(), narrow: false });
        if place.narrow && matches!(fact, Fact::Key(_)) && world.numbers.contains_key(&wide) {
            let small = |cell: &Cell| matches!(cell, Cell::Architecture(one) if !one.is_64_bit());
            let small = world.is(&Fact::Architecture, small);
            let wide = there(world, &wide);
            let same = Node::Any(
                [
                    Node::All([own.clone(), wide.clone()].into()),
                    Node::All([own.negate(), wide.negate()].into()),
                ]
                .into(),
            );
            ties.push(implies(&small, same));
        }
    }
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
        world.is(&Fact::Version, |cell| matches!(cell, Cell::Version(version) if *version < VISTA));
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
    let below = place.key.strip_prefix(r"hklm\system\currentcontrolset\services\")?;
    below.split('\\').next().map(str::to_owned)
}
