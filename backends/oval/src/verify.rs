//! The last look at a document before it is written: what OpenSCAP answers with an abort, a
//! crash or a silent wrong result is a defect of this back end and must not leave it.

use std::collections::{BTreeMap, BTreeSet};

use caveat_backend::EmitBug;

use crate::model::{
    Component, Criteria, Datatype, Document, Entity, Kind, Name, Object, Operation, Part, Reach, State,
    TestBody,
};
use crate::numbers::Numbers;
use crate::options::is_namespace;

type Verified = Result<(), EmitBug>;

/// The highest number that every tool can hold.
const HIGHEST: u32 = 0x7fff_ffff;

/// Checks everything.
pub(crate) fn document(document: &Document, numbers: &Numbers, namespace: &str) -> Verified {
    require(is_namespace(namespace), || format!("`{namespace}` is not a namespace"))?;
    ids(Kind::Definition, &document.definitions, numbers)?;
    ids(Kind::Test, &document.tests, numbers)?;
    ids(Kind::Object, &document.objects, numbers)?;
    ids(Kind::State, &document.states, numbers)?;
    ids(Kind::Variable, &document.variables, numbers)?;
    for (name, definition) in &document.definitions {
        criteria(document, name, &definition.criteria)?;
    }
    tests(document)?;
    objects(document)?;
    states(document)?;
    for (name, variable) in &document.variables {
        let registry = variable.objects().all(|object| {
            matches!(document.objects.get(object), Some(Object::Registry { .. } | Object::Several { .. }))
        });
        require(registry, || format!("the variable `{name}` has no registry object"))?;
    }
    Extensions { document, path: BTreeSet::new(), sound: BTreeSet::new() }.all()
}

fn require(holds: bool, otherwise: impl FnOnce() -> String) -> Verified {
    if holds { Ok(()) } else { Err(EmitBug(otherwise())) }
}

fn ids<T>(kind: Kind, elements: &BTreeMap<Name, T>, numbers: &Numbers) -> Verified {
    let mut seen = BTreeSet::new();
    for name in elements.keys() {
        let id = numbers.get(kind, name)?.number;
        require((1..=HIGHEST).contains(&id), || format!("`{name}` has the number {id}"))?;
        require(seen.insert(id), || format!("two {}s have the number {id}", kind.as_str()))?;
    }
    Ok(())
}

fn criteria(document: &Document, name: &Name, criteria: &Criteria) -> Verified {
    require(!criteria.parts.is_empty(), || format!("`{name}` has empty criteria"))?;
    require(!criteria.comment.is_empty(), || format!("`{name}` has criteria without a comment"))?;
    for part in &criteria.parts {
        match part {
            Part::Criteria(inner) => self::criteria(document, name, inner)?,
            Part::Criterion(to) => reach(name, to, document.tests.contains_key(&to.to))?,
            Part::Extend(to) => reach(name, to, document.definitions.contains_key(&to.to))?,
        }
    }
    Ok(())
}

fn reach(name: &Name, to: &Reach, there: bool) -> Verified {
    require(there, || format!("`{name}` refers to `{}`, which is not there", to.to))?;
    require(!to.comment.is_empty(), || format!("`{name}` refers to `{}` without a comment", to.to))
}

fn tests(document: &Document) -> Verified {
    for (name, test) in &document.tests {
        require(!test.comment.is_empty(), || format!("the test `{name}` has no comment"))?;
        let TestBody::Observe { component, object, state } = &test.body else { continue };
        let fits = |found: Option<Component>| found == Some(*component);
        let object = document.objects.get(object).map(Object::component);
        require(fits(object), || format!("the object of the test `{name}` does not fit it"))?;
        if let Some(state) = state {
            let state = document.states.get(state).map(State::component);
            require(fits(state), || format!("the state of the test `{name}` does not fit it"))?;
        }
    }
    Ok(())
}

fn objects(document: &Document) -> Verified {
    for (name, object) in &document.objects {
        variable(document, "object", name, object.variable())?;
        for state in object.states() {
            let fits = document.states.get(state).map(State::component) == Some(object.component());
            require(fits, || format!("a filter of the object `{name}` does not fit it"))?;
        }
    }
    Ok(())
}

fn states(document: &Document) -> Verified {
    for (name, state) in &document.states {
        state.entity().map_or(Ok(()), |value| entity(name, value))?;
        variable(document, "state", name, state.variable())?;
    }
    Ok(())
}

fn variable(document: &Document, kind: &str, name: &Name, variable: Option<&Name>) -> Verified {
    let there = variable.is_none_or(|variable| document.variables.contains_key(variable));
    require(there, || format!("the {kind} `{name}` refers to a variable that is not there"))
}

fn entity(name: &Name, entity: &Entity) -> Verified {
    let Entity { datatype, operation, value } = entity;
    let unfit =
        || format!("the state `{name}` compares as {} with `{}`", datatype.as_str(), operation.as_str());
    require(is_allowed(*datatype, *operation), unfit)?;
    let literal = match datatype {
        Datatype::String => true,
        Datatype::Int => is_number(value),
        Datatype::Version => value.split('.').count() == 4 && value.split('.').all(is_number),
        Datatype::Binary => {
            value.len().is_multiple_of(2) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
    };
    require(literal, || format!("the state `{name}` has the {} `{value}`", datatype.as_str()))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The operations that the language allows for a datatype.
fn is_allowed(datatype: Datatype, operation: Operation) -> bool {
    match operation {
        Operation::Equals | Operation::NotEqual => true,
        Operation::EqualsIgnoringCase | Operation::Matches => datatype == Datatype::String,
        Operation::BitwiseAnd => datatype == Datatype::Int,
        Operation::Less | Operation::LessOrEqual | Operation::Greater | Operation::GreaterOrEqual => {
            matches!(datatype, Datatype::Int | Datatype::Version)
        }
    }
}

/// A walk along definitions that extend others, looking for a way back.
struct Extensions<'a> {
    document: &'a Document,
    /// The definitions between the start and here.
    path: BTreeSet<&'a Name>,
    /// Those from which no way back was found.
    sound: BTreeSet<&'a Name>,
}

impl<'a> Extensions<'a> {
    fn all(&mut self) -> Verified {
        self.document.definitions.keys().try_for_each(|name| self.from(name))
    }

    fn from(&mut self, name: &'a Name) -> Verified {
        if self.sound.contains(name) {
            return Ok(());
        }
        require(self.path.insert(name), || format!("the definition `{name}` extends itself"))?;
        if let Some(definition) = self.document.definitions.get(name) {
            self.within(&definition.criteria)?;
        }
        self.path.remove(name);
        self.sound.insert(name);
        Ok(())
    }

    fn within(&mut self, criteria: &'a Criteria) -> Verified {
        criteria.parts.iter().try_for_each(|part| match part {
            Part::Criteria(inner) => self.within(inner),
            Part::Extend(to) => self.from(&to.to),
            Part::Criterion(_) => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use caveat_backend::Ledger;

    use super::document;
    use crate::model::{
        Class, Component, Criteria, Datatype, Definition, Document, Entity, Object, Operation, Operator,
        Part, Reach, State, Subject, Test, TestBody,
    };
    use crate::numbers::Numbers;

    fn reach(to: &str) -> Reach {
        Reach { to: to.into(), negated: false, comment: "words".to_owned(), applicability: false }
    }

    fn definition(parts: Vec<Part>) -> Definition {
        Definition {
            class: Class::Patch,
            subject: Subject::default(),
            title: String::new(),
            platforms: Vec::new(),
            references: Vec::new(),
            description: String::new(),
            advisory: None,
            notes: Vec::new(),
            criteria: Criteria {
                operator: Operator::And,
                comment: "words".to_owned(),
                applicability: false,
                parts,
            },
            digest: String::new(),
        }
    }

    /// Definition `d` with test `t` of the service object `o` and the size state `s`, which the
    /// test does not use.
    fn sound() -> Document {
        let mut made = Document::default();
        made.definitions.insert("d".into(), definition(vec![Part::Criterion(reach("t"))]));
        let body = TestBody::Observe { component: Component::Service, object: "o".into(), state: None };
        made.tests.insert("t".into(), Test { comment: "words".to_owned(), body });
        made.objects.insert("o".into(), Object::Service("WINS".to_owned()));
        made.states.insert("s".into(), size(Operation::Less, "1"));
        made
    }

    fn size(operation: Operation, value: &str) -> State {
        State::FileSize(Entity { datatype: Datatype::Int, operation, value: value.to_owned() })
    }

    fn verified(change: impl FnOnce(&mut Document)) -> Result<(), String> {
        let mut documents = [sound()];
        change(&mut documents[0]);
        let numbers = Numbers::assign(&mut Ledger::default(), "caveat", &documents);
        document(&documents[0], &numbers, "caveat").map_err(|bug| bug.0)
    }

    fn assert_refused(part: &str, change: impl FnOnce(&mut Document)) {
        let refused = verified(change).unwrap_err();
        assert!(refused.contains(part), "{refused}");
    }

    #[test]
    fn a_sound_document_passes() {
        verified(|_| ()).unwrap();
    }

    #[test]
    fn references_must_resolve() {
        assert_refused("which is not there", |made| made.tests.clear());
        assert_refused("does not fit", |made| made.objects.clear());
        assert_refused("which is not there", |made| {
            made.definitions.insert("d".into(), definition(vec![Part::Extend(reach("e"))]));
        });
    }

    #[test]
    fn a_state_must_be_of_the_kind_of_its_test() {
        assert_refused("the state of the test `t` does not fit", |made| {
            let body = TestBody::Observe {
                component: Component::Service,
                object: "o".into(),
                state: Some("s".into()),
            };
            made.tests.insert("t".into(), Test { comment: "words".to_owned(), body });
        });
    }

    #[test]
    fn definitions_must_not_extend_each_other_in_a_circle() {
        assert_refused("extends itself", |made| {
            for (name, other) in [("d", "e"), ("e", "d")] {
                made.definitions.insert(name.into(), definition(vec![Part::Extend(reach(other))]));
            }
        });
    }

    #[test]
    fn criteria_must_have_parts_and_comments() {
        assert_refused("empty criteria", |made| {
            made.definitions.insert("d".into(), definition(Vec::new()));
        });
        assert_refused("without a comment", |made| {
            let silent = Reach { comment: String::new(), ..reach("t") };
            made.definitions.insert("d".into(), definition(vec![Part::Criterion(silent)]));
        });
    }

    #[test]
    fn values_must_fit_their_datatype() {
        for (operation, value) in
            [(Operation::Matches, "1"), (Operation::EqualsIgnoringCase, "1"), (Operation::Less, "")]
        {
            assert_refused("the state `s`", |made| {
                made.states.insert("s".into(), size(operation, value));
            });
        }
    }

    #[test]
    fn everything_must_have_a_number() {
        let numbers = Numbers::assign(&mut Ledger::default(), "caveat", &[]);
        assert!(document(&sound(), &numbers, "caveat").is_err());
        let numbers = Numbers::assign(&mut Ledger::default(), "a:b", &[sound()]);
        assert!(document(&sound(), &numbers, "a:b").is_err());
    }
}
