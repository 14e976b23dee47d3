//! Writes a document as XML, elements sorted by number. It decides nothing: what there is to
//! write is in the model, and whether it is sound was checked by `verify`.

use std::collections::BTreeMap;

use caveat_backend::EmitBug;
use caveat_ir::value::{Digest, Hive, KnownFolder, Rating, View};

use crate::lower::cve_link;
use crate::model::{
    Advisory, Component, Criteria, Definition, Document, Entity, FilePlace, Folder, Keys, Kind, Name, Object,
    Operation, Part, Reach, Read, Root, State, Test, TestBody,
};
use crate::numbers::{Identified, Numbers};
use crate::options::Schema;
use crate::xml::Xml;

const NAMESPACES: [(&str, &str); 5] = [
    ("xmlns", "http://oval.mitre.org/XMLSchema/oval-definitions-5"),
    ("xmlns:oval", "http://oval.mitre.org/XMLSchema/oval-common-5"),
    ("xmlns:ind-def", "http://oval.mitre.org/XMLSchema/oval-definitions-5#independent"),
    ("xmlns:win-def", "http://oval.mitre.org/XMLSchema/oval-definitions-5#windows"),
    ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
];

/// What writing an element comes to.
type Written = Result<(), EmitBug>;

/// The document's text.
pub(crate) fn document(document: &Document, numbers: &Numbers, schema: Schema) -> Result<String, EmitBug> {
    let mut xml = Xml::new()?;
    xml.element("oval_definitions", &NAMESPACES, |xml| {
        generator(xml, &document.timestamp, schema)?;
        container(xml, numbers, Kind::Definition, &document.definitions, &|xml, one| {
            definition(xml, numbers, schema, one)
        })?;
        container(xml, numbers, Kind::Test, &document.tests, &|xml, one| test(xml, numbers, one))?;
        container(xml, numbers, Kind::Object, &document.objects, &|xml, one| object(xml, numbers, one))?;
        container(xml, numbers, Kind::State, &document.states, &|xml, one| state(xml, numbers, one))?;
        container(xml, numbers, Kind::Variable, &document.variables, &|xml, one| variable(xml, numbers, one))
    })?;
    xml.finish()
}

fn generator(xml: &mut Xml, timestamp: &str, schema: Schema) -> Written {
    xml.element("generator", &[], |xml| {
        xml.text("oval:product_name", &[], "Caveat")?;
        xml.text("oval:product_version", &[], env!("CARGO_PKG_VERSION"))?;
        xml.text("oval:schema_version", &[], schema.version())?;
        xml.text("oval:timestamp", &[], timestamp)
    })
}

/// A container of elements; none when there is nothing in it.
fn container<T>(
    xml: &mut Xml,
    numbers: &Numbers,
    kind: Kind,
    elements: &BTreeMap<Name, T>,
    write: &dyn Fn(&mut Xml, &Identified<'_, T>) -> Written,
) -> Written {
    if elements.is_empty() {
        return Ok(());
    }
    let elements = numbers.sorted(kind, elements)?;
    xml.element(kind.container(), &[], |xml| elements.iter().try_for_each(|element| write(xml, element)))
}

fn definition(xml: &mut Xml, numbers: &Numbers, schema: Schema, one: &Identified<'_, Definition>) -> Written {
    let definition = one.element;
    let [id, version] = one.head();
    xml.element("definition", &[id, version, ("class", definition.class.as_str())], |xml| {
        metadata(xml, definition)?;
        notes(xml, schema, &definition.notes)?;
        criteria(xml, numbers, &definition.criteria)
    })
}

fn metadata(xml: &mut Xml, definition: &Definition) -> Written {
    xml.element("metadata", &[], |xml| {
        xml.text("title", &[], &definition.title)?;
        for (family, platforms) in &definition.platforms {
            xml.element("affected", &[("family", family.as_str())], |xml| {
                platforms.iter().try_for_each(|platform| xml.text("platform", &[], platform))
            })?;
        }
        for reference in &definition.references {
            let mut attributes = vec![("source", reference.source), ("ref_id", &*reference.id)];
            attributes.extend(reference.url.as_deref().map(|url| ("ref_url", url)));
            xml.empty("reference", &attributes)?;
        }
        xml.text("description", &[], &definition.description)?;
        definition.advisory.as_ref().map_or(Ok(()), |one| advisory(xml, one))
    })
}

/// As other vendors write it; the schema allows any element here.
fn advisory(xml: &mut Xml, advisory: &Advisory) -> Written {
    let Advisory { severity, issued, updated, cves } = advisory;
    if severity.is_none() && issued.is_none() && updated.is_none() && cves.is_empty() {
        return Ok(());
    }
    xml.element("advisory", &[], |xml| {
        if let Some(severity) = severity {
            xml.text("severity", &[], capitalised(*severity))?;
        }
        for (element, date) in [("issued", issued), ("updated", updated)] {
            if let Some(date) = date {
                xml.empty(element, &[("date", &date.to_string())])?;
            }
        }
        cves.iter().try_for_each(|cve| xml.text("cve", &[("href", &cve_link(cve))], cve))
    })
}

const fn capitalised(rating: Rating) -> &'static str {
    match rating {
        Rating::None => "None",
        Rating::Low => "Low",
        Rating::Moderate => "Moderate",
        Rating::Important => "Important",
        Rating::Critical => "Critical",
    }
}

/// Version 5.11 moved the element to the common namespace.
fn notes(xml: &mut Xml, schema: Schema, notes: &[String]) -> Written {
    if notes.is_empty() {
        return Ok(());
    }
    let (outer, inner) = match schema {
        Schema::V5_10 => ("notes", "note"),
        Schema::V5_11 => ("oval:notes", "oval:note"),
    };
    xml.element(outer, &[], |xml| notes.iter().try_for_each(|note| xml.text(inner, &[], note)))
}

fn criteria(xml: &mut Xml, numbers: &Numbers, criteria: &Criteria) -> Written {
    let mut attributes = vec![("operator", criteria.operator.as_str())];
    attributes.extend(criteria.applicability.then_some(("applicability_check", "true")));
    attributes.push(("comment", &criteria.comment));
    xml.element("criteria", &attributes, |xml| {
        criteria.parts.iter().try_for_each(|one| part(xml, numbers, one))
    })
}

fn part(xml: &mut Xml, numbers: &Numbers, part: &Part) -> Written {
    match part {
        Part::Criteria(inner) => criteria(xml, numbers, inner),
        Part::Criterion(to) => {
            let id = numbers.id(Kind::Test, &to.to)?;
            xml.empty("criterion", &reach(("test_ref", id), to))
        }
        Part::Extend(to) => {
            let id = numbers.id(Kind::Definition, &to.to)?;
            xml.empty("extend_definition", &reach(("definition_ref", id), to))
        }
    }
}

fn reach<'a>(reference: (&'a str, &'a str), to: &'a Reach) -> Vec<(&'a str, &'a str)> {
    let mut attributes = vec![reference];
    attributes.extend(to.negated.then_some(("negate", "true")));
    attributes.extend(to.applicability.then_some(("applicability_check", "true")));
    attributes.push(("comment", &to.comment));
    attributes
}

fn test(xml: &mut Xml, numbers: &Numbers, one: &Identified<'_, Test>) -> Written {
    let [id, version] = one.head();
    let comment = ("comment", one.element.comment.as_str());
    match &one.element.body {
        TestBody::Unknown => {
            xml.empty("ind-def:unknown_test", &[id, version, ("check", "at least one"), comment])
        }
        TestBody::Observe { component, object, state } => {
            let checks = [("check", "at least one"), ("check_existence", "at_least_one_exists")];
            let attributes = [id, version, checks[0], checks[1], comment];
            let prefix = component.prefix();
            xml.element(&format!("{}_test", component.stem()), &attributes, |xml| {
                let object = numbers.id(Kind::Object, object)?;
                xml.empty(&format!("{prefix}:object"), &[("object_ref", object)])?;
                let Some(state) = state else { return Ok(()) };
                let state = numbers.id(Kind::State, state)?;
                xml.empty(&format!("{prefix}:state"), &[("state_ref", state)])
            })
        }
    }
}

fn object(xml: &mut Xml, numbers: &Numbers, one: &Identified<'_, Object>) -> Written {
    let name = format!("{}_object", one.element.component().stem());
    if matches!(one.element, Object::Family) {
        return xml.empty(&name, &one.head());
    }
    xml.element(&name, &one.head(), |xml| match one.element {
        Object::Registry { path, value } => {
            if let Some(view) = path.view {
                xml.empty("win-def:behaviors", &[("windows_view", windows_view(view))])?;
            }
            xml.text("win-def:hive", &[], path.hive.long_name())?;
            xml.text("win-def:key", &[], &path.key)?;
            match value {
                Some(value) => xml.text("win-def:name", &[], value),
                None => xml.empty("win-def:name", &[("xsi:nil", "true")]),
            }
        }
        Object::Several { hive, view, keys, value, filters } => {
            several(xml, numbers, (*hive, *view), keys, value.as_deref(), filters)
        }
        Object::File(place) => file(xml, numbers, Component::File, place),
        Object::FileHash(place, algorithm) => {
            file(xml, numbers, Component::FileHash, place)?;
            xml.text("ind-def:hash_type", &[], hash_type(*algorithm))
        }
        Object::Service(name) => xml.text("win-def:service_name", &[], name),
        Object::Wmi(query) => {
            xml.text("win-def:namespace", &[], r"root\cimv2")?;
            xml.text("win-def:wql", &[], query)
        }
        Object::Family => Ok(()),
    })
}

fn several(
    xml: &mut Xml,
    numbers: &Numbers,
    (hive, view): (Hive, Option<View>),
    keys: &Keys,
    value: Option<&str>,
    filters: &[(bool, Name)],
) -> Written {
    if let Some(view) = view {
        xml.empty("win-def:behaviors", &[("windows_view", windows_view(view))])?;
    }
    xml.text("win-def:hive", &[], hive.long_name())?;
    match keys {
        Keys::Matching(pattern) => {
            xml.text("win-def:key", &[("operation", Operation::Matches.as_str())], pattern)?;
        }
        Keys::Variable(variable) => xml.empty("win-def:key", &held_by(numbers, variable)?)?,
    }
    match value {
        Some(value) => xml.text("win-def:name", &[], value)?,
        None => xml.empty("win-def:name", &[("xsi:nil", "true")])?,
    }
    filters.iter().try_for_each(|(include, state)| {
        let action = if *include { "include" } else { "exclude" };
        xml.text("filter", &[("action", action)], numbers.id(Kind::State, state)?)
    })
}

fn windows_view(view: View) -> &'static str {
    match view {
        View::Bits32 => "32_bit",
        View::Bits64 => "64_bit",
    }
}

fn hash_type(algorithm: Digest) -> &'static str {
    match algorithm {
        Digest::Md5 => "MD5",
        Digest::Sha1 => "SHA-1",
        Digest::Sha256 => "SHA-256",
    }
}

fn file(xml: &mut Xml, numbers: &Numbers, component: Component, place: &FilePlace) -> Written {
    let prefix = component.prefix();
    let path = format!("{prefix}:path");
    match &place.folder {
        Folder::Literal(folder) => xml.text(&path, &[], folder)?,
        Folder::Variable(variable) => {
            xml.empty(&path, &held_by(numbers, variable)?)?;
        }
    }
    xml.text(&format!("{prefix}:filename"), &[], &place.file)
}

/// The attributes of an element whose value is in a variable.
fn held_by<'n>(numbers: &'n Numbers, variable: &Name) -> Result<[(&'static str, &'n str); 2], EmitBug> {
    Ok([("var_ref", numbers.id(Kind::Variable, variable)?), ("var_check", "at least one")])
}

fn state(xml: &mut Xml, numbers: &Numbers, one: &Identified<'_, State>) -> Written {
    let name = format!("{}_state", one.element.component().stem());
    xml.element(&name, &one.head(), |xml| match one.element {
        State::Registry { kind, value } => {
            if let Some(kind) = kind {
                xml.text("win-def:type", &[], kind.as_str())?;
            }
            entity(xml, "win-def:value", value, true)
        }
        State::Key(key) => entity(xml, "win-def:key", key, false),
        State::RegistryType(kind) => xml.text("win-def:type", &[], kind.as_str()),
        State::FileVersion(version) => entity(xml, "win-def:version", version, false),
        State::FileSize(size) => entity(xml, "win-def:size", size, false),
        State::FileHash(hash) => entity(xml, "ind-def:hash", hash, false),
        State::Family(family) => xml.text("ind-def:family", &[], family.as_str()),
        State::Service(service) => xml.text("win-def:current_state", &[], service.as_str()),
        State::Malformed(variable) => xml.empty("win-def:key", &held_by(numbers, variable)?),
    })
}

/// `several` marks entities of which an item may have more than one: multi-string values.
fn entity(xml: &mut Xml, name: &str, entity: &Entity, several: bool) -> Written {
    let mut attributes =
        vec![("datatype", entity.datatype.as_str()), ("operation", entity.operation.as_str())];
    attributes.extend(several.then_some(("entity_check", "at least one")));
    xml.text(name, &attributes, &entity.value)
}

fn variable(xml: &mut Xml, numbers: &Numbers, one: &Identified<'_, Read>) -> Written {
    let [id, version] = one.head();
    let comment = match one.element {
        Read::Folder { root, tail } => format!("the folder %{}%{tail}", root.folder.variable()),
        Read::Below { name, first: None, tail, .. } => format!("the folder %{name}%{tail}"),
        Read::Below { name, first: Some(first), tail, .. } => {
            format!("the folder %{name}%{tail}, where that begins with %{}%", first.folder.variable())
        }
        Read::Keys(_) => "the keys that an object finds".to_owned(),
        Read::Nothing(_) => "never set: what is compared with it is an error".to_owned(),
    };
    xml.element("local_variable", &[id, version, ("datatype", "string"), ("comment", &comment)], |xml| {
        match one.element {
            Read::Folder { root, tail } => joined(xml, &|xml| known_folder(xml, numbers, root), tail),
            Read::Below { object, first, tail, .. } => below(xml, numbers, object, first.as_ref(), tail),
            Read::Nothing(object) => held_in(xml, numbers, object),
            Read::Keys(object) => {
                let object = numbers.id(Kind::Object, object)?;
                xml.empty("object_component", &[("object_ref", object), ("item_field", "key")])
            }
        }
    })
}

/// The value of a registry object.
fn held_in(xml: &mut Xml, numbers: &Numbers, object: &Name) -> Written {
    let component = [("object_ref", numbers.id(Kind::Object, object)?), ("item_field", "value")];
    xml.empty("object_component", &component)
}

/// A text and what follows it.
fn joined(xml: &mut Xml, text: Inner<'_>, tail: &str) -> Written {
    if tail.is_empty() {
        return text(xml);
    }
    xml.element("concat", &[], |xml| {
        text(xml)?;
        xml.text("literal_component", &[], tail)
    })
}

fn known_folder(xml: &mut Xml, numbers: &Numbers, root: &Root) -> Written {
    let value = |xml: &mut Xml| held_in(xml, numbers, &root.object);
    match &root.system {
        Some(system) => from_drive(xml, &|xml| held_in(xml, numbers, system), &value),
        None if root.folder == KnownFolder::SystemDrive => capture(xml, DRIVE, &value),
        None => value(xml),
    }
}

/// A folder below what a variable of the machine names. Its value may end in backslashes, of which only that of a drive
/// belongs to the path of a folder.
fn below(xml: &mut Xml, numbers: &Numbers, object: &Name, first: Option<&Root>, tail: &str) -> Written {
    let value = |xml: &mut Xml| held_in(xml, numbers, object);
    let whole = |xml: &mut Xml| match first {
        None => value(xml),
        Some(root) => xml.element("concat", &[], |xml| {
            known_folder(xml, numbers, root)?;
            capture(xml, AFTER_VARIABLE, &value)
        }),
    };
    if tail.is_empty() {
        return capture(xml, FOLDER, &|xml| joined(xml, &whole, r"\"));
    }
    joined(xml, &|xml| capture(xml, TRIMMED, &whole), tail)
}

/// The drive of a path.
const DRIVE: &str = "^([A-Za-z]:)";
/// What a path has after the variable of the system's drive.
const BELOW_DRIVE: &str = "^%[Ss][Yy][Ss][Tt][Ee][Mm][Dd][Rr][Ii][Vv][Ee]%(.*)$";
/// A path that begins with no variable.
const PLAIN: &str = "^([^%].*)$";
/// What a path has after its variable.
const AFTER_VARIABLE: &str = "^%[^%]*%(.*)$";
/// A path without backslashes at its end.
const TRIMMED: &str = r"^(.*[^\\])\\*$";
/// The same, but for that of a drive.
const FOLDER: &str = r"^([A-Za-z]:\\|.*[^\\])\\*$";
/// A path from its last drive on.
const FROM_DRIVE: &str = r"([A-Za-z]:\\[^:]*)$";

type Inner<'a> = &'a dyn Fn(&mut Xml) -> Written;

/// A path that may begin with the variable of the system's drive. What does not match a pattern is
/// empty: so one of the last two parts is, and the drive of the system goes where a path has its own.
fn from_drive(xml: &mut Xml, system: Inner<'_>, value: Inner<'_>) -> Written {
    capture(xml, FROM_DRIVE, &|xml| {
        xml.element("concat", &[], |xml| {
            capture(xml, DRIVE, system)?;
            capture(xml, BELOW_DRIVE, value)?;
            capture(xml, PLAIN, value)
        })
    })
}

fn capture(xml: &mut Xml, pattern: &str, of: Inner<'_>) -> Written {
    xml.element("regex_capture", &[("pattern", pattern)], of)
}
