//! A first walk through a YAML file, which keeps nothing: it tells how many documents can be
//! read, and refuses a file that would fill the memory.
//!
//! The parser limits how often aliases are followed, not how much each of them repeats. After
//! a syntax error it would report the same error for ever. And its time grows with the square of
//! the depth of brackets, so those are counted beforehand, in strings as well: host files nest
//! less than ten deep, so there is room for brackets that strings leave open.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};

/// What a file may grow by.
const ALLOWANCE: usize = 1 << 20;

/// How many brackets may be open at once.
const MAX_OPEN: usize = 1000;

/// The number of documents up to the end, or to and with the first that is not YAML.
pub(super) fn documents(text: &str) -> Result<usize, &'static str> {
    if most_open(text) > MAX_OPEN {
        return Err("more than 1000 brackets are open at once");
    }
    let left = Cell::new(text.len() + ALLOWANCE);
    let mut count = 0;
    for document in serde_yaml::Deserializer::from_str(text) {
        count += 1;
        if document.deserialize_any(Walk(&left)).is_err() {
            break;
        }
    }
    if left.get() == 0 { Err("aliases repeat more than 1 MiB") } else { Ok(count) }
}

/// The greatest number of brackets that are open at once.
fn most_open(text: &str) -> usize {
    let mut open: usize = 0;
    let depth = text.bytes().map(|byte| {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        open
    });
    depth.max().unwrap_or(0)
}

/// Counts what it visits: one for each node, and the length of each text.
#[derive(Clone, Copy)]
struct Walk<'a>(&'a Cell<usize>);

impl Walk<'_> {
    fn spend<E: Error>(self, amount: usize) -> Result<(), E> {
        self.0.set(self.0.get().saturating_sub(amount));
        if self.0.get() == 0 { Err(E::custom("too much")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.spend(1)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.spend(1)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.spend(1)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        self.spend(1)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.spend(1)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        self.spend(1)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.spend(1)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.spend(1 + text.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.spend(1)?;
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        self.spend(1)?;
        while entries.next_key_seed(self)?.is_some() {
            entries.next_value_seed(self)?;
        }
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, tagged: A) -> Result<(), A::Error> {
        let ((), inner) = tagged.variant_seed(self)?;
        inner.newtype_variant_seed(self)
    }
}
