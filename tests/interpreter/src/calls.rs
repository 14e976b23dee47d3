//! Methods, casts and operators: the few that scripts need to judge a host file.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

use regex::Regex;

use crate::value::{Value, array, text};

/// Whether a value is of a type.
#[must_use]
pub fn is(value: &Value, name: &str) -> bool {
    match name {
        "string" => matches!(value, Value::Text(_)),
        "int" => matches!(value, Value::Int(_)),
        "bool" => matches!(value, Value::Bool(_)),
        "long" => matches!(value, Value::Long(_)),
        "uint64" => matches!(value, Value::ULong(_)),
        "array" => matches!(value, Value::Array(_)),
        "system.collections.hashtable" => matches!(value, Value::Table(_)),
        other => panic!("the type {other} is not known"),
    }
}

/// `[type]value`
#[must_use]
pub fn cast(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("void", _) => Value::Void,
        ("bool", Value::Bool(value)) => Value::Bool(*value),
        ("string", value) => Value::Text(value.shown().into()),
        ("char", Value::Int(unit)) => Value::Char(u16::try_from(*unit).unwrap()),
        ("char", Value::Text(units)) if units.len() == 1 => Value::Char(units[0]),
        ("int", Value::Char(unit)) => Value::Int(i64::from(*unit)),
        ("int", Value::Text(_)) => Value::Int(value.string().parse().unwrap()),
        ("long", Value::Text(_)) => Value::Long(value.string().parse().unwrap()),
        ("uint64", Value::Text(_)) => Value::ULong(value.string().parse().unwrap()),
        ("double", Value::Double(number)) => Value::Double(*number),
        (name, value) => panic!("[{name}]{value:?} is not known"),
    }
}

/// `left operator right`
#[must_use]
pub fn binary(left: &Value, operator: &str, right: &Value) -> Value {
    match operator {
        "+" => plus(left, right),
        "-" => Value::Int(left.number() - right.number()),
        "%" => Value::Int(left.number() % right.number()),
        "-eq" => Value::Bool(equal(left, right)),
        "-band" => Value::Long(left.number() & right.number()),
        "-ne" => Value::Bool(!equal(left, right)),
        "-ceq" => Value::Bool(left.units() == right.units()),
        "-lt" => Value::Bool(left.number() < right.number()),
        "-le" => Value::Bool(left.number() <= right.number()),
        "-gt" => Value::Bool(left.number() > right.number()),
        "-ge" => Value::Bool(left.number() >= right.number()),
        "-join" => {
            let items: Vec<Vec<u16>> = left.clone().enumerated().iter().map(Value::shown).collect();
            Value::Text(items.join(right.units()).into())
        }
        other => panic!("the operator {other} is not known"),
    }
}

fn plus(left: &Value, right: &Value) -> Value {
    match left {
        Value::Text(units) => Value::Text([units.to_vec(), right.shown()].concat().into()),
        Value::Int(number) => Value::Int(number + right.number()),
        Value::Array(items) => {
            array(items.borrow().iter().cloned().chain(right.clone().enumerated()).collect())
        }
        other => panic!("{other:?} + {right:?}"),
    }
}

/// `-eq`. With `$null` it must stand on the left; texts compare without regard to case.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, other) => matches!(other, Value::Null),
        (Value::Text(_), Value::Text(_)) => left.string().eq_ignore_ascii_case(&right.string()),
        (Value::Int(_) | Value::Long(_), Value::Int(_) | Value::Long(_)) => left.number() == right.number(),
        other => panic!("-eq of {other:?}"),
    }
}

/// A property.
#[must_use]
pub fn member(of: &Value, name: &str) -> Value {
    let count = match (of, name) {
        (Value::Text(units), "Length") => units.len(),
        (Value::Array(items), "Length" | "Count") | (Value::List(items), "Count") => items.borrow().len(),
        other => panic!("strict mode knows no {other:?}"),
    };
    Value::Int(i64::try_from(count).unwrap())
}

/// A method of a value.
#[must_use]
pub fn method(of: &Value, name: &str, arguments: &[Value]) -> Value {
    match of {
        Value::Text(units) => text_method(units, name, arguments),
        Value::List(items) => list_method(&mut items.borrow_mut(), name, arguments),
        Value::Table(table) => match (name, arguments) {
            ("ContainsKey", [key]) => Value::Bool(table.entries.borrow().contains_key(&table.key(key))),
            ("get_Keys", []) => array(table.entries.borrow().values().map(|(key, _)| key.clone()).collect()),
            // A registry key is a hashtable here.
            ("Close", []) => Value::Void,
            ("get_Count", []) => Value::Int(i64::try_from(table.entries.borrow().len()).unwrap()),
            ("Remove", [key]) => {
                let key = table.key(key);
                table.entries.borrow_mut().remove(&key);
                Value::Void
            }
            other => panic!("a hashtable has no {other:?}"),
        },
        Value::Int(number) if name == "ToString" && arguments[0].string() == "x4" => {
            text(&format!("{number:04x}"))
        }
        Value::ULong(number) if name == "ToString" && arguments[0].string() == "x16" => {
            text(&format!("{number:016x}"))
        }
        other => panic!("{other:?} has no {name}"),
    }
}

fn list_method(items: &mut Vec<Value>, name: &str, arguments: &[Value]) -> Value {
    match (name, arguments) {
        ("Add", [item]) => {
            items.push(item.clone());
            Value::Int(i64::try_from(items.len() - 1).unwrap())
        }
        ("Insert", [at, item]) => {
            items.insert(at.index(), item.clone());
            Value::Void
        }
        ("Sort", [order]) => {
            assert_eq!(order.string(), "stringcomparer::Ordinal", "a list sorted by culture");
            items.sort_by(|left, right| left.units().cmp(right.units()));
            Value::Void
        }
        ("ToArray", []) => array(items.clone()),
        other => panic!("a list has no {other:?}"),
    }
}

fn text_method(units: &Rc<[u16]>, name: &str, arguments: &[Value]) -> Value {
    let made = |units: Vec<u16>| Value::Text(units.into());
    let ordinal = |mode: &Value| assert_eq!(mode.string(), "StringComparison::Ordinal", "{name} by culture");
    match (name, arguments) {
        ("IndexOf", [unit]) => find(units, unit.unit(), 0, units.len()),
        ("IndexOf", [unit, from]) => find(units, unit.unit(), from.index(), units.len()),
        ("IndexOf", [unit, from, count]) => {
            find(units, unit.unit(), from.index(), from.index() + count.index())
        }
        ("Substring", [from]) => made(units[from.index()..].to_vec()),
        ("Substring", [from, count]) => made(units[from.index()..from.index() + count.index()].to_vec()),
        ("StartsWith", [prefix, mode]) => {
            ordinal(mode);
            Value::Bool(units.starts_with(prefix.units()))
        }
        ("EndsWith", [suffix, mode]) => {
            ordinal(mode);
            Value::Bool(units.ends_with(suffix.units()))
        }
        ("ToLowerInvariant", []) => text(&String::from_utf16_lossy(units).to_lowercase()),
        ("ToUpperInvariant", []) => text(&String::from_utf16_lossy(units).to_uppercase()),
        ("ToCharArray", []) => array(units.iter().copied().map(Value::Char).collect()),
        ("Split", [unit]) => {
            array(units.split(|one| *one == unit.unit()).map(|part| made(part.to_vec())).collect())
        }
        ("PadLeft", [width, unit]) => {
            let missing = width.index().saturating_sub(units.len());
            made([vec![unit.unit(); missing], units.to_vec()].concat())
        }
        ("Trim", []) => text(String::from_utf16_lossy(units).trim()),
        ("TrimStart", [unit]) => made(units.iter().copied().skip_while(|one| *one == unit.unit()).collect()),
        ("TrimEnd", [unit]) => {
            let kept = units.iter().rposition(|one| *one != unit.unit()).map_or(0, |last| last + 1);
            made(units[..kept].to_vec())
        }
        other => panic!("a text has no {other:?}"),
    }
}

/// The place of a unit from `from` up to `end`, or -1. .NET refuses places beyond the end.
fn find(units: &[u16], unit: u16, from: usize, end: usize) -> Value {
    let found = units[from..end].iter().position(|one| *one == unit);
    Value::Int(found.map_or(-1, |at| i64::try_from(at + from).unwrap()))
}

/// A static method.
#[must_use]
pub fn static_method(of: &str, name: &str, arguments: &[Value]) -> Value {
    match (of, name, arguments) {
        ("string", "CompareOrdinal", [left, right]) => Value::Int(match left.units().cmp(right.units()) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }),
        ("regex", "IsMatch", [of, pattern]) => Value::Bool(matches(pattern.string(), of.units())),
        ("convert", "ToInt32" | "ToUInt32", [digits, base]) => {
            assert_eq!(base.number(), 16);
            Value::Int(i64::from_str_radix(&digits.string(), 16).unwrap())
        }
        ("convert", "ToInt64", [digits, base]) => {
            assert_eq!(base.number(), 16);
            Value::Long(i64::from_str_radix(&digits.string(), 16).unwrap())
        }
        ("convert", "ToUInt64", [digits, base]) => {
            let base = u32::try_from(base.number()).unwrap();
            Value::ULong(u64::from_str_radix(&digits.string(), base).unwrap())
        }
        ("system.io.path", "GetFileNameWithoutExtension", [path]) => {
            let path = path.string();
            let name = path.rsplit(['/', '\\']).next().unwrap();
            text(name.rsplit_once('.').map_or(name, |(stem, _)| stem))
        }
        other => panic!("no {other:?}"),
    }
}

thread_local! {
    static COMPILED: RefCell<BTreeMap<String, Regex>> = const { RefCell::new(BTreeMap::new()) };
}

/// Whether an expression matches, unit by unit as in .NET: the halves of surrogate pairs become
/// characters of a private plane, in the text and in the expression.
fn matches(pattern: String, units: &[u16]) -> bool {
    let lone = |unit: u16| char::from_u32(0x0010_0000 + u32::from(unit)).expect("a private character");
    let one = |unit: u16| {
        if (0xd800..0xe000).contains(&unit) { lone(unit) } else { char::from_u32(unit.into()).unwrap() }
    };
    let text: String = units.iter().map(|unit| one(*unit)).collect();
    COMPILED.with_borrow_mut(|compiled| {
        let compile = |pattern: &String| {
            let halves = Regex::new(r"\\u(d[89a-f][0-9a-f]{2})").unwrap();
            let readable = halves.replace_all(pattern, r"\u{10$1}");
            Regex::new(&readable).unwrap_or_else(|error| panic!("{error}"))
        };
        compiled.entry(pattern).or_insert_with_key(compile).is_match(&text)
    })
}
