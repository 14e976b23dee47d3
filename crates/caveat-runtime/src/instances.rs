//! Tests of one of several keys: all parts of the test have to hold of the same one.
//!
//! True is what holds of one key. Else what is not known leaves it open: a key that may be there, or a part of one that
//! may hold. Else a malformed part makes an error of it. So in one key, too: a part that fails decides, then one that is
//! not known, then one that is malformed, as nobody knows yet that the malformed one is asked for.

use std::borrow::Cow;
use std::fmt::{self, Display};

use crate::value::{KeyRef, stars};
use crate::value_check::ValueCheck;
use crate::witness::Witness;
use crate::{Fact, HostFacts, RegistryValue, Truth};

/// What of a key is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// The value of this name; the default value's is empty.
    Value(&'a str),
    /// The text that the star of this number stands for, from 1 on: a string.
    Star(usize),
}

/// What is asked of each key.
#[derive(Debug, Clone, Copy)]
pub struct KeyPart<'a> {
    /// What of it.
    pub subject: Subject<'a>,
    /// What is asked.
    pub check: ValueCheck<'a>,
    /// Whether it has to pass, or must not.
    pub holds: bool,
}

/// Keys that match a pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instances<'a> {
    /// The keys below their hive, as written.
    pub keys: Cow<'a, [String]>,
    /// Whether no other key matches.
    pub complete: bool,
}

impl Display for Instances<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.keys.len() {
            0 => f.write_str("none"),
            1 => f.write_str("one key, which is not so"),
            count => write!(f, "{count} keys, none of which is so"),
        }
    }
}

/// Whether all parts hold of one of the keys that match the pattern.
pub(crate) fn any_key<H: HostFacts + ?Sized>(
    host: &H,
    pattern: KeyRef<'_>,
    parts: &[KeyPart<'_>],
    witness: &mut impl Witness,
) -> Truth {
    let listed = host.registry_keys(pattern);
    let Fact::Present(found) = &listed else {
        witness.saw(&listed);
        return listed.truth(|_| Truth::False);
    };
    let mut open = !found.complete;
    let mut malformed = None;
    for key in found.keys.iter() {
        let key = KeyRef { key, ..pattern };
        match one_key(host, pattern, key, parts) {
            Truth::True => {
                witness.saw(&Fact::Present(key));
                return Truth::True;
            }
            Truth::False => {}
            Truth::Error => malformed = malformed.or(Some(key)),
            Truth::Unknown | Truth::NotEvaluated | Truth::NotApplicable => open = true,
        }
    }
    if open {
        witness.saw(&Fact::<KeyRef<'_>>::Unknown);
        return Truth::Unknown;
    }
    if let Some(key) = malformed {
        witness.saw_malformed(&format_args!("a part of {key} cannot be read"));
        return Truth::Error;
    }
    if found.keys.is_empty() {
        witness.saw(&Fact::<KeyRef<'_>>::Absent);
    } else {
        witness.saw(&listed);
    }
    Truth::False
}

/// Whether all parts hold of a key: the first of false, unknown, error that one comes to.
fn one_key<H: HostFacts + ?Sized>(
    host: &H,
    pattern: KeyRef<'_>,
    key: KeyRef<'_>,
    parts: &[KeyPart<'_>],
) -> Truth {
    let mut whole = Truth::True;
    for part in parts {
        let truth = match part.subject {
            Subject::Value(name) => host.registry_value(key, name).truth(|value| part.check.truth(value)),
            Subject::Star(number) => star(pattern, key, number, part.check),
        };
        let truth = if part.holds { truth } else { !truth };
        whole = match (truth, whole) {
            (Truth::False, _) => return Truth::False,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
            (Truth::Error, _) | (_, Truth::Error) => Truth::Error,
            _ => whole,
        };
    }
    whole
}

/// Whether the text of a star passes a check.
fn star(pattern: KeyRef<'_>, key: KeyRef<'_>, number: usize, check: ValueCheck<'_>) -> Truth {
    let texts = stars::matched(pattern.key, key.key).unwrap_or_default();
    let text = number.checked_sub(1).and_then(|index| texts.get(index));
    text.map_or(Truth::Error, |text| check.truth(&RegistryValue::Text(Cow::Borrowed(text))))
}
