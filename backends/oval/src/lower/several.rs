//! Tests of one of several keys: a chain of objects, one for each value that is asked for. Each collects the value of the
//! keys that the one before has left, and leaves those that its filters let through: so all parts hold of one key.
//!
//! What filters ask is a conjunction. What is more becomes several chains, of which one has to find something.

use caveat_ir::Test;
use caveat_ir::expr::{KeyPart, Subject, ValueCheck};
use caveat_ir::value::stars::{self, Piece};
use caveat_ir::value::{Hive, RegistryPath, TextVersionSet, View, name};

use super::pattern::any_case;
use super::plan::{self, Place, Plan, Shape};
use super::text_version;
use crate::model::{Datatype, Entity, Operation, Operator, State};

/// What a star stands for.
const ANYTHING: &str = r"[^\\]*";

/// Objects one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub(crate) hive: Hive,
    pub(crate) view: Option<View>,
    /// An expression for the keys of the first object.
    pub(crate) keys: String,
    /// The objects, of which there is one at least.
    pub(crate) links: Vec<Link>,
}

/// An object of a chain.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// The value that it collects; none collects the keys themselves.
    pub(crate) value: Option<String>,
    pub(crate) filters: Vec<Filter>,
}

/// What an item has to be like, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) include: bool,
    pub(crate) state: State,
}

/// A formula over the states of one item.
#[derive(Debug, Clone)]
enum Form {
    State(Filter),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// Alternatives, each of filters that all let an item through.
type Alternatives = Vec<Vec<Filter>>;

/// All parts hold of one of the keys, or hold but for a version that cannot be read, which is an error.
pub(super) fn any_key(test: &Test, pattern: &RegistryPath, parts: &[KeyPart]) -> Plan {
    let chain = Several { pattern, values: values(parts) };
    let holds = chain.chains(parts, &|part| form(pattern, part));
    let state = || Some(State::Key(matching(chain.keys())));
    let mut plans: Vec<Plan> =
        holds.into_iter().map(|chain| Plan::observe(test, Place::Several(chain), state())).collect();
    if let Some(version) = parts.iter().find(|part| matches!(part.check, ValueCheck::Version(_))) {
        let wrong = chain.chains(parts, &|part| {
            if part == version { unreadable(pattern, part) } else { form(pattern, part) }
        });
        plans.extend(wrong.into_iter().map(|chain| Plan {
            words: test.clone(),
            negated: false,
            shape: Shape::Malformed(Place::Several(chain)),
        }));
    }
    if plans.is_empty() {
        plans.push(Plan::observe(test, Place::Several(chain.none()), state()));
    }
    Plan::group(test, Operator::Or, plans)
}

struct Several<'t> {
    pattern: &'t RegistryPath,
    /// The values that parts ask for, in the order of the chain.
    values: Vec<&'t str>,
}

/// The values that parts ask for, each once; the one whose version is compared comes last, so that the chains of a test
/// begin alike.
fn values(parts: &[KeyPart]) -> Vec<&str> {
    let mut values: Vec<&str> = Vec::new();
    let mut last = None;
    for part in parts {
        let Subject::Value(value) = &part.subject else { continue };
        if !values.iter().any(|other| name::same(other, value)) {
            values.push(value);
        }
        if matches!(part.check, ValueCheck::Version(_)) {
            last = Some(value.as_str());
        }
    }
    values.sort_by_key(|value| last.is_some_and(|last| name::same(last, value)));
    values
}

impl Several<'_> {
    fn keys(&self) -> String {
        let components = self.pattern.key.split('\\').map(|component| component_with(component, ANYTHING));
        format!("^{}$", components.collect::<Vec<_>>().join(r"\\"))
    }

    /// A chain that finds no key, where parts contradict each other; what is not known stays so.
    fn none(&self) -> Chain {
        let filter = Filter { include: false, state: State::Key(matching(self.keys())) };
        self.chain(vec![Link { value: None, filters: vec![filter] }])
    }

    fn chain(&self, links: Vec<Link>) -> Chain {
        Chain { hive: self.pattern.hive, view: self.pattern.view, keys: self.keys(), links }
    }

    /// The chains of which one has to find a key.
    fn chains(&self, parts: &[KeyPart], form: &dyn Fn(&KeyPart) -> Form) -> Vec<Chain> {
        let of = |wanted: &dyn Fn(&KeyPart) -> bool| {
            Form::All(parts.iter().filter(|part| wanted(part)).map(form).collect()).alternatives()
        };
        let of_keys = of(&|part| matches!(part.subject, Subject::Star(_)));
        let of_value = |value: &str| {
            of(&|part| matches!(&part.subject, Subject::Value(name) if name::same(name, value)))
        };
        let first = of_keys.into_iter().map(|filters| (filters, Vec::new())).collect();
        let all = self.values.iter().fold(first, |chains: Vec<(Vec<Filter>, Vec<Link>)>, value| {
            let next = of_value(value);
            let with = |(keys, links): &(Vec<Filter>, Vec<Link>)| {
                let link = |filters: &Vec<Filter>| {
                    // What is asked of the key itself is asked first.
                    let keys = keys.iter().filter(|_| links.is_empty());
                    Link { value: Some((*value).to_owned()), filters: keys.chain(filters).cloned().collect() }
                };
                let longer =
                    next.iter().map(|filters| (keys.clone(), [&links[..], &[link(filters)]].concat()));
                longer.collect::<Vec<_>>()
            };
            chains.iter().flat_map(with).collect()
        });
        let chain = |(filters, links): (Vec<Filter>, Vec<Link>)| {
            self.chain(if links.is_empty() { vec![Link { value: None, filters }] } else { links })
        };
        all.into_iter().map(chain).collect()
    }
}

/// The part holds.
fn form(pattern: &RegistryPath, part: &KeyPart) -> Form {
    let holds = match &part.check {
        ValueCheck::Version(versions) => {
            // Other ranges, as those that do not hold would have as many alternatives as they have combinations.
            let versions = if part.negated { versions.complement() } else { versions.clone() };
            return Form::All(vec![readable(pattern, part), version(pattern, part, &versions)]);
        }
        check => match &part.subject {
            Subject::Value(value) => of_plan(&plan::value_plan(pattern, value, check)),
            Subject::Star(star) => of_star(pattern, *star, check),
        },
    };
    if part.negated { holds.negated() } else { holds }
}

/// The text that a star stands for passes.
fn of_star(pattern: &RegistryPath, star: u8, check: &ValueCheck) -> Form {
    let inner = match check {
        ValueCheck::Text(text) => escaped(text),
        ValueCheck::TextIgnoringCase(text) => any_case(text),
        // No other check is asked of stars.
        _ => ANYTHING.to_owned(),
    };
    key_with(pattern, star, &inner)
}

fn readable(pattern: &RegistryPath, part: &KeyPart) -> Form {
    match &part.subject {
        Subject::Value(value) => of_plan(&plan::readable(pattern, value)),
        Subject::Star(star) => key_with(pattern, *star, &text_version::any()),
    }
}

fn unreadable(pattern: &RegistryPath, part: &KeyPart) -> Form {
    readable(pattern, part).negated()
}

/// What can be read lies in one of the ranges.
fn version(pattern: &RegistryPath, part: &KeyPart, versions: &TextVersionSet) -> Form {
    match &part.subject {
        Subject::Value(value) => of_plan(&plan::in_ranges(pattern, value, versions)),
        Subject::Star(star) => {
            let within = |regex: &str| {
                let inner = regex.trim_start_matches('^').trim_end_matches('$');
                Plan::observe(
                    &Test::RegistryKey(pattern.clone()),
                    Place::Key(pattern.clone()),
                    Some(State::Key(matching(key_regex(pattern, *star, inner)))),
                )
            };
            of_plan(&plan::text_ranges(&|_| Test::RegistryKey(pattern.clone()), versions, &|_, regex| {
                within(regex)
            }))
        }
    }
}

/// The key matches with this expression in the place of a star.
fn key_with(pattern: &RegistryPath, star: u8, inner: &str) -> Form {
    Form::State(Filter { include: true, state: State::Key(matching(key_regex(pattern, star, inner))) })
}

fn key_regex(pattern: &RegistryPath, star: u8, inner: &str) -> String {
    let mut seen = 0;
    let component = |component: &str| {
        let before = seen;
        seen += stars::count(component);
        let is_asked = before < usize::from(star) && usize::from(star) <= seen;
        component_with(component, if is_asked { inner } else { ANYTHING })
    };
    let components: Vec<String> = pattern.key.split('\\').map(component).collect();
    format!("^{}$", components.join(r"\\"))
}

/// A component with an expression in the place of its stars.
fn component_with(component: &str, star: &str) -> String {
    let piece = |piece| match piece {
        Piece::Star => star.to_owned(),
        Piece::Text(text) => any_case(text),
    };
    stars::pieces(component).map(piece).collect()
}

fn escaped(text: &str) -> String {
    let special = |c: char| r"\^$.|?*+()[]{}".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

fn matching(value: String) -> Entity {
    Entity { datatype: Datatype::String, operation: Operation::Matches, value }
}

/// What a plan asks of an item that is there.
fn of_plan(plan: &Plan) -> Form {
    let form = match &plan.shape {
        Shape::Observe(_, None) => Form::All(Vec::new()),
        Shape::Observe(_, Some(state)) => Form::State(Filter { include: true, state: state.clone() }),
        Shape::Group(Operator::And, parts) => Form::All(parts.iter().map(of_plan).collect()),
        Shape::Group(Operator::Or, parts) => Form::Any(parts.iter().map(of_plan).collect()),
        // Nothing of this kind is asked of a value by itself.
        Shape::Malformed(_) | Shape::Unknown => Form::Any(Vec::new()),
    };
    if plan.negated { form.negated() } else { form }
}

impl Form {
    fn negated(self) -> Self {
        match self {
            Self::State(Filter { include, state }) => Self::State(Filter { include: !include, state }),
            Self::All(parts) => Self::Any(parts.into_iter().map(Self::negated).collect()),
            Self::Any(parts) => Self::All(parts.into_iter().map(Self::negated).collect()),
        }
    }

    /// The same as alternatives, without those that contradict themselves.
    fn alternatives(&self) -> Alternatives {
        match self {
            Self::State(filter) => vec![vec![filter.clone()]],
            Self::Any(parts) => parts.iter().flat_map(Self::alternatives).collect(),
            Self::All(parts) => parts.iter().fold(vec![Vec::new()], |all, part| {
                let next = part.alternatives();
                all.iter().flat_map(|one| next.iter().filter_map(|more| joined(one, more))).collect()
            }),
        }
    }
}

/// Both, each filter once; none where one takes what the other leaves out.
fn joined(one: &[Filter], more: &[Filter]) -> Option<Vec<Filter>> {
    let mut all = one.to_vec();
    for filter in more {
        match all.iter().find(|other| other.state == filter.state) {
            Some(same) if same.include == filter.include => {}
            Some(_) => return None,
            None => all.push(filter.clone()),
        }
    }
    Some(all)
}
